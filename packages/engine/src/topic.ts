import { checkType, DEFAULT_TYPE } from './encode.ts'
import type { Round } from './fan-out.ts'
import type { Event } from './form.ts'
import type { Hub } from './hub.ts'
import type { Listener, Seat } from './listener.ts'
import type { PastEvent } from './past.ts'
import { stretchOf, type Signal, type Stretch } from './stretch.ts'
import { Frame, Window } from './window.ts'

/** The types of a topic's events and the data of each, where nothing closer is said. */
// With `any` every topic, whatever its events, is a `Topic` where one is asked for; with `unknown` an interface is not.
// oxlint-disable-next-line typescript/no-explicit-any
export type EventMap = Record<string, any>

/** Signals kept for listeners that were not visited yet. Older ones are of no use to anyone. */
const SIGNALS_KEPT = 32
/** Segments kept for the listeners that stand at the same place. */
const STRETCHES_KEPT = 4

/** The engine's ordered stream of events, and who listens to it. */
export class Topic<Events extends object = EventMap> implements Round {
  readonly hub: Hub
  readonly key: string
  readonly window: Window
  readonly seats: Seat[] = []
  /** Who sits there: a fan-out, which goes from one to the next, touches no seat. */
  readonly #listeners: Listener[] = []
  /** The tick of the newest thing published here. */
  tick = 0
  /** The seq of the newest event that was published here, or up to which there was none. */
  head: number
  /** How often an event was rewritten or removed. */
  rewrites = 0
  /** The window being filled from the past, for all who wait for it. */
  filling: Promise<void> | undefined
  /** In a fan-out: how many seats are still to be visited, and the next of them. */
  #toVisit = 0
  #nextVisit = 0
  #signals: Signal[] = []
  #stretches: Stretch[] = []
  readonly #limit: { readonly count: number; readonly bytes: number }

  /** Not for programs: `hub.topic(key)` makes topics. */
  constructor(hub: Hub, key: string, base: number, limit: { count: number; bytes: number }) {
    this.hub = hub
    this.key = key
    this.head = base
    this.window = new Window(base)
    this.#limit = limit
  }

  /** Open streams on this topic. */
  get count(): number {
    return this.hub.inMemory(this.key)?.seats.length ?? 0
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
    this.hub.inMemory(this.key)?.addSignal(event)
  }

  /** For `signal`, on the topic that has the listeners. */
  addSignal(event: Event): void {
    if (this.seats.length === 0) return
    if (this.#signals.length === SIGNALS_KEPT) this.#signals.shift()
    this.tick = this.hub.nextTick()
    this.#signals.push({ tick: this.tick, event })
    this.hub.fanOut(this)
  }

  /** For the hub: an event with its place in the log. */
  add(seq: number, id: string, type: string, data: string): void {
    this.tick = this.hub.nextTick()
    this.head = seq
    const frame = new Frame(seq, id, type, data, this.tick)
    this.window.push(frame)
    this.hub.windowBytes += frame.size
    this.#trim()
    this.hub.fanOut(this)
  }

  /** The newest frame stays whatever its size: those who listen now are still to get it. */
  #trim(): void {
    const { window } = this
    while (
      window.count > 1 &&
      (window.count > this.#limit.count || window.bytes > this.#limit.bytes)
    )
      this.evict()
  }

  /** Lets go of the oldest frame. */
  evict(): void {
    const before = this.window.bytes
    this.window.evict()
    this.hub.windowBytes -= before - this.window.bytes
  }

  /** Puts older events before the window, as far as they fit in. They are whole from `base` up to the window. */
  fill(events: readonly PastEvent[], base: number): void {
    const free = this.#limit.count - this.window.count
    const kept = free > 0 ? events.slice(-free) : []
    if (kept.length === 0) return
    const frames = kept.map((e) => new Frame(e.seq, e.id, e.type, e.data, 0))
    const before = this.window.bytes
    const cut = events[events.length - kept.length - 1]
    this.window.prepend(frames, cut ? cut.seq : base)
    this.hub.windowBytes += this.window.bytes - before
    this.#trim()
  }

  /** What an older event says from now on; null: it is no longer there, nor is what was before it. */
  rewrite(seq: number, data: string | null): void {
    this.rewrites++
    this.#stretches = []
    const { window } = this
    if (data === null) {
      while (window.oldest && window.oldest.seq <= seq) this.evict()
      return
    }
    const frame = window.find(seq)
    if (!frame) return
    const before = frame.size
    frame.rewrite(data)
    window.bytes += frame.size - before
    this.hub.windowBytes += frame.size - before
    this.#trim()
  }

  /** Nobody listens any more: what only they could use goes. */
  rest(): void {
    this.#signals = []
    this.#stretches = []
  }

  /** For the fan-out: everyone on it is to be visited once more. */
  begin(): void {
    this.#toVisit = this.seats.length
  }

  next(): Listener | undefined {
    if (this.#toVisit <= 0 || this.seats.length === 0) return undefined
    this.#toVisit--
    if (this.#nextVisit >= this.seats.length) this.#nextVisit = 0
    return this.#listeners[this.#nextVisit++]
  }

  sit(seat: Seat): void {
    seat.index = this.seats.length
    this.seats.push(seat)
    this.#listeners.push(seat.listener)
    this.#goRound()
  }

  leave({ index }: Seat): void {
    const last = this.seats.pop()!
    this.#listeners.pop()
    if (index < this.seats.length) {
      this.seats[index] = last
      this.#listeners[index] = last.listener
      last.index = index
    }
    this.#goRound()
  }

  /** Seats have changed places under a fan-out: those still to be visited may be anywhere. A visit in vain is cheap. */
  #goRound(): void {
    if (this.#toVisit > 0) this.#toVisit = this.seats.length
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
    const made = stretchOf([this], form, seq, tick, this.tick, this.hub.report)
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

/** @throws TypeError where it has no JSON form */
export function textOf(data: unknown): string {
  if (typeof data === 'string') return data
  const json = JSON.stringify(data) as string | undefined
  if (json === undefined) throw new TypeError(`an event's data has a JSON form, got ${typeof data}`)
  return json
}
