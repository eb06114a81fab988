import type { Message, Settings } from '@hearsay/protocol'
import type { Log, Logged } from '../log/log.ts'
import { Recent } from '../recent.ts'
import { NetworksOut } from './networks-out.ts'
import { Room } from './room.ts'

/** Rooms whose state stays in memory, and bare ones that were asked for once. */
const WARM = 20_000
const GLANCED = 512

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

/**
 * The state of rooms, read from the log when first asked for and kept up with it from then on. Any of it may be let go of: it
 * is a fold of the log.
 */
export class Rooms {
  readonly #log: Log
  readonly #networksOut = new NetworksOut()
  /** Those lately asked for. */
  readonly #warm: Recent<string, Room>
  /**
   * Rooms that nobody has set or looks after, asked for once: most are not asked for again soon, and go before the garbage
   * collector has to carry them about.
   */
  readonly #glanced: Recent<string, Room>
  /** The names of those that went: one that is asked for again stays. */
  readonly #went: Recent<string, true>
  readonly #opening = new Map<string, Opening>()

  /** @param warm how many rooms stay in memory @param glanced and how many bare ones that were asked for once */
  constructor(log: Log, warm: number = WARM, glanced: number = GLANCED) {
    this.#log = log
    this.#warm = new Recent(warm)
    this.#glanced = new Recent(glanced)
    this.#went = new Recent(warm)
  }

  /** A promise only where the room is not in memory. @throws LogError */
  open(name: string): Room | Promise<Room> {
    const warm = this.#warm.get(name)
    if (warm) return warm
    const glanced = this.#glanced.get(name)
    if (glanced) {
      this.#warm.set(name, glanced)
      return glanced
    }
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
    const { room: name } = event
    const room = this.#warm.get(name) ?? this.#glanced.get(name)
    if (!room) return void this.#opening.get(name)?.missed.push(event)
    change(room, event)
    this.#warm.set(name, room)
  }

  async #read(name: string, missed: readonly Logged[]): Promise<Room> {
    const room = new Room(name, this.#networksOut)
    const facts = await this.#log.facts(name)
    room.isNew = facts === null
    let isBare = true
    if (facts) {
      room.applySettings(facts.settings)
      const records = await this.#log.records(name)
      for (const { space, name: of, value } of records) room.applyRecord(space, of, value)
      isBare = records.length === 0 && Object.keys(facts.settings).length === 0
      if (room.isHosted)
        for (const json of (await this.#log.page(name, { limit: MET })).messages)
          room.meet((JSON.parse(json) as Message).from)
    }
    // Some of these were read already: each says what is now, so to hear it twice changes nothing.
    for (const event of missed) change(room, event)
    if (isBare && missed.length === 0 && !this.#went.get(name)) {
      this.#glanced.set(name, room)
      this.#went.set(name, true)
    } else this.#warm.set(name, room)
    return room
  }
}

function change(room: Room, { kind, json }: Logged): void {
  room.isNew = false
  if (kind === 'room')
    room.applySettings((JSON.parse(json) as { settings: Partial<Settings> }).settings)
  else {
    const { space, name, value } = JSON.parse(json) as Recorded
    room.applyRecord(space, name, value)
  }
}
