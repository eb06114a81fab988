import type { Busy, Hello, Problem } from '@hearsay/protocol'
import { isPassing, problemOf } from './calls.ts'
import { EventTooLargeError, Parser, type StreamEvent } from './parse.ts'

/** Why nothing is being heard at the moment, where a later try may well succeed. */
export type WaitReason =
  /** The browser says that this machine has no network. */
  | 'offline'
  /** The server did not answer, answered 5xx, or fell silent. */
  | 'unreachable'
  /** Something else answered in its place: a network that wants a login, a proxy's own page. */
  | 'intercepted'
  /** The server answered that it is overloaded, draining, or that there are too many streams. */
  | 'busy'
  /** The server ended the stream, as it does after its lifetime or before a restart. */
  | 'closed'
  /** The page is hidden and this browser stops streams of hidden pages (iOS). */
  | 'hidden'

/**
 * What is true of the connection now. `downSince` is when it was last live (or when it was opened), in
 * milliseconds since 1970: it stays the same from try to try, so "down for more than 5 s" is one subtraction.
 */
export type ConnectionState =
  /** A request is under way. `tries` counts the failed ones before it. */
  | { readonly phase: 'connecting'; readonly downSince: number; readonly tries: number }
  /** The stream is open and what was missed is coming in. */
  | { readonly phase: 'catching-up'; readonly downSince: number }
  /** Everything that was said has been heard. `caughtUp` counts the messages that had been missed. */
  | { readonly phase: 'live'; readonly caughtUp: number }
  /**
   * The next try is at `until` (milliseconds since 1970), `seconds` after this state began. Both are Infinity while
   * the page is `hidden`.
   */
  | {
      readonly phase: 'waiting'
      readonly reason: WaitReason
      /** Of `busy`: the server's own word for it, where it told (`draining`, `room-full`). */
      readonly why?: string | undefined
      readonly until: number
      readonly seconds: number
      readonly downSince: number
      readonly tries: number
    }
  /** The server said no, for good (4xx). Only `retry` or `reopen` ask again. */
  | { readonly phase: 'refused'; readonly problem: Problem }
  /** Closed by this side. */
  | { readonly phase: 'closed' }

/** Time and chance, so that a test can hold both. */
export interface Clock {
  /** Milliseconds since 1970; never less than before. */
  now(): number
  setTimeout(run: () => void, milliseconds: number): unknown
  clearTimeout(timer: unknown): void
  /** From 0 up to, not including, 1. */
  random(): number
}

/** What the machine's clock and one that nobody sets showed when last asked, and how far the former was set back in all. */
let [wall, ticks, back] = [0, 0, 0]

/** Its time never goes back: waits and silences would last as long as the machine's clock was set back by. */
export const systemClock: Clock = {
  now: () => {
    const [date, tick] = [Date.now(), performance.now()]
    const missing = tick - ticks - (date - wall)
    // Less is the two being read and slewed. More time than `tick` knows of is a machine that slept.
    if (missing > 1000) back += missing
    wall = date
    ticks = tick
    return date + back
  },
  setTimeout: (run, milliseconds) => setTimeout(run, milliseconds),
  clearTimeout: (timer) => clearTimeout(timer as number),
  random: () => Math.random(),
}

/** What a stream is asked for with. */
export interface StreamRequest {
  readonly url: string | URL
  readonly headers?: Readonly<Record<string, string>> | undefined
}

export interface ConnectionOptions {
  /** The address of the stream, or what makes it for each try anew. The cursor goes along as `Last-Event-ID`. */
  readonly source: string | URL | (() => StreamRequest)
  /** Every event, in order. `hello`, `beat` and `busy` are among them. What it throws is an uncaught error, and no more. */
  readonly onEvent: (event: StreamEvent) => void
  /** The connection's state changed. */
  readonly onState?: ((state: ConnectionState) => void) | undefined
  /** Every stream begins with `hello`, as Hearsay's do: without one it is not open, whatever stands between. Default: false. */
  readonly awaitHello?: boolean | undefined
  /** The last id that is known from before: the stream goes on after it. */
  readonly after?: string | undefined
  /** Characters that one event may have. Default 1,048,576. A larger one ends in `refused`, `event-too-large`. */
  readonly maxEvent?: number | undefined
  /** Whether this machine has a network. Default: what the browser says; true elsewhere. */
  readonly isOnline?: (() => boolean) | undefined
  /** Default: the global one. */
  readonly fetch?: typeof fetch | undefined
  readonly clock?: Clock | undefined
}

