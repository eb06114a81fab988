import type { Problem } from '@hearsay/protocol'
import type { Server } from './calls.ts'
import { systemClock, type Clock, type ConnectionState } from './connection.ts'
import { epochOf, isLater, isLogged, type RoomEvent } from './place.ts'
import { RoomStream } from './rooms.ts'
import { Seat, type RoomListener, type Standing } from './seat.ts'
import { personAt, whose } from './slot.ts'
import { stopsHiddenPages, watchPage } from './wake.ts'

export interface TabsOptions {
  readonly server: Server
  /** false: a stream of this page's own. */
  readonly share: boolean
  readonly clock?: Clock | undefined
}

/** What tabs tell each other. `want` goes to the leader, `joined` to one tab, the rest to all. */
type Note =
  | { readonly t: 'want'; readonly tab: string; readonly rooms: readonly Wanted[] }
  | (Standing & { readonly t: 'joined'; readonly tab: string; readonly room: string })
  | { readonly t: 'event'; readonly room: string; readonly event: RoomEvent }
  | { readonly t: 'state'; readonly state: ConnectionState; readonly refused: Refused }
  | { readonly t: 'lead'; readonly tab: string }
  | { readonly t: 'ping' }
  | { readonly t: 'pong'; readonly tab: string; readonly at: string | undefined }
  | { readonly t: 'poke'; readonly how: 'retry' | 'refresh' | 'offline' }
  | { readonly t: 'gone'; readonly tab: string }

type Wanted = readonly [room: string, after: string | undefined]
type Refused = ReadonlyMap<string, Problem>

/** Milliseconds: how often a tab looks whether the leader lives, and what it takes for silence. */
const TICK = 1500
const SILENT = 3000
/** Milliseconds that a tab waits for a leader to answer before it leads, where there are no locks; up to twice this. */
const ASKED = 150
/** Pings without an answer after which another tab takes over. */
const PINGS = 2

/**
 * One stream for all tabs of a browser. HTTP/1.1 gives an origin six connections: the seventh tab's stream, and every
 * POST after it, would hang. One tab leads: it has the stream and tells the others. Whoever holds the Web Lock leads,
 * so a leader that closes or crashes is followed at once; one that is frozen answers no ping, and its lock is stolen.
 * Pages without a secure context (http on a local network) have no Web Locks: there the tabs agree by the pings alone.
 */
export class Tabs {
  #options: TabsOptions
  #clock: Clock
  #name: string
  #tab: string = Math.random().toString(36).slice(2)
  #seats = new Set<Seat>()
  #channel: BroadcastChannel | undefined
  #locks: LockManager | undefined
  /** The stream, where this tab leads. */
  #stream: RoomStream | undefined
  /** The tab that leads, as far as this one has heard. */
  #leader: string | undefined
  /** Gives up the claim to lead: takes it out of the queue, or lets go of the lock. */
  #claim: AbortController | undefined
  /** Lets go of the lock by which the others see that this tab is there. */
  #presence: AbortController | undefined
  #present = false
  /** What each tab wants, as far as this one has heard. */
  #wants = new Map<string, readonly Wanted[]>()
  /** Tabs that asked for rooms on which the server has not answered yet. */
  #asking = new Set<string>()
  #refused = new Map<string, Problem>()
  #state: ConnectionState
  #heardAt: number
  #tickedAt: number
  #pings = 0
  #timer: unknown
  #away = true
  #unwatch: () => void

  constructor(options: TabsOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#heardAt = this.#tickedAt = this.#clock.now()
    this.#state = { phase: 'connecting', downSince: this.#heardAt, tries: 0 }
    this.#name = `hearsay:${whose(options.server)}`
    this.#unwatch = watchPage(
      {
        back: (fresh) => {
          if (this.#away) this.#enter()
          else this.#tell(fresh ? { t: 'poke', how: 'refresh' } : { t: 'ping' })
        },
        offline: () => this.#tell({ t: 'poke', how: 'offline' }),
        hidden: () => stopsHiddenPages() && this.#leave(),
        gone: () => this.#leave(),
      },
      () => this.#clock.now(),
    )
    this.#enter()
  }

