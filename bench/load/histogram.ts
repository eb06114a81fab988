const perOctave = 32

/** Counts of durations in buckets that are at most 3 % wide: fixed memory, whatever is recorded. */
export class Histogram {
  readonly #counts: Float64Array = new Float64Array(perOctave * 28)
  total = 0
  max = 0

  /** @param ms Milliseconds; kept to a microsecond, up to 35 minutes. */
  record(ms: number): void {
    const us = ms <= 0 ? 0 : (ms * 1000) | 0
    const octave = 31 - Math.clz32(us | 32)
    // Up to 63 us every microsecond has its bucket; above, every octave has 32.
    const bucket = (octave - 5) * perOctave + (us >>> (octave - 5))
    this.#counts[bucket]! += 1
    this.total += 1
    if (ms > this.max) this.max = ms
  }

  /** The duration in milliseconds that `share` (0 to 1) of all do not exceed; 0 where nothing was recorded. */
  at(share: number): number {
    const rank = Math.ceil(this.total * share)
    if (rank === 0) return 0
    let seen = 0
    for (let bucket = 0; bucket < this.#counts.length; bucket++) {
      seen += this.#counts[bucket]!
      if (seen >= rank) return Math.min(this.max, upperBound(bucket) / 1000)
    }
    return this.max
  }

  clear(): void {
    this.#counts.fill(0)
    this.total = 0
    this.max = 0
  }
}

function upperBound(bucket: number): number {
  if (bucket < 2 * perOctave) return bucket + 1
  const shift = Math.floor(bucket / perOctave) - 1
  return ((bucket % perOctave) + perOctave + 1) * 2 ** shift
}
