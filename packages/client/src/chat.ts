import type { Attachment, From, Gap, Message, Role, Settings, Waiting } from '@hearsay/protocol'
import * as calls from './calls.ts'
import type { Server } from './calls.ts'
import { systemClock, type Clock, type ConnectionState } from './connection.ts'
import { identity } from './identity.ts'
import { Outbox, type Pending } from './outbox.ts'
import { accept } from './hosting.ts'
import { Pages } from './pages.ts'
import { isLogged, type RoomEvent } from './place.ts'
import { foldPresence, type People } from './rooms.ts'
import { Slot, whose } from './slot.ts'
import { tabsFor, type Tabs } from './tabs.ts'
import type { Edge } from './timeline.ts'
import { ENDS, Typing } from './typing.ts'

/** Options of `joinRoom`. All have defaults. */
export interface RoomOptions {
  /** The server. Default: the page's own origin; in Node it must be given. */
  readonly base?: string | URL | undefined
  /** The person's secret (22 to 128 base64url characters). Default: `identity().secret`. */
  readonly secret?: string | undefined
  /** The name to speak under. Default: the one kept by `rename` for this room, else the server makes one. */
  readonly name?: string | undefined
  /** One stream for all tabs of this browser. Default: true; where the browser can't, each tab has its own. */
  readonly shareStream?: boolean | undefined
  /** Open around this message instead of at the end. */
  readonly around?: string | undefined
  /** Messages kept in memory at most, 100 or more. Default 1000. */
  readonly keep?: number | undefined
  /** Default: the global one. */
  readonly fetch?: typeof fetch | undefined
  /** Time and chance, for tests. */
  readonly clock?: Clock | undefined
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
  /** The newest messages that came on the stream, oldest first, at most 100: of those that are `unseen` too. */
  readonly heard: readonly Message[]
  /** What was lost for good, oldest first, the last 20: the place to show "messages expired while you were away". */
  readonly gaps: readonly Gap[]
  readonly people: People
  /** How much waits for this client, who looks after the room: to approve, and of reports; null: he was told of nothing. */
  readonly waiting: Waiting | null
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

/** Messages in `heard` at most. */
const HEARD = 100
/** Milliseconds between two words of this person's typing. */
const TYPING = 3000

/** Joins a room: hears it at once, and says what is in the outbox for it. */
export function joinRoom(room: string, options: RoomOptions = {}): Room {
  return new Room(room, options)
}

/** A room that was joined. */
export class Room {
  readonly #room: string
  readonly #server: Server
  readonly #clock: Clock
  readonly #pages: Pages
  readonly #outbox: Outbox
  readonly #leaveTabs: () => void
  readonly #tabs: Tabs
  readonly #listeners = new Set<(snapshot: RoomSnapshot) => void>()
  readonly #slot: Slot
  readonly #typing: Typing
  #snapshot: RoomSnapshot | undefined
  #isNotifying = false
  #connection: ConnectionState
  #gaps: readonly Gap[] = []
  #heard: readonly Message[] = []
  #people: People = { count: 0, list: [] }
  #waiting: Waiting | null = null
  #typedAt = -Infinity
  #settings: Readonly<Partial<Settings>> = {}
  #role: Role | null = null
  #me: From | null
  #name: string | undefined
  /** The settings, and who this is, did not come. */
  #isUnknown = false

