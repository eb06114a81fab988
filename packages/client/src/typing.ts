import type { From } from '@hearsay/protocol'
import type { Clock } from './connection.ts'

/** Milliseconds after which somebody who was typing is not any more. */
export const ENDS = 5000

/** Who is typing. */
export class Typing {
  #clock: Clock
  #onChange: () => void
  /** By person, the latest last: who, and until when. */
  #writers = new Map<string, readonly [from: From, until: number]>()
  #timer: unknown
  /** Never changed in place. */
  list: readonly From[] = []

  constructor(clock: Clock, onChange: () => void) {
    this.#clock = clock
    this.#onChange = onChange
  }

  /** Somebody is. */
  hear(from: From): void {
    this.#writers.delete(from.person)
    this.#writers.set(from.person, [from, this.#clock.now() + ENDS])
    this.#change()
  }

  /** Somebody is not any more. */
  end(person: string): void {
    if (this.#writers.delete(person)) this.#change()
  }

  close(): void {
    this.#clock.clearTimeout(this.#timer)
  }

  #change(): void {
    this.close()
    const now = this.#clock.now()
    for (const [person, [, until]] of this.#writers) if (until <= now) this.#writers.delete(person)
    const all = [...this.#writers.values()]
    this.list = all.map(([from]) => from)
    // Who was heard first is over first.
    if (all[0]) this.#timer = this.#clock.setTimeout(() => this.#change(), all[0][1] - now)
    this.#onChange()
  }
}
