import { idOf, type Epoch, type Past, type PastEvent, type PastStretch } from '../src/index.ts'

interface Entry extends PastEvent {
  readonly key: string
}

/** A log in memory, as a program around the engine has one on disk. Its answers can be held back and can fail. */
export class MemoryLog implements Past {
  readonly entries: Entry[] = []
  epochs: Epoch[] = [{ epoch: 'first', first: 1 }]
  head = 0
  /** Up to which seq each topic's events are gone. */
  readonly trimmed = new Map<string, number>()
  /** How many events a stretch has at most, whatever was asked for. */
  most = Infinity
  reads = 0
  /** Set: the next reads reject with it. */
  failing: Error | undefined
  readonly #waiting: (() => void)[] = []
  /** true: reads wait for `answerNext`. */
  isSlow = false

  append(key: string, data: string, type = ''): Entry {
    const seq = ++this.head
    const entry = { key, seq, id: idOf(seq, this.epochs), type, data }
    this.entries.push(entry)
    return entry
  }

  /** Reads that wait for an answer. */
  get waiting(): number {
    return this.#waiting.length
  }

  answerNext(): void {
    this.#waiting.shift()?.()
  }

  answerAll(): void {
    this.isSlow = false
    for (const answer of this.#waiting.splice(0)) answer()
  }

  trim(key: string, upTo: number): void {
    this.trimmed.set(key, upTo)
  }

  async after(
    keys: readonly string[],
    after: number,
    upTo: number,
    limit: number,
  ): Promise<PastStretch> {
    // What it says is how things stood when it was asked: the answer is later than that.
    const found = this.#kept().filter(
      ({ key, seq }) => keys.includes(key) && seq > after && seq <= upTo,
    )
    const expired = keys
      .filter((key) => (this.trimmed.get(key) ?? 0) > after)
      .map((key) => ({ key, oldest: this.#kept().find((e) => e.key === key)?.id ?? null }))
    return this.#answer({ ...this.#cut(found, limit), expired })
  }

  async newest(key: string, upTo: number, limit: number): Promise<PastStretch> {
    const found = this.#kept().filter((entry) => entry.key === key && entry.seq <= upTo)
    return this.#answer({ ...this.#cut(found.slice(-limit), limit), expired: [] })
  }

  #kept(): Entry[] {
    return this.entries.filter(({ key, seq }) => seq > (this.trimmed.get(key) ?? 0))
  }

  #cut(found: Entry[], limit: number): { events: PastEvent[]; more: boolean } {
    const events = found.slice(0, Math.min(limit, this.most))
    return { events, more: events.length < found.length }
  }

  async #answer(stretch: PastStretch): Promise<PastStretch> {
    this.reads++
    const { failing } = this
    if (this.isSlow) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    if (failing) throw failing
    return stretch
  }
}
