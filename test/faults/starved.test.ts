/** Rows of the faults in which the machine has no more to give: each test is named after its row. */
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statfsSync, truncateSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { ask, say } from '../harness/ask.ts'
import { hear } from '../harness/hear.ts'
import { freePort, spawned, started } from '../harness/server.ts'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const each of undo.splice(0).toReversed()) await each()
})

const hasPrlimit = spawnSync('prlimit', ['--version']).status === 0

describe('EMFILE', () => {
  it.skipIf(!hasPrlimit)(
    '256 files and 400 connections: it lives, and recovers when they go',
    async () => {
      const server = await started(['--memory', '--port', '0', '--limits', 'off'], {
        under: ['prlimit', '--nofile=256:256'],
      })
      undo.push(() => server.stop('SIGKILL'))
      const stream = await hear(server.url, '/r/full')
      await stream.first('hello')
      const port = Number(new URL(server.url).port)
      const sockets: Socket[] = Array.from({ length: 400 }, () => connect(port, '127.0.0.1'))
      const opened = sockets.map(async (socket) => {
        socket.on('error', () => {})
        await Promise.race([once(socket, 'connect'), once(socket, 'close')]).catch(() => {})
      })
      await Promise.all(opened)
      // Some of them are served, the rest wait or are cut; who was there before goes on.
      const one = sockets.find((socket) => !socket.destroyed)!
      one.write('POST /r/full HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nthere')
      await stream.texts(1)
      for (const socket of sockets) socket.destroy()
      // Waiting connections are still handed over one by one, and closed.
      for (;;) {
        const answer = await say(server.url, 'full', 'again').catch(() => undefined)
        if (answer?.status === 201) break
      }
      expect(await stream.texts(2)).toEqual(['there', 'again'])
      expect(server.err()).toBe('')
      stream.leave()
      expect(await server.stop()).toBe(0)
    },
  )
})

it('nobody reads what it writes any more: it serves on', async () => {
  const port = await freePort()
  const server = spawned(['--memory', '--port', `${port}`])
  undo.push(() => server.stop('SIGKILL'))
  server.child.stdout?.destroy()
  server.child.stderr?.destroy()
  const isUp = async (): Promise<boolean> => {
    const answer = await ask(`http://127.0.0.1:${port}`, '/healthz').catch(() => undefined)
    return answer?.status === 200 || server.child.exitCode !== null
  }
  await expect.poll(isUp, { timeout: 30_000 }).toBe(true)
  // It has said where it listens by now, to nobody.
  const said = await say(`http://127.0.0.1:${port}`, 'silent', 'hello')
  expect(said.status).toBe(201)
  expect(await server.stop()).toBe(0)
})

/** A disk of its own that is this small; undefined where this user can't have one. */
function smallDisk(megabytes: number): string | undefined {
  const path = mkdtempSync(join(tmpdir(), 'hearsay-disk-'))
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path])
  if (mounted.status !== 0) {
    rmSync(path, { recursive: true })
    return undefined
  }
  undo.push(() => {
    spawnSync('umount', ['-l', path])
    rmSync(path, { recursive: true })
  })
  return path
}

describe('disk full', () => {
  it('507 and nothing half kept; streams and reads go on; it recovers without a restart', async (context) => {
    const disk = smallDisk(4)
    if (disk === undefined) return context.skip('only root can mount a disk of 4 MB')
    const flags = ['--port', '0', '--data', join(disk, 'data'), '--limits', 'off']
    const server = await started(flags)
    undo.push(() => server.stop('SIGKILL'))
    const stream = await hear(server.url, '/r/disk')
    const text = 'x'.repeat(4000)
    const said: string[] = []
    let refused: Awaited<ReturnType<typeof say>> | undefined
    // What else is on the disk leaves little room.
    const { bavail, bsize } = statfsSync(disk)
    const ballast = join(disk, 'ballast')
    writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - 400_000)))
    for (let i = 0; refused === undefined; i++) {
      const answer = await say(server.url, 'disk', `${i} ${text}`.slice(0, 4000))
      if (answer.status === 201) said.push(String(answer.json()['id']))
      else refused = answer
    }
    expect(said.length).toBeGreaterThan(0)
    expect([refused.status, refused.json()['code']]).toEqual([507, 'disk-full'])
    await stream.texts(said.length)
    expect(stream.isOver).toBe(false)
    // Reading goes on, and typing is heard on the stream that was open.
    const page = (await ask(server.url, '/r/disk/messages?limit=1')).json() as unknown as {
      messages: { id: string }[]
    }
    expect(page.messages[0]!.id).toBe(said.at(-1))
    expect((await ask(server.url, '/r/disk/typing', { method: 'POST' })).status).toBe(204)
    await stream.first('typing')
    expect((await ask(server.url, '/healthz')).status).toBe(200)

    truncateSync(ballast)
    for (;;) {
      const answer = await say(server.url, 'disk', 'room again')
      if (answer.status === 201) {
        said.push(String(answer.json()['id']))
        break
      }
      expect([507, 503]).toContain(answer.status)
    }
    await stream.until(() => stream.told().at(-1)?.['text'] === 'room again')
    expect(stream.told().map(({ id }) => id)).toEqual(said)
    stream.leave()
    expect(await server.stop()).toBe(0)
    const again = await started(flags)
    undo.push(() => again.stop('SIGKILL'))
    const facts = await ask(again.url, '/r/disk', { headers: { accept: 'application/json' } })
    expect(facts.json()['messages']).toBe(said.length)
  })
})
