import type { Attachment, Message, Problem } from '@hearsay/protocol'
import { dropHeld, ProblemError, say, type Said, type Server } from './calls.ts'
import { LONGEST_WAIT, pause, systemClock, type Clock } from './connection.ts'
import { newSecret } from './identity.ts'
import { Lanes, type LaneNote } from './lanes.ts'
import { Slot, whose } from './slot.ts'
import { openStore, type Kept, type Store } from './store.ts'

/** Where a message that is not yet confirmed stands. None of these means "sent". */
export type PendingState =
  /** In the queue: behind another message, or no connection. It goes by itself. `problem`: why the server could not take it. */
  | { readonly phase: 'waiting'; readonly problem?: Problem }
  /** On its way. */
  | { readonly phase: 'sending' }
  /** The server asked to slow down; it goes by itself at `until` (milliseconds since 1970). */
  | { readonly phase: 'held'; readonly until: number }
  /** The server has it, and it waits for whoever looks after the room. It stays here until that is decided. */
  | { readonly phase: 'review' }
  /** Refused. It stays until `retry` or `discard`. */
  | { readonly phase: 'failed'; readonly problem: Problem }

/** A message that was written and is not yet known to be stored by the server. */
export interface Pending {
  /** Idempotency key: unique per message, and found again on the echo. */
  readonly key: string
  readonly room: string
  readonly text: string
  readonly replyTo?: string | undefined
  /** The name that it goes out under, where one was chosen. */
  readonly name?: string | undefined
  readonly files?: readonly Attachment[] | undefined
  /** When it was written, by this machine's clock: milliseconds since 1970. */
  readonly at: number
  readonly state: PendingState
}

export interface OutboxOptions {
  readonly server: Server
  readonly room: string
  /** `pending` or `durable` changed. */
  readonly onChange: () => void
  /** The server has stored a message. It is no longer pending. */
  readonly onSaid: (message: Message) => void
  readonly clock?: Clock | undefined
  /** Default: IndexedDB. */
  readonly store?: (() => Promise<Store>) | undefined
}

/** What tabs tell each other of their outboxes. */
type Note =
  /** There is something else in the store now. */
  | { readonly t: 'look' }
  /** A message was given up. */
  | { readonly t: 'gone'; readonly key: string }
  | LaneNote

/**
 * Milliseconds after which a tab looks at what the others have put into the store. Most of it is said by then: twenty
 * tabs need not draw what one of them shows for the blink of an eye.
 */
const LATER = 1000
/** Milliseconds that what is written waits until it is known whether tabs with something in the store are still there. */
const PATIENCE = 500
/** Milliseconds in which a page has drawn what was written. */
const FRAME = 24
/** Milliseconds for one try to say a message. */
const ANSWER = 15_000
/** Milliseconds after which it is asked what became of messages that wait for review. */
const REVIEW = 60_000
/** Seconds for which a message is held at most, whatever the server asks. */
const DAY = 86_400
/** Whoever looks after the room did not let a message through. */
const REFUSED: Problem = {
  type: 'about:blank',
  title: 'Not let through.',
  status: 403,
  code: 'not-let-through',
}

/**
 * What a person wrote in a room, until the server has stored it: each once, over reloads, shown in all tabs.
 *
 * Every tab sends what was written in it, in order, and waits for no other; what was written in one that is gone, one of
 * those that are left sends (lanes.ts). Where two send the same after all, each does so in order, and the server knows a
 * key that it has seen.
 */
export class Outbox {
  #options: OutboxOptions
  #clock: Clock
  #scope: string
  /** The name of this tab: a reload does not change it. */
  #tab: string
  #channel: BroadcastChannel | undefined
  #lanes: Lanes
  #store: Store | undefined
  /** In the order of writing. */
  #queue: Kept[] = []
  #pending: readonly Pending[] | undefined
  /** The number under which each message stands in the store. */
  #places = new Map<string, number>()
  /** Keys of messages that are newer here than in the store. */
  #fresh = new Set<string>()
  /** Keys of messages that are said or given up, and may still be in the store. */
  #leaving = new Set<string>()
  /** What is done with the store, one thing after the other. */
  #work: Promise<void>
  #durable = true
  #closed = false
  /** It is known what waits from before. */
  #isReady = false
  #lookTimer: unknown
  #isDraining = false
  #sending: string | undefined
  /** Ends the try that is under way. */
  #attempt: AbortController | undefined
  /** Ends the pause before the next. */
  #wake: (() => void) | undefined
  /** Keys of those of which it is to be asked. */
  #due = new Set<string>()
  #reviewTimer: unknown
  #tries = 0
  /** For the next try: work in place of waiting. */
  #proof: string | undefined
  #isProving = false
  /** What the server answered to the last try, where it may answer otherwise to the next. */
  #trouble: Problem | undefined