/** Milliseconds before the first, second, ... try after a failure, at most: each is drawn between 0 and this. */
const BACKOFF: readonly number[] = [500, 1000, 2000, 5000, 10_000, 30_000]
/** A server may ask for a longer wait, up to this. */
export const LONGEST_WAIT: number = 10 * 60_000
/** A stream without a byte for this many beats is dead, whatever its socket says. */
const SILENT_BEATS = 2.5
/** Seconds between beats where the server has not said so (yet). */
const BEAT = 15
/** Milliseconds for a server to answer at all. */
const ANSWER = 15_000
/** Milliseconds without an event after which a stream is taken to be caught up, where the server does not tell. */
const QUIET = 1000
/** A stream that lived this long (milliseconds) was a success: the next failure is the first again. */
const LIVED = 1000

/**
 * One stream that is kept up: resumed after its last id, watched, and tried again for ever.
 * Works with any text/event-stream; with a server of Hearsay's engine it also knows silence from quiet.
 */
export class Connection {
  #options: ConnectionOptions
  #clock: Clock
  #state: ConnectionState
  /** The request or stream that counts. What comes from another one is ignored. */
  #attempt: AbortController | undefined
  #timer: unknown
  #tries = 0
  #downSince: number
  /** When the stream was open, and when the last byte and the last logged event came. */
  #openedAt: number | undefined
  #heardAt = 0
  #loggedAt = 0
  #beat = BEAT
  #serverRetry = 0
  #resumed = false
  /** The seq at which it has caught up, where the server told; and how many messages that took. */
  #head: number | undefined
  #caughtUp = 0
  /** The last id that was heard: where the next stream begins. Empty: from now on. */
  cursor: string

  constructor(options: ConnectionOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#downSince = this.#clock.now()
    this.cursor = options.after ?? ''
    this.#state = { phase: 'connecting', downSince: this.#downSince, tries: 0 }
    this.#connect()
  }

  get state(): ConnectionState {
    return this.#state
  }

  /** Tries now instead of at the end of the wait; also after `refused` and `close`. Leaves an open stream alone. */
  retry(): void {
    const { phase } = this.#state
    if (phase === 'waiting' || phase === 'refused' || phase === 'closed') this.#connect()
  }

