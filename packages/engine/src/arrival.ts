import { idOf, resolveCursor, type GapReason } from './cursor.ts'
import { segmentOf } from './encode.ts'
import { written } from './form.ts'
import type { Delivery } from './delivery.ts'
import type { Gap, Hub, HubOptions, Verdict } from './hub.ts'
import type { Listener } from './listener.ts'
import type { Past, PastEvent } from './past.ts'
import type { Topic } from './topic.ts'

/** Events with which a stream goes on after a cursor that says nothing. */
const AFTER_GAP = 200
/** Events of a page with which a window is filled. */
const FILL_PAGE = 500

/** A cursor that can't be resumed. */
interface Broken {
  readonly after: string
  readonly reason: GapReason
}

/** Finds where a newcomer stands, says hello, and hands it over to the delivery. */
export class Arrival {
  readonly #hub: Hub
  readonly #options: HubOptions
  readonly #past: Past | undefined
  readonly #delivery: Delivery
  readonly #window: number

  /** @param window events that a topic's window holds */
  constructor(hub: Hub, options: HubOptions, delivery: Delivery, window: number) {
    this.#hub = hub
    this.#options = options
    this.#past = options.past
    this.#delivery = delivery
    this.#window = window
  }

  /** Never throws. */
  open(listener: Listener, cursor: string | undefined, last: number | undefined): void {
    try {
      this.#open(listener, cursor, last)
    } catch (error) {
      this.#delivery.fail(listener, error)
    }
  }

  #open(listener: Listener, cursor: string | undefined, last: number | undefined): void {
    if (cursor === undefined) {
      if (last === undefined || last <= 0) this.#begin(listener, 'fresh')
      else this.#openAtNewest(listener, last, undefined)
      return
    }
    const seq = resolveCursor(cursor, this.#hub.epochs, this.#hub.head)
    if (typeof seq === 'string')
      return this.#openAtNewest(listener, AFTER_GAP, { after: cursor.slice(0, 40), reason: seq })
    listener.seq = seq
    if (holds(listener)) return this.#begin(listener, 'resumed')
    if (!this.#past) return this.#openAfterHole(listener, cursor)
    listener.reading = true
    this.#openInPast(listener, cursor).catch((error: unknown) =>
      this.#delivery.fail(listener, error),
    )
  }

