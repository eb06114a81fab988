import type { Log } from './log/log.ts'
import { LogError } from './log/log.ts'
import { reportFault } from './problem.ts'

/** Milliseconds between two looks where nothing is due before: clocks are set, and rooms hide things. */
const REST = 60_000

/** Shreds what was hidden an hour ago and what was held for a day, as soon as that is over. */
export class Shredding {
  readonly #log: Log
  readonly #clock: () => number
  readonly #released: (room: string) => void
  #timer: NodeJS.Timeout | undefined
  #closed = false

  /** @param clock milliseconds since 1970 @param released less waits in this room now */
  constructor(log: Log, clock: () => number, released: (room: string) => void) {
    this.#log = log
    this.#clock = clock
    this.#released = released
  }

  /** Shreds what is due, now and from now on. Resolves after the first time: before it nobody should ask. */
  async start(): Promise<void> {
    const next = await this.#turn()
    if (this.#closed) return
    this.#timer = setTimeout(() => void this.start(), Math.min(Math.max(next, 10), REST)).unref()
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  /** @returns milliseconds until the next time */
  async #turn(): Promise<number> {
    try {
      const next = await this.#log.expire(this.#clock(), this.#released)
      return next === null ? REST : next - this.#clock()
    } catch (error) {
      // The log says by itself when it is well again.
      if (!(error instanceof LogError)) reportFault(error)
      return REST
    }
  }
}