  /**
   * A fresh stream with the last id, in place of one that may be dead without knowing (a machine that slept, another
   * network). Leaves one alone that began within the last second, and a refusal.
   */
  refresh(): void {
    const { phase } = this.#state
    if (phase === 'refused' || phase === 'closed') return
    if (this.#attempt && this.#clock.now() - (this.#openedAt ?? this.#heardAt) < LIVED) return
    this.#connect()
  }

  /** Goes on from another cursor, in a fresh stream. From within `onEvent`, nothing of the old one follows. */
  reopen(cursor: string): void {
    this.cursor = cursor
    const { phase } = this.#state
    if (phase !== 'waiting' && phase !== 'closed') this.#connect()
  }

  /** The browser says that the network is gone. It is tried again all the same: browsers err. */
  offline(): void {
    const state = this.#state
    if (this.#attempt) this.#wait('offline')
    else if (state.phase === 'waiting') this.#set({ ...state, reason: 'offline' })
  }

  /** Acts on what the clock says. Timers call it; where they may be late (hidden tabs), so may anyone. */
  check(): void {
    const now = this.#clock.now()
    const state = this.#state
    if (state.phase === 'waiting') {
      if (now >= state.until) this.#connect()
    } else if (this.#attempt) {
      const silence = this.#openedAt === undefined ? ANSWER : SILENT_BEATS * this.#beat * 1000
      if (now - this.#heardAt >= silence) return this.#wait('unreachable')
      if (this.#settles && now - this.#loggedAt >= QUIET) this.#live()
    }
    this.#arm()
  }

  close(): void {
    this.#drop()
    this.#clock.clearTimeout(this.#timer)
    this.#set({ phase: 'closed' })
  }

  #set(state: ConnectionState): void {
    if (this.#state.phase === 'live') {
      this.#downSince = this.#clock.now()
      if ('downSince' in state) state = { ...state, downSince: this.#downSince }
    }
    this.#state = state
    tell(this.#options.onState, state)
  }

  #drop(): void {
    const attempt = this.#attempt
    this.#attempt = undefined
    attempt?.abort()
    const lived = this.#clock.now() - (this.#openedAt ?? Infinity)
    if (lived >= LIVED) this.#tries = 0
    this.#openedAt = undefined
  }

  #connect(): void {
    this.#drop()
    const attempt = new AbortController()
    this.#attempt = attempt
    this.#heardAt = this.#clock.now()
    this.#head = undefined
    this.#set({ phase: 'connecting', downSince: this.#downSince, tries: this.#tries })
    if (this.#attempt !== attempt) return
    this.#arm()
    void this.#run(attempt)
  }

  /** Nothing but a quiet moment will tell that everything has come. */
  get #settles(): boolean {
    const { phase } = this.#state
    return phase !== 'live' && this.#openedAt !== undefined && this.#head === undefined
  }

  /** One timer for the one thing that is waited for next. */
  #arm(): void {
    this.#clock.clearTimeout(this.#timer)
    const state = this.#state
    let due: number
    if (state.phase === 'waiting') due = state.until
    else if (!this.#attempt) return
    else if (this.#openedAt === undefined) due = this.#heardAt + ANSWER
    else if (this.#settles) due = this.#loggedAt + QUIET
    else due = this.#heardAt + SILENT_BEATS * this.#beat * 1000
    this.#timer = this.#clock.setTimeout(() => this.check(), Math.max(0, due - this.#clock.now()))
  }

  #wait(reason: WaitReason, atLeast = 0, why?: string): void {
    const now = this.#clock.now()
    this.#drop()
    const wait = Math.min(LONGEST_WAIT, Math.max(atLeast, pause(this.#clock, this.#tries)))
    this.#tries++
    const online = this.#options.isOnline ?? isOnline
    this.#set({
      phase: 'waiting',
      reason: reason === 'unreachable' && !online() ? 'offline' : reason,
      why,
      until: now + wait,
      seconds: Math.ceil(wait / 1000),
      downSince: this.#downSince,
      tries: this.#tries,
    })
    this.#arm()
  }

  #refuse(problem: Problem): void {
    this.#drop()
    this.#clock.clearTimeout(this.#timer)
    this.#set({ phase: 'refused', problem })
  }

  async #run(attempt: AbortController): Promise<void> {
    try {
      const { source } = this.#options
      const { url, headers } = typeof source === 'function' ? source() : { url: source }
      const last = goingOn(this.cursor)
      this.#resumed = 'last-event-id' in last
      const response = await (this.#options.fetch ?? fetch)(url, {
        headers: {
          accept: 'text/event-stream',
          ...last,
          ...headers,
        },
        cache: 'no-store',
        signal: attempt.signal,
      })
      if (this.#attempt !== attempt) return
      if (!response.ok) {
        const problem = await problemOf(response)
        if (this.#attempt !== attempt) return
        if (!isPassing(problem.status)) return this.#refuse(problem)
        const { status, retryAfter = status === 429 ? 0 : undefined } = problem
        return retryAfter === undefined
          ? this.#wait('unreachable')
          : this.#wait('busy', (retryAfter + this.#clock.random()) * 1000)
      }
      if (!isEventStream(response)) return this.#wait('intercepted')
      await this.#read(response, attempt)
      if (this.#attempt === attempt) this.#wait('closed', this.#serverRetry)
    } catch (error) {
      if (this.#attempt !== attempt) return
      if (error instanceof EventTooLargeError) {
        const { code, message: title } = error
        this.#refuse({ type: 'about:blank', title, status: 0, code })
      } else this.#wait('unreachable')
    }
  }

  async #read(response: Response, attempt: AbortController): Promise<void> {
    this.#heardAt = this.#clock.now()
    if (!this.#options.awaitHello) this.#open()
    this.#serverRetry = 0
    this.#arm()
    const isCurrent = (): boolean => this.#attempt === attempt
    const parser = new Parser({
      maxEvent: this.#options.maxEvent,
      lastEventId: this.cursor,
      onId: (id) => {
        if (isCurrent()) this.cursor = id
      },
      onRetry: (milliseconds) => {
        if (isCurrent()) this.#serverRetry = Math.min(milliseconds, LONGEST_WAIT)
      },
      onEvent: (event) => {
        if (isCurrent()) this.#hear(event)
      },
    })
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done || !isCurrent()) return
      // Where `hello` is awaited, nothing else is an answer.
      if (this.#openedAt !== undefined) this.#heardAt = this.#clock.now()
      parser.feed(value)
    }
  }

  #hear(event: StreamEvent): void {
    const attempt = this.#attempt
    // First the event, then the state: who is told "live" has everything.
    tell(this.#options.onEvent, event)
    if (this.#attempt !== attempt) return
    if (event.type === 'busy') {
      const { reason, retry } = jsonOf<Busy>(event.data)
      this.#wait('busy', typeof retry === 'number' ? retry : this.#serverRetry, reason)
    } else if (event.type === 'hello') this.#greet(jsonOf<Hello>(event.data))
    else if (event.id !== undefined) this.#count(event)
    // Signals and beats are sent to those who have everything that was said before.
    else if (event.type !== 'gap') this.#live()
  }

  #open(): void {
    this.#openedAt ??= this.#loggedAt = this.#clock.now()
  }

  #greet(hello: Partial<Hello>): void {
    this.#open()
    const { beat, rooms, head, cursor } = hello
    if (typeof beat === 'number' && beat > 0) this.#beat = Math.min(beat, 300)
    const verdicts = Object.values(rooms ?? {})
    if (!this.#resumed || (verdicts.length > 0 && verdicts.every((r) => r.verdict === 'fresh'))) {
      return this.#live()
    }
    this.#head = seqOf(head)
    if (this.#head !== undefined && this.#head <= (seqOf(cursor) ?? -1)) {
      if (verdicts.every((r) => r.verdict !== 'gap')) return this.#live()
      // What is lost is still to be told.
      this.#head = undefined
    }
    this.#behind()
  }

  #count({ id, type }: StreamEvent): void {
    this.#loggedAt = this.#clock.now()
    if (!this.#resumed) return this.#live()
    if (this.#state.phase === 'live') return
    this.#behind()
    if (type === 'message') this.#caughtUp++
    if (this.#head !== undefined && (seqOf(id) ?? 0) >= this.#head) this.#live()
  }

  #behind(): void {
    if (this.#state.phase !== 'connecting') return
    this.#caughtUp = 0
    this.#set({ phase: 'catching-up', downSince: this.#downSince })
    this.#arm()
  }

  #live(): void {
    if (this.#state.phase === 'live') return
    const caughtUp = this.#state.phase === 'catching-up' ? this.#caughtUp : 0
    this.#set({ phase: 'live', caughtUp })
    this.#arm()
  }
}

/** Milliseconds before the next try, after so many that failed. */
export function pause(clock: Clock, tries: number): number {
  return clock.random() * (BACKOFF[Math.min(tries, BACKOFF.length - 1)] as number)
}

/** Whoever is told and throws has an uncaught error, as a listener of any event has; the connection goes on. */
function tell<News>(listener: ((news: News) => void) | undefined, news: News): void {
  try {
    listener?.(news)
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}

/** `text/event-stream`, whatever its parameters. */
export function isEventStream(response: Response): boolean {
  return /^\s*text\/event-stream\s*(;|$)/i.test(response.headers.get('content-type') ?? '')
}

/**
 * The header with which a stream goes on after an id; none after one that no header can carry. Its value is bytes to
 * `fetch`, one a character; an id is UTF-8 on the wire (HTML, 9.2.3).
 */
export function goingOn(id: string): Record<string, string> {
  if (!id || /\p{Cc}/u.test(id)) return {}
  const isAscii = /^[ -~]*$/.test(id)
  return { 'last-event-id': isAscii ? id : String.fromCharCode(...new TextEncoder().encode(id)) }
}

/** The place of an event id in the order of its log; undefined where it is not one of ours. */
export function seqOf(id: string | null | undefined): number | undefined {
  const seq = /^[a-z0-9]{1,16}-(\d{1,16})$/.exec(id ?? '')?.[1]
  return seq === undefined ? undefined : Number(seq)
}

/** What an event's data says; an empty object where it is not a JSON object. */
export function jsonOf<Data>(data: string): Partial<Data> {
  try {
    const value: unknown = JSON.parse(data)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}

function isOnline(): boolean {
  return typeof navigator === 'undefined' || !('onLine' in navigator) || navigator.onLine
}
