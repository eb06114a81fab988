import type { Settings } from '@hearsay/protocol'
import { Buckets, type Rate } from '../limits.ts'
import { Recent } from '../recent.ts'

/** Milliseconds for which somebody is new in a room, at most: until then he counts towards a spike. */
const NEW = 2 * 60_000
/** Milliseconds of calm after which a raid is over. */
const CALM = 5 * 60_000
/** Milliseconds that a newcomer waits before his first word in a raid, and between two of them. */
const WAIT = 30_000
/** Milliseconds after a start in which a cursor tells of somebody who was here before it. */
const RETURN = 5 * 60_000
/** Messages of one newcomer that count towards a flood: the many are looked for, one alone has his own limits. */
const WORDS = 10

/** Rooms whose people are known, and people known of a room: the latest. */
const ROOMS = 10_000
const PEOPLE = 4096
/** Rooms that are raided at once. */
const RAIDS = 1000

/** What newcomers of one room may do before it is a raid. */
const spikes = {
  /** Those who come. */
  arrive: { burst: 120, perSecond: 1 },
  /** Those who say their first word. */
  speak: { burst: 40, perSecond: 0.5 },
  /** What they say: the first ten messages of each. */
  say: { burst: 150, perSecond: 2 },
} as const satisfies Record<string, Rate>
type Spike = keyof typeof spikes

/** What all newcomers of a raided room may say together, those with proofs too. */
const together: Rate = { burst: 30, perSecond: 5 }

/** A room is raided. */
export interface Raid {
  /** Milliseconds since 1970. */
  readonly since: number
  /** When it will be over, if it stays calm; null: when the host says so. */
  readonly until: number | null
}

/** What a newcomer is told in a raid. */
export interface Wait {
  /** Milliseconds. */
  readonly wait: number
  /** false: he has proven already, and all newcomers together are too fast. */
  readonly canProve: boolean
}

interface Known {
  readonly person: string
  /** When he was first seen, by the clock of rules; -Infinity: before this server began. */
  readonly since: number
  words: number
}

interface Raided {
  readonly began: number
  /** By the clock of rules: who was seen before is no newcomer, and is left alone. */
  readonly newSince: number
  readonly byHost: boolean
  ends: number
  readonly proven: Recent<string, true>
  /** When somebody who proves nothing may speak. */
  readonly waiting: Recent<string, number>
  proofs: number
}

export interface RaidOptions {
  /** Milliseconds since 1970. */
  readonly clock: () => number
  /** Milliseconds that never go back. */
  readonly monotonic: () => number
  /** Whether spikes are looked for where a room's host has not said. */
  readonly isAutomatic: boolean
  /** Since when a person is in a room, by the clock of rules; undefined: he is not. */
  readonly hereSince: (room: string, person: string) => number | undefined
  /** A raid began, or (null) is over. */
  readonly tell: (room: string, raid: Raid | null) => void
}

/**
 * Which rooms are raided: more newcomers, or more of their words, than a room has in peace. In memory alone and bounded; of
 * people it knows their keyed hash in the room.
 */
export class Raids {
  readonly #options: RaidOptions
  readonly #start: number
  /** In most rooms one person alone was ever seen. */
  readonly #people = new Recent<string, Known | Recent<string, Known>>(ROOMS)
  readonly #raids = new Map<string, Raided>()
  readonly #counts: Readonly<Record<Spike, Buckets>>
  /** Since when a room's counts have not been at rest. */
  readonly #since: Readonly<Record<Spike, Recent<string, number>>>
  readonly #together = new Buckets(together)
  #timer: NodeJS.Timeout | undefined

  constructor(options: RaidOptions) {
    this.#options = options
    this.#start = options.monotonic()
    const { arrive, speak, say } = spikes
    const counts = { arrive: new Buckets(arrive), speak: new Buckets(speak), say: new Buckets(say) }
    this.#counts = counts
    const since = (): Recent<string, number> => new Recent(ROOMS)
    this.#since = { arrive: since(), speak: since(), say: since() }
  }

