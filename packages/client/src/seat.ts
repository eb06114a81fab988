import type { Server } from './calls.ts'
import type { Clock, ConnectionState } from './connection.ts'
import type { Waiting } from '@hearsay/protocol'
import { epochOf, isLogged, isSignal, Place, type LoggedEvent, type RoomEvent } from './place.ts'
import { gapBefore, RoomStream, type People } from './rooms.ts'

/** Who follows a room. */
export interface RoomListener {
  /** Logged events: each once, in order, without holes (or after a `gap`). Signals as they come. */
  readonly onEvent: (event: RoomEvent) => void
  readonly onState: (state: ConnectionState) => void
  /** From here on nothing is missed. What was said before is not known (any more), and is to be had from the history. */
  readonly onOpen: () => void
}

/** What a tab that leads tells one that follows about a room that it asked for. */
export interface Standing {
  /** Where the stream is. */
  readonly at: string | undefined
  /** What came since the cursor that was asked about; undefined: that is no longer known here. */
  readonly events: readonly LoggedEvent[] | undefined
  readonly people: People | undefined
  readonly waiting: Waiting | undefined
}

export interface SeatOptions {
  readonly server: Server
  readonly clock: Clock
  /** Something is missing after its place: the leader has to be asked. */
  readonly onHole: () => void
  /** It is whole again. */
  readonly onWhole: () => void
}

/** One follower of one room in one tab: whatever is told to it, and whatever is not, it hears each event once. */
export class Seat {
  readonly room: string
  readonly listener: RoomListener
  readonly place: Place = new Place()
  #options: SeatOptions
  /** What comes while it is not yet known what is missing before it. */
  #queue: RoomEvent[] | undefined = []
  /** Where a hole was seen that has been asked about. */
  #healing: string | undefined
  /** The epoch whose events seem to be old ones, about which the leader has been asked. */
  #asked: string | undefined
  /** A stream of its own, for what the leader no longer has. */
  #catchUp: RoomStream | undefined

  constructor(room: string, listener: RoomListener, options: SeatOptions) {
    this.room = room
    this.listener = listener
    this.#options = options
  }

  /** Nothing is missing up to its place. */
  get isWhole(): boolean {
    return !this.#queue
  }

  /** The leader is being asked: what comes now is kept until it has answered. */
  wait(): void {
    this.#queue ??= []
  }

  /** The leader has answered. */
  join({ at, events, people, waiting }: Standing): void {
    if (!this.#queue || this.#catchUp) return
    const { room, place, listener } = this
    if (people) {
      const { count, list } = people
      const data = { room, count, ...(list ? { people: [...list] } : {}) }
      listener.onEvent({ type: 'presence', data })
    }
    if (waiting) listener.onEvent({ type: 'waiting', data: waiting })
    const isFresh = place.cursor === undefined
    if (events === undefined && !isFresh) return this.#fetchMissed()
    place.start(at)
    if (at) place.advance(at)
    if (isFresh) listener.onOpen()
    this.#flush(events ?? [])
  }

  hear(event: RoomEvent): void {
    if (this.#queue && (isLogged(event) || event.type === 'gap')) this.#queue.push(event)
    else if (!this.#take(event)) {
      this.#queue = [event]
      this.#options.onHole()
    }
  }

  /** Lets go of a stream of its own. */
  stop(): void {
    const stream = this.#catchUp
    this.#catchUp = undefined
    stream?.close()
  }

  #flush(events: readonly RoomEvent[]): void {
    const queue = [...events, ...(this.#queue ?? [])]
    this.#queue = undefined
    for (const event of queue) this.hear(event)
    if (this.isWhole) this.#options.onWhole()
  }

  /** false: something is missing before this event, and was not asked about yet. */
  #take(event: RoomEvent): boolean {
    const { place, listener } = this
    if (event.type === 'gap') place.skip()
    else if (isLogged(event)) {
      const base = place.base
      const taken = place.take(event.data)
      if (taken === 'old') {
        const epoch = epochOf(event.data.id)
        if (epoch === epochOf(base)) return true
        // Old by its number alone: the leader has to be asked. What the server tells after this place is not old.
        if (epoch !== this.#asked) {
          this.#asked = epoch
          return false
        }
        if (!this.#catchUp) return true
      } else if (taken === 'hole' && this.#healing !== base) {
        this.#healing = base
        return false
      }
      if (taken !== 'next') {
        listener.onEvent({ type: 'gap', data: gapBefore(event, base ?? '') })
        place.skip()
        place.take(event.data)
      }
      this.#healing = undefined
    }
    listener.onEvent(event)
    return true
  }

  /** The leader no longer has what was missed: a stream of its own, until it is where the leader is. */
  #fetchMissed(): void {
    const { server, clock } = this.#options
    this.#catchUp = new RoomStream({
      server,
      clock,
      onEvent: (_room, event) => {
        if (isSignal(event) || this.#take(event)) return
        // It began after what is missing: once more, from before it.
        this.stop()
        this.#fetchMissed()
      },
      onState: ({ phase }) => {
        if (phase !== 'live' && phase !== 'refused') return
        this.stop()
        this.#flush([])
      },
    })
    this.#catchUp.add([[this.room, this.place.cursor]])
  }
}