  /** For programs: `joinRoom`. */
  constructor(room: string, options: RoomOptions) {
    const { base, fetch, keep = 1000, shareStream = true, clock = systemClock } = options
    this.#room = room
    this.#clock = clock
    this.#server = { base, fetch, secret: options.secret ?? identity().secret }
    this.#slot = new Slot(`${whose(this.#server)}:${room}`)
    this.#typing = new Typing(clock, () => this.#changed())
    this.#connection = { phase: 'connecting', downSince: clock.now(), tries: 0 }
    this.#me = JSON.parse(this.#slot.recall('me') ?? 'null') as From | null
    this.#name = options.name ?? this.#slot.recall('name')
    // What is asked ends when the room is left; what is done goes on.
    const end = new AbortController()
    this.#pages = new Pages({
      server: { ...this.#server, signal: end.signal },
      room,
      keep: Math.max(100, keep),
      around: options.around,
      clock,
      onChange: () => this.#changed(),
    })
    this.#outbox = new Outbox({
      server: this.#server,
      room,
      clock,
      onChange: () => this.#changed(),
      onSaid: (message) => this.#said(message),
    })
    const { tabs, release } = tabsFor({ server: this.#server, share: shareStream, clock })
    this.#tabs = tabs
    const unfollow = tabs.follow(room, {
      onEvent: (event) => this.#hear(event),
      onState: (state) => this.#changeState(state),
      onOpen: () => {
        void this.#pages.open()
        void this.#learn()
      },
    })
    this.#leaveTabs = () => {
      unfollow()
      release()
      end.abort()
    }
    // The page is shown as soon as it is there, even where the stream must wait. When the stream is open it is got
    // again, as what happened between the two was heard by neither.
    void this.#pages.open()
  }

  get snapshot(): RoomSnapshot {
    const { messages, older, newer, unseen } = this.#pages.timeline
    return (this.#snapshot ??= {
      room: this.#room,
      connection: this.#connection,
      messages,
      pending: this.#pending(messages),
      older,
      newer,
      unseen,
      heard: this.#heard,
      gaps: this.#gaps,
      people: this.#people,
      waiting: this.#waiting,
      typing: this.#typing.list,
      settings: this.#settings,
      role: this.#role,
      me: this.#me,
      loaded: this.#pages.isLoaded,
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
   * once; resolves with its key when it is kept. Rejects where the room was left.
   * @param options.files what was sent before with `attach`; then the text may be empty
   */
  async say(
    text: string,
    options: {
      readonly replyTo?: string | undefined
      readonly files?: readonly Attachment[] | undefined
    } = {},
  ): Promise<string> {
    if (this.#connection.phase === 'closed') throw new Error('The room was left.')
    this.#typedAt = -Infinity
    return this.#outbox.add(text, { ...options, name: this.#name })
  }

  /** Sends a failed message again, under the same key and the name of now. */
  retry(key: string): Promise<void> {
    return this.#outbox.retry(key, this.#name)
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

  /** The person is typing: call it on every key, it is told at most every 3 s. Or is no more, which ends by itself after 5 s. */
  typing(isTyping = true): void {
    const now = this.#clock.now()
    const since = now - this.#typedAt
    // What was told a moment ago still holds, or is over by itself.
    if (isTyping ? since < TYPING : since > ENDS) return
    this.#typedAt = isTyping ? now : -Infinity
    // Of the moment: where it does not get through, nothing is lost.
    calls.typing(this.#server, this.#room, isTyping).catch(() => {})
  }

  /** Speak under another name from now on; kept for this room. null: the one that the server makes. */
  rename(name: string | null): void {
    this.#name = name ?? undefined
    this.#slot.remember('name', name)
  }

  /** Gets the page before `messages`. Does nothing where there is none, or while one is being got. */
  older(): Promise<void> {
    return this.#pages.older()
  }

  /** Gets the page after `messages`. */
  newer(): Promise<void> {
    return this.#pages.newer()
  }

  /** Shows the stretch around this message instead. Answers false where the message can't be had. */
  around(id: string): Promise<boolean> {
    return this.#pages.around(id)
  }

  /** Shows the newest messages again and follows them. */
  latest(): Promise<void> {
    return this.#pages.latest()
  }

  /**
   * Whether the reader looks at the end. While not (default true), a full `messages` takes nothing more: it loses none
   * at the start under the reader's eyes, and `newer` becomes `more`.
   */
  set atEnd(atEnd: boolean) {
    this.#pages.timeline.atEnd = atEnd
  }

  /** What is being written: kept for this room and tab over a reload. */
  get draft(): string {
    return this.#slot.recall('draft', 'sessionStorage') ?? ''
  }

  set draft(text: string) {
    this.#slot.remember('draft', text === '' ? null : text, 'sessionStorage')
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

  /** Stops listening. What is in the outbox stays there and goes out the next time, where the browser keeps it. */
  leave(): void {
    this.#listeners.clear()
    this.#pages.close()
    this.#typing.close()
    this.#leaveTabs()
    this.#outbox.close()
    this.#changeState({ phase: 'closed' })
  }

  // What comes

  #changeState(state: ConnectionState): void {
    const before = this.#connection.phase
    this.#connection = state
    if (state.phase !== before && (state.phase === 'live' || state.phase === 'catching-up')) {
      // The server answers: what waits to be said need not wait for what is still coming in.
      this.#outbox.poke()
      if (!this.#pages.isLoaded) void this.#pages.open()
      if (this.#isUnknown) void this.#learn()
    }
    this.#changed()
  }

  #hear(event: RoomEvent): void {
    if (isLogged(event)) {
      this.#pages.apply(event)
      if (event.type === 'message') {
        this.#heard = [...this.#heard, event.data].slice(-HEARD)
        this.#confirm(event.data)
      } else if (event.type === 'room')
        this.#settings = { ...this.#settings, ...event.data.settings }
    } else if (event.type === 'presence') this.#people = foldPresence(this.#people, event.data)
    else if (event.type === 'waiting') this.#waiting = event.data
    else if (event.type === 'typing') {
      const { from, over } = event.data
      if (over || from.person === this.#me?.person) this.#typing.end(from.person)
      else this.#typing.hear(from)
    } else if (this.#pages.isLoaded) {
      this.#gaps = [...this.#gaps, event.data].slice(-20)
      this.#heard = []
      void this.#pages.renew()
    }
    this.#changed()
  }

  /** What is not said yet: the outbox may know less of that than the page that came, or another tab's stream. */
  #pending(messages: readonly Message[]): readonly Pending[] {
    const { pending } = this.#outbox
    const left = pending.filter(({ key }) => !messages.some((message) => message.key === key))
    return left.length < pending.length ? left : pending
  }

  /** What was said is heard: the message that was pending is this one, and whoever said it is not typing now. */
  #confirm(message: Message): void {
    const { key, from } = message
    if (key !== undefined && this.#outbox.settle(key)) this.#meet(from)
    this.#typing.end(from.person)
  }

  #said(message: Message): void {
    this.#meet(message.from)
    this.#pages.apply({ type: 'message', data: message })
    this.#changed()
  }

  #meet(me: From): void {
    const { person, name, role } = this.#me ?? {}
    if (me.person === person && me.name === name && me.role === role) return
    this.#me = me
    this.#role = me.role
    this.#slot.remember('me', JSON.stringify(me))
    this.#changed()
  }

  async #learn(): Promise<void> {
    this.#isUnknown = false
    const before = this.#settings
    try {
      const { you, ...settings } = await calls.settings(this.#server, this.#room)
      // Heard meanwhile: the answer may be older.
      if (this.#settings !== before) return void this.#learn()
      this.#changeRole(you.role, you)
      this.#settings = settings
    } catch {
      // Refused, not through, or answered by something else: it is asked again when the stream opens the next time.
      this.#isUnknown = true
    }
  }

  #changeRole(role: Role, me = this.#me): void {
    this.#role = role
    if (me) this.#meet({ ...me, role })
    this.#changed()
  }

  // Who is told

  #changed(): void {
    this.#snapshot = undefined
    if (this.#isNotifying) return
    this.#isNotifying = true
    queueMicrotask(() => {
      this.#isNotifying = false
      for (const listener of this.#listeners) {
        try {
          listener(this.snapshot)
        } catch (error) {
          // It is told as any error that nobody catches, and the others are called all the same.
          queueMicrotask(() => {
            throw error
          })
        }
      }
    })
  }
}
