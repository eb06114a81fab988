import type { Hub } from '@hearsay/engine'
import type { From, Presence as PresenceEvent, Role } from '@hearsay/protocol'
import { lookOf, Looks } from './people/look.ts'

/** Absence after which somebody has left: a phone in a tunnel comes back without a word being made of it. */
const ABSENCE = 12_000
/** Changes of a second are told together. */
const TELL = 1000
/** Above this many people their number alone is told. */
const NAMED = 100

/** An open stream. */
export interface Stream {
  end(): void
  /** Tells this one alone: JSON, or what has a JSON form. false: it has no room now. */
  tell(type: string, data: object | string): boolean
}

/** The streams of one person. */
interface Open {
  readonly streams: Set<Stream>
  /** Where the last one came from: a keyed hash. */
  network: string
  /** When the first one came, by the clock of rules. */
  readonly since: number
}

/** Somebody with a secret of his own, however many streams he has open. */
interface Present extends Open {
  from: From
  /** The monotonic time at which he will have left; Infinity while a stream is open. */
  leaves: number
}

/** Who opens a stream. */
export interface Arrival {
  readonly from: From
  /** Without a secret: guests of one network are one person, and have no name among those who are here. */
  readonly isGuest: boolean
  /** A keyed hash. */
  readonly network: string
}

interface Here {
  readonly people: Map<string, Present>
  readonly looks: Looks
  /** Streams without a secret: they can't be told apart, so each counts. */
  guests: number
  /** The guests' streams, by the person that all of one network are. */
  readonly guestStreams: Map<string, Open>
  /** Streams of people with a secret that were not told yet who is here. */
  readonly strangers: Set<Stream>
  /** When guests' streams ended: each leaves as late as anybody. */
  readonly guestsLeft: number[]
  /** Since the room was last told. */
  readonly joined: Map<string, From>
  readonly left: Map<string, From>
  told: number
  /** The room knows all of them by name. */
  isNamed: boolean
}

/** Who is in each room. A stream is what makes somebody present; a room is told of changes at most once a second. */
export class Presence {
  readonly #hub: Hub
  readonly #clock: () => number
  readonly #rooms = new Map<string, Here>()
  /** Rooms in which something is to be told, or somebody to leave. */
  readonly #pending = new Set<string>()
  #timer: NodeJS.Timeout | undefined

  /** @param clock milliseconds that never go back */
  constructor(hub: Hub, clock: () => number) {
    this.#hub = hub
    this.#clock = clock
  }

  /** A stream was opened. */
  arrive(room: string, { from, isGuest, network }: Arrival, stream: Stream): void {
    let here = this.#rooms.get(room)
    if (!here) {
      here = {
        people: new Map(),
        looks: new Looks(),
        guests: 0,
        guestStreams: new Map(),
        strangers: new Set(),
        guestsLeft: [],
        joined: new Map(),
        left: new Map(),
        told: 0,
        isNamed: true,
      }
      this.#rooms.set(room, here)
    }
    this.#later(room)
    if (isGuest) {
      // Most likely the one who left a moment ago.
      if (here.guestsLeft.length > 0) here.guestsLeft.pop()
      else here.guests++
      const open = here.guestStreams.get(from.person)
      if (open) open.streams.add(stream)
      else {
        const since = this.#clock()
        here.guestStreams.set(from.person, { streams: new Set([stream]), network, since })
      }
    } else {
      here.strangers.add(stream)
      const present = here.people.get(from.person)
      if (present) {
        present.streams.add(stream)
        present.network = network
        present.leaves = Infinity
        return
      }
      here.looks.add(lookOf(from.name), from.person)
      here.people.set(from.person, {
        from,
        streams: new Set([stream]),
        network,
        since: this.#clock(),
        leaves: Infinity,
      })
      here.left.delete(from.person)
      here.joined.set(from.person, from)
    }
  }

  /** Tells a stream that opened who is here already. Where it has no room for that now, it is tried again. */
  greet(room: string, stream: Stream): void {
    const { strangers } = this.#rooms.get(room) ?? {}
    if (strangers?.has(stream) && stream.tell('presence', this.of(room))) strangers.delete(stream)
  }

  /** A stream ended. */
  depart(room: string, { from: { person }, isGuest }: Arrival, stream: Stream): void {
    const here = this.#rooms.get(room)
    if (!here) return
    here.strangers.delete(stream)
    const leaves = this.#clock() + ABSENCE
    if (isGuest) {
      here.guestsLeft.push(leaves)
      const open = here.guestStreams.get(person)
      if (open?.streams.delete(stream) && open.streams.size === 0) here.guestStreams.delete(person)
    } else {
      const present = here.people.get(person)
      if (!present?.streams.delete(stream) || present.streams.size > 0) return
      present.leaves = leaves
    }
    this.#later(room)
  }

  /** Somebody who is here goes by this name now. */
  rename(room: string, from: From): void {
    const here = this.#rooms.get(room)
    const present = here?.people.get(from.person)
    if (!present) return
    const { name, role, lookalike, away } = present.from
    const isSame = name === from.name && role === from.role && lookalike === from.lookalike
    if (isSame && away === from.away) return
    if (name !== from.name) {
      here!.looks.delete(lookOf(name), from.person)
      here!.looks.add(lookOf(from.name), from.person)
    }
    present.from = from
    here!.joined.set(from.person, from)
    this.#later(room)
  }

