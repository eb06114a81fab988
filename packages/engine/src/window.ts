import { utf8 } from './encode.ts'
import { written, type Event, type Form } from './form.ts'

/** A logged event in memory. */
export class Frame implements Event {
  readonly seq: number
  readonly id: string
  readonly type: string
  data: string
  /** Its place among everything that this process published, signals too; 0: it was published by an earlier one. */
  readonly tick: number
  /** What it costs in memory, near enough: the text and its encoded copy. */
  size: number
  #forms: Map<Form, Uint8Array> | undefined

  constructor(seq: number, id: string, type: string, data: string, tick: number) {
    this.seq = seq
    this.id = id
    this.type = type
    this.data = data
    this.tick = tick
    this.size = sizeOf(data)
  }

  bytes(form: Form, report: (error: unknown) => void): Uint8Array {
    const known = this.#forms?.get(form)
    if (known) return known
    const bytes = utf8(written(form, this, report))
    this.#forms ??= new Map()
    this.#forms.set(form, bytes)
    return bytes
  }

  rewrite(data: string): void {
    this.data = data
    this.size = sizeOf(data)
    this.#forms = undefined
  }
}

const sizeOf = (data: string): number => 2 * data.length + 200

/**
 * The newest frames of a topic, in order of their seq, bounded by count and by bytes. What it holds is whole from `base`
 * on: every event of the topic with a seq above `base` is in it.
 */
export class Window {
  #frames: Frame[] = []
  /** Index of the oldest frame: the front is cut off in bulk, not by shifting for each frame. */
  #start = 0
  bytes = 0
  base: number
  /** It was filled from the past, as far back as it goes in. */
  filled = false
  /** The past has nothing older than what is here. */
  reachesBack = false

  constructor(base: number) {
    this.base = base
  }

  get count(): number {
    return this.#frames.length - this.#start
  }

  get oldest(): Frame | undefined {
    return this.#frames[this.#start]
  }

  get newest(): Frame | undefined {
    return this.count > 0 ? this.#frames[this.#frames.length - 1] : undefined
  }

  /** The frame at a place counted from the oldest, 0 to count - 1. */
  at(index: number): Frame {
    return this.#frames[this.#start + index]!
  }

  push(frame: Frame): void {
    this.#frames.push(frame)
    this.bytes += frame.size
  }

  /** Puts older frames before the ones that are here: they are whole from `base` on. */
  prepend(frames: readonly Frame[], base: number): void {
    this.#frames = [...frames, ...this.#frames.slice(this.#start)]
    this.#start = 0
    for (const frame of frames) this.bytes += frame.size
    this.base = base
  }

  /** Lets go of the oldest frame. */
  evict(): void {
    const frame = this.#frames[this.#start]
    if (!frame) return
    this.bytes -= frame.size
    this.base = frame.seq
    this.reachesBack = false
    // Let go of now, not when the front is cut off.
    this.#frames[this.#start++] = undefined!
    if (this.#start > 64 && this.#start * 2 > this.#frames.length) {
      this.#frames = this.#frames.slice(this.#start)
      this.#start = 0
    }
  }

  /** The place of the first frame with a seq above this one; `count` where there is none. */
  indexAfter(seq: number): number {
    // Most ask for what came last.
    const newest = this.newest
    if (!newest || newest.seq <= seq) return this.count
    let low = 0
    let high = this.count - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.at(middle).seq > seq) high = middle
      else low = middle + 1
    }
    return low
  }

  /** The frame with this seq. */
  find(seq: number): Frame | undefined {
    const index = this.indexAfter(seq - 1)
    const frame = index < this.count ? this.at(index) : undefined
    return frame?.seq === seq ? frame : undefined
  }
}
