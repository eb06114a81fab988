import type { Log } from './log/log.ts'
import { LogError } from './log/log.ts'
import { reportFault } from './problem.ts'
import type { Rooms } from './rooms/rooms.ts'

/** Rooms looked at in one step; between two steps the log's thread is others'. */
const STEP = 20
/** Milliseconds between two steps, and between two rounds. */
const PAUSE = 1000
const REST = 60_000

const HOUR = 3_600_000

/** Goes round all rooms for ever and removes what their settings no longer keep. */
export class Retention {
  readonly #log: Log
  readonly #rooms: Rooms
  readonly #clock: () => number
  #timer: NodeJS.Timeout | undefined
  #at = ''
  #closed = false

  /** @param clock milliseconds since 1970 */
  constructor(log: Log, rooms: Rooms, clock: () => number) {
    this.#log = log
    this.#rooms = rooms
    this.#clock = clock
  }

  start(): void {
    this.#later(PAUSE)
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  /** The next rooms. @returns whether the round goes on */
  async step(): Promise<boolean> {
    const names = await this.#log.rooms(this.#at, STEP)
    for (const name of names) {
      if (this.#closed) return false
      const { keepCount, keepHours } = (await this.#rooms.open(name)).settings
      await this.#log.trim(name, { count: keepCount, age: keepHours * HOUR }, this.#clock())
      this.#at = name
    }
    if (names.length === STEP) return true
    this.#at = ''
    return false
  }

  #later(pause: number): void {
    if (this.#closed) return
    this.#timer = setTimeout(() => {
      this.step().then(
        (goesOn) => this.#later(goesOn ? PAUSE : REST),
        (error: unknown) => {
          // The log says by itself when it is well again.
          if (!(error instanceof LogError)) reportFault(error)
          this.#later(REST)
        },
      )
    }, pause).unref()
  }
}
