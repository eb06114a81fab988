import { isIPv4, isIPv6 } from 'node:net'
import { PassingKey } from './keyed-hash.ts'
import { Recent } from './recent.ts'

const day = 24 * 60 * 60 * 1000

/** 4 bytes, or 16. */
type Address = Uint8Array

/** What `X-Forwarded-For` holds, as node gives it. */
type ForwardedFor = string | readonly string[] | undefined

/**
 * Where requests come from, as far as limits and bans may know: a keyed hash of the network prefix (IPv4 /32, IPv6 /64).
 * The key lives in memory and is replaced each day, so that no hash says anything once it is gone. Addresses
 * go in and never come out.
 */
export class Networks {
  readonly #trusted: readonly Range[]
  readonly #clock: () => number
  readonly #key: PassingKey
  /**
   * Hash by address. Whoever could read it could read the key beside it, and try all IPv4 addresses in an hour; it goes with
   * the key.
   */
  readonly #known = new Recent<string, string>(4096)

  /**
   * @param trusted Proxies whose `X-Forwarded-For` is believed: addresses or CIDR ranges.
   * @param clock Milliseconds; it never goes back.
   * @throws TypeError where a range can't be read
   */
  constructor(trusted: readonly string[], clock: () => number) {
    this.#trusted = trusted.map(readRange)
    this.#clock = clock
    this.#key = new PassingKey(day, clock())
  }

  /**
   * The network that a request comes from: 22 base64url characters, the same for the same prefix for a day at most.
   * @param peer The socket's remote address; undefined: none (closed, or not an IP socket).
   */
  of(peer: string | undefined, forwardedFor?: ForwardedFor): string {
    this.#turn()
    const hops = this.#believed(forwardedFor)
    const from = hops === '' ? (peer ?? '') : `${peer},${hops}`
    const known = this.#known.get(from)
    if (known !== undefined) return known
    const network = encode(this.#key.now.of(this.#prefix(peer, hops)))
    if (from.length <= 128) this.#known.set(from, network)
    return network
  }

  /**
   * What `of` would have answered before the key was last replaced; null: that key is gone. A ban holds the
   * hash of its time, so it is looked up by both, and ends with its key at the latest.
   */
  before(peer: string | undefined, forwardedFor?: ForwardedFor): string | null {
    this.#turn()
    const key = this.#key.before
    return key && encode(key.of(this.#prefix(peer, this.#believed(forwardedFor))))
  }

  #turn(): void {
    if (this.#key.turn(this.#clock())) this.#known.clear()
  }

  #believed(forwardedFor: ForwardedFor): string {
    return this.#trusted.length === 0 || forwardedFor === undefined ? '' : forwardedFor.toString()
  }

  #prefix(peer: string | undefined, hops: string): string {
    const address = readAddress(peer ?? '')
    return address === null ? '' : prefixOf(this.#client(address, hops))
  }

  /**
   * The rightmost address that is no trusted proxy's: each proxy adds at the right whom it was called by, so what stands
   * further to the left is only what somebody claimed. An entry that is no address ends the search: its writer answers for it.
   */
  #client(peer: Address, hops: string): Address {
    let client = peer
    let end = hops.length
    while (end > 0 && this.#trusted.some((range) => holds(range, client))) {
      const comma = hops.lastIndexOf(',', end - 1)
      const next = readAddress(withoutPort(hops.slice(comma + 1, end).trim()))
      if (next === null) break
      client = next
      end = comma
    }
    return client
  }
}

function encode(digest: string): string {
  return Buffer.from(digest, 'latin1').toString('base64url', 0, 16)
}

function prefixOf(address: Address): string {
  return String.fromCharCode(...(address.length === 4 ? address : address.subarray(0, 8)))
}

/** `1.2.3.4:80`, `[2001:db8::1]:80` and `[2001:db8::1]` as some proxies write them. */
function withoutPort(hop: string): string {
  return /^\[([^\]]+)\](?::\d+)?$/.exec(hop)?.[1] ?? /^([\d.]+):\d+$/.exec(hop)?.[1] ?? hop
}

/** IPv4 as 4 bytes, also where it is mapped into IPv6 (RFC 4291, 2.5.5.2); IPv6 as 16; null: neither. */
function readAddress(text: string): Address | null {
  if (isIPv4(text)) return Uint8Array.from(text.split('.'), Number)
  if (!isIPv6(text)) return null
  const [plain = ''] = text.split('%', 1)
  const [left, right] = plain.split('::') as [string, string?]
  const head = readGroups(left)
  const tail = right === undefined ? [] : readGroups(right)
  const bytes = new Uint8Array(16)
  bytes.set(head)
  bytes.set(tail, 16 - tail.length)
  const mapped =
    bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255
  return mapped ? bytes.slice(12) : bytes
}

function readGroups(text: string): number[] {
  if (text === '') return []
  return text.split(':').flatMap((group) => {
    if (group.includes('.')) return group.split('.').map(Number)
    const value = Number.parseInt(group, 16)
    return [value >> 8, value & 255]
  })
}

interface Range {
  readonly base: Address
  readonly bits: number
}

function readRange(text: string): Range {
  const [, address = '', length] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const base = readAddress(address)
  if (base !== null) {
    const whole = base.length * 8
    const mapped = whole === 32 && isIPv6(address)
    const bits = length === undefined ? whole : Number(length) - (mapped ? 96 : 0)
    if (bits >= 0 && bits <= whole) return { base, bits }
  }
  throw new TypeError(
    `"${text}" is no address range. Write 10.0.0.0/8, 2001:db8::/32 or one address.`,
  )
}

function holds(range: Range, address: Address): boolean {
  if (range.base.length !== address.length) return false
  const whole = range.bits >> 3
  for (let i = 0; i < whole; i++) if (range.base[i] !== address[i]) return false
  const rest = range.bits & 7
  return rest === 0 || (range.base[whole]! ^ address[whole]!) >> (8 - rest) === 0
}
