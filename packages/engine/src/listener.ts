import type { Segment } from './encode.ts'
import type { Form } from './form.ts'
import type { Topic } from './topic.ts'

/** Where a listener's bytes go: what an adapter knows of its platform. */
export interface Sink {
  /** Takes a segment. false: it is full, and `Listener.drained` will be called. */
  write(segment: Segment): boolean
  /** Bytes taken but not yet passed on. Only whether it changes is looked at. */
  waiting(): number
  /** Ends the stream after what was written. */
  end(): void
  /** Ends it now: the other side takes nothing. May come after `end`. */
  cut(): void
}

/** Why a stream ended. */
export type EndReason =
  /** The client went. */
  | 'left'
  /** Its time was up; it comes back with its cursor. */
  | 'lifetime'
  /** It took no byte for a minute. */
  | 'stalled'
  /** The hub is shutting down. */
  | 'drained'
  /** It did not ask to follow, and has all there is. */
  | 'complete'
  /** The program ended it. */
  | 'ended'
  /** The past could not be read, or code of the program's own threw: the hub's `onError` was told. */
  | 'failed'

/** A place of a listener in one topic, so that both can let go of it at once. */
export interface Seat {
  readonly listener: Listener
  readonly topic: Topic
  index: number
  /** Up to this seq the listener was told of a hole in this topic that nothing can fill. */
  told: number
}

/**
 * One open stream: a cursor on its topics. It has no queue; what it has not been sent yet is read from the windows, or
 * from the past, when its sink has room.
 */
export class Listener {
  readonly form: Form
  readonly sink: Sink
  readonly seats: Seat[] = []
  /** What it listens to, where that is one topic: a visit then looks at no seat. */
  only: Topic | undefined
  /** Every event of its topics up to this seq has been sent, or was before it came. */
  seq: number
  /** The same for signals, by tick. */
  tick: number
  /** Its sink said it is full. */
  blocked = false
  /** `sink.waiting()` when last looked at, and since when it has not changed. */
  waiting = 0
  waitingSince = 0
  /** The past is being read for it. */
  reading = false
  /** It waits for a visit of its own. */
  late = false
  /** When its lifetime ends, in milliseconds of the monotonic clock. */
  ends = 0
  /** Ends when it has all there is. */
  readonly follow: boolean
  /** Where it sits in the wheel of beats. */
  slot = -1
  slotIndex = -1
  ended: EndReason | undefined
  onEnd: ((reason: EndReason) => void) | undefined

  /** Not for programs: `hear` of an adapter, or `hub.join`, makes listeners. */
  constructor(form: Form, sink: Sink, seq: number, tick: number, follow: boolean) {
    this.form = form
    this.sink = sink
    this.seq = seq
    this.tick = tick
    this.follow = follow
  }

  /** What it listens to. */
  get topics(): Topic[] {
    return this.seats.map(({ topic }) => topic)
  }

  /** The sink has room again. For adapters. */
  drained(): void {
    this.blocked = false
    if (!this.ended) this.seats[0]!.topic.hub.later(this)
  }

  /**
   * Tells this one alone: as a topic's `signal`, without an id, never kept.
   *
   * @param data as in `signal`
   * @returns false: it has no room for it now, or has ended, and nothing was told
   * @throws TypeError as `signal` does
   */
  tell(type: string, data: unknown): boolean {
    return this.seats[0]!.topic.hub.tell(this, type, data)
  }

  /** The client is gone. For adapters. */
  left(): void {
    this.seats[0]!.topic.hub.release(this, 'left')
  }

  /** Ends the stream; a client comes back unless it was told not to. */
  end(reason: EndReason = 'ended'): void {
    if (this.ended) return
    const { hub } = this.seats[0]!.topic
    hub.release(this, reason)
    hub.guard(() => (reason === 'stalled' ? this.sink.cut() : this.sink.end()))
  }
}
