/** An entry's kind (as in `wire.ts`) and data, as it stands. */
export interface Unmasked {
  readonly kind: number
  readonly json: string
}

/** The entries that were last said or read, unmasked, up to so many characters: what many come back for at once is read once. */
export class RecentEntries {
  readonly #most: number
  readonly #entries = new Map<number, Unmasked>()
  /** Goes on from what went last: a fresh iterator each time would have to step over all that is gone. */
  #oldest = this.#entries.keys()
  #size = 0

  /** @param most characters */
  constructor(most: number) {
    this.#most = most
  }

  get(seq: number): Unmasked | undefined {
    return this.#entries.get(seq)
  }

  set(seq: number, entry: Unmasked): void {
    while (this.#size > 0 && this.#size + entry.json.length > this.#most) {
      const { value: oldest, done } = this.#oldest.next()
      if (done) this.#oldest = this.#entries.keys()
      else this.delete(oldest)
    }
    this.#entries.set(seq, entry)
    this.#size += entry.json.length
  }

  delete(seq: number): void {
    const known = this.#entries.get(seq)
    if (known === undefined) return
    this.#entries.delete(seq)
    this.#size -= known.json.length
  }

  clear(): void {
    this.#entries.clear()
    this.#size = 0
  }
}
