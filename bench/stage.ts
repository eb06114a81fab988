import { fork } from 'node:child_process'
import { join } from 'node:path'
import { Crowd } from './load/crowd.ts'
import { pace } from './load/pace.ts'
import { Poster } from './load/poster.ts'
import { Said } from './load/said.ts'
import { textOf } from './load/text.ts'
import type { Cores } from './measure/cores.ts'
import { freePort, Server } from './measure/server.ts'
import type { Peer } from './peers/peers.ts'

/** What a scenario gives for one peer. */
export interface Row {
  readonly scenario: string
  readonly peer: string
  readonly figures: Readonly<Record<string, number | null>>
  /** Where a scenario goes through several loads. */
  readonly points?: readonly Readonly<Record<string, number>>[]
  /** What makes its figures doubtful, a sentence each. */
  readonly notes: readonly string[]
  /** The largest share of the server's core that went to other processes while it was measured. */
  readonly others: number
}

/** One measurement: what there is to answer a question with. */
export interface Scenario {
  readonly name: string
  readonly title: string
  /** What is done and what is counted, for the report. */
  readonly what: string
  /** Seconds after which it is ended by force. */
  readonly bound: number
  /** How often every peer has its turn, one after another: the medians count. Once where nothing is said. */
  readonly rounds?: number
  takes(peer: Peer): boolean
  run(stage: Stage): Promise<Pick<Row, 'figures' | 'points'>>
}

/** What the load generator and the server used between two moments. */
export interface Effort {
  /** The server's CPU time in milliseconds. */
  readonly cpu: number
  /** Share of its core that the load generator used. */
  readonly load: number
}

/** One peer, its server, and the load on it: all in the process that plays the load. */
export class Stage {
  readonly peer: Peer
  /** A short run: its figures say nothing. */
  readonly quick: boolean
  readonly dir: string
  readonly said: Said = new Said()
  readonly notes: Set<string> = new Set()
  /** The largest share of the server's core that other processes took while something was measured. */
  others = 0
  readonly progress: (text: string) => void
  readonly #cores: Cores
  #port = 0
  #server: Server | null = null

  constructor(options: {
    readonly peer: Peer
    readonly quick: boolean
    readonly dir: string
    readonly cores: Cores
    readonly progress: (text: string) => void
  }) {
    this.peer = options.peer
    this.quick = options.quick
    this.dir = options.dir
    this.progress = options.progress
    this.#cores = options.cores
  }

  get server(): Server {
    if (this.#server === null) throw new Error('the server was not started')
    return this.#server
  }

  /** Starts the peer's server; again on the same port and folder where it ran before. */
  async start(as: 'command' | 'guarded' = 'command'): Promise<Server> {
    await this.end()
    this.#port ||= await freePort()
    const command = this.peer[as]!(this.#port, this.dir)
    this.#server = await Server.start(
      command,
      this.#port,
      join(this.dir, 'server.log'),
      this.#cores,
    )
    return this.#server
  }

  async end(): Promise<void> {
    await this.#server?.stop()
    this.#server = null
  }

  /** A crowd in one room, or with `room` for each listener's. */
  crowd(
    options: {
      readonly room?: (index: number) => string
      readonly witnesses?: number
      readonly cursor?: string
      /** More of what listener number `index` sends. */
      readonly headers?: (index: number) => readonly string[]
    } = {},
  ): Crowd {
    const { room = () => 'bench', witnesses = 0, cursor, headers: more = () => [] } = options
    return new Crowd({
      port: this.server.port,
      wire: this.peer.wire,
      said: this.said,
      witnesses,
      silent: this.peer.silent ?? false,
      listen: (index) => {
        const { path, headers = [] } = this.peer.listen(room(index))
        const place = cursor === undefined ? [] : [`Last-Event-ID: ${cursor}`]
        return { path, headers: [...headers, ...place, ...more(index)] }
      },
    })
  }

  /** People who talk in `room`, over at most `connections` at a time. */
  talk(options: { readonly connections?: number; readonly length?: number } = {}): Talk {
    return new Talk(
      this,
      new Poster(this.server.port, options.connections ?? 64),
      options.length ?? 100,
    )
  }

  /** Begins to measure; the answer ends it. */
  effort(): () => Effort {
    const usage = this.server.usage()
    const start = process.cpuUsage()
    return () => {
      const { cpu, elapsed, others } = usage()
      const own = process.cpuUsage(start)
      const load = (own.user + own.system) / 1000 / elapsed
      this.others = Math.max(this.others, others ?? 0)
      return { cpu, load }
    }
  }

  /** Watches from a third process how long the server leaves a small request waiting. */
  async probe(): Promise<() => Promise<{ p99: number; worst: number }>> {
    const child = fork(join(import.meta.dirname, 'load/probe.ts'), [String(this.server.port)])
    const next = <T>(): Promise<T> =>
      new Promise((resolve, reject) => {
        child.once('message', (message) => resolve(message as T))
        child.once('exit', () => reject(new Error('the probe ended')))
      })
    await next()
    return async () => {
      const answer = next<{ p99: number; worst: number; failed: number }>()
      child.send('end')
      const { p99, worst, failed } = await answer
      if (failed > 0) this.notes.add(`${failed} of the probe's requests failed`)
      return { p99, worst }
    }
  }
}

/** Says numbered messages. */
export class Talk {
  readonly poster: Poster
  readonly #stage: Stage
  readonly #length: number

  constructor(stage: Stage, poster: Poster, length: number) {
    this.#stage = stage
    this.poster = poster
    this.#length = length
  }

  /** Says one message that was due at `due`. Answers its number. */
  say(due: number, room = 'bench', done: (() => void) | null = null): number {
    const { said, peer } = this.#stage
    const number = said.add(due)
    this.poster.post(peer.say(room, textOf(number, this.#length), number), due, done)
    return number
  }

  /** Says messages at an even rate. Answers how late the load generator itself was at worst, in milliseconds. */
  async run(
    rate: number,
    seconds: number,
    room: (index: number) => string = () => 'bench',
  ): Promise<number> {
    let index = 0
    return pace(rate, seconds, (due) => this.say(due, room(index++)))
  }

  /**
   * Talks until a message that was said after all others has reached every listener: then all are really there, and
   * nothing is on its way to them. They count from zero again.
   */
  async reach(...crowds: readonly Crowd[]): Promise<void> {
    for (let tries = 0; tries < 20; tries++) {
      await this.poster.settled()
      const heard = crowds.map((crowd) => crowd.heard(this.#stage.said.next, 3000))
      this.say(performance.now())
      if ((await Promise.all(heard)).every(Boolean)) {
        for (const crowd of crowds) crowd.begin()
        return
      }
    }
    const counts = crowds.map(({ heardBy, listeners }) => `${heardBy} of ${listeners.length}`)
    throw new Error(
      `a message reached ${counts.join(' and ')} listeners; ${this.poster.firstFailure}`,
    )
  }

  /**
   * Notes posts that were not taken, and throws where they are more than one in a hundred: no figure would be worth
   * anything.
   */
  check(): void {
    const { failed, answered, firstFailure } = this.poster
    if (failed === 0) return
    const sentence = `${failed} of ${failed + answered} posts failed: ${firstFailure}`
    if (failed * 100 > answered) throw new Error(sentence)
    this.#stage.notes.add(sentence)
  }
}
