import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const cli = join(import.meta.dirname, '../apps/server/bin/hearsay.mjs')

/** The command line of a started server, once it listens; it answers, and ends as it is told. */
async function commandOf(program: string, args: readonly string[]): Promise<string[]> {
  const child = spawn(program, [...args, cli, 'serve', '--memory', '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    let out = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
    while (!/listens at/.test(out)) await once(child.stdout, 'data')
    const command = readFileSync(`/proc/${child.pid}/cmdline`, 'utf8').split('\0')
    const url = /listens at (\S+)/.exec(out)![1]!
    expect((await fetch(new URL('/healthz', url))).status).toBe(200)
    child.kill()
    expect((await once(child, 'exit'))[0]).toBe(0)
    return command
  } finally {
    child.kill('SIGKILL')
  }
}

it.runIf(process.platform === 'linux')(
  'on one processor the server has one thread beside it for its garbage, in the same process',
  async () => {
    const [first] = /Cpus_allowed_list:\s+(\d+)/
      .exec(readFileSync('/proc/self/status', 'utf8'))!
      .slice(1)
    const pinned = ['-c', first!, process.execPath]
    expect(await commandOf('taskset', pinned)).toContain('--v8-pool-size=1')
    // Who chose a number keeps it.
    const chosen = await commandOf('taskset', [...pinned, '--v8-pool-size=2'])
    expect(chosen.filter((it) => it.startsWith('--v8-pool-size'))).toEqual(['--v8-pool-size=2'])
  },
)

it.runIf(process.platform === 'linux' && availableParallelism() > 1)(
  'on several it has as many as Node gives',
  async () => {
    const command = await commandOf(process.execPath, [])
    expect(command.filter((it) => it.startsWith('--v8-pool-size'))).toEqual([])
  },
)
