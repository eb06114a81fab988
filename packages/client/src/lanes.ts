import type { Clock } from './connection.ts'

/** What tabs tell each other of lanes. `ask`: does anyone send it? Whoever does is not frozen, and says `alive`. */
export interface LaneNote {
  readonly t: 'ask' | 'alive'
  readonly lane: string
}

export interface LanesOptions {
  /** The lane of this tab. It always sends it. */
  readonly own: string
  /** Names the locks. */
  readonly name: string
  readonly clock: Clock
  readonly tell: (note: LaneNote) => void
  /** Another tab's lane has fallen to this one, which sends it from `take` on. */
  readonly onFallen: (take: () => void) => Promise<unknown>
}

interface Claim {
  /** Lets go of the lane, or of the wait for it. */
  readonly end: AbortController
  readonly isGranted: Promise<void>
  timer: unknown
}

/** Milliseconds, up to twice this, after which it is asked whether somebody sends a lane; then this for an answer. */
const ASK = 3000
/** The same where there are no locks to tell. */
const ASK_WITHOUT_LOCKS = 300

/**
 * Who sends what: what one tab wrote is a lane, and some tab sends each lane in which something waits. A Web Lock stands
 * for it. The tab that wrote has it; when that is gone, lock and lane fall to one that is left. A tab that is frozen
 * answers nobody, and its lock is stolen.
 */
export class Lanes {
  #options: LanesOptions
  #locks: LockManager | undefined
  #taken = new Set<string>()
  #claims = new Map<string, Claim>()

  constructor(options: LanesOptions) {
    this.#options = options
    // Not in Node, whose locks are its threads'; nor on pages without a secure context.
    if (typeof document !== 'undefined') this.#locks = navigator.locks as LockManager | undefined
  }

  /** Whether this tab sends it. */
  has(lane: string): boolean {
    return lane === this.#options.own || this.#taken.has(lane)
  }

  /** Something waits in just these: sees to it that some tab sends each. Resolves when that is this one for all of them. */
  async cover(lanes: ReadonlySet<string>): Promise<void> {
    for (const lane of this.#claims.keys()) if (!lanes.has(lane)) this.#drop(lane)
    const claims = [...lanes].map((lane) => this.#claims.get(lane) ?? this.#claim(lane))
    await Promise.all(claims.map(({ isGranted }) => isGranted))
  }

  /** Makes this tab the one that sends it, whoever else does. */
  take(lane: string): void {
    this.#claim(lane, true)
  }

  hear({ t, lane }: LaneNote): void {
    if (t === 'ask') {
      if (this.has(lane)) this.#options.tell({ t: 'alive', lane })
    } else this.#askLater(lane)
  }

  close(): void {
    for (const lane of this.#claims.keys()) this.#drop(lane)
  }

  #drop(lane: string): void {
    const claim = this.#claims.get(lane)
    this.#claims.delete(lane)
    this.#taken.delete(lane)
    this.#options.clock.clearTimeout(claim?.timer)
    claim?.end.abort()
  }

  #claim(lane: string, steal = false): Claim {
    this.#drop(lane)
    const end = new AbortController()
    const { signal } = end
    let grant: () => void = () => {}
    const isGranted = new Promise<void>((resolve) => (grant = resolve))
    const claim: Claim = { end, isGranted, timer: undefined }
    this.#claims.set(lane, claim)
    const serve = async (): Promise<void> => {
      if (signal.aborted) return
      if (!this.has(lane)) {
        await this.#options.onFallen(() => signal.aborted || this.#taken.add(lane))
        if (signal.aborted) return
        if (steal) this.#options.tell({ t: 'alive', lane })
      }
      grant()
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
    }
    if (this.#locks) {
      const options = steal ? { steal } : { signal }
      this.#locks
        .request(`${this.#options.name}:${lane}`, options, serve)
        .catch(({ name }: Error) => {
          if (signal.aborted) return
          // Stolen: this tab was taken for dead. Anything else: there are none for such a page, as in a sandboxed frame.
          if (name !== 'AbortError') this.#locks = undefined
          this.#claim(lane)
        })
    } else if (steal) void serve()
    this.#askLater(lane)
    return claim
  }

  /** Whoever has the lane may be frozen. */
  #askLater(lane: string): void {
    const claim = this.#claims.get(lane)
    if (!claim || this.has(lane)) return
    const { clock, tell } = this.#options
    const patience = this.#locks ? ASK : ASK_WITHOUT_LOCKS
    const again = (milliseconds: number, run: () => void): void => {
      clock.clearTimeout(claim.timer)
      claim.timer = clock.setTimeout(() => this.has(lane) || run(), milliseconds)
    }
    // Not all of those that wait at once: the others hear the answer.
    again(patience * (1 + clock.random()), () => {
      tell({ t: 'ask', lane })
      again(patience, () => this.#claim(lane, true))
    })
  }
}
