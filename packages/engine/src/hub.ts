import { idOf, newEpoch, resolveCursor, type Epoch, type GapReason } from './cursor.ts'
import { segmentOf, type Segment } from './encode.ts'
import { eventStream, type Event, type Form } from './form.ts'
import { Listener, type EndReason, type Sink } from './listener.ts'
import { stretchOf, Topic, type EventMap, type PastEvent } from './topic.ts'
import { Wheel } from './wheel.ts'

/** A stretch of the past of some topics, oldest first. */
export interface PastStretch {
  readonly events: readonly PastEvent[]
  /** There is more after the last of these: ask again from there. */
  readonly more: boolean
  /** Topics in which something between the cursor and these events is gone, and the oldest event they still have. */
  readonly expired: readonly { readonly key: string; readonly oldest: string | null }[]
}

/** Where a hub reads what its windows do not hold: the durable log of the program around it. */
export interface Past {
  /** Oldest first; the last one is now. */
  readonly epochs: readonly Epoch[]
  /** The newest seq when the hub begins. */
  readonly head: number
  /** Events of these topics with `after < seq <= upTo`, at most `limit` of them. */
  after(keys: readonly string[], after: number, upTo: number, limit: number): Promise<PastStretch>
  /** The events from the topic's `limit`-newest counted one on, with `seq <= upTo`. */
  newest(key: string, upTo: number, limit: number): Promise<PastStretch>
}

export type Verdict = 'fresh' | 'resumed' | 'gap'

/** What a stream begins with. */
export interface Opening {
  /** Where the listener stands: the cursor to come back with, should it hear nothing. */
  readonly cursor: string
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

/** Milliseconds that a fan-out may hold the event loop before it lets others in. */
const SLICE = 5
/** Events of one page of the past. */
const PAGE = 500
/** Topics without listeners that a hub with a past keeps in memory for those who come back. */
const IDLE_TOPICS = 1000
/** Events with which a stream goes on after a cursor that says nothing. */
const AFTER_GAP = 200

const now = (): number => performance.now()
const soon: (run: () => void) => void =
  typeof setImmediate === 'function'
    ? (run) => void setImmediate(run)
    : (run) => void setTimeout(run, 0)

/** Topics, those who listen to them, and the one timer they share. */
export class Hub {
  readonly #options: HubOptions
  readonly #limit: { count: number; bytes: number }
  readonly #past: Past | undefined
  /** Of a hub without a past. */
  readonly #own: readonly Epoch[] = [{ epoch: newEpoch(), first: 1 }]
  readonly #topics = new Map<string, Topic>()
  /** Topics nobody listens to, longest unused first. */
  readonly #idle = new Set<Topic>()
  readonly #wheel: Wheel
  readonly #beats = new Map<Form, Segment>()
  readonly #listeners = new Set<Listener>()
  #beatAt = 0
  /** The newest seq that was published. */
  head: number
  #tick = 0
  /** Topics with listeners to visit. */
  readonly #queue: Topic[] = []
  #scheduled = false
  #draining = false
  /** For topics: bytes in all windows. */
  windowBytes = 0
  #deliveries = 0
  #writes = 0
  #bytes = 0
  #pastReads = 0

  constructor(options: HubOptions = {}) {
    this.#options = options
    this.#limit = {
      count: atLeast('window.count', options.window?.count ?? 1000, 1),
      bytes: atLeast('window.bytes', options.window?.bytes ?? 1024 * 1024, 1),
    }
    const beat = atLeast('beat', options.beat ?? 15, 0.05)
    atLeast('lifetime', options.lifetime ?? 3600, 0.05)
    atLeast('stall', options.stall ?? 60, 0.05)
    this.#past = options.past
    this.head = options.past?.head ?? 0
    this.#wheel = new Wheel(beat * 1000, (listener, time) => this.#beat(listener, time))
  }

  /** The topic of this key: made on first use, the same one ever after. */
  topic<Events extends EventMap = EventMap>(key: string): Topic<Events> {
    let topic = this.#topics.get(key)
    if (!topic) {
      // Before the topic stood in memory nobody published to it here; but the past may know more.
      topic = new Topic(this, key, this.#past ? this.head : 0, this.#limit)
      this.#topics.set(key, topic)
      this.#rest(topic)
    }
    return topic as unknown as Topic<Events>
  }

  /** Read anew each time: a log that had to start over has begun an epoch since. */
  get #epochs(): readonly Epoch[] {
    return this.#past?.epochs ?? this.#own
  }

