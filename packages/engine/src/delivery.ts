import { idOf } from './cursor.ts'
import { segmentOf, type Segment } from './encode.ts'
import { written, type Event, type Form } from './form.ts'
import type { Gap, Hub, HubOptions } from './hub.ts'
import type { Listener } from './listener.ts'
import type { Past, PastEvent, PastStretch } from './past.ts'
import { SEGMENT_BYTES, stretchOf } from './stretch.ts'
import type { Topic } from './topic.ts'

/** Events of one page of the past: at most, and at least. */
const PAGE = 500
const SMALLEST_PAGE = 8

/** Sends listeners what they have not got, from the windows or from the past, as far as their sinks take it. */
export class Delivery {
  readonly #hub: Hub
  readonly #options: HubOptions
  readonly #past: Past | undefined
  /** Bytes of an event from the past, as they have been of late: no more is read than is sent. */
  #eventBytes = 256
  /** Since the start, for the hub's figures. */
  deliveries = 0
  writes = 0
  bytes = 0
  pastReads = 0

  constructor(hub: Hub, options: HubOptions) {
    this.#hub = hub
    this.#options = options
    this.#past = options.past
  }

  /** One write at the most; a listener that then is still behind is visited again later. Never throws. */
  visit(listener: Listener): void {
    try {
      this.#advance(listener)
    } catch (error) {
      this.fail(listener, error)
    }
  }

  #advance(listener: Listener): void {
    if (listener.blocked || listener.reading || listener.ended) return
    const { only, seats } = listener
    if (only ? hasAll(listener, only) : seats.every(({ topic }) => hasAll(listener, topic)))
      return this.#isUpToDate(listener)
    if (only ? isBefore(listener, only) : seats.some(({ topic }) => isBefore(listener, topic))) {
      if (this.#past) return this.readPast(listener)
      this.#tellHoles(listener)
      if (listener.blocked) return
    }
    let stretch
    if (only) stretch = only.stretch(listener)
    else {
      const { topics } = listener
      const at = Math.max(...topics.map(({ tick }) => tick))
      stretch = stretchOf(topics, listener.form, listener.seq, listener.tick, at, this.#hub.report)
    }
    listener.seq = stretch.toSeq
    if (stretch.toTick > listener.tick) listener.tick = stretch.toTick
    if (stretch.segment) this.write(listener, stretch.segment)
    if (stretch.more) this.#again(listener)
    else this.#isUpToDate(listener)
  }

  #isUpToDate(listener: Listener): void {
    if (!listener.follow && !listener.blocked) listener.end('complete')
  }

