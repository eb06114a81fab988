import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { readConfig, serve, type Running } from '../../apps/server/src/index.ts'

const root = resolve(import.meta.dirname, '../..')

/** A server in this process, on a free port, in memory unless a folder is given. */
export async function open(...flags: string[]): Promise<Running> {
  const kept = flags.includes('--data') ? [] : ['--memory']
  return serve(readConfig(['--port', '0', ...kept, ...flags], {}))
}

/** A folder that goes when `remove` is called. */
export function folder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'hearsay-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** A server in a process of its own. */
export interface Process {
  readonly child: ChildProcess
  readonly url: string
  /** All it wrote so far. */
  out(): string
  err(): string
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>
  stop(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals>
}

/** What is put before the command: `prlimit`, for example. */
export interface Starting {
  readonly under?: readonly string[]
  readonly cwd?: string
}

/** Starts `hearsay serve`; does not wait for anything. */
export function spawned(flags: readonly string[], starting: Starting = {}): Process {
  const { under = [], cwd = root } = starting
  const cli = join(root, 'apps/server/src/cli.ts')
  const source = '--conditions=@hearsay/source'
  const [program = '', ...args] = [...under, process.execPath, source, cli, 'serve', ...flags]
  const child = spawn(program, args, {
    cwd,
    env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  const ended = once(child, 'close').then(
    ([code, signal]) => (code ?? signal) as number | NodeJS.Signals,
  )
  return {
    child,
    get url() {
      return /listens at (\S+)/.exec(out)?.[1] ?? ''
    },
    out: () => out,
    err: () => err,
    ended,
    stop(signal = 'SIGTERM') {
      child.kill(signal)
      return ended
    },
  }
}

/** Starts `hearsay serve` and waits until it listens. @throws Error with what it wrote where it ended before */
export async function started(flags: readonly string[], starting: Starting = {}): Promise<Process> {
  const server = spawned(flags, starting)
  await new Promise<void>((resolve, reject) => {
    const look = (): void => {
      if (server.url !== '') resolve()
    }
    server.child.stdout!.on('data', look)
    void server.ended.then((end) => reject(new Error(`ended with ${end}: ${server.err()}`)))
  })
  return server
}

/** A port that is free now: for servers that must come back at the same place. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}
