/** A map that costs next to nothing while it is empty, as those of nearly all rooms are: an empty `Map` takes 200 bytes. */
export class Sparse<V> {
  #map: Map<string, V> | undefined

  get size(): number {
    return this.#map?.size ?? 0
  }

  get(key: string): V | undefined {
    return this.#map?.get(key)
  }

  has(key: string): boolean {
    return this.#map?.has(key) ?? false
  }

  set(key: string, value: V): void {
    this.#map ??= new Map()
    this.#map.set(key, value)
  }

  delete(key: string): void {
    this.#map?.delete(key)
  }

  values(): Iterable<V> {
    return this.#map?.values() ?? []
  }

  /** In the order in which they were set first. */
  [Symbol.iterator](): Iterator<[string, V]> {
    return (this.#map ?? [])[Symbol.iterator]() as Iterator<[string, V]>
  }
}