  constructor(options: OutboxOptions) {
    const { server, room } = options
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#scope = `${whose(server)}:${room}`
    const slot = new Slot(this.#scope)
    this.#tab = slot.recall('tab', 'sessionStorage') ?? newSecret()
    slot.remember('tab', this.#tab, 'sessionStorage')
    if (typeof document !== 'undefined' && typeof BroadcastChannel === 'function') {
      this.#channel = new BroadcastChannel('hearsay:outbox')
      this.#channel.addEventListener('message', ({ data }: MessageEvent<[string, Note]>) => {
        if (data[0] === this.#scope) this.#hear(data[1])
      })
    }
    this.#lanes = new Lanes({
      own: this.#tab,
      name: `hearsay:outbox:${this.#scope}`,
      clock: this.#clock,
      tell: (note) => this.#tell(note),
      onFallen: async (take) => {
        await this.#do(() => this.#load())
        take()
        this.#askHeld()
      },
    })
    this.#work = this.#open()
    void this.#work.then(() => this.#inherit())
  }

  /** In the order of writing. */
  get pending(): readonly Pending[] {
    return (this.#pending ??= this.#queue.map((kept) => this.#pendingOf(kept)))
  }

  /** false: what is written is lost with the page, as the browser keeps nothing (more). */
  get durable(): boolean {
    return this.#durable
  }

  /** Takes a message. It is in `pending` at once; resolves with its key when it is kept as well as can be. */
  async add(text: string, more: Pick<Pending, 'replyTo' | 'name' | 'files'> = {}): Promise<string> {
    const at = this.#clock.now()
    const key = newSecret()
    this.#queue.push({ ...more, scope: this.#scope, tab: this.#tab, key, text, at })
    this.#changed()
    const kept = this.#keep(key)
    // After the next frame: a page shows first what was written. What was sent meanwhile by itself may have failed, and waits.
    setTimeout(() => {
      if (!this.#isDraining || this.#next()?.key !== key) void this.#pump()
    }, FRAME)
    await kept
    return key
  }

  /**
   * Tries a failed message again, under its key: had it been stored after all, it is not said twice. It goes out under the
   * name of now, as the one of then may be why it failed.
   */
  async retry(key: string, name?: string): Promise<void> {
    const { problem, ...again } = this.#queue.find((kept) => kept.key === key) ?? ({} as Kept)
    // What was looked at and refused is no more in the room, and its key says so for ever.
    if (!problem || problem.code === REFUSED.code) return
    // Whoever wrote it: from here on it is this tab's.
    const kept = this.#replace({ ...again, name, tab: this.#tab })
    // Where it waits for review, it is said only when it is asked of.
    this.#due.add(key)
    void this.#pump()
    await kept
  }

  /** Gives a message up. One that is on its way may still be said. */
  async discard(key: string): Promise<void> {
    const { review } = this.#queue.find((kept) => kept.key === key) ?? {}
    const removed = this.#remove(key)
    this.#tell({ t: 'gone', key })
    await removed
    const { server, room } = this.#options
    if (review) await dropHeld(server, room, review).catch(() => {})
  }

  /** The message with this key was heard: it is stored. Answers whether it was pending here. */
  settle(key: string): boolean {
    const isHere = this.#queue.some((kept) => kept.key === key)
    if (isHere) void this.#remove(key)
    // The tab that said it may not have taken it out of the store yet.
    else if (this.#lookTimer !== undefined) this.#leaving.add(key)
    return isHere
  }

  /** The server can be reached again: does not wait for the end of the pause. What is held stays held. */
  poke(): void {
    this.#wake?.()
  }

  /** Stops sending. What is kept stays. */
  close(): void {
    this.#closed = true
    this.#clock.clearTimeout(this.#lookTimer)
    this.#clock.clearTimeout(this.#reviewTimer)
    this.#lanes.close()
    this.#attempt?.abort()
    this.#wake?.()
    this.#channel?.close()
    this.#channel = undefined
  }

  // What is kept

  async #open(): Promise<void> {
    try {
      this.#store = await (this.#options.store ?? openStore)()
      await this.#load()
    } catch {
      this.#hold(false)
    }
  }

  /** What was written in tabs that are gone, this one before a reload among them, goes before what is written now. */
  async #inherit(): Promise<void> {
    if (this.#closed) return
    const waiting = this.#waiting()
    // While this tab was loading, what it had written fell to another.
    if (this.#queue.some(({ tab, key }) => tab === this.#tab && this.#places.has(key))) {
      this.#lanes.take(this.#tab)
    }
    if ([...waiting].some((tab) => tab !== this.#tab)) {
      // Who is not gone does not let go.
      const patience = new Promise((resolve) => this.#clock.setTimeout(() => resolve(0), PATIENCE))
      await Promise.race([this.#lanes.cover(waiting), patience])
    }
    this.#isReady = true
    this.#askHeld()
  }

  /** The lanes in which something waits. */
  #waiting(): Set<string> {
    return new Set(this.#queue.filter(({ problem }) => !problem).map(({ tab }) => tab))
  }

  /** Does something with the store, after all that is to be done with it before. */
  #do(work: (store: Store | undefined) => Promise<unknown>): Promise<void> {
    const before = this.#work
    const run = async (): Promise<void> => {
      await before
      try {
        await work(this.#store)
      } catch {
        this.#hold(false)
      }
    }
    this.#work = run()
    return this.#work
  }

  /**
   * What the store has, then what it could not take. What another tab has written within `late` comes later. Pages do not have
   * the same time, where the machine's clock was set: a time that is ahead is of long ago.
   */
  async #load(late = 0): Promise<void> {
    const all = (await this.#store?.all(this.#scope)) ?? []
    const now = this.#clock.now()
    const stored = all.filter(({ tab, at }) => tab === this.#tab || Math.abs(now - at) >= late)
    if (stored.length < all.length) this.#lookLater()
    const before = new Map(this.#queue.map((kept) => [kept.key, kept]))
    const isUnkept = (key: string): boolean => this.#fresh.has(key) || !this.#places.has(key)
    const unkept = this.#queue.filter(({ key }) => isUnkept(key))
    this.#places = new Map(stored.map(({ key, n }) => [key, n as number]))
    for (const key of this.#leaving) if (!this.#places.has(key)) this.#leaving.delete(key)
    this.#queue = stored
      .filter(({ key }) => !this.#leaving.has(key))
      .map((kept) => {
        const { key, until = 0, wait = 0 } = kept
        const known = before.get(key)
        if (known && this.#fresh.has(key)) return known
        // No longer than was asked for, by the time of this page.
        const held = known?.until ?? 0
        return { ...kept, until: Math.min(until, held > now ? held : now + wait) }
      })
    this.#queue.push(...unkept.filter(({ key }) => !this.#places.has(key)))
    if (before.size + this.#queue.length > 0) this.#changed()
  }

  /** Keeps a message as it is by now. */
  async #keep(key: string): Promise<void> {
    this.#fresh.add(key)
    await this.#do(async (store) => {
      this.#fresh.delete(key)
      const kept = this.#queue.find((it) => it.key === key)
      // It was said or given up.
      if (!kept) return
      if (!store) return this.#hold(false)
      const n = this.#places.get(key)
      this.#places.set(key, await store.put(n === undefined ? kept : { ...kept, n }))
      this.#tell({ t: 'look' })
      // A store that was full, or as slow as on a machine that wakes, may be well again.
      if (this.#queue.every((it) => this.#places.has(it.key))) this.#hold(true)
    })
  }

  #hold(durable: boolean): void {
    if (this.#durable === durable) return
    this.#durable = durable
    this.#options.onChange()
  }

  async #replace(message: Kept): Promise<void> {
    const at = this.#queue.findIndex(({ key }) => key === message.key)
    if (at < 0) return
    this.#queue[at] = message
    this.#changed()
    await this.#keep(message.key)
  }

  async #remove(key: string): Promise<void> {
    const isNext = this.#next()?.key === key
    this.#queue = this.#queue.filter((kept) => kept.key !== key)
    this.#leaving.add(key)
    // What is behind it was not asked to wait.
    if (isNext) this.#trouble = undefined
    this.#changed()
    if (isNext) this.#wake?.()
    // It may be on its way into the store just now. Where it can't be taken out, it comes back with the next page and is
    // sent again, under a key that the server knows.
    await this.#do(async (store) => {
      const n = this.#places.get(key)
      if (n !== undefined) await store?.remove(n)
      this.#places.delete(key)
      this.#leaving.delete(key)
    })
  }

  #changed(): void {
    this.#pending = undefined
    if (!this.#closed) void this.#lanes.cover(this.#waiting())
    this.#options.onChange()
  }

  #pendingOf({ key, text, replyTo, name, files, at, problem, until = 0, review }: Kept): Pending {
    const trouble = this.#trouble
    let state: PendingState = { phase: 'waiting', ...(trouble && { problem: trouble }) }
    if (problem) state = { phase: 'failed', problem }
    else if (review) state = { phase: 'review' }
    else if (until > this.#clock.now()) state = { phase: 'held', until }
    else if (key === this.#sending) state = { phase: 'sending' }
    return { key, room: this.#options.room, text, replyTo, name, files, at, state }
  }

  // Sending

  #next(): Kept | undefined {
    return this.#queue.find(
      ({ tab, problem, review, key }) =>
        this.#lanes.has(tab) && !problem && (!review || this.#due.has(key)),
    )
  }

  /** Sends what there is to send, one after the other. */
  async #pump(): Promise<void> {
    if (this.#isDraining) return this.#wake?.()
    if (!this.#isReady) return
    this.#isDraining = true
    try {
      for (;;) {
        const next = this.#closed ? undefined : this.#next()
        if (!next) return
        const wait = (next.until ?? 0) - this.#clock.now()
        const isOther = (): boolean => {
          const { key, until } = this.#next() ?? {}
          return key !== next.key || until !== next.until
        }
        if (wait > 0) await this.#sleep(wait, isOther)
        else await this.#send(next)
      }
    } finally {
      this.#isDraining = false
    }
  }

  async #send(message: Kept): Promise<void> {
    const { server, room } = this.#options
    const { key, text, replyTo, name } = message
    const files = message.files?.map(({ id }) => id)
    this.#mark(key)
    const attempt = (this.#attempt = new AbortController())
    const timer = this.#clock.setTimeout(() => attempt.abort(), ANSWER)
    const proof = this.#proof
    this.#proof = undefined
    let said: Said | ProblemError
    try {
      said = await say(server, room, { text, replyTo, name, files }, key, attempt.signal, proof)
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error
      said = error
    } finally {
      this.#clock.clearTimeout(timer)
    }
    if (said instanceof ProblemError) {
      this.#mark(undefined)
      return this.#closed ? undefined : this.#failed(message, said, proof)
    }
    this.#due.delete(key)
    this.#tries = 0
    this.#trouble = this.#sending = undefined
    if (said.held) {
      this.#clock.clearTimeout(this.#reviewTimer)
      this.#reviewTimer = this.#clock.setTimeout(() => this.#askHeld(), REVIEW)
      return void this.#replace({ ...message, review: said.id })
    }
    if (said.deleted && message.review) {
      return void this.#replace({ ...message, problem: REFUSED })
    }
    void this.#remove(key)
    this.#options.onSaid(said)
  }

  /** What became of the messages that wait for review? One that was let through is heard; one that was refused is not. */
  #askHeld(): void {
    // Said again under its key, each is answered by what it is now.
    for (const { key, review } of this.#queue) if (review) this.#due.add(key)
    void this.#pump()
  }

  async #failed(message: Kept, { problem, passing }: ProblemError, proof?: string): Promise<void> {
    // The next try asks for another challenge.
    if (proof && problem.code === 'bad-proof') return
    if (!passing) return void this.#replace({ ...message, problem })
    const asked = Math.min(problem.retryAfter ?? 0, DAY) * 1000
    if (problem.status === 429) {
      // At least a second, as a server that gives no time still wants some.
      const wait = Math.max(1000, asked)
      void this.#replace({ ...message, until: this.#clock.now() + wait, wait })
      return void this.#prove(message.key, problem)
    }
    this.#trouble = problem.status ? problem : undefined
    this.#changed()
    await this.#sleep(Math.max(asked, pause(this.#clock, this.#tries++)), () => true)
  }

  /** Where the server takes work instead of the wait, what is done before the wait is over goes at once. */
  async #prove(key: string, { challenge }: Problem): Promise<void> {
    if (!challenge || this.#isProving) return
    this.#isProving = true
    try {
      const { prove } = await import('./proof.ts')
      this.#proof = await prove(challenge)
      const { until, ...next } = this.#queue.find((kept) => kept.key === key) ?? {}
      if (!until) return
      await this.#replace(next as Kept)
      this.#wake?.()
    } catch {
      // It can't be done here: it waits.
    } finally {
      this.#isProving = false
    }
  }

  /** Waits, unless woken when `mayWake` says so. No longer than this: what is to wait on does so piece by piece. */
  #sleep(milliseconds: number, mayWake: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const rise = (): void => {
        this.#clock.clearTimeout(timer)
        this.#wake = undefined
        resolve()
      }
      const timer = this.#clock.setTimeout(rise, Math.min(milliseconds, LONGEST_WAIT))
      this.#wake = () => {
        if (this.#closed || mayWake()) rise()
      }
    })
  }

  #mark(key: string | undefined): void {
    this.#sending = key
    this.#changed()
  }

  // Other tabs

  #tell(note: Note): void {
    this.#channel?.postMessage([this.#scope, note])
  }

  #hear(note: Note): void {
    if (note.t === 'look') this.#lookLater()
    else if (note.t === 'gone') void this.#remove(note.key)
    else this.#lanes.hear(note)
  }

  #lookLater(): void {
    this.#lookTimer ??= this.#clock.setTimeout(() => {
      this.#lookTimer = undefined
      void this.#do(() => this.#load(LATER))
    }, LATER)
  }
}