  /** No page of somebody who is here is in sight, or one is again. Whoever says something is not away. */
  setAway(room: string, person: string, isAway: boolean): void {
    const from = this.known(room, person)
    if (from) this.rename(room, isAway ? { ...from, away: true } : from)
  }

  /** Is somebody who is here known by another name than this one? */
  isNewName(room: string, { person, name }: From): boolean {
    const present = this.#rooms.get(room)?.people.get(person)
    return present !== undefined && present.from.name !== name
  }

  /** Somebody as the others know him; undefined: he is not here, or has no name among those who are. */
  known(room: string, person: string): From | undefined {
    const { from } = this.#rooms.get(room)?.people.get(person) ?? {}
    if (!from?.away) return from
    const { away: _, ...rest } = from
    return rest
  }

  has(room: string, person: string): boolean {
    return this.since(room, person) !== undefined
  }

  /** The open streams of somebody who has a secret. */
  streams(room: string, person: string): Iterable<Stream> {
    return this.#rooms.get(room)?.people.get(person)?.streams ?? []
  }

  /** Since when somebody is here, by the clock of rules; undefined: he is not. */
  since(room: string, person: string): number | undefined {
    const here = this.#rooms.get(room)
    return (here?.people.get(person) ?? here?.guestStreams.get(person))?.since
  }

  /**
   * Ends somebody's streams; a guest's are those of all guests of his network, who are one person.
   *
   * @returns the network he was here from; undefined: he was not here
   */
  expel(room: string, person: string): string | undefined {
    const here = this.#rooms.get(room)
    const present = here?.people.get(person)
    const open = present ?? here?.guestStreams.get(person)
    if (!open) return undefined
    // Each end takes its own out of the set.
    for (const stream of open.streams) stream.end()
    if (present) present.leaves = this.#clock()
    this.#later(room)
    return open.network
  }

  /** Somebody has this role now; null: he may not hear any more. */
  become(room: string, person: string, role: Role | null): void {
    const present = this.#rooms.get(room)?.people.get(person)
    if (role === null) this.expel(room, person)
    else if (present) this.rename(room, { ...present.from, role })
  }

  /** Roles of many may have changed. */
  reconsider(room: string, roleOf: (person: string) => Role | null): void {
    const here = this.#rooms.get(room)
    for (const all of [here?.people, here?.guestStreams])
      for (const person of all?.keys() ?? []) this.become(room, person, roleOf(person))
  }

  /** Who is here. `people` is left out where they are more than 100. */
  of(room: string): PresenceEvent {
    const here = this.#rooms.get(room)
    if (!here) return { room, count: 0, people: [] }
    const count = here.people.size + here.guests
    if (here.people.size > NAMED) return { room, count }
    return { room, count, people: [...here.people.values()].map(({ from }) => from) }
  }

  /** Is somebody else here who came before this person with a name of this look? */
  isAnothersLook(room: string, look: string, person: string): boolean {
    return this.#rooms.get(room)?.looks.isAnothers(look, person) ?? false
  }

  close(): void {
    clearInterval(this.#timer)
    this.#pending.clear()
  }

  #later(room: string): void {
    this.#pending.add(room)
    this.#timer ??= setInterval(() => this.#turn(), TELL).unref()
  }

  #turn(): void {
    const now = this.#clock()
    for (const room of this.#pending) if (!this.#tell(room, now)) this.#pending.delete(room)
    if (this.#pending.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /** @returns whether somebody is still to leave */
  #tell(room: string, now: number): boolean {
    const here = this.#rooms.get(room)
    if (!here) return false
    let waiting = here.guestsLeft.length > 0
    while (here.guestsLeft[0] !== undefined && here.guestsLeft[0] <= now) {
      here.guestsLeft.shift()
      here.guests--
    }
    for (const [person, { from, leaves }] of here.people) {
      if (leaves > now) {
        if (leaves < Infinity) waiting = true
        continue
      }
      here.people.delete(person)
      here.looks.delete(lookOf(from.name), person)
      here.joined.delete(person)
      here.left.set(person, from)
    }
    const count = here.people.size + here.guests
    if (count === 0) this.#rooms.delete(room)
    // Before the changes, which go on from there.
    if (here.strangers.size > 0) {
      const all = JSON.stringify(this.of(room))
      for (const stream of here.strangers)
        if (stream.tell('presence', all)) here.strangers.delete(stream)
    }
    const hasChanged = count !== here.told || here.joined.size + here.left.size > 0
    if (hasChanged) this.#tellChanges(room, here, count)
    return waiting || here.strangers.size > 0
  }

  #tellChanges(room: string, here: Here, count: number): void {
    const isNamed = here.people.size <= NAMED
    const isFew = here.joined.size + here.left.size <= NAMED
    const topic = this.#hub.topic(room)
    if (isNamed && here.isNamed && isFew) {
      const joined = [...here.joined.values()]
      topic.signal('presence', { room, count, joined, left: [...here.left.values()] })
    } else if (isNamed || here.isNamed || count !== here.told) {
      topic.signal('presence', { room, count })
      // It is no crowd any more, or another one: its people are told anew who they all are, in the next turn.
      if (isNamed) {
        for (const { streams } of here.people.values())
          for (const stream of streams) here.strangers.add(stream)
      }
    }
    here.told = count
    here.isNamed = isNamed
    here.joined.clear()
    here.left.clear()
  }
}