  /** Follows a room from now on. Answers how to stop. */
  follow(room: string, listener: RoomListener): () => void {
    const seat: Seat = new Seat(room, listener, {
      server: this.#options.server,
      clock: this.#clock,
      onHole: () => this.#want(),
      onWhole: () => listener.onState(this.#stateOf(seat)),
    })
    this.#seats.add(seat)
    listener.onState(this.#stateOf(seat))
    this.#want()
    return () => {
      seat.stop()
      if (this.#seats.delete(seat)) this.#want()
    }
  }

  /** Tries now, whatever the countdown says. */
  retry(): void {
    this.#tell({ t: 'poke', how: 'retry' })
  }

  close(): void {
    this.#unwatch()
    this.#leave()
  }

  #enter(): void {
    this.#away = false
    const { share } = this.#options
    if (!share || typeof document === 'undefined' || typeof BroadcastChannel !== 'function') {
      this.#present = true
      return this.#lead()
    }
    this.#channel = new BroadcastChannel(this.#name)
    this.#channel.addEventListener('message', ({ data }: MessageEvent<Note>) => this.#hear(data))
    this.#heardAt = this.#tickedAt = this.#clock.now()
    this.#locks = navigator.locks as LockManager | undefined
    const { signal } = (this.#presence = new AbortController())
    const arrive = (): Promise<void> | undefined => {
      if (signal.aborted) return undefined
      this.#present = true
      this.#queue()
      this.#want()
      return until(signal)
    }
    if (this.#locks) {
      this.#locks.request(`${this.#name}:${this.#tab}`, arrive).catch(() => {
        this.#locks = undefined
        void arrive()
      })
    } else void arrive()
    this.#tick()
  }

  #leave(): void {
    if (this.#away) return
    this.#away = true
    this.#present = false
    this.#clock.clearTimeout(this.#timer)
    for (const seat of this.#seats) seat.stop()
    this.#stepDown()
    this.#claim?.abort()
    this.#presence?.abort()
    this.#channel?.postMessage({ t: 'gone', tab: this.#tab } satisfies Note)
    this.#channel?.close()
    this.#channel = undefined
    this.#wants.clear()
    this.#setState({
      phase: 'waiting',
      reason: 'hidden',
      until: Infinity,
      seconds: Infinity,
      downSince: this.#clock.now(),
      tries: 0,
    })
  }

  // Leading

