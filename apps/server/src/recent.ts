/**
 * A bounded cache that forgets what was not asked for lately. Two generations instead of a list: when the young one
 * is full it becomes the old one, and what the old one held and nobody asked for is gone. A hit costs one look-up.
 */
export class Recent<K, V> {
  readonly #half: number
  #young = new Map<K, V>()
  #old = new Map<K, V>()

  /** @param size How many entries are kept at most; at least half as many of the newest are. */
  constructor(size: number) {
    this.#half = Math.max(1, size >> 1)
  }

  get(key: K): V | undefined {
    const young = this.#young.get(key)
    if (young !== undefined) return young
    const old = this.#old.get(key)
    if (old !== undefined) this.set(key, old)
    return old
  }

  set(key: K, value: V): void {
    if (this.#young.size >= this.#half && !this.#young.has(key)) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(key, value)
  }

  clear(): void {
    this.#young = new Map()
    this.#old = new Map()
  }

  get size(): number {
    return this.#young.size + this.#old.size
  }
}
