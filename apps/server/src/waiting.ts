import type { Waiting as WaitingEvent } from '@hearsay/protocol'
import { LogError, type Log } from './log/log.ts'
import type { Presence, Stream } from './presence.ts'
import { reportFault } from './problem.ts'
import type { Rooms } from './rooms/rooms.ts'

/** Changes of a second are told together. */
const TELL = 1000

/**
 * Tells those who look after a room, and are there, how much waits for them: what is held for review, and what was
 * reported. Numbers alone: what was said is asked for, by whoever may.
 */
export class Waiting {
  readonly #log: Log
  readonly #rooms: Rooms
  readonly #presence: Presence
  readonly #pending = new Set<string>()
  /** What a stream was told last. */
  readonly #told = new WeakMap<Stream, string>()
  #timer: NodeJS.Timeout | undefined

  constructor(log: Log, rooms: Rooms, presence: Presence) {
    this.#log = log
    this.#rooms = rooms
    this.#presence = presence
  }

  /** Something may have come or gone in this room, or somebody who looks after it came. */
  changed(room: string): void {
    this.#pending.add(room)
    this.#timer ??= setInterval(() => this.#turn(), TELL).unref()
  }

  close(): void {
    clearInterval(this.#timer)
    this.#pending.clear()
  }

  #turn(): void {
    const rooms = [...this.#pending]
    this.#pending.clear()
    if (rooms.length === 0) {
      clearInterval(this.#timer)
      this.#timer = undefined
    }
    for (const room of rooms)
      this.#tell(room).catch((error: unknown) => {
        // A log that can't be read says so to whoever asks for something.
        if (!(error instanceof LogError)) reportFault(error)
      })
  }

  async #tell(name: string): Promise<void> {
    const room = await this.#rooms.open(name)
    const streams = (): Stream[] =>
      [...room.hosts()].flatMap((person) => [...this.#presence.streams(name, person)])
    if (streams().length === 0) return
    const held = await this.#log.heldCount(name)
    const event: WaitingEvent = { room: name, held, reports: [...room.reports].length }
    const told = `${held} ${event.reports}`
    // Asked for anew: who looks after the room may be another one by now.
    for (const stream of streams()) {
      if (this.#told.get(stream) === told) continue
      if (stream.tell('waiting', event)) this.#told.set(stream, told)
      else this.changed(name)
    }
  }
}
