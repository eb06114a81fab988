import { checkType, DEFAULT_TYPE, segment, utf8, type Segment } from './encode.ts'
import type { Event, Form } from './form.ts'
import type { Hub } from './hub.ts'
import type { Listener, Seat } from './listener.ts'
import { Frame, Window } from './window.ts'

/** The types of a topic's events and the data of each. */
export type EventMap = Record<string, unknown>

/** A signal: an event of the moment. */
interface Signal {
  readonly tick: number
  readonly event: Event
}

/** A segment, and from where to where it takes a listener. */
interface Stretch {
  readonly form: Form
  readonly fromSeq: number
  readonly fromTick: number
  readonly atTick: number
  readonly segment: Segment | undefined
  readonly toSeq: number
  readonly toTick: number
}

/** Signals kept for listeners that were not visited yet. Older ones are of no use to anyone. */
const SIGNALS_KEPT = 32
/** Segments kept for the listeners that stand at the same place. */
const STRETCHES_KEPT = 4
/** Bytes of one write, at which a visit ends: what a slow reader can hold up in memory. */
const SEGMENT_BYTES = 64 * 1024

/** The engine's ordered stream of events, and who listens to it. */
export class Topic<Events extends EventMap = EventMap> {
  readonly hub: Hub
  readonly key: string
  readonly window: Window
  readonly seats: Seat[] = []
  /** The tick of the newest thing published here. */
  tick = 0
  /** For the fan-out: how many seats are still to be visited, and the next of them. */
  toVisit = 0
  nextVisit = 0
  queued = false
  readonly #signals: Signal[] = []
  #stretches: Stretch[] = []
  #limit: { readonly count: number; readonly bytes: number }
  /** The window being filled from the past, for all who wait for it. */
  filling: Promise<void> | undefined

  /** Not for programs: `hub.topic(key)` makes topics. */
  constructor(hub: Hub, key: string, base: number, limit: { count: number; bytes: number }) {
    this.hub = hub
    this.key = key
    this.window = new Window(base)
    this.#limit = limit
  }

  /** Open streams on this topic. */
  get count(): number {
    return this.seats.length
  }

  /** The seq of the newest event that was published here, or up to which there was none. */
  get head(): number {
    return this.window.newest?.seq ?? this.window.base
  }

  /**
   * Publishes an event to everyone who listens and to those who come back later.
   *
   * @param type what `addEventListener` takes; `message` is what `onmessage` gets
   * @param data a string goes out as it is (its line breaks become LF), anything else as JSON
   * @returns the event's id
   * @throws TypeError where the type or the data can't be written, or where the hub has a log: then the log publishes
   */
  publish<Type extends keyof Events & string>(type: Type, data: Events[Type]): string {
    checkType(type)
    return this.hub.publish(this, type === DEFAULT_TYPE ? '' : type, textOf(data))
  }

