import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../..', import.meta.url))
/** The server wants a newer Node than its clients do: the one that the house brings along. */
const locked = `${root}/node_modules/.bin/node`
const node = existsSync(locked) ? locked : process.execPath

/** A server as people start it, in a process of its own, on a port that it keeps over restarts. */
export class RealServer {
  #flags: readonly string[]
  #process: ChildProcess | undefined
  url = ''

  private constructor(flags: readonly string[]) {
    this.#flags = flags
  }

  static async start(...flags: string[]): Promise<RealServer> {
    const port = await freePort()
    const server = new RealServer([...flags, '--port', String(port)])
    await server.start()
    return server
  }

  async start(): Promise<void> {
    const args = ['--conditions=@hearsay/source', 'apps/server/src/cli.ts', 'serve', ...this.#flags]
    const child = spawn(node, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
    this.#process = child
    for await (const line of createInterface({ input: child.stdout })) {
      const url = /https?:\/\/\S+?:\d+/.exec(line)?.[0]
      if (!url) continue
      this.url = url
      child.stdout.resume()
      return
    }
    throw new Error('The server ended before it listened.')
  }

  /** As by `kill -9`: it has no last word. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM')
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process
    this.#process = undefined
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    child.kill(signal)
    await once(child, 'exit')
  }

  /** Streams that are open on it, by its own count. */
  async streams(): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text()
    return Number(/^hearsay_listeners (\d+)/m.exec(text)?.[1])
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
