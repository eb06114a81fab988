import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Cores } from './cores.ts'
import { coreBusy, cpuTime } from './process.ts'

/** A port nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}

/** What a server used over a stretch of time. */
export interface Usage {
  /** Of all its threads and children, user and kernel, in milliseconds. */
  readonly cpu: number
  readonly elapsed: number
  /** Share of its core that went to other processes; null where it has none of its own. */
  readonly others: number | null
}

/** A server under test, in a process of its own. */
export class Server {
  readonly port: number
  readonly #child: ChildProcess
  readonly #log: string
  readonly #cores: Cores

  private constructor(child: ChildProcess, port: number, log: string, cores: Cores) {
    this.#child = child
    this.port = port
    this.#log = log
    this.#cores = cores
  }

  /** Starts it and waits until it takes connections. */
  static async start(
    command: readonly string[],
    port: number,
    log: string,
    cores: Cores,
  ): Promise<Server> {
    const [file = '', ...args] = [...cores.server, ...command]
    const out = openSync(log, 'a')
    const child = spawn(file, args, {
      stdio: ['ignore', out, out],
      env: { ...process.env, NODE_ENV: 'production', PORT: String(port) },
    })
    closeSync(out)
    const server = new Server(child, port, log, cores)
    for (const deadline = Date.now() + 20_000; !(await answers(port)); await sleep(50)) {
      if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
        child.kill('SIGKILL')
        throw new Error(`the server did not start: ${command.join(' ')}\n${server.tail()}`)
      }
    }
    return server
  }

  get pid(): number {
    return this.#child.pid!
  }

  get gone(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  /** The end of what it printed. */
  tail(): string {
    return readFileSync(this.#log, 'utf8').slice(-800)
  }

  /** Begins to measure; the answer ends it. */
  usage(): () => Usage {
    const core = this.#cores.serverCore
    const start = {
      time: performance.now(),
      cpu: cpuTime(this.pid),
      busy: core === null ? 0 : coreBusy(core),
    }
    return () => {
      const elapsed = performance.now() - start.time
      const cpu = cpuTime(this.pid) - start.cpu
      const others = core === null ? null : Math.max(0, coreBusy(core) - start.busy - cpu) / elapsed
      return { cpu, elapsed, others }
    }
  }

  /** Asks it to end, and after ten seconds makes it. */
  async stop(): Promise<void> {
    if (this.gone) return
    const exit = new Promise((resolve) => this.#child.once('exit', resolve))
    this.#child.kill('SIGTERM')
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 10_000)
    await exit
    clearTimeout(timer)
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.on('connect', () => resolve(true))
    socket.on('error', () => resolve(false))
    socket.on('connect', () => socket.destroy())
  })
}
