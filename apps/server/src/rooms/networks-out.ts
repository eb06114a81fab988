/** Rooms of which it is known: a host's bans make them, so they are few. */
const ROOMS = 10_000

interface Out {
  /** Milliseconds since 1970. */
  readonly until: number
  /** For whose sake. */
  readonly person: string
}

/**
 * Which networks were banned from which room, with somebody in it. In memory alone, as the key that makes these hashes; and
 * beside the rooms, whose state may be let go of and read again from the log, which knows of no network.
 */
export class NetworksOut {
  readonly #rooms = new Map<string, Map<string, Out>>()

  ban(room: string, network: string, person: string, until: number): void {
    let networks = this.#rooms.get(room)
    if (!networks) {
      const [oldest] = this.#rooms.keys()
      if (oldest !== undefined && this.#rooms.size >= ROOMS) this.#rooms.delete(oldest)
      this.#rooms.set(room, (networks = new Map()))
    }
    networks.set(network, { until, person })
  }

  readmit(room: string, person: string): void {
    const networks = this.#rooms.get(room)
    for (const [network, out] of networks ?? [])
      if (out.person === person) networks!.delete(network)
    if (networks?.size === 0) this.#rooms.delete(room)
  }

  hasAny(room: string): boolean {
    return this.#rooms.has(room)
  }

  has(room: string, network: string, now: number): boolean {
    const networks = this.#rooms.get(room)
    const out = networks?.get(network)
    if (out === undefined || out.until > now) return out !== undefined
    networks!.delete(network)
    if (networks!.size === 0) this.#rooms.delete(room)
    return false
  }
}
