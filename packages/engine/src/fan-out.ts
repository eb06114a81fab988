import type { Listener } from './listener.ts'

/** Milliseconds that a fan-out may hold the event loop before it lets others in. */
export const SLICE = 5

/** After what waits in the event loop now. */
export const soon: (run: () => void) => void =
  typeof setImmediate === 'function'
    ? (run) => void setImmediate(run)
    : (run) => void setTimeout(run, 0)

/** Something with listeners to visit, one after the other. */
export interface Round {
  next(): Listener | undefined
}

/** Listeners whose sinks have room again, or that take more than one write. */
class Late implements Round {
  #waiting: Listener[] = []
  #at = 0

  add(listener: Listener): void {
    if (listener.late) return
    listener.late = true
    this.#waiting.push(listener)
  }

  next(): Listener | undefined {
    const listener = this.#waiting[this.#at++]
    if (listener) listener.late = false
    else {
      this.#waiting = []
      this.#at = 0
    }
    return listener
  }
}

/**
 * Who is to be visited, and when. What is published in one turn goes out together at its end, so a quiet topic waits for
 * nothing. After that the next visits wait for one pass of the event loop: what arrives in the same pass, from many
 * requests, shares its writes, and no pass is held up for longer than a slice.
 */
export class FanOut {
  readonly #visit: (listener: Listener) => void
  /** In the order of their turns. */
  readonly #rounds = new Set<Round>()
  readonly #late = new Late()
  #scheduled = false

  /** @param visit must not throw */
  constructor(visit: (listener: Listener) => void) {
    this.#visit = visit
  }

  /** A round has begun. */
  add(round: Round): void {
    this.#rounds.add(round)
    if (this.#scheduled) return
    this.#scheduled = true
    queueMicrotask(() => this.#sweep())
  }

  /** One listener, in a pass of the event loop to come: a reader that catches up must not hold up this one. */
  later(listener: Listener): void {
    this.#late.add(listener)
    this.#rounds.add(this.#late)
    if (this.#scheduled) return
    this.#scheduled = true
    soon(() => this.#sweep())
  }

  #sweep(): void {
    const until = performance.now() + SLICE
    let visits = 0
    for (const round of this.#rounds) {
      for (let listener = round.next(); listener; listener = round.next()) {
        this.#visit(listener)
        if ((++visits & 15) === 0 && performance.now() >= until) {
          // The next round's listeners first, then this one's others.
          this.#rounds.delete(round)
          this.#rounds.add(round)
          return this.#goOn()
        }
      }
      this.#rounds.delete(round)
    }
    this.#goOn()
  }

  #goOn(): void {
    soon(() => {
      if (this.#rounds.size > 0) this.#sweep()
      else this.#scheduled = false
    })
  }
}
