import type { Message, Problem } from '@hearsay/protocol'
import { address, dropHeld, ProblemError, say, type Said, type Server } from './calls.ts'
import { BACKOFF, systemClock, type Clock } from './connection.ts'
import { fingerprint, newSecret } from './identity.ts'
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

/** Messages go on to other tabs in these words. `ask` and `alive` tell whether the one that sends is not frozen. */
type Note =
  | { readonly t: 'ask' | 'alive' | 'wake' }
  | { readonly t: 'put'; readonly message: Kept }
  | { readonly t: 'gone'; readonly key: string }
  | { readonly t: 'sending'; readonly key: string | undefined }
  | { readonly t: 'said'; readonly key: string; readonly message: Message }

/** Milliseconds that a tab leaves a message to the tab that wrote it. */
const LATER = 500
/** Milliseconds for one try to say a message. */
const ANSWER = 15_000
/** Milliseconds after which a tab that waits for its turn asks the one that sends whether it is still there. */
const ASK = 3000
/** Milliseconds after which it is asked what became of messages that wait for review. */
const REVIEW = 60_000
/** Whoever looks after the room did not let a message through. */
const REFUSED: Problem = {
  type: 'about:blank',
  title: 'Not let through.',
  status: 403,
  code: 'not-let-through',
}

/**
 * What a person wrote in a room, until the server has stored it: in order, each once, over reloads, in all tabs.
 *
 * One tab sends at a time, by a Web Lock. Even two at once would do no harm: each goes through the same queue from its
 * head and goes on only when a message is stored, and the server knows a key that it has seen.
 */
export class Outbox {
  #options: OutboxOptions
  #clock: Clock
  #scope: string
  #channel: BroadcastChannel | undefined
  #store: Store | undefined
  /** In the order in which they will be said. Those without `n` are not in the store. */
  #queue: Kept[] = []
  #pending: readonly Pending[] | undefined
  #sending: string | undefined
  #durable = true
  /** Keys that were said or discarded and are still on their way out of the store. */
  #leaving = new Set<string>()
  #closed = false
  /** `queued`: another tab sends. `mine`: this one does. */
  #turn: 'none' | 'queued' | 'mine' = 'none'
  #request: AbortController | undefined
  /** Ends the try that is under way, or the pause before the next. */
  #attempt: AbortController | undefined
  #wake: (() => void) | undefined
  #asked: unknown
  /** Keys of those of which it is to be asked. */
  #due = new Set<string>()
  #reviewTimer: unknown
  #tries = 0
  /** For the next try: work in place of waiting. */
  #proof: string | undefined
  #isProving = false
  /** What the server answered to the last try, where it may answer otherwise to the next. */
  #trouble: Problem | undefined
  #ready: Promise<void>

