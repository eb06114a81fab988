import { segment, utf8, type Segment } from './encode.ts'
import { written, type Event, type Form } from './form.ts'
import type { Topic } from './topic.ts'
import type { Frame, Window } from './window.ts'

/** A signal: an event of the moment. */
export interface Signal {
  readonly tick: number
  readonly event: Event
}

/** A segment, and from where to where it takes a listener. */
export interface Stretch {
  readonly form: Form
  readonly fromSeq: number
  readonly fromTick: number
  /** The newest tick of the topics when it was made. */
  readonly atTick: number
  /** undefined: nothing of it is said in this form. */
  readonly segment: Segment | undefined
  readonly toSeq: number
  readonly toTick: number
  /** It was cut: there is more after it. */
  readonly more: boolean
}

/** Bytes of one write, at which a visit ends: what a slow reader can hold up in memory. */
export const SEGMENT_BYTES: number = 64 * 1024

/** The next frame of a topic in a merge. */
interface Front {
  readonly window: Window
  at: number
}

/** Frames and signals of these topics after a place, in their order, up to the size of one write. */
export function stretchOf(
  topics: readonly Topic[],
  form: Form,
  seq: number,
  tick: number,
  atTick: number,
  report: (error: unknown) => void,
): Stretch {
  const signals = topics.flatMap((topic) => topic.signalsAfter(tick))
  if (topics.length > 1) signals.sort((a, b) => a.tick - b.tick)
  const fronts: Front[] = []
  let toSeq = seq
  for (const { window, head } of topics) {
    if (head > toSeq) toSeq = head
    const at = window.indexAfter(seq)
    if (at < window.count) fronts.push({ window, at })
  }

  const parts: Uint8Array[] = []
  let bytes = 0
  let events = 0
  const take = (part: Uint8Array): void => {
    if (part.length === 0) return
    parts.push(part)
    bytes += part.length
    events++
  }
  const made = (to: { toSeq: number; toTick: number; more: boolean }): Stretch => ({
    form,
    fromSeq: seq,
    fromTick: tick,
    atTick,
    segment: events > 0 ? segment(parts, bytes, events) : undefined,
    ...to,
  })

  let nextSignal = 0
  let last = seq
  for (let frame = takeOldest(fronts); frame; frame = takeOldest(fronts)) {
    // Signals wait too: they are sent when the listener has caught up with what was before them.
    if (bytes >= SEGMENT_BYTES) {
      const toTick = nextSignal > 0 ? signals[nextSignal - 1]!.tick : tick
      return made({ toSeq: last, toTick, more: true })
    }
    for (; nextSignal < signals.length && signals[nextSignal]!.tick < frame.tick; nextSignal++)
      take(utf8(written(form, signals[nextSignal]!.event, report)))
    take(frame.bytes(form, report))
    last = frame.seq
  }
  for (; nextSignal < signals.length; nextSignal++)
    take(utf8(written(form, signals[nextSignal]!.event, report)))
  return made({ toSeq, toTick: atTick, more: false })
}

/** Of the next frames the one with the lowest seq. There are few fronts: most topics have nothing new at a time. */
function takeOldest(fronts: Front[]): Frame | undefined {
  let oldest: Frame | undefined
  let from = 0
  for (let i = 0; i < fronts.length; i++) {
    const { window, at } = fronts[i]!
    const frame = window.at(at)
    if (!oldest || frame.seq < oldest.seq) {
      oldest = frame
      from = i
    }
  }
  if (oldest) {
    const front = fronts[from]!
    if (++front.at === front.window.count) fronts.splice(from, 1)
  }
  return oldest
}
