import type { Store } from './store.ts'
import { refusalOf, type Expired } from './wire.ts'

/** Messages that one transaction shreds: what waits behind it waits a few milliseconds. */
const step = 250

/** What was only kept for a while goes for good: what was hidden, and what nobody decided on. */
export class Expiry {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  /** One bounded step, in a transaction of its own. Ask again while there is `more`. */
  step(now: number): Expired {
    const { answer, unscrubbed } = this.#store.transact(() => this.#step(now))
    const { hidden, held } = this.#store
    const times = [hidden.next(), held.next()].filter((time) => time !== null)
    return {
      ...answer,
      next: times.length > 0 ? Math.min(...times) : null,
      unscrubbed: unscrubbed === null ? null : refusalOf(unscrubbed),
    }
  }

  #step(now: number): { more: boolean; rooms: string[] } {
    const hidden = this.#store.hidden.due(now, step)
    for (const seq of hidden) this.#store.shred(seq)
    const held = this.#store.held.due(now, step)
    for (const [seq] of held) this.#store.discard(seq, false)
    return {
      more: hidden.length === step || held.length === step,
      rooms: [...new Set(held.map(([, room]) => room))],
    }
  }
}
