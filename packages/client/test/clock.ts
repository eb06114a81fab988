import type { Clock } from '../src/connection.ts'

interface Timer {
  readonly at: number
  readonly run: () => void
}

/** A clock that stands still until it is told, and draws what it is told to draw. */
export class TestClock implements Clock {
  #now = 1_000_000
  #timers = new Set<Timer>()
  /** What `random` answers. */
  drawn = 0.5

  now(): number {
    return this.#now
  }

  setTimeout(run: () => void, milliseconds: number): unknown {
    const timer = { at: this.#now + Math.max(0, milliseconds), run }
    this.#timers.add(timer)
    return timer
  }

  clearTimeout(timer: unknown): void {
    this.#timers.delete(timer as Timer)
  }

  random(): number {
    return this.drawn
  }

  /** Milliseconds until the next timer; undefined: there is none. */
  get next(): number | undefined {
    const at = Math.min(...[...this.#timers].map((timer) => timer.at))
    return at === Infinity ? undefined : at - this.#now
  }

  /** Lets time pass, with every timer at its time. */
  pass(milliseconds: number): void {
    const until = this.#now + milliseconds
    for (;;) {
      const due = [...this.#timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0]
      if (!due) break
      this.#timers.delete(due)
      this.#now = Math.max(this.#now, due.at)
      due.run()
    }
    this.#now = until
  }

  /** Lets time pass without any timer, as for a page that is frozen. */
  jump(milliseconds: number): void {
    this.#now += milliseconds
  }
}