  /**
   * Tells those who listen now: not kept, without an id, never replayed. For what is of the moment, as "is typing".
   *
   * @throws TypeError as `publish` does
   */
  signal<Type extends keyof Events & string>(type: Type, data: Events[Type]): void {
    checkType(type)
    const event = { type, data: textOf(data) }
    if (this.#signals.length === SIGNALS_KEPT) this.#signals.shift()
    this.tick = this.hub.nextTick()
    this.#signals.push({ tick: this.tick, event })
    this.hub.fanOut(this)
  }

  /** For the hub: an event with its place in the log. */
  add(seq: number, id: string, type: string, data: string): void {
    this.tick = this.hub.nextTick()
    const frame = new Frame(seq, id, type, data, this.tick)
    this.window.push(frame)
    this.hub.windowBytes += frame.size
    while (this.window.count > this.#limit.count || this.window.bytes > this.#limit.bytes)
      this.evict()
    this.hub.fanOut(this)
  }

  /** Lets go of the oldest frame. */
  evict(): void {
    const before = this.window.bytes
    this.window.evict()
    this.hub.windowBytes -= before - this.window.bytes
  }

  /** Puts older events before the window, as far as they fit in. */
  fill(events: readonly PastEvent[], base: number): void {
    const free = this.#limit.count - this.window.count
    const kept = free > 0 ? events.slice(-free) : []
    const frames = kept.map((e) => new Frame(e.seq, e.id, e.type, e.data, 0))
    const before = this.window.bytes
    if (frames.length > 0 || events.length === 0)
      this.window.prepend(
        frames,
        kept.length === events.length ? base : events[events.length - kept.length - 1]!.seq,
      )
    this.hub.windowBytes += this.window.bytes - before
    while (this.window.bytes > this.#limit.bytes) this.evict()
  }

  /** What an older event says from now on; null: it is no longer there, nor is what was before it. */
  rewrite(seq: number, data: string | null): void {
    this.#stretches = []
    if (data === null) while (this.window.oldest && this.window.oldest.seq <= seq) this.evict()
    else this.window.find(seq)?.rewrite(data)
  }

  /** The next segment for a listener of this topic alone, and where it stands after it. */
  stretch(listener: Listener): Stretch {
    const { seq, tick, form } = listener
    for (const known of this.#stretches)
      if (
        known.fromSeq === seq &&
        known.fromTick === tick &&
        known.atTick === this.tick &&
        known.form === form
      )
        return known
    const made = stretchOf([this], form, seq, tick, this.tick)
    if (this.#stretches.length === STRETCHES_KEPT) this.#stretches.pop()
    this.#stretches.unshift(made)
    return made
  }

  signalsAfter(tick: number): readonly Signal[] {
    const newest = this.#signals[this.#signals.length - 1]
    if (!newest || newest.tick <= tick) return []
    return this.#signals.filter((signal) => signal.tick > tick)
  }
}

/** What the past gives: events as the log has them. */
export interface PastEvent {
  readonly seq: number
  readonly id: string
  readonly type: string
  readonly data: string
}

/** Frames and signals of these topics after a place, in their order, up to the size of one write. */
export function stretchOf(
  topics: readonly Topic[],
  form: Form,
  seq: number,
  tick: number,
  atTick: number,
): Stretch {
  const frames: Frame[] = []
  for (const { window } of topics)
    for (let i = window.indexAfter(seq); i < window.count; i++) frames.push(window.at(i))
  if (topics.length > 1) frames.sort((a, b) => a.seq - b.seq)
  const signals = topics.flatMap((topic) => topic.signalsAfter(tick))
  if (topics.length > 1) signals.sort((a, b) => a.tick - b.tick)

  const parts: Uint8Array[] = []
  let bytes = 0
  let nextSignal = 0
  let events = 0
  const take = (part: Uint8Array): void => {
    if (part.length === 0) return
    parts.push(part)
    bytes += part.length
    events++
  }
  for (let i = 0; i < frames.length; i++) {
    const frame = frames[i]!
    if (bytes >= SEGMENT_BYTES) {
      // Signals wait too: they are sent when the listener has caught up with what was before them.
      const toSeq = frames[i - 1]!.seq
      const made = parts.length > 0 ? segment(parts, bytes, events) : undefined
      return { form, fromSeq: seq, fromTick: tick, atTick, segment: made, toSeq, toTick: tick }
    }
    for (; signals[nextSignal] && signals[nextSignal]!.tick < frame.tick; nextSignal++)
      take(utf8(form.encode(signals[nextSignal]!.event)))
    take(frame.bytes(form))
  }
  for (; nextSignal < signals.length; nextSignal++)
    take(utf8(form.encode(signals[nextSignal]!.event)))
  let toSeq = seq
  for (const topic of topics) if (topic.head > toSeq) toSeq = topic.head
  const made = parts.length > 0 ? segment(parts, bytes, events) : undefined
  return { form, fromSeq: seq, fromTick: tick, atTick, segment: made, toSeq, toTick: atTick }
}

function textOf(data: unknown): string {
  if (typeof data === 'string') return data
  const json = JSON.stringify(data) as string | undefined
  if (json === undefined) throw new TypeError(`an event's data has a JSON form, got ${typeof data}`)
  return json
}
