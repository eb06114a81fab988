import type { From, Gap, Presence, Problem, Waiting } from '@hearsay/protocol'
import { address, call, credentials, ProblemError, type Server } from './calls.ts'
import {
  Connection,
  jsonOf,
  pause,
  seqOf,
  systemClock,
  type Clock,
  type ConnectionState,
} from './connection.ts'
import type { StreamEvent } from './parse.ts'
import { epochOf, isLogged, later, Place, type LoggedEvent, type RoomEvent } from './place.ts'

/** Who is here. `list` is null in a room of more than a hundred, where only the number is told. */
export interface People {
  readonly count: number
  readonly list: readonly From[] | null
}

/** Who is here after this was told. */
export function foldPresence(before: People, told: Presence): People {
  const { count, people, joined, left } = told
  if (people) return { count, list: people }
  if (!before.list || !(joined || left)) return { count, list: null }
  const gone = new Set([...(joined ?? []), ...(left ?? [])].map(({ person }) => person))
  const stayed = before.list.filter(({ person }) => !gone.has(person))
  return { count, list: [...stayed, ...(joined ?? [])] }
}

export interface RoomStreamOptions {
  readonly server: Server
  /**
   * Each logged event of a room once, in order, without holes; signals as they come. What was heard already comes again
   * where its epoch leaves it open whether it was.
   */
  readonly onEvent: (room: string, event: RoomEvent) => void
  /** The server has answered: from here on nothing is missed in these rooms. */
  readonly onOpen?: (rooms: readonly string[]) => void
  readonly onState: (state: ConnectionState) => void
  /** One room of several was refused; the others go on. */
  readonly onRefused?: (room: string, problem: Problem) => void
  readonly clock?: Clock | undefined
}

/** Events of each room that are kept for tabs that come late. */
const KEPT = 200

interface Followed {
  readonly place: Place
  /** The newest events, for those who are a little behind. */
  readonly recent: LoggedEvent[]
  presence: People | undefined
  waiting: Waiting | undefined
  /** The place at which a hole was seen and the stream opened anew. */
  healing: string | undefined
  open: boolean
}

/** Some rooms on one stream with one cursor: checked for holes, healed, remembered for a while. */
export class RoomStream {
  #options: RoomStreamOptions
  #rooms = new Map<string, Followed>()
  #connection: Connection | undefined
  /** How often it could not be found out which of several rooms is refused. */
  #tries = 0

  constructor(options: RoomStreamOptions) {
    this.#options = options
  }

  get state(): ConnectionState | undefined {
    return this.#connection?.state
  }

