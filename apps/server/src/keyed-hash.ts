import { hash, randomBytes } from 'node:crypto'

const block = 64

/**
 * HMAC-SHA-256 (RFC 2104), as two one-shot hashes over buffers that are made once: node's `createHmac` makes an
 * object for each call, and costs two to five times as much. A test holds the two together.
 */
export class KeyedHash {
  readonly #inner: Buffer
  readonly #outer: Buffer

  /** @param key 32 to 64 bytes. */
  constructor(key: Uint8Array) {
    if (key.length < 32 || key.length > block) {
      throw new RangeError(`A key has 32 to ${block} bytes, this one ${key.length}.`)
    }
    this.#inner = Buffer.alloc(block + 512, 0x36)
    this.#outer = Buffer.alloc(block + 32, 0x5c)
    for (let i = 0; i < key.length; i++) {
      this.#inner[i] = 0x36 ^ key[i]!
      this.#outer[i] = 0x5c ^ key[i]!
    }
  }

  /** The hash of the text's UTF-8: 32 characters, each one byte (U+0000 to U+00FF). */
  of(text: string): string {
    let inner = this.#inner
    if (text.length * 3 > inner.length - block) {
      inner = Buffer.alloc(block + text.length * 3)
      this.#inner.copy(inner, 0, 0, block)
    }
    const end = block + inner.write(text, block)
    this.#outer.write(hash('sha256', inner.subarray(0, end), 'binary'), block, 'latin1')
    return hash('sha256', this.#outer, 'binary')
  }
}

/**
 * A key that lives in memory alone and is replaced after each period: what was hashed with it can't be linked to
 * anything once it is gone. The one before it stays known for one period more.
 */
export class PassingKey {
  readonly #period: number
  #since: number
  #now: KeyedHash = new KeyedHash(randomBytes(32))
  #before: KeyedHash | null = null

  /** @param period Milliseconds. @param now Milliseconds, by the clock that `turn` is told. */
  constructor(period: number, now: number) {
    this.#period = period
    this.#since = now
  }

  /** Replaces the key where its time is over, and answers whether it did. */
  turn(now: number): boolean {
    const periods = Math.floor((now - this.#since) / this.#period)
    if (periods < 1) return false
    this.#before = periods === 1 ? this.#now : null
    this.#now = new KeyedHash(randomBytes(32))
    this.#since += periods * this.#period
    return true
  }

  get now(): KeyedHash {
    return this.#now
  }

  get before(): KeyedHash | null {
    return this.#before
  }
}
