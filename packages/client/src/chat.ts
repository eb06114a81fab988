import type { From, Gap, History, Message, Role, Settings } from '@hearsay/protocol'
import * as calls from './calls.ts'
import { ProblemError, type Server } from './calls.ts'
import { systemClock, type Clock, type ConnectionState } from './connection.ts'
import { fingerprint, identity, pageStorage } from './identity.ts'
import { Outbox, type Pending } from './outbox.ts'
import { accept } from './hosting.ts'
import { isLogged, type LoggedEvent, type RoomEvent } from './place.ts'
import { foldPresence, type People } from './rooms.ts'
import { Tabs } from './tabs.ts'
import { Timeline, type Edge } from './timeline.ts'

/** Options of `joinRoom`. All have defaults. */
export interface RoomOptions {
  /** The server. Default: the page's own origin; in Node it must be given. */
  readonly base?: string | URL
  /** The person's secret (22 to 128 base64url characters). Default: `identity().secret`. */
  readonly secret?: string
  /** The name to speak under. Default: the one kept by `rename` for this room, else the server makes one. */
  readonly name?: string
  /** One stream for all tabs of this browser. Default: true; where the browser can't, each tab has its own. */
  readonly shareStream?: boolean
  /** Open around this message instead of at the end. */
  readonly around?: string
  /** Messages kept in memory at most, 100 or more. Default 1000. */
  readonly keep?: number
  /** Default: the global one. */
  readonly fetch?: typeof fetch
  /** Time and chance, for tests. */
  readonly clock?: Clock
}

/**
 * A room as it is now. Never changed in place: what did not change is the same object as in the snapshot before
 * (each message, `messages`, `pending`, `people`, ...), so `===` tells what to draw anew.
 */
export interface RoomSnapshot {
  readonly room: string
  readonly connection: ConnectionState
  /** A stretch of the room without holes, in the server's order: edits, deletions and reactions folded in. */
  readonly messages: readonly Message[]
  /** Own messages that are not yet confirmed, in the order in which they will be said. */
  readonly pending: readonly Pending[]
  /** Towards the start. `end`: there is nothing older on the server. */
  readonly older: Edge
  /** Towards now. `end`: `messages` reaches the newest one and new ones are added to it. */
  readonly newer: Edge
  /** Messages that came while `newer` was not `end`: they are on the server, not in `messages`. */
  readonly unseen: number
  /** What was lost for good, oldest first, the last 20: the place to show "messages expired while you were away". */
  readonly gaps: readonly Gap[]
  readonly people: People
  /** Others who are typing now. */
  readonly typing: readonly From[]
  /** Title, topic, slow mode and so on, as last heard; empty until then. */
  readonly settings: Readonly<Partial<Settings>>
  /** What this client may do here; null until the server has said so. */
  readonly role: Role | null
  /** Who this client is in the room; null until the server has said so. */
  readonly me: From | null
  /** The first page of history has come. */
  readonly loaded: boolean
  /** false: what is written can't be kept over a reload (no IndexedDB, or it is full). */
  readonly durable: boolean
}

/** Messages of one page of history. */
const PAGE = 50
/** Milliseconds: between two words of this person's typing, and until another's is over. */
const TYPING = 3000
const TYPING_ENDS = 5000

/** Joins a room: hears it at once, and says what is in the outbox for it. */
export function joinRoom(room: string, options: RoomOptions = {}): Room {
  return new Room(room, options)
}