  get rooms(): readonly string[] {
    return [...this.#rooms.keys()]
  }

  /** Adds rooms, each with the cursor after which it is to be heard. Rooms that are there stay as they are. */
  add(rooms: Iterable<readonly [room: string, after: string | undefined]>): void {
    let cursor = this.#connection?.cursor || undefined
    let added = false
    for (const [room, after] of rooms) {
      if (this.#rooms.has(room)) continue
      const place = new Place(after ?? cursor)
      const followed: Followed = {
        place,
        recent: [],
        presence: undefined,
        waiting: undefined,
        healing: undefined,
        open: false,
      }
      this.#rooms.set(room, followed)
      if (cursor === undefined || before(after, cursor)) cursor = after ?? cursor
      added = true
    }
    if (added) this.#reopen(cursor)
  }

  /** Stops hearing a room. */
  drop(room: string): void {
    if (!this.#rooms.delete(room)) return
    if (this.#rooms.size > 0) this.#reopen(this.#connection?.cursor)
    else this.close()
  }

  /** The server has answered for this room. */
  isOpen(room: string): boolean {
    return this.#rooms.get(room)?.open === true
  }

  /** The cursor up to which a room has been heard; without one, all of them. */
  cursor(room?: string): string | undefined {
    const base = room === undefined ? undefined : this.#rooms.get(room)?.place.base
    return later(this.#connection?.cursor || undefined, base)
  }

  /** Who is in the room, as last told. */
  presence(room: string): People | undefined {
    return this.#rooms.get(room)?.presence
  }

  /** How much waits for who looks after the room, as last told; undefined: he does not. */
  waiting(room: string): Waiting | undefined {
    return this.#rooms.get(room)?.waiting
  }

  /** The events after a cursor, where they are all still here. */
  since(room: string, after: string | undefined): readonly LoggedEvent[] | undefined {
    const followed = this.#rooms.get(room)
    if (!followed) return undefined
    if (after === undefined) return []
    const { recent, place } = followed
    const from = seqOf(after) ?? 0
    const missed = recent.filter(({ data }) => (seqOf(data.id) ?? 0) > from)
    const next = missed[0]?.data
    const base = next ? next.prev : (recent.at(-1)?.data.id ?? place.base)
    if (from < (seqOf(base) ?? (next ? 0 : Infinity))) return undefined
    // Of neither epoch between which it seems to stand: who knows from which log it is.
    const around = [base, next?.id ?? this.cursor(room)].map(epochOf)
    return around.includes(epochOf(after)) ? missed : undefined
  }

  retry(): void {
    this.#connection?.retry()
  }

  refresh(): void {
    this.#connection?.refresh()
  }

  offline(): void {
    this.#connection?.offline()
  }

  check(): void {
    this.#connection?.check()
  }

  close(): void {
    const connection = this.#connection
    this.#connection = undefined
    connection?.close()
  }

  #reopen(cursor: string | undefined): void {
    for (const followed of this.#rooms.values()) followed.open = false
    if (this.#connection) return this.#connection.reopen(cursor ?? '')
    const { server, clock, onState } = this.#options
    this.#connection = new Connection({
      source: () => ({ url: this.#url(), headers: credentials(server) }),
      awaitHello: true,
      onEvent: (event) => this.#hear(event),
      onState: (state) => {
        if (state.phase === 'closed') return
        if (state.phase === 'refused' && this.#rooms.size > 1) void this.#sort(state.problem)
        else onState(state)
      },
      fetch: server.fetch,
      clock,
      after: cursor,
    })
  }

  #url(): URL {
    const [first, ...others] = this.#rooms.keys()
    const { server } = this.#options
    if (others.length === 0) return address(server, `/r/${first}`)
    const url = address(server, '/events')
    for (const room of this.#rooms.keys()) url.searchParams.append('room', room)
    return url
  }

  #hear({ type, data, id }: StreamEvent): void {
    const body = jsonOf<RoomEvent['data'] & { rooms: object }>(data)
    if (type === 'hello') {
      this.#tries = 0
      for (const followed of this.#rooms.values()) {
        followed.open = true
        followed.place.start(this.#connection?.cursor || undefined)
      }
      return this.#options.onOpen?.(this.rooms)
    }
    const room = body.room ?? ''
    const followed = this.#rooms.get(room)
    if (!followed) return
    const event = { type, data: body } as RoomEvent
    if (isLogged(event)) {
      // Only what stands in the log moves a cursor: anything else with a room's name is not for us.
      if (id === undefined) return
      return this.#follow(room, followed, event)
    }
    if (event.type === 'gap') {
      followed.place.skip()
      followed.recent.length = 0
    } else if (event.type === 'presence') {
      followed.presence = foldPresence(followed.presence ?? { count: 0, list: [] }, event.data)
    } else if (event.type === 'waiting') followed.waiting = event.data
    else if (event.type !== 'typing') return
    this.#options.onEvent(room, event)
  }

  #follow(room: string, followed: Followed, event: LoggedEvent): void {
    const { place, recent } = followed
    const taken = place.take(event.data)
    if (taken === 'old') {
      if (epochOf(event.data.id) === epochOf(place.base)) return
      // Old by its number alone: the log may be another one since. Who listens knows what it has.
      place.skip()
      place.take(event.data)
      recent.length = 0
    }
    if (taken === 'hole') {
      const cursor = place.base ?? ''
      if (followed.healing !== cursor) {
        followed.healing = cursor
        return this.#reopen(cursor)
      }
      // Asked again from the same place, the server leaves out the same: it is not there any more.
      this.#options.onEvent(room, { type: 'gap', data: gapBefore(event, cursor) })
      place.skip()
      place.take(event.data)
      recent.length = 0
    }
    followed.healing = undefined
    recent.push(event)
    if (recent.length > KEPT) recent.shift()
    this.#options.onEvent(room, event)
  }

  /** Of several rooms on one stream some are refused: finds out which, and goes on with the others. */
  async #sort(problem: Problem): Promise<void> {
    const { server, clock = systemClock, onRefused, onState } = this.#options
    let found = false
    let isOpen = false
    for (const room of this.rooms) {
      try {
        await call(server, `/r/${room}`)
      } catch (error) {
        if (!(error instanceof ProblemError)) continue
        if (error.passing) isOpen = true
        else {
          found = true
          this.#rooms.delete(room)
          onRefused?.(room, error.problem)
        }
      }
    }
    const connection = this.#connection
    // Meanwhile all were left, or it was asked for once more.
    const isRefused = (): boolean => connection?.state.phase === 'refused'
    if (found && this.#rooms.size > 0 && connection) this.#reopen(connection.cursor)
    else if (isOpen)
      clock.setTimeout(() => isRefused() && connection?.retry(), pause(clock, this.#tries++))
    else if (isRefused()) onState({ phase: 'refused', problem })
  }
}

/** The gap that must be there, as this event does not follow on the cursor. */
export function gapBefore(event: LoggedEvent, cursor: string): Gap {
  return { room: event.data.room, after: cursor, oldest: event.data.id, reason: 'unknown' }
}

function before(a: string | undefined, b: string): boolean {
  return (seqOf(a) ?? Infinity) < (seqOf(b) ?? -Infinity)
}