  /** Somebody came to listen, which is never refused. @param hasCursor he was here before */
  arrived(room: string, person: string, guard: Settings['guard'], hasCursor: boolean): void {
    const now = this.#options.monotonic()
    const raid = this.#now(room, guard, now)
    if (this.#known(room, person)) return
    // After a start everyone comes back at once: whoever can tell where he was is no newcomer.
    const isBack = hasCursor && now - this.#start < RETURN
    // In a raid nobody new is remembered: a flood of made-up people makes nobody forgotten.
    if (!raid || isBack) this.#note(room, person, isBack ? -Infinity : now)
    if (!isBack) this.#count('arrive', room, guard, now)
  }

  /**
   * Somebody wants to say something. null: nothing is in his way. It is counted, and may be what begins the raid.
   *
   * @param mustWait false: whatever he says waits for review, so he need not
   */
  say(room: string, person: string, guard: Settings['guard'], mustWait: boolean): Wait | null {
    const now = this.#options.monotonic()
    this.#now(room, guard, now)
    this.#heed(room, person, guard, now)
    const raid = this.#raids.get(room)
    if (!raid || this.#isOld(room, person, raid)) return null
    const isProven = raid.proven.get(person) === true
    if (!isProven && mustWait) {
      const until = raid.waiting.get(person)
      if (until === undefined) raid.waiting.set(person, now + WAIT)
      const wait = (until ?? now + WAIT) - now
      if (wait > 0) return { wait, canProve: true }
    }
    const wait = this.#together.take(room, now)
    if (wait > 0) return { wait, canProve: false }
    if (!isProven) raid.waiting.set(person, now + WAIT)
    return null
  }

  /** Is somebody new in a room that is raided? */
  isNewcomer(room: string, person: string): boolean {
    const raid = this.#raids.get(room)
    return raid !== undefined && !this.#isOld(room, person, raid)
  }

  /** Somebody has proven his work: until the raid is over he is held up no more. */
  admit(room: string, person: string): void {
    const raid = this.#raids.get(room)
    if (!raid || raid.proven.get(person)) return
    raid.proven.set(person, true)
    raid.proofs++
  }

  /** How many have proven themselves in this raid: the more, the more work it takes. */
  proofs(room: string): number {
    return this.#raids.get(room)?.proofs ?? 0
  }

  /** The raid of a room, for who looks after it; undefined: none. */
  of(room: string, guard: Settings['guard']): Raid | undefined {
    const raid = this.#now(room, guard, this.#options.monotonic())
    return raid && this.#shown(raid)
  }

  close(): void {
    clearInterval(this.#timer)
  }

  /** The raid that is under way, once what the host has set is done. */
  #now(room: string, guard: Settings['guard'], now: number): Raided | undefined {
    const raid = this.#raids.get(room)
    if (guard === 'on') return raid?.byHost ? raid : this.#begin(room, now, true)
    const isOver = raid && (guard === 'off' || raid.byHost || raid.ends <= now)
    if (isOver) this.#end(room)
    return isOver ? undefined : raid
  }

  /** Counts what a newcomer says. */
  #heed(room: string, person: string, guard: Settings['guard'], now: number): void {
    const raid = this.#raids.get(room)
    let known = this.#known(room, person)
    if (!known && !raid) {
      known = this.#note(room, person, now)
      this.#count('arrive', room, guard, now)
    }
    if (raid ? this.#isOld(room, person, raid) : known && now - known.since >= NEW) return
    if (known && known.words > WORDS) return
    if (!known || known.words === 0) this.#count('speak', room, guard, now)
    this.#count('say', room, guard, now)
    if (known) known.words++
  }

  #count(what: Spike, room: string, guard: Settings['guard'], now: number): void {
    if (!this.#options.isAutomatic || guard === 'off' || guard === 'on') return
    if (this.#isAtRest(what, room, now)) this.#since[what].set(room, now)
    if (this.#counts[what].take(room, now) === 0) return
    const raid = this.#raids.get(room)
    if (raid) raid.ends = now + CALM
    else this.#begin(room, now, false)
  }

  #isAtRest(what: Spike, room: string, now: number): boolean {
    return this.#counts[what].wait(room, now, spikes[what].burst) === 0
  }

  /**
   * When the spike began that is measured now: when the first of those counts left its rest that have not come back to it. A
   * crowd that comes in silence and speaks a little later is one spike; what goes on for long began two minutes ago.
   */
  #spikeBegan(room: string, now: number): number {
    let began = now
    for (const what of Object.keys(spikes) as Spike[])
      if (!this.#isAtRest(what, room, now))
        began = Math.min(began, this.#since[what].get(room) ?? -Infinity)
    return Math.max(began, now - NEW)
  }

  #begin(room: string, now: number, byHost: boolean): Raided {
    const raid: Raided = {
      began: this.#options.clock(),
      newSince: byHost ? now : this.#spikeBegan(room, now),
      byHost,
      ends: byHost ? Infinity : now + CALM,
      proven: new Recent(PEOPLE),
      waiting: new Recent(PEOPLE),
      proofs: 0,
    }
    const [oldest] = this.#raids.keys()
    if (oldest !== undefined && this.#raids.size >= RAIDS) this.#end(oldest)
    this.#raids.set(room, raid)
    this.#options.tell(room, this.#shown(raid))
    this.#timer ??= setInterval(() => this.#relax(), 1000).unref()
    return raid
  }

  #relax(): void {
    const now = this.#options.monotonic()
    for (const [room, { ends }] of this.#raids) if (ends <= now) this.#end(room)
    if (this.#raids.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #end(room: string): void {
    if (this.#raids.delete(room)) this.#options.tell(room, null)
  }

  #shown({ began, ends }: Raided): Raid {
    const left = ends - this.#options.monotonic()
    return { since: began, until: left === Infinity ? null : this.#options.clock() + left }
  }

  #isOld(room: string, person: string, { newSince }: Raided): boolean {
    const here = this.#options.hereSince(room, person)
    if (here !== undefined && here < newSince) return true
    const known = this.#known(room, person)
    return known !== undefined && known.since < newSince
  }

  #known(room: string, person: string): Known | undefined {
    const people = this.#people.get(room)
    if (people instanceof Recent) return people.get(person)
    return people?.person === person ? people : undefined
  }

  #note(room: string, person: string, since: number): Known {
    const known = { person, since, words: 0 }
    let people = this.#people.get(room)
    if (!people) this.#people.set(room, known)
    else {
      if (!(people instanceof Recent)) {
        const first = people
        this.#people.set(room, (people = new Recent(PEOPLE)))
        people.set(first.person, first)
      }
      people.set(person, known)
    }
    return known
  }
}