  constructor(options: OutboxOptions) {
    const { server, room } = options
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#scope = `${fingerprint(`${address(server, '/').href} ${server.secret}`)}:${room}`
    if (typeof document !== 'undefined' && typeof BroadcastChannel === 'function') {
      this.#channel = new BroadcastChannel('hearsay:outbox')
      this.#channel.addEventListener('message', ({ data }: MessageEvent<[string, Note]>) => {
        if (data[0] === this.#scope) void this.#hear(data[1])
      })
    }
    this.#ready = this.#open()
  }

  /** In the order in which they will be said. */
  get pending(): readonly Pending[] {
    return (this.#pending ??= this.#queue.map((kept) => this.#pendingOf(kept)))
  }

  /** false: what is written is lost with the page, as the browser keeps nothing (more). */
  get durable(): boolean {
    return this.#durable
  }

  /** Takes a message. It is in `pending` at once; resolves with its key when it is kept as well as can be. */
  async add(
    text: string,
    more: { readonly replyTo?: string | undefined; readonly name?: string | undefined } = {},
  ): Promise<string> {
    const { replyTo, name } = more
    const at = this.#clock.now()
    const message: Kept = { scope: this.#scope, key: newSecret(), text, replyTo, name, at }
    this.#queue.push(message)
    this.#changed()
    await this.#ready
    await this.#keep(message)
    this.#pump()
    return message.key
  }

  /** Tries a failed message again, under its key: had it been stored after all, it is not said twice. */
  async retry(key: string): Promise<void> {
    const failed = this.#queue.find((kept) => kept.key === key)
    if (!failed) return
    const { problem, until: _, ...again } = failed
    // What was looked at and refused is no more in the room, and its key says so for ever.
    if (problem?.code === REFUSED.code) return
    await this.#replace(again)
    this.#pump()
  }

  /** Gives a message up. One that is on its way may still be said. */
  async discard(key: string): Promise<void> {
    const { review } = this.#queue.find((kept) => kept.key === key) ?? {}
    this.#tell({ t: 'gone', key })
    await this.#remove(key)
    const { server, room } = this.#options
    if (review) await dropHeld(server, room, review).catch(() => {})
  }

  /** The message with this key was heard: it is stored. */
  settle(key: string): void {
    if (this.#queue.some((kept) => kept.key === key)) void this.#remove(key)
  }

  /** The server can be reached again: does not wait for the end of the pause. What is held stays held. */
  poke(): void {
    this.#wake?.()
    this.#tell({ t: 'wake' })
  }

  /** Stops sending. What is kept stays. */
  close(): void {
    this.#closed = true
    this.#clock.clearTimeout(this.#asked)
    this.#clock.clearTimeout(this.#reviewTimer)
    this.#request?.abort()
    this.#attempt?.abort()
    this.#wake?.()
    this.#channel?.close()
    this.#channel = undefined
  }

  async #open(): Promise<void> {
    try {
      this.#store = await (this.#options.store ?? openStore)()
    } catch {
      return this.#unkept()
    }
    await this.#load()
    this.#askHeld()
    this.#pump()
  }

  /** What the store has, then what it could not take. */
  async #load(): Promise<void> {
    if (!this.#store) return
    try {
      const stored = await this.#store.all(this.#scope)
      const known = new Set(stored.map(({ key }) => key))
      const unkept = this.#queue.filter(({ n, key }) => n === undefined && !known.has(key))
      this.#queue = [...stored.filter(({ key }) => !this.#leaving.has(key)), ...unkept]
      this.#changed()
    } catch {
      this.#unkept()
    }
  }

  async #keep(message: Kept): Promise<void> {
    try {
      if (!this.#store) return this.#unkept()
      const n = await this.#store.put(message)
      const at = this.#queue.findIndex(({ key }) => key === message.key)
      // It was said or given up while it was being kept.
      if (at < 0) return void (await this.#store.remove(n))
      this.#queue[at] = { ...message, n }
      this.#tell({ t: 'put', message: { ...message, n } })
    } catch {
      this.#unkept()
    }
  }

  #unkept(): void {
    this.#durable = false
    this.#options.onChange()
  }

  async #replace(message: Kept): Promise<void> {
    const at = this.#queue.findIndex(({ key }) => key === message.key)
    if (at < 0) return
    this.#queue[at] = message
    this.#changed()
    await this.#keep(message)
  }

  /** Another tab has put a message into the store, or changed one there. */
  #put(message: Kept): void {
    if (this.#leaving.has(message.key)) return
    const rank = ({ n = Infinity }: Kept): number => n
    const others = this.#queue.filter(({ key }) => key !== message.key)
    this.#queue = [...others, message].sort((a, b) => rank(a) - rank(b) || 0)
    this.#changed()
  }

  async #remove(key: string): Promise<void> {
    const gone = this.#queue.find((kept) => kept.key === key)
    this.#leaving.add(key)
    this.#queue = this.#queue.filter((kept) => kept !== gone)
    this.#changed()
    try {
      if (gone?.n !== undefined) await this.#store?.remove(gone.n)
      this.#leaving.delete(key)
    } catch {
      // It comes back with the next page and is sent again, under a key that the server knows.
    }
  }

  #changed(): void {
    this.#pending = undefined
    this.#options.onChange()
  }

  #pendingOf({ key, text, replyTo, name, at, problem, until, review }: Kept): Pending {
    const trouble = this.#trouble
    let state: PendingState = { phase: 'waiting', ...(trouble && { problem: trouble }) }
    if (problem) state = { phase: 'failed', problem }
    else if (review) state = { phase: 'review' }
    else if (until !== undefined && until > this.#clock.now()) state = { phase: 'held', until }
    else if (key === this.#sending) state = { phase: 'sending' }
    return { key, room: this.#options.room, text, replyTo, name, at, state }
  }

  // Sending

  #next(): Kept | undefined {
    return this.#queue.find(
      ({ problem, review, key }) => !problem && (!review || this.#due.has(key)),
    )
  }

  /** Sends what there is to send, when it is this tab's turn. `steal` does not wait for it. */
  #pump(steal = false): void {
    if (this.#closed || !this.#next()) return
    if (this.#turn === 'mine') return this.#wake?.()
    if (this.#turn === 'queued' && !steal) return
    this.#request?.abort()
    const request = (this.#request = new AbortController())
    this.#turn = 'queued'
    const drain = async (): Promise<void> => {
      if (this.#request !== request) return
      this.#clock.clearTimeout(this.#asked)
      this.#turn = 'mine'
      await this.#drain(() => this.#request === request)
    }
    const ended = (): void => {
      if (this.#request !== request) return
      this.#turn = 'none'
      this.#pump()
    }
    // Not in Node, whose locks are its threads'; nor on pages without a secure context.
    const locks: LockManager | undefined =
      typeof document === 'undefined' ? undefined : navigator.locks
    if (!locks) return void drain().then(ended)
    if (!steal) this.#askLater()
    const options = steal ? { steal } : { signal: request.signal }
    locks.request(`hearsay:outbox:${this.#scope}`, options, drain).then(ended, (error: Error) => {
      // Stolen from a tab that was taken for dead: it queues again. Or not to be had at all: it goes without.
      if (error.name === 'AbortError') ended()
      else void drain().then(ended)
    })
  }

  async #drain(isMine: () => boolean): Promise<void> {
    await this.#load()
    for (;;) {
      const next = this.#next()
      if (!next || this.#closed || !isMine()) return
      const wait = (next.until ?? 0) - this.#clock.now()
      const isOther = (): boolean => {
        const { key, until } = this.#next() ?? {}
        return key !== next.key || until !== next.until
      }
      if (wait > 0) await this.#sleep(wait, isOther)
      else await this.#send(next)
    }
  }

  async #send(message: Kept): Promise<void> {
    const { server, room } = this.#options
    const { key, text, replyTo, name } = message
    this.#due.delete(key)
    this.#mark(key)
    const attempt = (this.#attempt = new AbortController())
    const timer = this.#clock.setTimeout(() => attempt.abort(), ANSWER)
    const proof = this.#proof
    this.#proof = undefined
    let said: Said | ProblemError
    try {
      said = await say(server, room, { text, replyTo, name }, key, attempt.signal, proof)
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error
      said = error
    } finally {
      this.#clock.clearTimeout(timer)
    }
    if (said instanceof ProblemError) {
      this.#mark(undefined)
      return this.#closed ? undefined : this.#failed(message, said)
    }
    this.#tries = 0
    this.#trouble = this.#sending = undefined
    if (said.held) {
      this.#clock.clearTimeout(this.#reviewTimer)
      this.#reviewTimer = this.#clock.setTimeout(() => this.#askHeld(), REVIEW)
      return this.#replace({ ...message, review: said.id })
    }
    if (said.deleted && message.review) {
      return this.#replace({ ...message, problem: REFUSED })
    }
    const removed = this.#remove(key)
    this.#options.onSaid(said)
    this.#tell({ t: 'said', key, message: said })
    await removed
  }

  /** What became of the messages that wait for review? One that was let through is heard; one that was refused is not. */
  #askHeld(): void {
    // Said again under its key, each is answered by what it is now.
    for (const { key, review } of this.#queue) if (review) this.#due.add(key)
    this.#pump()
  }

  async #failed(message: Kept, { problem, passing }: ProblemError): Promise<void> {
    // The next try asks for another challenge.
    if (problem.code === 'bad-proof') return
    if (!passing) return this.#replace({ ...message, problem })
    const asked = (problem.retryAfter ?? 0) * 1000
    if (problem.status === 429) {
      // At least a second, as a server that gives no time still wants some.
      await this.#replace({ ...message, until: this.#clock.now() + Math.max(1000, asked) })
      return void this.#prove(message.key, problem)
    }
    this.#trouble = problem.status ? problem : undefined
    this.#changed()
    const most = BACKOFF[Math.min(this.#tries++, BACKOFF.length - 1)] as number
    await this.#sleep(Math.max(asked, this.#clock.random() * most), () => true)
  }

  /** Where the server takes work instead of the wait, what is done before the wait is over goes at once. */
  async #prove(key: string, { challenge }: Problem): Promise<void> {
    if (!challenge || this.#isProving) return
    this.#isProving = true
    try {
      const { prove } = await import('./proof.ts')
      this.#proof = await prove(challenge)
      const { until, ...next } = this.#queue.find((kept) => kept.key === key) ?? {}
      if (until === undefined) return
      await this.#replace(next as Kept)
      this.#wake?.()
    } catch {
      // It can't be done here: it waits.
    } finally {
      this.#isProving = false
    }
  }

  /** Waits, unless woken when `mayWake` says so. */
  #sleep(milliseconds: number, mayWake: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const rise = (): void => {
        this.#clock.clearTimeout(timer)
        this.#wake = undefined
        resolve()
      }
      const timer = this.#clock.setTimeout(rise, milliseconds)
      this.#wake = () => {
        if (this.#closed || mayWake()) rise()
      }
    })
  }

  #mark(key: string | undefined): void {
    this.#sending = key
    this.#changed()
    this.#tell({ t: 'sending', key })
  }

  // Other tabs

  #tell(note: Note): void {
    this.#channel?.postMessage([this.#scope, note])
  }

  async #hear(note: Note): Promise<void> {
    // Whoever tells of its sending is not frozen.
    const isAlive = note.t === 'alive' || note.t === 'sending' || note.t === 'said'
    if (isAlive && this.#turn === 'queued') this.#askLater()
    if (note.t === 'put') {
      await this.#ready
      this.#put(note.message)
      // The tab that wrote it sends it, as it is the one that is looked at; another only where that one does not.
      this.#clock.setTimeout(() => this.#pump(), LATER)
    } else if (note.t === 'gone') await this.#remove(note.key)
    else if (note.t === 'sending') {
      this.#sending = note.key
      this.#changed()
    } else if (note.t === 'said') {
      const removed = this.#remove(note.key)
      this.#options.onSaid(note.message)
      await removed
    } else if (note.t === 'wake') this.#wake?.()
    else if (note.t === 'ask' && this.#turn === 'mine') this.#tell({ t: 'alive' })
  }

  /** Its turn does not come: the tab that has it may be frozen. */
  #askLater(): void {
    this.#clock.clearTimeout(this.#asked)
    this.#asked = this.#clock.setTimeout(() => {
      this.#tell({ t: 'ask' })
      this.#asked = this.#clock.setTimeout(() => this.#pump(true), ASK)
    }, ASK)
  }
}