  /** Waits for its turn to lead; `steal` does not wait. */
  #queue(steal = false): void {
    this.#claim?.abort()
    const { signal } = (this.#claim = new AbortController())
    if (!this.#locks) {
      if (steal) return this.#lead()
      const asked = this.#clock.now()
      this.#tell({ t: 'ping' })
      const lead = (): void => {
        if (!signal.aborted && this.#heardAt <= asked) this.#lead()
      }
      this.#clock.setTimeout(lead, ASKED + this.#clock.random() * ASKED)
      return
    }
    const lead = (): Promise<void> | undefined => {
      if (signal.aborted) return undefined
      this.#lead()
      return until(signal)
    }
    const options = steal ? { steal: true } : { signal }
    this.#locks.request(this.#name, options, lead).catch(() => {
      if (signal.aborted) return
      // Stolen: this tab was taken for dead, so it may have missed something.
      this.#stepDown()
      this.#heardAt = this.#clock.now()
      this.#queue()
      this.#want()
    })
  }

  #lead(): void {
    if (this.#stream || this.#away) return
    this.#refused.clear()
    this.#stream = new RoomStream({
      server: this.#options.server,
      clock: this.#clock,
      onEvent: (room, event) => this.#tell({ t: 'event', room, event }),
      onOpen: (rooms) => {
        for (const tab of this.#asking) this.#answer(tab, rooms)
      },
      onState: (state) => this.#tell({ t: 'state', state, refused: this.#refused }),
      onRefused: (room, problem) => {
        this.#refused.set(room, problem)
        this.#tell({ t: 'state', state: this.#state, refused: this.#refused })
      },
    })
    for (const tab of this.#wants.keys()) this.#mourn(tab)
    // What the others are known to want is there from the first request on; they ask for the rest themselves.
    const own = this.#wanted()
    const others = [...this.#wants.values()].flat()
    this.#wants.set(this.#tab, own)
    // Not from where they were when they last asked, which may be long ago: from where this tab is.
    const isOn = own[0]?.[1] !== undefined
    this.#stream.add([
      ...own,
      ...others.map(([room, at]) => [room, isOn ? undefined : at] as const),
    ])
    this.#tell({ t: 'lead', tab: this.#tab })
    this.#want()
  }

  #stepDown(): void {
    this.#stream?.close()
    this.#stream = undefined
    this.#asking.clear()
  }

  /** Learns at once when a tab is gone, however it went. */
  #mourn(tab: string): void {
    if (tab === this.#tab) return
    const stream = this.#stream
    const gone = (): void => {
      if (this.#stream === stream) this.#forget(tab)
    }
    this.#locks?.request(`${this.#name}:${tab}`, gone).catch(() => {})
  }

  #forget(tab: string): void {
    this.#asking.delete(tab)
    if (this.#wants.delete(tab)) this.#prune()
  }

  /** Leaves rooms that no tab wants any more. */
  #prune(): void {
    const wanted = new Set([...this.#wants.values()].flat().map(([room]) => room))
    for (const room of this.#stream?.rooms ?? []) if (!wanted.has(room)) this.#stream?.drop(room)
    for (const room of this.#refused.keys()) if (!wanted.has(room)) this.#refused.delete(room)
  }

  #serve(tab: string, rooms: readonly Wanted[]): void {
    const stream = this.#stream as RoomStream
    this.#asking.add(tab)
    stream.add(rooms.filter(([room]) => !this.#refused.has(room)))
    this.#prune()
    const { state } = stream
    if (state) this.#tell({ t: 'state', state, refused: this.#refused })
    this.#answer(tab, stream.rooms)
  }

  /** Tells a tab where its rooms stand, as soon as the server has answered on all of them. */
  #answer(tab: string, open: readonly string[]): void {
    const stream = this.#stream as RoomStream
    const rooms = (this.#wants.get(tab) ?? []).filter(([room]) => open.includes(room))
    if (!rooms.every(([room]) => stream.isOpen(room))) return
    this.#asking.delete(tab)
    for (const [room, after] of rooms) {
      const at = stream.cursor(room)
      const people = stream.presence(room)
      const waiting = stream.waiting(room)
      const events = stream.since(room, after)
      this.#tell({ t: 'joined', tab, room, at, people, waiting, events })
    }
  }

  // Following

  #wanted(): readonly Wanted[] {
    return [...this.#seats].map(({ room, place }) => [room, place.cursor])
  }

  /** Tells the leader which rooms this tab follows and how far it has heard each. */
  #want(): void {
    if (!this.#present) return
    for (const seat of this.#seats) seat.wait()
    this.#tell({ t: 'want', tab: this.#tab, rooms: this.#wanted() })
  }

  #tick(): void {
    this.#timer = this.#clock.setTimeout(() => this.#tick(), TICK)
    const now = this.#clock.now()
    // A tab that slept itself has the leader's notes still before it: they come first.
    const slept = now - this.#tickedAt > 3 * TICK
    this.#tickedAt = now
    if (this.#stream) return this.#stream.check()
    if (now - this.#heardAt < SILENT || !this.#present) this.#pings = 0
    else if (slept || this.#pings < PINGS) {
      this.#pings = slept ? 0 : this.#pings + 1
      this.#tell({ t: 'ping' })
    } else {
      this.#pings = 0
      this.#queue(true)
    }
  }

  /** To all tabs, this one among them. */
  #tell(note: Note): void {
    this.#channel?.postMessage(note)
    this.#hear(note)
  }

  #hear(note: Note): void {
    const { t } = note
    if (t === 'want') {
      const known = this.#wants.has(note.tab)
      this.#wants.set(note.tab, note.rooms)
      if (!this.#stream) return
      if (!known) this.#mourn(note.tab)
      this.#serve(note.tab, note.rooms)
    } else if (t === 'gone') {
      this.#forget(note.tab)
      if (!this.#locks && this.#leader === note.tab) this.#queue()
    } else if (t === 'ping') {
      if (!this.#stream) return
      // Timers of hidden tabs may be a minute late, a ping from a visible one is not.
      this.#stream.check()
      this.#tell({ t: 'pong', tab: this.#tab, at: this.#stream.cursor() })
    } else if (t === 'poke') {
      const stream = this.#stream
      if (!stream) return
      if (note.how === 'retry' && this.#refused.size > 0) {
        this.#refused.clear()
        // All ask anew, from where they are by now.
        this.#tell({ t: 'lead', tab: this.#tab })
        this.#want()
      }
      stream[note.how]()
    } else this.#obey(note)
  }

  /** What only leaders say. */
  #obey(note: Exclude<Note, { t: 'want' | 'gone' | 'ping' | 'poke' }>): void {
    this.#heardAt = this.#clock.now()
    if (note.t === 'lead' || note.t === 'pong') {
      this.#leader = note.tab
      if (note.tab === this.#tab) return
      // Without locks two may have begun to lead: the one with the lower name goes on.
      if (this.#stream && !this.#locks) {
        if (note.tab > this.#tab) return
        this.#claim?.abort()
        this.#stepDown()
      }
      // Browsers drop what is told to a tab that stands still. What the leader has told before this note is here now.
      const missed = ({ isWhole, place: { cursor } }: Seat): boolean =>
        note.t === 'pong' &&
        isWhole &&
        (isLater(note.at, cursor) || epochOf(note.at) !== epochOf(cursor))
      if (note.t === 'lead' || [...this.#seats].some(missed)) this.#want()
    } else if (note.t === 'state') {
      this.#refused = new Map(note.refused)
      this.#setState(note.state)
    } else if (note.t === 'event') {
      const { room, event } = note
      for (const seat of this.#seats) {
        if (seat.room === room) seat.hear(event)
        else if (isLogged(event) && seat.isWhole) seat.place.advance(event.data.id)
      }
    } else if (note.tab === this.#tab) {
      for (const seat of this.#seats) if (seat.room === note.room) seat.join(note)
    }
  }

  #stateOf({ room, isWhole, place }: Seat): ConnectionState {
    const problem = this.#refused.get(room)
    if (problem) return { phase: 'refused', problem }
    // The leader has everything, this tab is still about to.
    const isBehind = !isWhole && place.cursor !== undefined && this.#state.phase === 'live'
    return isBehind ? { phase: 'catching-up', downSince: this.#clock.now() } : this.#state
  }

  #setState(state: ConnectionState): void {
    this.#state = state
    for (const seat of this.#seats) seat.listener.onState(this.#stateOf(seat))
  }
}

/** Holds a lock until the signal. */
function until(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve()))
}

interface Shared {
  readonly tabs: Tabs
  uses: number
}

const shared = new Map<string, Shared>()

/** The stream for a server and a person: one for all rooms of a page. `release` lets go of it. */
export function tabsFor(options: TabsOptions): { tabs: Tabs; release: () => void } {
  const { server, share } = options
  const key = `${share} ${personAt(server)}`
  // In Node a program may well want several, such as one for each of its people.
  const one = (typeof document === 'undefined' ? undefined : shared.get(key)) ?? {
    tabs: new Tabs(options),
    uses: 0,
  }
  let use = 1
  one.uses += use
  shared.set(key, one)
  return {
    tabs: one.tabs,
    release: () => {
      // A second time it takes nothing from the others.
      one.uses -= use
      use = 0
      if (one.uses > 0) return
      if (shared.get(key) === one) shared.delete(key)
      one.tabs.close()
    },
  }
}
