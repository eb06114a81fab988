/** A token bucket's measure. */
export interface Rate {
  /** How much may be taken at once from a bucket that was left alone. */
  readonly burst: number
  /** How much comes back each second. */
  readonly perSecond: number
}

/** Below this many milliseconds a wait is what rounding leaves, and no wait. */
const rounding = 1e-3

/**
 * Token buckets, one for each key, by the generic cell rate algorithm (ITU-T I.371): of a bucket only the time is kept at
 * which it will be full again. No timer refills it, and one that is full need not be known at all.
 *
 * The number of known buckets is bounded. Each new one looks at two others and forgets those that are full;
 * where there is no room even so, of the next eight the fullest goes, so whoever makes up keys without end gains what new keys
 * give anyway, and no more.
 */
export class Buckets {
  readonly #full = new Map<string, number>()
  readonly #every: number
  readonly #span: number
  readonly #capacity: number
  #hand: MapIterator<[string, number]>

  /** @param capacity How many buckets are known at once, at most. */
  constructor(rate: Rate, capacity = 100_000) {
    if (!(rate.burst > 0 && rate.perSecond > 0)) {
      throw new RangeError('A rate has a burst and a perSecond above 0.')
    }
    this.#every = 1000 / rate.perSecond
    this.#span = rate.burst * this.#every
    this.#capacity = capacity
    this.#hand = this.#full.entries()
  }

  /**
   * How many milliseconds to wait until `cost` is there; 0: it is. Takes nothing.
   * @param now Milliseconds of a clock that never goes back.
   * @param cost More than a burst counts as a whole burst: it could never be had.
   */
  wait(key: string, now: number, cost = 1): number {
    const wait = this.#after(this.#full.get(key), now, cost) - now - this.#span
    return wait > rounding ? Math.ceil(wait) : 0
  }

