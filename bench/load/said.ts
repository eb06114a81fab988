/** When each message should have been said. One for all crowds of a process: messages are numbered once. */
export class Said {
  #times: Float64Array = new Float64Array(1 << 16)
  /** The number the next message will have. */
  next = 0

  /** Numbers a message that should be said at `time` (of `performance.now()`). */
  add(time: number): number {
    if (this.next === this.#times.length) {
      const larger = new Float64Array(2 * this.next)
      larger.set(this.#times)
      this.#times = larger
    }
    this.#times[this.next] = time
    return this.next++
  }

  at(number: number): number {
    return this.#times[number]!
  }

  /** How many messages there are from `first` on, and the sum of their numbers. */
  since(first: number): { readonly count: number; readonly sum: number } {
    const count = this.next - first
    return { count, sum: (count * (first + this.next - 1)) / 2 }
  }
}
