/** What the examples' tests share: an example as its `npm start` runs it, a browser, and a line that can be cut. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { delimiter, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { expect } from 'vitest'

const root = join(import.meta.dirname, '../..')

export interface Example {
  readonly port: number
  readonly url: string
  /** All that it wrote until now, on stdout and stderr. */
  output(): string
  /** Types a line into it. */
  type(line: string): void
  /** Resolves when the process is gone. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>
}

/** Starts an example with the words of its `start` script, on a port that is free unless one is given. */
export async function start(name: string, env: Record<string, string> = {}): Promise<Example> {
  const cwd = join(root, 'examples', name)
  const { scripts } = JSON.parse(readFileSync(join(cwd, 'package.json'), 'utf8')) as {
    scripts: { start: string }
  }
  const [command = '', ...args] = scripts.start.split(' ')
  const child = spawn(command, args, {
    cwd,
    env: {
      ...process.env,
      PORT: '0',
      // As npm does: the repository's own Node comes before the machine's.
      PATH: join(root, 'node_modules/.bin') + delimiter + process.env['PATH'],
      ...env,
    },
  })
  let output = ''
  const port = await new Promise<number>((resolve, reject) => {
    const onText = (text: Buffer): void => {
      output += text.toString()
      const told = /http:\/\/localhost:(\d+)/.exec(output)
      if (told) resolve(Number(told[1]))
    }
    child.stdout.on('data', onText)
    child.stderr.on('data', onText)
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code}:\n${output}`)))
  })
  return {
    port,
    url: `http://localhost:${port}`,
    output: () => output,
    type: (line) => void child.stdin.write(`${line}\n`),
    stop: (signal = 'SIGTERM') => stop(child, signal),
  }
}

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill(signal)
  await gone
}

export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['HEARSAY_HEADLESS'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  })
}

/** Waits until something is as it should be; fails with what it was instead. */
export async function until<Value>(read: () => Promise<Value>, wanted: Value): Promise<void> {
  await expect.poll(read, { timeout: 15_000 }).toEqual(wanted)
}

/** A line between a browser and a server: what goes in at `url` comes out at the server, until it is cut. */
export interface Cable {
  readonly url: string
  /** Tears every connection; new ones are torn too, until it is mended. */
  cut(): void
  mend(): void
  close(): Promise<void>
}

export async function layCable(to: number): Promise<Cable> {
  const ends = new Set<Socket>()
  let isCut = false
  const tear = (socket: Socket): void => {
    socket.resetAndDestroy()
    ends.delete(socket)
  }
  const server = createServer((near) => {
    if (isCut) return tear(near)
    const far = connect(to, '127.0.0.1')
    for (const [end, other] of [
      [near, far],
      [far, near],
    ] as const) {
      ends.add(end)
      end.on('error', () => other.destroy())
      end.on('close', () => {
        ends.delete(end)
        other.destroy()
      })
      end.pipe(other)
    }
    return undefined
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    cut: () => {
      isCut = true
      for (const end of ends) tear(end)
    },
    mend: () => {
      isCut = false
    },
    close: async () => {
      for (const end of ends) tear(end)
      server.close()
      await once(server, 'close')
    },
  }
}