  /** How much of it is used up: 0 to 1. */
  used(key: string, now: number): number {
    return Math.min(1, Math.max(0, (this.#full.get(key) ?? now) - now) / this.#span)
  }

  /** Takes `cost` and answers 0; or takes nothing and answers the milliseconds to wait. */
  take(key: string, now: number, cost = 1): number {
    const full = this.#full.get(key)
    const after = this.#after(full, now, cost)
    const wait = after - now - this.#span
    if (wait > rounding) return Math.ceil(wait)
    if (full === undefined) this.#makeRoom(now)
    this.#full.set(key, after)
    return 0
  }

  /** Buckets known. */
  get size(): number {
    return this.#full.size
  }

  /** When the bucket will be full again if `cost` is taken now. */
  #after(full: number | undefined, now: number, cost: number): number {
    return Math.max(now, full ?? now) + Math.min(cost * this.#every, this.#span)
  }

  #makeRoom(now: number): void {
    let fullest: string | undefined
    let soonest = Infinity
    for (let looked = 0; looked < 8; looked++) {
      const crowded = this.#full.size >= this.#capacity
      if (looked >= 2 && !crowded) return
      const next = this.#next()
      if (next === undefined) return
      if (next[1] <= now) this.#full.delete(next[0])
      else if (next[1] < soonest) [fullest, soonest] = next
    }
    if (this.#full.size >= this.#capacity && fullest !== undefined) this.#full.delete(fullest)
  }

  /** The hand goes round and round; a fresh iterator each time would have to step over all the deleted. */
  #next(): [string, number] | undefined {
    const step = this.#hand.next()
    if (!step.done) return step.value
    this.#hand = this.#full.entries()
    return this.#hand.next().value
  }
}

/** What one kind of act is measured by. */
export interface Act {
  readonly person: Rate
  readonly network: Rate
  readonly room: Rate
}

/** What can be done too often. */
export type ActName =
  | 'say'
  | 'join'
  | 'react'
  | 'type'
  | 'rename'
  | 'create'
  | 'found'
  | 'search'
  | 'host'
  | 'penalize'
  | 'attach'

/**
 * How often what may be done: by a person in a room; by all behind one network prefix (ten times that: an audience sits
 * behind one address); and in a room by everyone together, which is what the server bears, not what people can read.
 */
export const defaultRates: Readonly<Record<ActName, Act>> = {
  say: {
    person: { burst: 20, perSecond: 1 },
    network: { burst: 200, perSecond: 10 },
    room: { burst: 1000, perSecond: 500 },
  },
  // Streams that are opened, and links that are taken. An audience behind one address comes back at once, each with some tabs.
  join: {
    person: { burst: 200, perSecond: 5 },
    network: { burst: 2000, perSecond: 50 },
    room: { burst: 5000, perSecond: 1000 },
  },
  react: {
    person: { burst: 20, perSecond: 2 },
    network: { burst: 200, perSecond: 20 },
    room: { burst: 1000, perSecond: 500 },
  },
  type: {
    person: { burst: 5, perSecond: 1 },
    network: { burst: 50, perSecond: 10 },
    room: { burst: 100, perSecond: 50 },
  },
  rename: {
    person: { burst: 5, perSecond: 0.1 },
    network: { burst: 50, perSecond: 1 },
    room: { burst: 200, perSecond: 20 },
  },
  // A search goes through a room, a transcript takes all of it.
  search: {
    person: { burst: 10, perSecond: 0.5 },
    network: { burst: 100, perSecond: 5 },
    room: { burst: 100, perSecond: 20 },
  },
  // Each change of a room's settings is told to all who are there, and each removal goes through what was said.
  host: {
    person: { burst: 30, perSecond: 0.5 },
    network: { burst: 300, perSecond: 5 },
    room: { burst: 60, perSecond: 1 },
  },
  // Anybody can own a room. A host who puts out a crowd, one by one, is not held up.
  penalize: {
    person: { burst: 100, perSecond: 2 },
    network: { burst: 1000, perSecond: 20 },
    room: { burst: 200, perSecond: 4 },
  },
  // Files, by the KiB: two of the largest at once, then one in eight minutes.
  attach: {
    person: { burst: 16 * 1024, perSecond: 16 },
    network: { burst: 160 * 1024, perSecond: 160 },
    room: { burst: 320 * 1024, perSecond: 320 },
  },
  // The first word in a room makes it.
  found: {
    person: { burst: 20, perSecond: 0.1 },
    network: { burst: 200, perSecond: 1 },
    room: { burst: 20, perSecond: 1 },
  },
  create: {
    person: { burst: 5, perSecond: 0.02 },
    network: { burst: 50, perSecond: 0.2 },
    room: { burst: 5, perSecond: 0.02 },
  },
}

/** Who does something where, by hashes alone. */
export interface Doer {
  /** As in the room; null: a guest, who has only the network's limit. */
  readonly person: string | null
  readonly network: string
  readonly room: string
}

/** Bytes that one token pays for. */
const bytesPerToken = 1024

interface Measured {
  readonly person: Buckets
  readonly network: Buckets
  readonly room: Buckets
  /** The room's. */
  readonly burst: number
}

/** All limits on how often something may be done. */
export class Limits {
  readonly #acts: Map<ActName, Measured> | null

  /** @param rates Which differ from the default; null: no limits at all. */
  constructor(rates: Partial<Record<ActName, Act>> | null = {}) {
    if (rates === null) {
      this.#acts = null
      return
    }
    const all: Record<ActName, Act> = { ...defaultRates, ...rates }
    this.#acts = new Map()
    for (const name of Object.keys(all) as ActName[]) {
      const { person, network, room } = all[name]
      this.#acts.set(name, {
        person: new Buckets(person),
        network: new Buckets(network),
        room: new Buckets(room),
        burst: room.burst,
      })
    }
  }

  /**
   * Takes from the buckets of the person, of the network and of the room, or from none of them.
   * @param now Milliseconds of a clock that never goes back.
   * @param bytes Size of what is said: each further KiB costs as much as a message.
   * @param isWhole false: the room's is looked at, with what is to be left in it for others, and taken from with
   *   `takeOfRoom` once nothing else is in the way.
   * @returns 0: go on; else the milliseconds to wait.
   */
  take(act: ActName, doer: Doer, now: number, bytes = 0, isWhole = true): number {
    const of = this.#acts?.get(act)
    if (of === undefined) return 0
    const cost = Math.max(1, bytes / bytesPerToken)
    // The more somebody has said, the more he leaves in the room's for those who have said little: up to half.
    const used =
      doer.person === null ? of.network.used(doer.network, now) : of.person.used(doer.person, now)
    const left = isWhole ? 0 : (used * of.burst) / 2
    // The room's come last: a flood that its own limits hold back uses up nothing of what all share.
    const wait = Math.max(
      doer.person === null ? 0 : of.person.wait(doer.person, now, cost),
      of.network.wait(doer.network, now, cost),
      of.room.wait(doer.room, now, cost + left),
    )
    if (wait > 0) return wait
    if (doer.person !== null) of.person.take(doer.person, now, cost)
    of.network.take(doer.network, now, cost)
    if (isWhole) of.room.take(doer.room, now, cost)
    return 0
  }

  /** Takes what is the room's of something that was let through with `isWhole` false. @returns as `take` */
  takeOfRoom(act: ActName, room: string, now: number, bytes = 0): number {
    return this.#acts?.get(act)?.room.take(room, now, Math.max(1, bytes / bytesPerToken)) ?? 0
  }
}