/** A room that was joined. */
export class Room {
  readonly #room: string
  readonly #server: Server
  readonly #clock: Clock
  readonly #timeline: Timeline
  readonly #outbox: Outbox
  readonly #leaveTabs: () => void
  readonly #tabs: Tabs
  readonly #listeners = new Set<(snapshot: RoomSnapshot) => void>()
  /** Where the browser keeps what concerns this person in this room. */
  readonly #slot: string
  /** The same, where the browser keeps nothing. */
  readonly #unkept = new Map<string, string>()
  #snapshot: RoomSnapshot | undefined
  #isNotifying = false
  #connection: ConnectionState
  #gaps: readonly Gap[] = []
  #people: People = { count: 0, list: [] }
  #typing: readonly From[] = []
  #typingUntil = new Map<string, number>()
  #typingTimer: unknown
  #typedAt = -Infinity
  #settings: Readonly<Partial<Settings>> = {}
  #role: Role | null = null
  #me: From | null
  #name: string | undefined
  #loaded = false
  /** Counts the stretches shown: an answer to a question about an earlier one comes too late. */
  #view = 0
  /** The message to open around. */
  #around: string | undefined
  #loads = 0
  #newestLoad = 0
  /** What was heard while pages are being fetched: a page may have been read before it. */
  #during: LoggedEvent[] = []
  #fetches = 0

