import { limits } from '@hearsay/protocol'
import { KeyedHash, PassingKey } from '../keyed-hash.ts'
import { Refusal } from '../refusal.ts'
import { Recent } from '../recent.ts'
import { personOf } from './person.ts'
import { Stretch } from './stretch.ts'
import { checkName } from './names.ts'
import { madeName } from './made-names.ts'

const day = 24 * 60 * 60 * 1000

/** Longer `Authorization` headers are refused unread. */
const longest = 1024

/** `Bearer` and a secret, of `limits.secretMin` to `limits.secretMax` characters (RFC 6750, 2.1; RFC 4648, 5). */
const bearer = new RegExp(
  `^bearer {1,4}([A-Za-z0-9_-]{${limits.secretMin},${limits.secretMax}})$`,
  'i',
)
const basic = /^basic {1,4}([A-Za-z0-9+/]+={0,2})$/i

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** What a request proves of who sent it. The secret in it can be neither printed nor turned into JSON. */
export class Credential {
  readonly kind: 'bearer' | 'basic' | 'guest'
  /** The name that came with it (Basic), cleaned; null: none. */
  readonly name: string | null
  readonly #secret: string
  /** Most people are in one room: the last answer is kept here, and goes when the credential does. */
  #last: InRoom | null = null

  constructor(kind: Credential['kind'], secret: string, name: string | null) {
    this.kind = kind
    this.name = name
    this.#secret = secret
  }

  /** @param persons Keyed by the server's own key. */
  inRoom(room: string, persons: KeyedHash): InRoom {
    if (this.#last?.room === room) return this.#last
    const digest = persons.of(`${room}\0${this.#secret}`)
    const person = personOf(digest)
    const mark = person.slice(0, 6).toUpperCase()
    const made = madeName(digest)
    return (this.#last = { room, person, mark, name: this.name ?? made, made })
  }
}

/** Who a credential is in one room; nothing in it leads to another room. */
export interface InRoom {
  readonly room: string
  /** 26 characters of Crockford base32 in lower case: 128 bits. */
  readonly person: string
  /** The first six of them, in upper case. */
  readonly mark: string
  /** The chosen name, or the made one. */
  readonly name: string
  /** A name made from the hash. */
  readonly made: string
}

/** Turns what a request carries into a person, without accounts and without keeping anything. */
export class People {
  readonly #persons: KeyedHash
  readonly #guests: PassingKey
  readonly #clock: () => number
  /**
   * By the `Authorization` header; in memory alone, as the headers of the open streams are. It need not take constant time:
   * every secret is somebody, so there is none to be found out but by naming all 128 bits of it.
   */
  readonly #bearers = new Recent<string, Credential>(16_384)
  /** By network. */
  readonly #guestsSeen = new Recent<string, Credential>(16_384)
  readonly #stretch: Stretch

  /**
   * @param key 32 bytes that make persons: whoever loses them makes strangers of everyone.
   * @param clock Milliseconds; it never goes back.
   */
  constructor(options: { readonly key: Uint8Array; readonly clock: () => number }) {
    this.#persons = new KeyedHash(options.key)
    this.#clock = options.clock
    this.#guests = new PassingKey(day, options.clock())
    this.#stretch = new Stretch(this.#persons, options.clock)
  }

  /**
   * Who sends a request. A promise only where a password has to be stretched first.
   * @param network From `Networks.of`.
   * @throws Refusal `bad-auth`, `bad-name` and `reserved-name` (Basic), `slow-down` (Basic: too many new passwords)
   */
  identify(authorization: string | undefined, network: string): Credential | Promise<Credential> {
    if (authorization === undefined) return this.#guest(network)
    const known = this.#bearers.get(authorization)
    if (known !== undefined) return known
    if (authorization.length > longest) throw new Refusal('bad-auth')
    const secret = bearer.exec(authorization)?.[1]
    if (secret !== undefined) {
      const credential = new Credential('bearer', secret, null)
      this.#bearers.set(authorization, credential)
      return credential
    }
    const pair = basic.exec(authorization)?.[1]
    if (pair === undefined) throw new Refusal('bad-auth')
    return this.#basic(pair, network)
  }

  /** Who this is in a room: the same for the same secret, and in another room someone else. */
  inRoom(credential: Credential, room: string): InRoom {
    return credential.inRoom(room, this.#persons)
  }

  #guest(network: string): Credential {
    if (this.#guests.turn(this.#clock())) this.#guestsSeen.clear()
    const known = this.#guestsSeen.get(network)
    if (known !== undefined) return known
    // The colon is in no secret that a client could send, so nobody can claim to be a guest, or a stretched password.
    const secret = `guest:${this.#guests.now.of(network)}`
    const credential = new Credential('guest', secret, null)
    this.#guestsSeen.set(network, credential)
    return credential
  }

  #basic(pair: string, network: string): Credential | Promise<Credential> {
    let text: string
    try {
      text = utf8.decode(Buffer.from(pair, 'base64'))
    } catch {
      throw new Refusal('bad-auth')
    }
    const colon = text.indexOf(':')
    const password = text.slice(colon + 1)
    if (colon < 0 || password === '') throw new Refusal('bad-auth')
    const name = checkName(text.slice(0, colon))
    const secret = this.#stretch.secret(name, password, network)
    if (typeof secret === 'string') return new Credential('basic', secret, name)
    return secret.then((made) => new Credential('basic', made, name))
  }
}
