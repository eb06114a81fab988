import { defaultSettings } from '@hearsay/protocol'
import type { Log } from './log/log.ts'
import { LogError } from './log/log.ts'
import { reportFault } from './problem.ts'

/** Milliseconds between two steps, in which the log's thread is others', and between two rounds. */
const PAUSE = 100
const REST = 60_000

const HOUR = 3_600_000
const { keepCount, keepHours } = defaultSettings
const standard = { count: keepCount, age: keepHours * HOUR }

/** Removes, round after round, what the settings of rooms no longer keep. */
export class Retention {
  readonly #log: Log
  readonly #clock: () => number
  #timer: NodeJS.Timeout | undefined
  #closed = false

  /** @param clock milliseconds since 1970 */
  constructor(log: Log, clock: () => number) {
    this.#log = log
    this.#clock = clock
  }

  start(): void {
    this.#later(PAUSE)
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  #later(pause: number): void {
    if (this.#closed) return
    this.#timer = setTimeout(() => {
      this.#log.trim(standard, this.#clock()).then(
        ({ more }) => this.#later(more ? PAUSE : REST),
        (error: unknown) => {
          // The log says by itself when it is well again.
          if (!(error instanceof LogError)) reportFault(error)
          this.#later(REST)
        },
      )
    }, pause).unref()
  }
}