  /** A listener whose sink is full comes back by itself, when it has room. */
  #again(listener: Listener): void {
    if (!listener.blocked) this.#hub.later(listener)
  }

  /** Without a past, what has left the windows is gone. */
  #tellHoles(listener: Listener): void {
    for (const seat of listener.seats) {
      const { key, window } = seat.topic
      if (listener.seq >= window.base || seat.told >= window.base) continue
      seat.told = window.base
      const after = idOf(listener.seq, this.#hub.epochs)
      this.#tellGap(listener, { key, after, oldest: window.oldest?.id ?? null, reason: 'expired' })
    }
  }

  /** Sends the next page of the past; `opening` is told what is missing before it. */
  readPast(listener: Listener, opening?: (expired: PastStretch['expired']) => void): void {
    listener.reading = true
    this.#readPage(listener, opening).catch((error: unknown) => this.fail(listener, error))
  }

  async #readPage(
    listener: Listener,
    opening: ((expired: PastStretch['expired']) => void) | undefined,
  ): Promise<void> {
    const from = listener.seq
    const upTo = this.#hub.head
    const keys = listener.seats.map(({ topic }) => topic.key)
    const page = await this.after(keys, from, upTo, this.#pageSize())
    if (listener.ended) return
    if (opening) opening(page.expired)
    else
      for (const gap of this.holes(listener, page.expired, idOf(from, this.#hub.epochs)))
        this.#tellGap(listener, gap)
    listener.reading = false
    const cut = this.#writeEvents(listener, page.events)
    listener.seq = cut ?? (page.more ? page.events.at(-1)!.seq : upTo)
    this.#again(listener)
  }

  /** A page of the past that a listener can go on from. */
  async after(
    keys: readonly string[],
    after: number,
    upTo: number,
    limit: number,
  ): Promise<PastStretch> {
    this.pastReads++
    const page = await this.#past!.after(keys, after, upTo, limit)
    let last = after
    for (const { seq } of page.events) {
      if (!(seq > last && seq <= upTo))
        throw new RangeError(`the past gave seq ${seq} after ${last}, asked for up to ${upTo}`)
      last = seq
    }
    if (page.more && page.events.length === 0)
      throw new RangeError('the past gave nothing, and says that there is more')
    return page
  }

  #pageSize(): number {
    const fitting = Math.ceil((1.25 * SEGMENT_BYTES) / this.#eventBytes)
    return Math.min(PAGE, Math.max(SMALLEST_PAGE, fitting))
  }

  /** Of what the past no longer has, that which this listener was not told of: each page names it again. */
  holes(listener: Listener, expired: PastStretch['expired'], after: string): Gap[] {
    const gaps: Gap[] = []
    for (const { key, oldest, lost } of expired) {
      const seat = listener.seats.find(({ topic }) => topic.key === key)
      if (!seat || seat.told >= (oldest === null ? listener.seq + 1 : seqOf(oldest) - 1)) continue
      seat.told = oldest === null ? this.#hub.head : seqOf(oldest) - 1
      gaps.push({ key, after, oldest, reason: 'expired', lost })
    }
    return gaps
  }

  /** @returns the seq up to which they were written, where not all were: what one write can't take is read again */
  #writeEvents(listener: Listener, events: readonly PastEvent[]): number | undefined {
    const { form } = listener
    let text = ''
    let count = 0
    while (count < events.length && text.length < SEGMENT_BYTES)
      text += written(form, events[count++]!, this.#hub.report)
    if (text !== '') {
      const segment = segmentOf(text, count)
      this.#eventBytes += (segment.bare.length / count - this.#eventBytes) / 4
      this.write(listener, segment)
    }
    return count < events.length ? events[count - 1]!.seq : undefined
  }

  write(listener: Listener, segment: Segment): void {
    this.writes++
    this.deliveries += segment.events
    this.bytes += segment.bare.length
    if (listener.sink.write(segment)) return
    listener.blocked = true
    listener.waiting = listener.sink.waiting()
    listener.waitingSince = performance.now()
  }

  say(listener: Listener, event: Event): void {
    this.#writeText(listener, written(listener.form, event, this.#hub.report))
  }

  #tellGap(listener: Listener, gap: Gap): void {
    this.#writeText(listener, this.gapText(listener.form, gap))
  }

  gapText(form: Form, gap: Gap): string {
    const { key, ...rest } = gap
    const data = JSON.stringify(this.#options.gap?.(gap) ?? { topic: key, ...rest })
    return written(form, { type: 'gap', data }, this.#hub.report)
  }

  #writeText(listener: Listener, text: string): void {
    if (text !== '') this.write(listener, segmentOf(text, 0))
  }

  /** Ends a stream that can't go on, and lets everything else go on. Its client comes back, but not at once. */
  fail(listener: Listener, error: unknown): void {
    this.#hub.report(error)
    if (listener.ended) return
    this.#hub.guard(() => {
      if (!listener.blocked) this.write(listener, this.#hub.busySegment(listener.form, 'overload'))
    })
    listener.end('failed')
  }
}

function hasAll(listener: Listener, topic: Topic): boolean {
  return listener.seq >= topic.head && listener.tick >= topic.tick
}

/** Does it stand before what the window holds? */
function isBefore(listener: Listener, topic: Topic): boolean {
  return listener.seq < topic.window.base
}

/** The seq of an id of the log's own. */
function seqOf(id: string): number {
  return Number(id.slice(id.indexOf('-') + 1))
}
