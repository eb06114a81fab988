import type { Message, Settings } from '@hearsay/protocol'
import type { Log, Logged } from '../log/log.ts'
import { Recent } from '../recent.ts'
import { Room } from './room.ts'

/** Rooms whose state stays in memory. */
const WARM = 20_000

/** Newest messages in which the names are looked for of those who look after a room. */
const MET = 200

/** A record as it stands in the log. */
interface Recorded {
  readonly space: string
  readonly name: string
  readonly value: unknown
}

/** A room that is being read, and what happened to it meanwhile. */
interface Opening {
  readonly room: Promise<Room>
  readonly missed: Logged[]
}

/** The state of rooms, read from the log when first asked for and kept up with it from then on. */
export class Rooms {
  readonly #log: Log
  /** Those lately asked for: what a room knows of networks is in memory alone, and a busy one must not lose it. */
  readonly #warm = new Recent<string, Room>(WARM)
  readonly #opening = new Map<string, Opening>()

  constructor(log: Log) {
    this.#log = log
  }

  /** A promise only where the room is not in memory. @throws LogError */
  open(name: string): Room | Promise<Room> {
    const warm = this.#warm.get(name)
    if (warm) return warm
    const known = this.#opening.get(name)
    if (known) return known.room
    const missed: Logged[] = []
    const room = this.#read(name, missed).finally(() => this.#opening.delete(name))
    this.#opening.set(name, { room, missed })
    return room
  }

  /** An event of the log: it may change a room. */
  apply(event: Logged): void {
    if (event.kind !== 'room' && event.kind !== 'record') return
    const room = this.#warm.get(event.room)
    if (room) change(room, event)
    else this.#opening.get(event.room)?.missed.push(event)
  }

  async #read(name: string, missed: readonly Logged[]): Promise<Room> {
    const room = new Room(name)
    const facts = await this.#log.facts(name)
    if (facts) {
      room.applySettings(facts.settings)
      for (const { space, name: of, value } of await this.#log.records(name))
        room.applyRecord(space, of, value)
      if (room.isHosted)
        for (const json of (await this.#log.page(name, { limit: MET })).messages)
          room.meet((JSON.parse(json) as Message).from)
    }
    // Some of these were read already: each says what is now, so to hear it twice changes nothing.
    for (const event of missed) change(room, event)
    this.#warm.set(name, room)
    return room
  }
}

function change(room: Room, { kind, json }: Logged): void {
  if (kind === 'room')
    room.applySettings((JSON.parse(json) as { settings: Partial<Settings> }).settings)
  else {
    const { space, name, value } = JSON.parse(json) as Recorded
    room.applyRecord(space, name, value)
  }
}
