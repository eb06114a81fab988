import { hash, randomFillSync } from 'node:crypto'
import type { DatabaseSync, StatementSync } from 'node:sqlite'

/** Entries that share one row of keys. */
const perBlock = 250
const keyBytes = 16
/**
 * A row of keys must spill: only its first 488 bytes lie in the b-tree's leaf, where cells are moved about; all keys
 * lie in the overflow page, which stays where it is until it is freed and zeroed. Holds for 4096-byte pages.
 */
const filler = 580
/** Rows of keys kept in memory: about 1.2 MB. */
const cached = 256

/**
 * Makes erasing certain. SQLite's `secure_delete` zeroes what is freed, but not the copies that a page keeps of
 * cells which were moved to a neighbour: about one deleted text in a thousand could still be found in the file. So an
 * entry is masked with a key of its own, used once, and to erase or replace it is to overwrite that key.
 * This hides nothing from who reads the file: the keys lie in it.
 */
export class Shreds {
  readonly #blocks = new Map<number, Uint8Array>()
  readonly #dirty = new Map<number, Uint8Array>()
  readonly #get: StatementSync
  readonly #put: StatementSync
  readonly #drop: StatementSync

  constructor(db: DatabaseSync) {
    this.#get = db.prepare('SELECT keys FROM shreds WHERE block = ?')
    this.#put = db.prepare(
      'INSERT INTO shreds VALUES (?, ?) ON CONFLICT DO UPDATE SET keys = excluded.keys',
    )
    this.#drop = db.prepare('DELETE FROM shreds WHERE block = ?')
  }

  /**
   * `text` masked with the key of `seq`.
   * @param drawer tells two texts of one entry apart: what is known of one must not open old copies of the other
   */
  mask(seq: number, text: string, drawer?: string): Uint8Array {
    const bytes = Buffer.from(text)
    this.#apply(seq, bytes, drawer)
    return bytes
  }

  unmask(seq: number, bytes: Uint8Array, drawer?: string): string {
    this.#apply(seq, bytes, drawer)
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()
  }

  /** The key of `seq`, where it lies: it changes with `renew`. */
  keyOf(seq: number): Uint8Array {
    const at = filler + (seq % perBlock) * keyBytes
    return this.#block(Math.floor(seq / perBlock)).subarray(at, at + keyBytes)
  }

  /** Throws the key of `seq` away. What is masked next has a new one. */
  renew(seq: number): void {
    const block = Math.floor(seq / perBlock)
    randomFillSync(this.keyOf(seq))
    this.#dirty.set(block, this.#block(block))
  }

  /** Frees the rows of keys of which no entry is left. */
  drop(seqs: readonly number[], lives: (first: number, last: number) => boolean): void {
    for (const block of new Set(seqs.map((seq) => Math.floor(seq / perBlock)))) {
      if (lives(block * perBlock, (block + 1) * perBlock - 1)) continue
      this.#drop.run(block)
      this.#dirty.delete(block)
      this.#blocks.delete(block)
    }
  }

  /** Writes what changed: call before the transaction's COMMIT. */
  flush(): void {
    for (const [block, keys] of this.#dirty) this.#put.run(block, keys)
    this.#dirty.clear()
  }

  /** Call after a ROLLBACK. */
  forget(): void {
    this.#blocks.clear()
    this.#dirty.clear()
  }

  #apply(seq: number, bytes: Uint8Array, drawer?: string): void {
    const key = this.keyOf(seq)
    const seed = drawer === undefined ? key : Buffer.concat([key, Buffer.from(drawer)])
    const mask = hash('shake128', seed, {
      outputEncoding: 'buffer',
      outputLength: bytes.length,
    })
    for (let i = 0; i < bytes.length; i += 1) bytes[i]! ^= mask[i]!
  }

  #block(block: number): Uint8Array {
    const known = this.#blocks.get(block)
    if (known !== undefined) return known
    let keys = this.#get.get(block)?.['keys'] as Uint8Array | undefined
    if (keys === undefined) {
      keys = new Uint8Array(filler + perBlock * keyBytes)
      randomFillSync(keys, filler)
      this.#dirty.set(block, keys)
    }
    if (this.#blocks.size >= cached) {
      for (const old of this.#blocks.keys()) {
        if (this.#dirty.has(old)) continue
        this.#blocks.delete(old)
        break
      }
    }
    this.#blocks.set(block, keys)
    return keys
  }
}