  /** Without a past, what the windows have is all there is. */
  #openAfterHole(listener: Listener, cursor: string): void {
    const gaps: Gap[] = []
    for (const seat of listener.seats) {
      const { key, window } = seat.topic
      if (listener.seq >= window.base) continue
      seat.told = window.base
      gaps.push({ key, after: cursor, oldest: window.oldest?.id ?? null, reason: 'expired' })
    }
    this.#begin(listener, 'resumed', gaps)
  }

  /** A cursor that is older than what the windows hold. */
  async #openInPast(listener: Listener, cursor: string): Promise<void> {
    // Those who come back together stand near one another: one read fills the window for all of them.
    if (listener.seats.length === 1) await this.#fill(listener.seats[0]!.topic)
    if (listener.ended) return
    if (holds(listener)) {
      listener.reading = false
      return this.#begin(listener, 'resumed')
    }
    this.#delivery.readPast(listener, (expired) => {
      this.#hello(listener, 'resumed', this.#delivery.holes(listener, expired, cursor))
    })
  }

  /** Stands before the newest events: for `last`, and after a cursor that says nothing. */
  #openAtNewest(listener: Listener, count: number, broken: Broken | undefined): void {
    const found = listener.seats.map(({ topic }) => this.#newestInWindow(topic, count))
    if (found.every((events) => events !== undefined))
      return this.#standBefore(listener, found, count, broken)
    listener.reading = true
    this.#openAtNewestInPast(listener, found, count, broken).catch((error: unknown) =>
      this.#delivery.fail(listener, error),
    )
  }

  async #openAtNewestInPast(
    listener: Listener,
    inWindows: readonly (readonly PastEvent[] | undefined)[],
    count: number,
    broken: Broken | undefined,
  ): Promise<void> {
    const { head } = this.#hub
    const found = await Promise.all(
      listener.seats.map(
        async ({ topic }, i) => inWindows[i] ?? (await this.#newestInPast(topic, head, count)),
      ),
    )
    if (listener.ended) return
    listener.reading = false
    this.#standBefore(listener, found, count, broken)
  }

  /** A cursor is all that `last` is: a place from which on there are this many events. */
  #standBefore(
    listener: Listener,
    found: readonly (readonly PastEvent[])[],
    count: number,
    broken: Broken | undefined,
  ): void {
    const { counted } = this.#options
    const newest = found.flat().toSorted((a, b) => b.seq - a.seq)
    let left = count
    const first =
      newest.find(({ type }) => (!counted || counted(type)) && --left === 0) ?? newest.at(-1)
    if (first) listener.seq = first.seq - 1
    const gaps = broken
      ? listener.seats.map(({ topic: { key } }, i): Gap => {
          const oldest = found[i]!.find(({ seq }) => seq > listener.seq)?.id ?? null
          return { key, oldest, ...broken }
        })
      : []
    this.#begin(listener, 'fresh', gaps)
  }

  /** undefined: the window does not reach back far enough. */
  #newestInWindow(topic: Topic, count: number): readonly PastEvent[] | undefined {
    const { window } = topic
    const counted = this.#options.counted
    const events: PastEvent[] = []
    for (let i = window.count - 1, left = count; i >= 0 && left > 0; i--) {
      const frame = window.at(i)
      events.push(frame)
      if (!counted || counted(frame.type)) left--
      if (left === 0) return events.reverse()
    }
    return this.#past && window.base > 0 && !window.reachesBack ? undefined : events.reverse()
  }

  async #newestInPast(topic: Topic, upTo: number, count: number): Promise<readonly PastEvent[]> {
    await this.#fill(topic)
    const filled = this.#newestInWindow(topic, count)
    if (filled) return filled
    this.#delivery.pastReads++
    return (await this.#past!.newest(topic.key, upTo, count)).events
  }

  /** Reads what a topic's window could hold and does not, once for all who wait. */
  #fill(topic: Topic): Promise<void> {
    topic.filling ??= this.#fillOnce(topic)
      // The page-wise read that follows will fail too, and end the stream: it comes back.
      .catch((error: unknown) => this.#hub.report(error))
      .finally(() => (topic.filling = undefined))
    return topic.filling
  }

  async #fillOnce(topic: Topic): Promise<void> {
    const { window, rewrites } = topic
    const { base } = window
    const want = this.#window - window.count
    if (base === 0 || want <= 0 || window.filled) return
    this.#delivery.pastReads++
    const { events: newest, more } = await this.#past!.newest(topic.key, base, want)
    let events = newest
    for (let isMore = more; isMore && events.length > 0;) {
      const page = await this.#delivery.after([topic.key], events.at(-1)!.seq, base, FILL_PAGE)
      events = [...events, ...page.events].slice(-want)
      isMore = page.more
    }
    // Evicted, forgotten or rewritten meanwhile: what was read no longer joins on, or is no longer so.
    const isStale = window.base !== base || topic.rewrites !== rewrites
    if (isStale || this.#hub.inMemory(topic.key) !== topic) return
    window.filled = true
    if (events[0]) topic.fill(events, events[0].seq - 1)
    const { counted } = this.#options
    const found = counted ? newest.filter(({ type }) => counted(type)).length : newest.length
    window.reachesBack = !more && found < want && (!events[0] || window.base === events[0].seq - 1)
  }

  /** Says hello, and sends what there is. */
  #begin(listener: Listener, verdict: Verdict, gaps: readonly Gap[] = []): void {
    this.#hello(listener, verdict, gaps)
    this.#delivery.visit(listener)
  }

  #hello(listener: Listener, verdict: Verdict, gaps: readonly Gap[]): void {
    const { form, seats } = listener
    const { epochs, report } = this.#hub
    const verdicts = new Map(seats.map(({ topic }) => [topic.key, verdict]))
    for (const { key } of gaps) verdicts.set(key, 'gap')
    const cursor = idOf(listener.seq, epochs)
    const head = headOf(listener, cursor)
    const beat = this.#options.beat ?? 15
    const hello = this.#options.hello?.({ cursor, head, beat, verdicts }) ?? {
      cursor,
      head,
      beat,
      topics: Object.fromEntries([...verdicts].map(([key, each]) => [key, { verdict: each }])),
    }
    // A block without data is no event, yet its id is kept: a client that has heard nothing comes back with a cursor.
    // Where something is lost the id comes last: whoever has it, however the stream is cut, was told of the gap.
    const retry = this.#hub.retry()
    let text = written(form, gaps.length > 0 ? { retry } : { retry, id: cursor }, report)
    text += written(form, { type: 'hello', data: JSON.stringify(hello) }, report)
    for (const gap of gaps) text += this.#delivery.gapText(form, gap)
    if (gaps.length > 0) text += written(form, { id: cursor }, report)
    if (text !== '') this.#delivery.write(listener, segmentOf(text, 0))
  }
}

/** The newest event that it has not got, or else where it stands; undefined: a window is empty, and the past may have it. */
function headOf({ seats, seq }: Listener, cursor: string): string | undefined {
  let newest = { seq, id: cursor }
  for (const { topic } of seats) {
    const { window, head } = topic
    if (head > seq && window.count === 0 && !window.reachesBack) return undefined
    if (window.newest && window.newest.seq > newest.seq) newest = window.newest
  }
  return newest.id
}

/** Do the windows hold all that the listener has not got? */
function holds({ seats, seq }: Listener): boolean {
  return seats.every(({ topic }) => seq >= topic.window.base)
}
