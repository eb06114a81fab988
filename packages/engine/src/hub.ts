import { Arrival } from './arrival.ts'
import { idOf, newEpoch, type Epoch, type GapReason } from './cursor.ts'
import { Delivery } from './delivery.ts'
import { checkId, checkType, segmentOf, type Segment } from './encode.ts'
import { FanOut, SLICE, soon } from './fan-out.ts'
import { eventStream, written, type Form } from './form.ts'
import { Listener, type EndReason, type Sink } from './listener.ts'
import type { Past, PastEvent } from './past.ts'
import { textOf, Topic, type EventMap } from './topic.ts'
import { Wheel } from './wheel.ts'

export type Verdict = 'fresh' | 'resumed' | 'gap'

/** What a stream begins with. */
export interface Opening {
  /** Where the listener stands: the cursor to come back with, should it hear nothing. */
  readonly cursor: string
  /** The newest event that there is for it: with that one it has caught up. undefined: only the past knows it. */
  readonly head: string | undefined
  /** Seconds between beats. */
  readonly beat: number
  readonly verdicts: ReadonlyMap<string, Verdict>
}

/** A hole that can't be filled. */
export interface Gap {
  readonly key: string
  /** The cursor that was asked for. */
  readonly after: string
  /** Where events go on from; null: there is none yet. */
  readonly oldest: string | null
  readonly reason: GapReason
  /** How much was lost, where the past knows it. */
  readonly lost?: number | undefined
}

export interface HubOptions {
  /** How much of each topic stays in memory. Default: 1,000 events, 1 MiB. */
  readonly window?: { readonly count?: number; readonly bytes?: number }
  /** Bytes that the windows of all topics hold together; only a hub with a past can be held to it. Default: 256 MiB. */
  readonly memory?: number
  /** Seconds between two beats of a stream. Default: 15, under the idle time-outs of common proxies. */
  readonly beat?: number
  /** Seconds after which a stream ends and comes back, give or take a tenth. Default: 3,600. */
  readonly lifetime?: number
  /** Seconds that a stream may take no byte while bytes wait for it. Default: 60. */
  readonly stall?: number
  /** Open streams, after which newcomers are told to come back later. Default: no limit. */
  readonly listeners?: number
  /** The durable log behind the windows. Without it the windows are all there is, and `Topic.publish` makes the ids. */
  readonly past?: Past
  /** The data of the events `hello` and `gap`. */
  readonly hello?: (opening: Opening) => object
  readonly gap?: (gap: Gap) => object
  /** Which events `last` counts. Default: all. */
  readonly counted?: (type: string) => boolean
  /**
   * Told of what must not stop a fan-out: a form that threw (its event was left out), a hello, an `onEnd` or a past that
   * failed. Default: `console.error`.
   */
  readonly onError?: (error: unknown) => void
}

export interface JoinOptions {
  /** Default: `eventStream`. */
  readonly form?: Form
  /** The last id that the client has. */
  readonly cursor?: string | undefined
  /** Without a cursor: begin with this many of the newest events. */
  readonly last?: number | undefined
  /** false: end when the listener has all there is now. Default: true. */
  readonly follow?: boolean
  /** Called once, when the stream has ended for whatever reason. */
  readonly onEnd?: ((reason: EndReason) => void) | undefined
}

export interface HubStats {
  listeners: number
  topics: number
  /** Listeners that wait for their sockets. */
  blocked: number
  /** Bytes in the windows. */
  windowBytes: number
  /** Since the start: events handed to sockets, and the writes that took. */
  deliveries: number
  writes: number
  bytes: number
  /** Pages read from the past. */
  pastReads: number
}

/** Topics without listeners that a hub with a past keeps in memory for those who come back. */
const IDLE_TOPICS = 1000
/** The longest that a timer can wait, in seconds. */
const LONGEST = 2_000_000

/** Topics, those who listen to them, and the one timer they share. */
export class Hub {
  readonly #options: HubOptions
  readonly #limit: { count: number; bytes: number }
  readonly #memory: number
  readonly #past: Past | undefined
  readonly #ownEpochs: readonly Epoch[] = [{ epoch: newEpoch(), first: 1 }]
  readonly #topics = new Map<string, Topic>()
  /** Topics nobody listens to, longest unused first. */
  readonly #idle = new Set<Topic>()
  /** Where the windows are made smaller next. */
  #shrinking: Iterator<Topic> | undefined
  readonly #fanOut: FanOut
  readonly #delivery: Delivery
  readonly #arrival: Arrival
  readonly #wheel: Wheel
  readonly #beats = new Map<Form, Segment>()
  #beatAt = 0
  readonly #listeners = new Set<Listener>()
  #tick = 0
  #draining = false
  /** The newest seq that was published. */
  head: number
  /** For topics: bytes in all windows. */
  windowBytes = 0

