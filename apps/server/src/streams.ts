import type { Busy } from '@hearsay/protocol'

/** Streams that one network may hold: some hundred people behind one address, each with a few tabs. */
const PER_NETWORK = 1000
/** And that one room may have: what is said there is written to each of them. */
const PER_ROOM = 20_000

/** How many streams are open, by network and by room. */
export class Streams {
  readonly #perNetwork: number
  readonly #perRoom: number
  readonly #networks = new Map<string, number>()
  readonly #rooms = new Map<string, number>()

  constructor(perNetwork: number = PER_NETWORK, perRoom: number = PER_ROOM) {
    this.#perNetwork = perNetwork
    this.#perRoom = perRoom
  }

  /** Why there is no place for one more; undefined: there is. */
  full(network: string, rooms: readonly string[]): Busy['reason'] | undefined {
    if ((this.#networks.get(network) ?? 0) >= this.#perNetwork) return 'too-many-streams'
    const isFull = rooms.some((room) => (this.#rooms.get(room) ?? 0) >= this.#perRoom)
    return isFull ? 'room-full' : undefined
  }

  /** One more is open. @returns what to call once it has ended */
  open(network: string, rooms: readonly string[]): () => void {
    const counted = [
      [this.#networks, network],
      ...rooms.map((room) => [this.#rooms, room] as const),
    ] as const
    for (const [counts, key] of counted) counts.set(key, (counts.get(key) ?? 0) + 1)
    return () => {
      for (const [counts, key] of counted) {
        const left = counts.get(key)! - 1
        if (left > 0) counts.set(key, left)
        else counts.delete(key)
      }
    }
  }
}