  get draining(): boolean {
    return this.#draining
  }

  get stats(): HubStats {
    let blocked = 0
    for (const listener of this.#listeners) if (listener.blocked) blocked++
    return {
      listeners: this.#listeners.size,
      topics: this.#topics.size,
      blocked,
      windowBytes: this.windowBytes,
      deliveries: this.#deliveries,
      writes: this.#writes,
      bytes: this.#bytes,
      pastReads: this.#pastReads,
    }
  }

  /** The id of the newest event: the cursor of someone who has everything. */
  get cursor(): string {
    return idOf(this.head, this.#epochs)
  }

  /**
   * Milliseconds after which a client should come back: random, so that those who were cut off together do not return
   * together, and the longer the more of them there are.
   */
  retry(): number {
    return Math.round(1000 + Math.random() * (2000 + 2 * this.#listeners.size))
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
    return segmentOf(
      form.encode({ retry }) +
        form.encode({ type: 'busy', data: JSON.stringify({ reason, retry }) }),
      0,
    )
  }

  /** For `Topic.publish`. */
  publish(topic: Topic, type: string, data: string): string {
    if (this.#past)
      throw new TypeError('this hub has a log: append there, and announce what it gives')
    const seq = ++this.head
    const id = `${this.#epochs[0]!.epoch}-${seq}`
    topic.add(seq, id, type, data)
    return id
  }

  /** Announces events that the log has made durable, in its order: each seq above the one before. */
  announce(key: string, event: PastEvent): void {
    if (event.seq <= this.head)
      throw new RangeError(`seq ${event.seq} came after ${this.head}: a log announces in order`)
    this.head = event.seq
    const topic = this.#topics.get(key)
    if (!topic) return
    topic.add(event.seq, event.id, event.type, event.data)
    if (this.#past && this.windowBytes > (this.#options.memory ?? 256 * 1024 * 1024)) this.#shrink()
  }

  /** What an older event says from now on; null: it and what was before it are gone. */
  rewrite(key: string, seq: number, data: string | null): void {
    this.#topics.get(key)?.rewrite(seq, data)
  }

  /** For adapters: opens a stream. Bytes may go to the sink before this returns. */
  join(topics: readonly Topic[], sink: Sink, options: JoinOptions = {}): Listener {
    if (topics.length === 0) throw new TypeError('a listener needs a topic')
    const form = options.form ?? eventStream
    const listener = new Listener(topics, form, sink, this.head, this.#tick, options.follow ?? true)
    listener.onEnd = options.onEnd
    const lifetime = (this.#options.lifetime ?? 3600) * 1000
    listener.ends = now() + lifetime * (0.9 + Math.random() * 0.2)
    for (const topic of topics) {
      listener.seats.push({ listener, topic, index: topic.seats.length })
      topic.seats.push(listener.seats[listener.seats.length - 1]!)
      this.#idle.delete(topic)
    }
    this.#listeners.add(listener)
    this.#wheel.add(listener)
    this.#open(listener, options.cursor, options.last)
    return listener
  }

  /** For listeners: lets go of one. */
  release(listener: Listener, reason: EndReason): void {
    if (listener.ended) return
    listener.ended = reason
    for (const { topic, index } of listener.seats) {
      const last = topic.seats.pop()!
      if (last.listener !== listener) {
        topic.seats[index] = last
        last.index = index
      }
      // The seat that moved may have come from the part still to be visited: go round once more.
      if (topic.toVisit > 0) topic.toVisit = topic.seats.length
      if (topic.seats.length === 0) this.#rest(topic)
    }
    this.#listeners.delete(listener)
    this.#wheel.remove(listener)
    listener.onEnd?.(reason)
  }

  nextTick(): number {
    return ++this.#tick
  }

  /** For topics: everyone on it is to be visited, those at hand in this turn. */
  fanOut(topic: Topic): void {
    topic.toVisit = topic.seats.length
    if (topic.toVisit === 0) return
    if (!topic.queued) {
      topic.queued = true
      this.#queue.push(topic)
    }
    if (this.#scheduled) return
    this.#scheduled = true
    // After the turn in which it was published: what is published together goes out together.
    queueMicrotask(() => this.#sweep())
  }

  /** Visits listeners until a slice of time is used up; goes on after others had theirs. */
  #sweep(): void {
    const until = now() + SLICE
    let visits = 0
    let topic: Topic | undefined
    while ((topic = this.#queue[0])) {
      while (topic.toVisit > 0) {
        topic.toVisit--
        if (topic.nextVisit >= topic.seats.length) topic.nextVisit = 0
        const seat = topic.seats[topic.nextVisit++]
        if (!seat) break
        this.visit(seat.listener)
        if ((++visits & 15) === 0 && now() >= until) {
          // The next topic's listeners first, then this one's others.
          this.#queue.push(this.#queue.shift()!)
          soon(() => this.#sweep())
          return
        }
      }
      topic.toVisit = 0
      topic.queued = false
      this.#queue.shift()
    }
    this.#scheduled = false
  }

  /** Sends a listener what it has not got, as far as its socket takes it. */
  visit(listener: Listener): void {
    while (!listener.blocked && !listener.reading && !listener.ended) {
      const { topics } = listener
      const only = topics.length === 1 ? topics[0]! : undefined
      const at = only ? only.tick : newestTick(topics)
      if (listener.tick >= at && !isBehind(listener)) break
      for (const topic of topics)
        if (listener.seq < topic.window.base && listener.told < topic.window.base) {
          void this.#readPast(listener)
          return
        }
      const stretch = only
        ? only.stretch(listener)
        : stretchOf(topics, listener.form, listener.seq, listener.tick, at)
      listener.seq = stretch.toSeq
      listener.tick = stretch.toTick
      if (stretch.segment) this.#write(listener, stretch.segment)
    }
    if (!listener.follow && !listener.blocked && !listener.reading) listener.end('complete')
  }

  #write(listener: Listener, segment: Segment): void {
    this.#writes++
    this.#deliveries += segment.events
    this.#bytes += segment.bare.length
    if (listener.sink.write(segment)) return
    listener.blocked = true
    listener.waiting = listener.sink.waiting()
    listener.waitingSince = now()
  }

  /** Finds where a newcomer stands, says hello, and sends what it missed. */
  #open(listener: Listener, cursor: string | undefined, last: number | undefined): void {
    const { topics } = listener
    const verdicts = new Map<string, Verdict>(topics.map(({ key }) => [key, 'fresh']))
    if (cursor === undefined) {
      if (last === undefined || last <= 0) {
        this.#hello(listener, verdicts, [])
        this.visit(listener)
      } else void this.#openAtNewest(listener, verdicts, last, undefined)
      return
    }
    const seq = resolveCursor(cursor, this.#epochs, this.head)
    if (typeof seq === 'string') {
      void this.#openAtNewest(listener, verdicts, AFTER_GAP, {
        after: cursor.slice(0, 40),
        reason: seq,
      })
      return
    }
    listener.seq = seq
    for (const { key } of topics) verdicts.set(key, 'resumed')
    if (topics.every(({ window }) => seq >= window.base)) {
      this.#hello(listener, verdicts, [])
      this.visit(listener)
    } else void this.#openInPast(listener, verdicts, cursor)
  }

  /** A cursor that is older than what the windows hold. */
  async #openInPast(
    listener: Listener,
    verdicts: Map<string, Verdict>,
    cursor: string,
  ): Promise<void> {
    const { topics, seq } = listener
    const gaps: Gap[] = []
    const gap = (key: string, oldest: string | null): void => {
      verdicts.set(key, 'gap')
      gaps.push({ key, after: cursor, oldest, reason: 'expired' })
    }
    if (!this.#past) {
      for (const { key, window } of topics)
        if (seq < window.base) gap(key, window.oldest?.id ?? null)
      // What the windows have is all there is.
      listener.told = Math.max(...topics.map(({ window }) => window.base))
      this.#hello(listener, verdicts, gaps)
      this.visit(listener)
      return
    }
    listener.reading = true
    // Those who come back together stand at the same place: one read fills the window for all of them.
    if (topics.length === 1) await this.#fill(topics[0]!)
    if (listener.ended) return
    if (topics.every(({ window }) => seq >= window.base)) {
      listener.reading = false
      this.#hello(listener, verdicts, [])
      this.visit(listener)
      return
    }
    await this.#readPast(listener, (expired) => {
      for (const { key, oldest } of expired) gap(key, oldest)
      this.#hello(listener, verdicts, gaps)
    })
  }

  /** Begins with the newest events of each topic: for `last`, and after a cursor that says nothing. */
  async #openAtNewest(
    listener: Listener,
    verdicts: Map<string, Verdict>,
    count: number,
    broken: { after: string; reason: GapReason } | undefined,
  ): Promise<void> {
    listener.reading = true
    const head = this.head
    const found: PastEvent[] = []
    const gaps: Gap[] = []
    for (const topic of listener.topics) {
      const events =
        this.#newestInWindow(topic, count) ?? (await this.#newestInPast(topic, head, count))
      if (events === undefined) return listener.end('failed')
      if (broken) {
        verdicts.set(topic.key, 'gap')
        gaps.push({ key: topic.key, oldest: events[0]?.id ?? null, ...broken })
      }
      for (const event of events) if (event.seq <= head) found.push(event)
    }
    if (listener.ended) return
    found.sort((a, b) => a.seq - b.seq)
    listener.seq = head
    // Without `last` nothing older is sent; the cursor in `hello` is the place before the first event.
    this.#hello(listener, verdicts, gaps, found[0] ? found[0].seq - 1 : head)
    this.#writeEvents(listener, found)
    listener.reading = false
    this.visit(listener)
  }

  /** undefined: the window does not reach back far enough. */
  #newestInWindow(topic: Topic, count: number): PastEvent[] | undefined {
    const { window } = topic
    const counted = this.#options.counted
    const events: PastEvent[] = []
    for (let i = window.count - 1, left = count; i >= 0 && left > 0; i--) {
      const frame = window.at(i)
      events.push(frame)
      if (!counted || counted(frame.type)) left--
      if (left === 0) return events.reverse()
    }
    return this.#past && window.base > 0 ? undefined : events.reverse()
  }

  async #newestInPast(
    topic: Topic,
    upTo: number,
    count: number,
  ): Promise<readonly PastEvent[] | undefined> {
    await this.#fill(topic)
    const filled = this.#newestInWindow(topic, count)
    if (filled) return filled
    this.#pastReads++
    try {
      return (await this.#past!.newest(topic.key, upTo, count)).events
    } catch {
      return undefined
    }
  }

  /** Reads what a topic's window could hold and does not, once for all who wait. */
  #fill(topic: Topic): Promise<void> {
    topic.filling ??= this.#fillOnce(topic).finally(() => (topic.filling = undefined))
    return topic.filling
  }

  async #fillOnce(topic: Topic): Promise<void> {
    const { window } = topic
    const base = window.base
    const want = this.#limit.count - window.count
    if (base === 0 || want <= 0 || window.filled) return
    this.#pastReads++
    try {
      const past = await this.#past!.newest(topic.key, base, want)
      // Evicted meanwhile: what was read no longer joins on.
      if (window.base !== base) return
      const first = past.events[0]
      topic.fill(past.events, first ? first.seq - 1 : base)
      window.filled = true
    } catch {
      // The page-wise read that follows will fail too, and end the stream: it comes back.
    }
  }

  /** One page of the past for a listener that is behind the windows, then a visit. */
  async #readPast(
    listener: Listener,
    opened?: (expired: PastStretch['expired']) => void,
  ): Promise<void> {
    if (!this.#past) {
      // A cursor that fell off the windows while its reader was slow.
      for (const { key, window } of listener.topics)
        if (listener.seq < window.base && listener.told < window.base)
          this.#say(
            listener,
            this.#gapEvent({
              key,
              after: idOf(listener.seq, this.#epochs),
              oldest: window.oldest?.id ?? null,
              reason: 'expired',
            }),
          )
      listener.told = Math.max(...listener.topics.map(({ window }) => window.base))
      return this.visit(listener)
    }
    listener.reading = true
    const upTo = this.head
    let page: PastStretch
    this.#pastReads++
    try {
      page = await this.#past.after(
        listener.topics.map(({ key }) => key),
        listener.seq,
        upTo,
        PAGE,
      )
    } catch {
      listener.reading = false
      return listener.end('failed')
    }
    if (listener.ended) return
    if (opened) opened(page.expired)
    else
      for (const { key, oldest } of page.expired)
        this.#say(
          listener,
          this.#gapEvent({
            key,
            after: idOf(listener.seq, this.#epochs),
            oldest,
            reason: 'expired',
          }),
        )
    listener.seq = page.more ? page.events[page.events.length - 1]!.seq : upTo
    this.#writeEvents(listener, page.events)
    listener.reading = false
    this.visit(listener)
  }

  #writeEvents(listener: Listener, events: readonly PastEvent[]): void {
    if (events.length === 0) return
    let text = ''
    for (const event of events) text += listener.form.encode(event)
    if (text !== '') this.#write(listener, segmentOf(text, events.length))
  }

  #hello(
    listener: Listener,
    verdicts: ReadonlyMap<string, Verdict>,
    gaps: readonly Gap[],
    seq: number = listener.seq,
  ): void {
    const { form } = listener
    const opening = {
      cursor: idOf(seq, this.#epochs),
      beat: this.#options.beat ?? 15,
      verdicts,
    }
    const hello = this.#options.hello?.(opening) ?? {
      cursor: opening.cursor,
      beat: opening.beat,
      topics: Object.fromEntries([...verdicts].map(([key, verdict]) => [key, { verdict }])),
    }
    // A block without data is no event, yet its id is kept: a client that has heard nothing comes back with a cursor.
    let text = form.encode({ retry: this.retry(), id: opening.cursor })
    text += form.encode({ type: 'hello', data: JSON.stringify(hello) })
    for (const gap of gaps) text += form.encode(this.#gapEvent(gap))
    if (text !== '') this.#write(listener, segmentOf(text, 0))
  }

  #gapEvent(gap: Gap): Event {
    const { key, ...rest } = gap
    return {
      type: 'gap',
      data: JSON.stringify(this.#options.gap?.(gap) ?? { topic: key, ...rest }),
    }
  }

  #say(listener: Listener, event: Event): void {
    const text = listener.form.encode(event)
    if (text !== '') this.#write(listener, segmentOf(text, 0))
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
    if (this.#beatAt !== time) {
      this.#beatAt = time
      this.#beats.clear()
    }
    let segment = this.#beats.get(listener.form)
    if (!segment) {
      const data = JSON.stringify({ at: new Date().toISOString() })
      segment = segmentOf(listener.form.encode({ type: 'beat', data }), 0)
      this.#beats.set(listener.form, segment)
    }
    if (segment.bare.length > 0) this.#write(listener, segment)
  }

  /** Nobody listens to it any more. */
  #rest(topic: Topic): void {
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
    if (this.#topics.get(topic.key) === topic) this.#topics.delete(topic.key)
    this.windowBytes -= topic.window.bytes
  }

  /** Windows hold more than they may together: what can be read again from the past goes. */
  #shrink(): void {
    for (const topic of this.#idle) {
      if (this.windowBytes <= (this.#options.memory ?? Infinity)) return
      this.#forget(topic)
    }
    for (const topic of this.#topics.values()) {
      if (this.windowBytes <= (this.#options.memory ?? Infinity)) return
      for (let half = topic.window.count >> 1; half > 0; half--) topic.evict()
    }
  }

  /**
   * Ends all streams, spread over this time so that their clients do not come back as one; newcomers hear `busy`.
   *
   * @param over milliseconds at most; a hub with few listeners takes less
   */
  async drain(over = 5000): Promise<void> {
    this.#draining = true
    const all = [...this.#listeners]
    const steps = Math.max(1, Math.min(Math.ceil(over / 50), Math.ceil(all.length / 20)))
    for (let step = 0; step < steps; step++) {
      const from = Math.floor((all.length * step) / steps)
      const to = Math.floor((all.length * (step + 1)) / steps)
      for (const listener of all.slice(from, to)) {
        if (listener.ended) continue
        this.visit(listener)
        if (!listener.blocked && !listener.reading) this.#say(listener, { retry: this.retry() })
        listener.end('drained')
      }
      if (step < steps - 1) await new Promise((resolve) => setTimeout(resolve, 50))
    }
    this.#wheel.stop()
  }
}

function isBehind({ topics, seq }: Listener): boolean {
  for (const topic of topics) if (seq < topic.head) return true
  return false
}

function newestTick(topics: readonly Topic[]): number {
  let tick = 0
  for (const topic of topics) if (topic.tick > tick) tick = topic.tick
  return tick
}

function atLeast(option: string, value: number, least: number): number {
  if (!(value >= least))
    throw new RangeError(`${option} takes a number from ${least} on, got ${value}`)
  return value
}