  /** For programs: `joinRoom`. */
  constructor(room: string, options: RoomOptions) {
    const { base, fetch, keep = 1000, shareStream = true, clock = systemClock } = options
    this.#room = room
    this.#clock = clock
    this.#server = { base, fetch, secret: options.secret ?? identity().secret }
    this.#slot = `${fingerprint(`${calls.address(this.#server, '/').href} ${this.#server.secret}`)}:${room}`
    this.#connection = { phase: 'connecting', downSince: clock.now(), tries: 0 }
    this.#timeline = new Timeline(Math.max(100, keep))
    this.#me = JSON.parse(this.#recall('me') ?? 'null') as From | null
    this.#around = options.around
    this.#name = options.name ?? this.#recall('name')
    this.#outbox = new Outbox({
      server: this.#server,
      room,
      clock,
      onChange: () => this.#changed(),
      onSaid: (message) => this.#said(message),
    })
    const shared = shareTabs(this.#server, shareStream, clock)
    this.#tabs = shared.tabs
    const unfollow = shared.tabs.follow(room, {
      onEvent: (event) => this.#hear(event),
      onState: (state) => this.#changeState(state),
      onOpen: () => {
        void this.#open()
        void this.#learn()
      },
    })
    this.#leaveTabs = () => {
      unfollow()
      shared.release()
    }
    // The page is shown as soon as it is there, even where the stream must wait. When the stream is open it is got
    // again, as what happened between the two was heard by neither.
    void this.#open()
  }

  get snapshot(): RoomSnapshot {
    const { messages, older, newer, unseen } = this.#timeline
    return (this.#snapshot ??= {
      room: this.#room,
      connection: this.#connection,
      messages,
      pending: this.#outbox.pending,
      older,
      newer,
      unseen,
      gaps: this.#gaps,
      people: this.#people,
      typing: this.#typing,
      settings: this.#settings,
      role: this.#role,
      me: this.#me,
      loaded: this.#loaded,
      durable: this.#outbox.durable,
    })
  }

  /** Calls the listener after every change, once per turn. Answers how to stop. */
  subscribe(listener: (snapshot: RoomSnapshot) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /**
   * Puts a message into the outbox; it goes out by itself, in order, exactly once. It is in `snapshot.pending` at
   * once; resolves with its key when it is kept.
   */
  say(text: string, options: { readonly replyTo?: string } = {}): Promise<string> {
    this.#typedAt = -Infinity
    return this.#outbox.add(text, { ...options, name: this.#name })
  }

  /** Sends a failed message again, under the same key. */
  retry(key: string): Promise<void> {
    return this.#outbox.retry(key)
  }

  /** Takes a message that was not sent out of the outbox. */
  discard(key: string): Promise<void> {
    return this.#outbox.discard(key)
  }

  /** Changes the text of one's own message. @throws ProblemError */
  async edit(id: string, text: string): Promise<void> {
    await calls.edit(this.#server, this.#room, id, text)
  }

  /** Removes one's own message, or as a moderator anyone's. @throws ProblemError */
  async remove(id: string): Promise<void> {
    await calls.remove(this.#server, this.#room, id)
  }

  /** Adds (or takes back) a reaction. @throws ProblemError */
  async react(id: string, emoji: string, on = true): Promise<void> {
    await calls.react(this.#server, this.#room, id, emoji, on)
  }

  /** The person is typing. Call it on every key: it is told at most every 3 s. */
  typing(): void {
    const now = this.#clock.now()
    if (now - this.#typedAt < TYPING) return
    this.#typedAt = now
    // Of the moment: where it does not get through, nothing is lost.
    calls.typing(this.#server, this.#room).catch(() => {})
  }

  /** Speak under another name from now on; kept for this room. null: the one that the server makes. */
  rename(name: string | null): void {
    this.#name = name ?? undefined
    this.#remember('name', name)
  }

  /** Gets the page before `messages`. Does nothing where there is none, or while one is being got. */
  async older(): Promise<void> {
    const timeline = this.#timeline
    const { oldest, older } = timeline
    if (!oldest) return this.#load()
    if (older !== 'more' && older !== 'failed') return
    timeline.older = 'loading'
    await this.#page({ before: oldest.id }, (page) => {
      if (page) timeline.prepend(page)
      else timeline.older = 'failed'
    })
  }

  /** Gets the page after `messages`. */
  async newer(): Promise<void> {
    const timeline = this.#timeline
    const { newest, newer } = timeline
    if (!newest) return this.#load()
    if (newer !== 'more' && newer !== 'failed') return
    timeline.newer = 'loading'
    await this.#page({ after: newest.id }, (page) => {
      if (page) timeline.append(page)
      else timeline.newer = 'failed'
    })
  }

  /** Shows the stretch around this message instead. Answers false where the message can't be had. */
  async around(id: string): Promise<boolean> {
    return (await this.#showAround(id)) ?? false
  }

  /** undefined: something else was asked for since. */
  async #showAround(id: string): Promise<boolean | undefined> {
    const [server, room, limit] = [this.#server, this.#room, PAGE / 2]
    this.#newView()
    let found: boolean | undefined
    await this.#fetch(
      () =>
        Promise.all([
          calls.history(server, room, { before: id, limit }),
          calls.message(server, room, id),
          calls.history(server, room, { after: id, limit }),
        ]),
      (pages) => {
        found = pages !== undefined
        if (!pages) return
        const [{ messages: earlier, before }, message, { messages: later, after }] = pages
        this.#timeline.replace({ messages: [...earlier, message, ...later], before, after })
        this.#loaded = true
      },
    )
    return found
  }

  /** Shows the newest messages again and follows them. */
  async latest(): Promise<void> {
    this.#timeline.atEnd = true
    if (this.#timeline.newer === 'end') return
    this.#newView()
    await this.#page({}, (page) => page && this.#timeline.replace(page))
  }

  /**
   * Whether the reader looks at the end. While not (default true), a full `messages` takes nothing more: it loses none
   * at the start under the reader's eyes, and `newer` becomes `more`.
   */
  set atEnd(atEnd: boolean) {
    this.#timeline.atEnd = atEnd
  }

  /** What is being written: kept for this room and tab over a reload. */
  get draft(): string {
    return this.#recall('draft', 'sessionStorage') ?? ''
  }

  set draft(text: string) {
    this.#remember('draft', text === '' ? null : text, 'sessionStorage')
  }

  /** Takes the role that a link carries: `secret` stands after its `#k=`. @throws ProblemError */
  async accept(secret: string): Promise<void> {
    const { from } = await accept(this.#server, this.#room, secret)
    this.#changeRole(from.role, from)
    // Who was refused before may be let in now.
    this.reconnect()
  }

  /** Tries to connect now, whatever the countdown says. */
  reconnect(): void {
    this.#tabs.retry()
    this.#outbox.poke()
  }

  /** Stops listening. What is in the outbox stays there and goes out the next time. */
  leave(): void {
    this.#view++
    this.#listeners.clear()
    this.#clock.clearTimeout(this.#typingTimer)
    this.#leaveTabs()
    this.#outbox.close()
  }

  // What comes

  #changeState(state: ConnectionState): void {
    const wasLive = this.#connection?.phase === 'live'
    this.#connection = state
    if (state.phase === 'live' && !wasLive) {
      this.#outbox?.poke()
      if (!this.#loaded) void this.#open()
    }
    this.#changed()
  }

  #hear(event: RoomEvent): void {
    if (isLogged(event)) {
      if (this.#fetches > 0) this.#during.push(event)
      this.#timeline.apply(event)
      if (event.type === 'message') this.#confirm(event.data)
      else if (event.type === 'room') this.#settings = { ...this.#settings, ...event.data.settings }
    } else if (event.type === 'presence') this.#people = foldPresence(this.#people, event.data)
    else if (event.type === 'typing') this.#hearTyping(event.data.from)
    else if (this.#loaded) {
      this.#gaps = [...this.#gaps, event.data].slice(-20)
      void this.#reload()
    }
    this.#changed()
  }

  /** What was said is heard: the message that was pending is this one, and whoever said it is not typing now. */
  #confirm(message: Message): void {
    const { key, from } = message
    if (key !== undefined && this.#outbox.pending.some((pending) => pending.key === key)) {
      this.#outbox.settle(key)
      this.#meet(from)
    }
    if (this.#typingUntil.delete(from.person)) this.#changeTyping()
  }

  #said(message: Message): void {
    this.#meet(message.from)
    if (this.#fetches > 0) this.#during.push({ type: 'message', data: message })
    this.#timeline.apply({ type: 'message', data: message })
    this.#changed()
  }

  #meet(me: From): void {
    const { person, name, role } = this.#me ?? {}
    if (me.person === person && me.name === name && me.role === role) return
    this.#me = me
    this.#role = me.role
    this.#remember('me', JSON.stringify(me))
    this.#changed()
  }

  #hearTyping(from: From): void {
    if (from.person === this.#me?.person) return
    this.#typingUntil.set(from.person, this.#clock.now() + TYPING_ENDS)
    this.#changeTyping(from)
  }

  #changeTyping(also?: From): void {
    const now = this.#clock.now()
    for (const [person, until] of this.#typingUntil) {
      if (until <= now) this.#typingUntil.delete(person)
    }
    const others = this.#typing.filter(
      ({ person }) => person !== also?.person && this.#typingUntil.has(person),
    )
    this.#typing = also ? [...others, also] : others
    this.#clock.clearTimeout(this.#typingTimer)
    const next = Math.min(...this.#typingUntil.values())
    if (next < Infinity) {
      this.#typingTimer = this.#clock.setTimeout(() => this.#changeTyping(), next - now)
    }
    this.#changed()
  }

  // What is fetched

  /** What is to be shown, or what is shown, as it is now. */
  async #open(): Promise<void> {
    if (this.#loaded && this.#timeline.newer !== 'end') return this.#reload()
    if (!this.#loaded && this.#around !== undefined) {
      if ((await this.#showAround(this.#around)) !== false) return
    }
    return this.#load()
  }

  /** The newest page, over what is there. */
  async #load(): Promise<void> {
    const load = ++this.#loads
    const timeline = this.#timeline
    if (!timeline.oldest && timeline.older !== 'end') timeline.older = 'loading'
    await this.#page({}, (page) => {
      if (page) {
        // One that was asked for later came earlier, and knows more.
        if (load < this.#newestLoad) return
        this.#newestLoad = load
        if (timeline.renew(page)) this.#view++
      } else if (timeline.older === 'loading' && !timeline.oldest) timeline.older = 'failed'
    })
  }

  async #learn(): Promise<void> {
    try {
      const { role, you, ...settings } = await calls.settings(this.#server, this.#room)
      this.#settings = settings
      this.#changeRole(role, you)
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error
    }
  }

  #changeRole(role: Role, me = this.#me): void {
    this.#role = role
    if (me) this.#meet({ ...me, role })
    this.#changed()
  }

  /** Something is lost, and with it perhaps the removal of what is shown: all of it anew, where the reader is. */
  async #reload(): Promise<void> {
    const { messages, newer } = this.#timeline
    const middle = newer === 'end' ? undefined : messages[messages.length >> 1]
    if (middle && (await this.around(middle.id))) return
    this.#newView()
    await this.#page({}, (page) => page && this.#timeline.replace(page))
  }

  /** Another stretch is to be shown: answers to questions about this one come too late. */
  #newView(): number {
    const timeline = this.#timeline
    if (timeline.older === 'loading') timeline.older = 'more'
    if (timeline.newer === 'loading') timeline.newer = 'more'
    return ++this.#view
  }

  #page(query: calls.PageQuery, use: (page: History | undefined) => void): Promise<void> {
    return this.#fetch(
      () => calls.history(this.#server, this.#room, { ...query, limit: PAGE }),
      (page) => {
        use(page)
        if (page) this.#loaded = true
      },
    )
  }

  /** `use` gets undefined where it did not get through: the state of the connection tells the person why. */
  async #fetch<Answer>(
    ask: () => Promise<Answer>,
    use: (answer: Answer | undefined) => void,
  ): Promise<void> {
    const view = this.#view
    this.#fetches++
    this.#changed()
    let answer: Answer | undefined
    try {
      answer = await ask()
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error
    } finally {
      this.#fetches--
      if (view === this.#view) {
        use(answer)
        // To a page that was read before it this adds what is missing, to one that was read after it nothing.
        for (const event of this.#during) {
          if (event.type !== 'message' || this.#timeline.newer === 'end')
            this.#timeline.apply(event)
        }
      }
      if (this.#fetches === 0) this.#during = []
      this.#changed()
    }
  }

  // Who is told

  #changed(): void {
    this.#snapshot = undefined
    if (this.#isNotifying) return
    this.#isNotifying = true
    queueMicrotask(() => {
      this.#isNotifying = false
      for (const listener of this.#listeners) listener(this.snapshot)
    })
  }

  #recall(what: string, where: Where = 'localStorage'): string | undefined {
    const key = `hearsay:${what}:${this.#slot}`
    try {
      return pageStorage(where)?.getItem(key) ?? this.#unkept.get(key)
    } catch {
      return this.#unkept.get(key)
    }
  }

  #remember(what: string, value: string | null, where: Where = 'localStorage'): void {
    const key = `hearsay:${what}:${this.#slot}`
    if (value === null) this.#unkept.delete(key)
    else this.#unkept.set(key, value)
    try {
      if (value === null) pageStorage(where)?.removeItem(key)
      else pageStorage(where)?.setItem(key, value)
    } catch {
      // Full or forbidden: it lasts as long as the page.
    }
  }
}

type Where = 'localStorage' | 'sessionStorage'

interface SharedTabs {
  readonly tabs: Tabs
  uses: number
}

/** Rooms of one page that go to the same server as the same person are on one stream. */
const shared = new Map<string, SharedTabs>()

function shareTabs(
  server: Server,
  share: boolean,
  clock: Clock,
): { tabs: Tabs; release: () => void } {
  if (!share || typeof document === 'undefined') {
    const tabs = new Tabs({ server, share: false, clock })
    return { tabs, release: () => tabs.close() }
  }
  const key = `${calls.address(server, '/').href} ${server.secret}`
  const one = shared.get(key) ?? { tabs: new Tabs({ server, share, clock }), uses: 0 }
  one.uses++
  shared.set(key, one)
  return {
    tabs: one.tabs,
    release: () => {
      if (--one.uses > 0) return
      shared.delete(key)
      one.tabs.close()
    },
  }
}