  /** @throws RangeError where an option is out of its range */
  constructor(options: HubOptions = {}) {
    this.#options = options
    this.#limit = {
      count: within('window.count', options.window?.count ?? 1000, 1),
      bytes: within('window.bytes', options.window?.bytes ?? 1024 * 1024, 1),
    }
    this.#memory = within('memory', options.memory ?? 256 * 1024 * 1024, 0)
    const beat = within('beat', options.beat ?? 15, 0.05, LONGEST)
    within('lifetime', options.lifetime ?? 3600, 0.05)
    within('stall', options.stall ?? 60, 0.05)
    within('listeners', options.listeners ?? Infinity, 0)
    this.#past = options.past
    this.head = options.past?.head ?? 0
    this.#delivery = new Delivery(this, options)
    this.#arrival = new Arrival(this, options, this.#delivery, this.#limit.count)
    this.#fanOut = new FanOut((listener) => this.#delivery.visit(listener))
    this.#wheel = new Wheel(beat * 1000, (listener, time) => this.#beat(listener, time))
  }

  /** The topic of this key: made on first use, the same stream ever after. */
  topic<Events extends object = EventMap>(key: string): Topic<Events> {
    let topic = this.#topics.get(key)
    if (!topic) {
      // Before the topic stood in memory nobody published to it here; but the past may know more.
      topic = new Topic(this, key, this.#past ? this.head : 0, this.#limit)
      this.#topics.set(key, topic)
      this.#rest(topic)
    }
    return topic
  }

  /**
   * For topics: the one of this key that has the listeners. A hub with a past forgets topics that nobody listens to;
   * who still holds such a one means the one that took its place.
   */
  inMemory(key: string): Topic | undefined {
    return this.#topics.get(key)
  }

  get draining(): boolean {
    return this.#draining
  }

  get stats(): HubStats {
    let blocked = 0
    for (const listener of this.#listeners) if (listener.blocked) blocked++
    const { deliveries, writes, bytes, pastReads } = this.#delivery
    return {
      listeners: this.#listeners.size,
      topics: this.#topics.size,
      blocked,
      windowBytes: this.windowBytes,
      deliveries,
      writes,
      bytes,
      pastReads,
    }
  }

  get epochs(): readonly Epoch[] {
    return this.#past?.epochs ?? this.#ownEpochs
  }

  /** The id of the newest event: the cursor of someone who has everything. */
  get cursor(): string {
    return idOf(this.head, this.epochs)
  }

  /**
   * Milliseconds after which a client should come back: random, so that those who were cut off together do not return
   * together, and the longer the more of them there are.
   */
  retry(among: number = this.#listeners.size): number {
    return Math.round(1000 + Math.random() * (2000 + 2 * among))
  }

  /** Why a newcomer should be told `busy` now; undefined: there is a place. */
  get busy(): 'draining' | 'too-many-streams' | undefined {
    if (this.#draining) return 'draining'
    return this.#listeners.size >= (this.#options.listeners ?? Infinity)
      ? 'too-many-streams'
      : undefined
  }

  /** The one answer of a stream that can't be had now: a status other than 200 would end an EventSource for good. */
  busySegment(form: Form, reason: string): Segment {
    const retry = this.retry() + 1000
    const data = JSON.stringify({ reason, retry })
    const text = written(form, { retry }, this.report)
    return segmentOf(text + written(form, { type: 'busy', data }, this.report), 0)
  }

  /** Tells the program of an error that stops nothing. */
  readonly report = (error: unknown): void => {
    try {
      if (this.#options.onError) this.#options.onError(error)
      else console.error(error)
    } catch {
      // The one who is told of errors threw: there is nobody left to tell.
    }
  }

  /** Runs what belongs to the program or the platform: it may throw, and what we do after it is done all the same. */
  guard(run: () => void): void {
    try {
      run()
    } catch (error) {
      this.report(error)
    }
  }

  /** For `Topic.publish`. */
  publish(topic: Topic, type: string, data: string): string {
    if (this.#past)
      throw new TypeError('this hub has a log: append there, and announce what it gives')
    const seq = ++this.head
    const id = `${this.#ownEpochs[0]!.epoch}-${seq}`
    topic.add(seq, id, type, data)
    return id
  }

  /**
   * Announces an event that the log has made durable, in the log's order.
   *
   * @throws RangeError where its seq is not above the one before
   * @throws TypeError where its type or id can't be written
   */
  announce(key: string, { seq, id, type, data }: PastEvent): void {
    if (!Number.isSafeInteger(seq) || seq <= this.head)
      throw new RangeError(`seq ${seq} came after ${this.head}: a log announces in order`)
    checkType(type)
    checkId(id)
    this.head = seq
    this.#topics.get(key)?.add(seq, id, type, data)
    if (this.#past && this.windowBytes > this.#memory) this.#shrink()
  }

  /** The log went on to this seq with something that no topic announces. */
  advance(seq: number): void {
    if (seq > this.head) this.head = seq
  }

  /** What an older event says from now on; null: it and what was before it are gone. */
  rewrite(key: string, seq: number, data: string | null): void {
    this.#topics.get(key)?.rewrite(seq, data)
  }

  /**
   * For adapters: opens a stream. Bytes may go to the sink before this returns, and it may have ended.
   *
   * @throws TypeError where there is no topic, or one of another hub
   */
  join(topics: readonly Topic[], sink: Sink, options: JoinOptions = {}): Listener {
    hubOf(topics)
    const { form = eventStream, follow = true, onEnd, cursor, last } = options
    const listener = new Listener(form, sink, this.head, this.#tick, follow)
    listener.onEnd = onEnd
    const lifetime = (this.#options.lifetime ?? 3600) * 1000
    listener.ends = performance.now() + lifetime * (0.9 + Math.random() * 0.2)
    for (const { key } of topics) {
      const topic = this.topic(key)
      if (topics.length > 1 && listener.seats.some((seat) => seat.topic === topic)) continue
      const seat = { listener, topic, index: 0, told: 0 }
      listener.seats.push(seat)
      topic.sit(seat)
      this.#idle.delete(topic)
    }
    if (listener.seats.length === 1) listener.only = listener.seats[0]!.topic
    this.#listeners.add(listener)
    this.#wheel.add(listener)
    this.#arrival.open(listener, cursor, last)
    return listener
  }

  /** For listeners: lets go of one. */
  release(listener: Listener, reason: EndReason): void {
    if (listener.ended) return
    listener.ended = reason
    for (const seat of listener.seats) {
      seat.topic.leave(seat)
      if (seat.topic.seats.length === 0) this.#rest(seat.topic)
    }
    this.#listeners.delete(listener)
    this.#wheel.remove(listener)
    if (listener.onEnd) this.guard(() => listener.onEnd!(reason))
  }

  /** For listeners: see `Listener.tell`. */
  tell(listener: Listener, type: string, data: unknown): boolean {
    checkType(type)
    if (listener.ended || listener.blocked || listener.reading) return false
    const event = { type, data: textOf(data) }
    try {
      this.#delivery.say(listener, event)
    } catch (error) {
      this.#delivery.fail(listener, error)
    }
    return true
  }

  nextTick(): number {
    return ++this.#tick
  }

  /** For topics: everyone on it is to be visited, those at hand in this turn. */
  fanOut(topic: Topic): void {
    if (topic.seats.length === 0) return
    topic.begin()
    this.#fanOut.add(topic)
  }

  /** For listeners: a visit in a turn to come. */
  later(listener: Listener): void {
    this.#fanOut.later(listener)
  }

  /** Once a beat for each listener: a sign of life, and a look at how it is. */
  #beat(listener: Listener, time: number): void {
    if (time >= listener.ends) return listener.end('lifetime')
    if (listener.blocked) {
      const waiting = listener.sink.waiting()
      if (waiting !== listener.waiting) {
        listener.waiting = waiting
        listener.waitingSince = time
      } else if (time - listener.waitingSince >= (this.#options.stall ?? 60) * 1000)
        listener.end('stalled')
      return
    }
    if (listener.reading) return
    const segment = this.#beatSegment(listener.form, time)
    if (segment.bare.length === 0) return
    try {
      this.#delivery.write(listener, segment)
    } catch (error) {
      this.#delivery.fail(listener, error)
    }
  }

  /** The same bytes for all beats of a turn. */
  #beatSegment(form: Form, time: number): Segment {
    if (this.#beatAt !== time) {
      this.#beatAt = time
      this.#beats.clear()
    }
    let segment = this.#beats.get(form)
    if (!segment) {
      const data = JSON.stringify({ at: new Date().toISOString() })
      segment = segmentOf(written(form, { type: 'beat', data }, this.report), 0)
      this.#beats.set(form, segment)
    }
    return segment
  }

  /** Nobody listens to it any more. */
  #rest(topic: Topic): void {
    topic.rest()
    // Without a past the window is the only copy of what was said: it stays.
    if (!this.#past) return
    this.#idle.add(topic)
    if (this.#idle.size <= IDLE_TOPICS) return
    for (const oldest of this.#idle) {
      this.#forget(oldest)
      break
    }
  }

  #forget(topic: Topic): void {
    this.#idle.delete(topic)
    this.#topics.delete(topic.key)
    this.windowBytes -= topic.window.bytes
  }

  /** Windows hold more than they may together: what can be read again from the past goes. */
  #shrink(): void {
    for (const topic of this.#idle) {
      if (this.windowBytes <= this.#memory) return
      this.#forget(topic)
    }
    // From where the last time ended, and at most once round: each event costs the same, however many topics there are.
    for (let left = this.#topics.size; left > 0 && this.windowBytes > this.#memory; left--) {
      this.#shrinking ??= this.#topics.values()
      const { value: topic, done } = this.#shrinking.next() as IteratorResult<Topic, undefined>
      if (done) this.#shrinking = undefined
      else for (let half = (topic.window.count + 1) >> 1; half > 0; half--) topic.evict()
    }
  }

  /**
   * Ends all streams, spread over this time so that their clients do not come back as one; newcomers hear `busy`. After
   * it a server can close. A reader that has not taken its bytes by then is cut off: it comes back with its cursor.
   *
   * @param over milliseconds at most; a hub with few listeners takes less
   */
  async drain(over = 5000): Promise<void> {
    this.#draining = true
    const start = performance.now()
    const all = [...this.#listeners]
    const steps = Math.max(1, Math.min(Math.ceil(over / STEP), Math.ceil(all.length / 20)))
    const slow: Listener[] = []
    let next = 0
    for (let step = 1; step <= steps; step++) {
      const upTo = Math.floor((all.length * step) / steps)
      for (let until = performance.now() + SLICE; next < upTo; next++) {
        const listener = all[next]!
        this.#dismiss(listener, all.length)
        if (listener.blocked) slow.push(listener)
        if (performance.now() < until) continue
        await new Promise<void>((resolve) => soon(resolve))
        until = performance.now() + SLICE
      }
      const wait = start + (step * over) / steps - performance.now()
      if (step < steps && wait > 0) await sleep(Math.min(wait, STEP))
    }
    if (slow.some(({ sink }) => this.#hasWaiting(sink)))
      await sleep(Math.max(0, start + over - performance.now()))
    for (const { sink } of slow) this.guard(() => sink.cut())
    this.#wheel.stop()
  }

  #dismiss(listener: Listener, among: number): void {
    this.#delivery.visit(listener)
    if (listener.ended) return
    this.guard(() => {
      if (!listener.blocked && !listener.reading)
        this.#delivery.say(listener, { retry: this.retry(among) })
    })
    listener.end('drained')
  }

  #hasWaiting(sink: Sink): boolean {
    try {
      return sink.waiting() > 0
    } catch (error) {
      this.report(error)
      return false
    }
  }
}

/** Milliseconds between two steps of a drain. */
const STEP = 50

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

/** The hub of these topics. @throws TypeError where there is none, or more than one */
export function hubOf(topics: readonly Topic[]): Hub {
  const hub = topics[0]?.hub
  if (!hub) throw new TypeError('a listener needs a topic')
  if (topics.some((topic) => topic.hub !== hub))
    throw new TypeError('the topics of one listener are of one hub: their cursor is one')
  return hub
}

function within(option: string, value: number, least: number, most = Infinity): number {
  if (!(value >= least && value <= most))
    throw new RangeError(`${option} takes a number from ${least} to ${most}, got ${value}`)
  return value
}
