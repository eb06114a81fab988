import type { From } from '@hearsay/protocol'
import type { Clock } from './connection.ts'

/** Milliseconds after which somebody who was typing is not any more. */
const ENDS = 5000

/** Who is typing. */
export class Typing {
  #clock: Clock
  #onChange: () => void
  #until = new Map<string, number>()
  #timer: unknown
  /** Never changed in place. */
  list: readonly From[] = []

  constructor(clock: Clock, onChange: () => void) {
    this.#clock = clock
    this.#onChange = onChange
  }

  /** Somebody is. */
  hear(from: From): void {
    this.#until.set(from.person, this.#clock.now() + ENDS)
    this.#change(from)
  }

  /** Somebody is not any more. */
  end(person: string): void {
    if (this.#until.delete(person)) this.#change()
  }

  close(): void {
    this.#clock.clearTimeout(this.#timer)
  }

  #change(also?: From): void {
    const now = this.#clock.now()
    for (const [person, until] of this.#until) if (until <= now) this.#until.delete(person)
    const others = this.list.filter(
      ({ person }) => person !== also?.person && this.#until.has(person),
    )
    this.list = also ? [...others, also] : others
    this.#clock.clearTimeout(this.#timer)
    const next = Math.min(...this.#until.values())
    if (next < Infinity) {
      this.#timer = this.#clock.setTimeout(() => this.#change(), next - now)
    }
    this.#onChange()
  }
}
