import { randomBytes, scrypt } from 'node:crypto'
import { KeyedHash } from '../keyed-hash.ts'
import { Buckets } from '../limits.ts'
import { Recent } from '../recent.ts'
import { Refusal } from '../refusal.ts'

/** 16 MiB and some 50 ms of one core; the salt can't be had without the server's key, so guessing is done here or nowhere. */
const cost = { N: 2 ** 14, r: 8, p: 1 } as const

/** From one network, and from all: what strangers can make the server compute stays well under half a core. */
const perNetwork = { burst: 20, perSecond: 0.5 } as const
const altogether = { burst: 40, perSecond: 8 } as const

/**
 * Makes a secret of a name and a password (scrypt, RFC 7914), one at a time and off the main thread, and remembers it.
 */
export class Stretch {
  readonly #salts: KeyedHash
  readonly #clock: () => number
  /** By a hash under a key of this process: a password may open other doors elsewhere, so it is not kept even in memory. */
  readonly #tags: KeyedHash = new KeyedHash(randomBytes(32))
  readonly #known = new Recent<string, string>(8192)
  readonly #pending = new Map<string, Promise<string>>()
  readonly #networks = new Buckets(perNetwork, 10_000)
  readonly #all = new Buckets(altogether, 1)
  #last: Promise<unknown> = Promise.resolve()

  constructor(salts: KeyedHash, clock: () => number) {
    this.#salts = salts
    this.#clock = clock
  }

  /**
   * @param name Cleaned. It goes into the salt: two people with one password are two people.
   * @throws Refusal `slow-down`
   */
  secret(name: string, password: string, network: string): string | Promise<string> {
    const tag = this.#tags.of(`${name}\0${password}`)
    const known = this.#known.get(tag) ?? this.#pending.get(tag)
    if (known !== undefined) return known
    const now = this.#clock()
    const wait = Math.max(this.#networks.wait(network, now), this.#all.wait('', now))
    if (wait > 0) throw new Refusal('slow-down', 'Too many new passwords at once.', wait)
    this.#networks.take(network, now)
    this.#all.take('', now)
    const turn = this.#last.then(() => stretched(password, this.#salts.of(`\0basic\0${name}`)))
    const secret = turn.then((made) => {
      this.#known.set(tag, made)
      return made
    })
    this.#last = secret.catch(() => undefined)
    this.#pending.set(tag, secret)
    void this.#last.then(() => this.#pending.delete(tag))
    return secret
  }
}

/** The colon is in no secret that a client could send. */
function stretched(password: string, salt: string): Promise<string> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFC'), Buffer.from(salt, 'latin1'), 32, cost, (error, key) => {
      if (error === null) resolve(`basic:${key.toString('base64url')}`)
      else reject(error)
    })
  })
}
