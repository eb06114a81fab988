import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readFile, readdir, rm, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'
import { seqOf } from '../../apps/server/src/log/epochs.ts'
import type { Log, LogError, Logged } from '../../apps/server/src/log/log.ts'
import { message, texts } from './entries.ts'

/** Kills in the test below: set HEARSAY_KILLS=200 for the long run. */
const kills = Number(process.env['HEARSAY_KILLS'] ?? 20)
const writers = 8

const root = process.platform === 'linux' && process.getuid?.() === 0
const strace = spawnSync('strace', ['-V']).status === 0
const program = fileURLToPath(new URL('./writer.ts', import.meta.url))
const node = ['--conditions=@hearsay/source', '--disable-warning=ExperimentalWarning', program]

/** What a log on a disk promises beside the rest: to have what it said it has. */
export function durability(name: string, open: (dir: string) => Promise<Log>): void {
  const logs: Log[] = []
  const dirs: string[] = []
  const start = async (dir: string): Promise<Log> => {
    const log = await open(dir)
    logs.push(log)
    return log
  }
  const folder = async (): Promise<string> => {
    const dir = await mkdtemp(join(tmpdir(), 'hearsay-durable-'))
    dirs.push(dir)
    return dir
  }
  afterEach(async () => {
    await Promise.all(logs.splice(0).map((log) => log.close()))
    await Promise.all(dirs.splice(0).map((dir) => rm(dir, { recursive: true })))
  })

  describe(`${name}: what happens to processes`, () => {
    test(`kill -9 in the middle of it, ${kills} times`, async () => {
      const dir = await folder()
      const heard = new Set<string>()
      const said = new Map<string, string>()
      for (let round = 0; round < kills; round += 1) {
        const child = spawn(process.execPath, [...node, dir, `${writers}`, `${round}`], {
          stdio: ['ignore', 'pipe', 'inherit'],
        })
        // From before the first answer to deep in the flow, and never at a moment of the writer's choosing.
        let left = 1 + ((round * 37) % 400)
        for await (const line of createInterface({ input: child.stdout })) {
          const [what, ...words] = line.split(' ')
          expect(line).not.toMatch(/^(refused|failed)/)
          if (what === 'heard') heard.add(words[0]!)
          if (what === 'said') said.set(`${round}-${words[0]}-${words[1]}`, words[2]!)
          left -= 1
          if (left === 0) child.kill('SIGKILL')
        }
      }
      const log = await start(dir)
      expect(log.epochs).toHaveLength(kills + 1)
      const events = await everything(log)
      const there = new Map(
        events.map(({ id, json }) => [(JSON.parse(json) as { key: string }).key, id]),
      )
      expect(there.size).toBe(events.length)
      const ids = new Set(there.values())
      expect([...said].filter(([key, id]) => there.get(key) !== id)).toEqual([])
      expect([...heard].filter((id) => !ids.has(id))).toEqual([])
      expect(said.size).toBeGreaterThan(kills)
      whole(events)
      inTheirOrder(events)
      // Nobody who says it again says it twice.
      const [key] = [...said.keys()].slice(-1)
      const event = events.find(({ json }) => (JSON.parse(json) as { key: string }).key === key)!
      const [, writer] = key!.split('-')
      const again = await log.append(message(event.room, 'x', `writer-${writer}`, key))
      expect(again).toEqual({ event, first: false })
    }, 600_000)

    test('a second process on the same folder is refused, and the first goes on', async () => {
      const dir = await folder()
      const log = await start(dir)
      await log.append(message('a', 'one'))
      expect(execFileSync(process.execPath, [...node, dir, '1', '0']).toString()).toBe(
        'refused locked\n',
      )
      await expect(open(dir)).rejects.toMatchObject({
        code: 'locked',
        message: expect.stringContaining(dir) as string,
      })
      await log.append(message('a', 'two'))
      await log.close()
      expect(texts(await (await start(dir)).after(['a'], 0, 9, 9))).toEqual(['one', 'two'])
    })

    test('a backup that was put back is a log of its own from there on', async () => {
      const dir = await folder()
      const backup = join(await folder(), 'copy')
      const first = await start(dir)
      const kept = await first.append(message('a', 'kept'))
      await first.close()
      await cp(dir, backup, { recursive: true })
      const second = await start(dir)
      const lost = await second.append(message('a', 'lost'))
      await second.close()
      await rm(dir, { recursive: true })
      await cp(backup, dir, { recursive: true })
      const log = await start(dir)
      const other = await log.append(message('a', 'other'))
      expect(other.event.seq).toBe(lost.event.seq)
      expect(other.event.id).not.toBe(lost.event.id)
      expect(seqOf(log.epochs, log.head, kept.event.id)).toBe(1)
      expect(seqOf(log.epochs, log.head, lost.event.id)).toBe('epoch')
      expect(JSON.parse(other.event.json)).toMatchObject({ prev: kept.event.id })
    })

    test('a database of a newer format, or of another program, is left alone', async () => {
      const newer = await folder()
      await (await start(newer)).close()
      const [file] = (await readdir(newer)).filter((one) => one.endsWith('.db'))
      const db = new DatabaseSync(join(newer, file!))
      db.exec('PRAGMA user_version = 99')
      db.close()
      await expect(open(newer)).rejects.toMatchObject({ code: 'newer' })
      const foreign = await folder()
      const other = new DatabaseSync(join(foreign, file!))
      other.exec('CREATE TABLE theirs (x)')
      other.close()
      const before = await readFile(join(foreign, file!))
      await expect(open(foreign)).rejects.toMatchObject({ code: 'unusable' })
      expect(await readFile(join(foreign, file!))).toEqual(before)
      const rubbish = await folder()
      await writeFile(join(rubbish, file!), 'x'.repeat(9_000))
      await expect(open(rubbish)).rejects.toMatchObject({ code: 'unusable' })
    })

    test('a folder that can not be one is refused in a sentence', async () => {
      const file = join(await folder(), 'file')
      await writeFile(file, '')
      const nowhere = process.platform === 'linux' ? ['/proc/nope', '/proc/nope/deep'] : []
      for (const dir of [file, join(file, 'data'), ...nowhere]) {
        const refused = await open(dir).then(
          () => null,
          (error: LogError) => error,
        )
        expect(refused).toMatchObject({ name: 'LogError', code: 'unusable' })
        expect(refused!.message).toMatch(/^[A-Z][^\n]*\.$/)
      }
    })
  })

  describe(`${name}: what happens to disks`, () => {
    test('full: appends fail, reads go on, and so does all once there is room', async (context) => {
      if (!root) return context.skip('needs root on Linux, for a small tmpfs')
      const dir = await folder()
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', dir])
      try {
        await writeFile(join(dir, 'ballast'), Buffer.alloc(2 << 20))
        const data = join(dir, 'data')
        await mkdir(data)
        const log = await start(data)
        const kept: string[] = []
        let why: unknown
        for (let n = 0; why === undefined; n += 1) {
          const batch = [0, 1, 2].map((i) => log.append(message('a', `${n}-${i}-`.padEnd(3_000))))
          for (const one of await Promise.allSettled(batch)) {
            if (one.status === 'fulfilled') kept.push(one.value.event.id)
            else why = one.reason
          }
        }
        expect(why).toMatchObject({ name: 'LogError', code: 'disk-full' })
        await expect(log.append(message('a', 'x'.repeat(90_000)))).rejects.toMatchObject({
          code: 'disk-full',
        })
        expect((await everything(log)).map(({ id }) => id)).toEqual(kept)
        expect((await log.page('a', { limit: 200 })).messages.length).toBe(
          Math.min(kept.length, 200),
        )
        await unlink(join(dir, 'ballast'))
        kept.push((await log.append(message('a', 'room again'))).event.id)
        await log.close()
        const events = await everything(await start(data))
        expect(events.map(({ id }) => id)).toEqual(kept)
        whole(events)
        await logs.at(-1)!.close()
      } finally {
        execFileSync('umount', [dir])
      }
      return undefined
    })

    test('nothing is acknowledged before an fsync', async (context) => {
      if (!strace) return context.skip('needs strace, to see the calls')
      const dir = await folder()
      await (await start(dir)).close()
      const trace = join(await folder(), 'trace')
      const calls = ['-f', '-qq', '-y', '-o', trace, '-e', 'trace=fsync,fdatasync,write']
      const child = spawn('strace', [...calls, process.execPath, ...node, dir, '1', '0', '30'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      expect(await linesOf(child)).toContain('done')
      // What the kernel saw, in order: between any two answers lies an fsync of the log's own file.
      let synced = 0
      let said = 0
      for (const line of (await readFile(trace, 'utf8')).split('\n')) {
        if (/f(data)?sync.*hearsay/.test(line)) synced += 1
        if (!line.includes('"said ')) continue
        said += 1
        expect(synced).toBeGreaterThan(0)
        synced = 0
      }
      expect(said).toBe(30)
      return undefined
    })

    test('an fsync that fails: nothing is pretended, and the log goes on', async (context) => {
      if (!strace) return context.skip('needs strace, to make fsync fail')
      const dir = await folder()
      await (await start(dir)).close()
      const inject = [
        '-f',
        '-qq',
        '-o',
        '/dev/null',
        '-e',
        'inject=fsync,fdatasync:error=EIO:when=9+7',
      ]
      const child = spawn('strace', [...inject, process.execPath, ...node, dir, '3', '0', '40'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const lines = await linesOf(child)
      const told = (what: string): string[][] =>
        lines.filter((line) => line.startsWith(`${what} `)).map((line) => line.split(' '))
      expect(lines).toContain('done')
      const failed = told('failed')
      expect(failed.length).toBeGreaterThan(3)
      expect(new Set(failed.map((words) => words[3]))).toEqual(new Set(['failed']))
      const said = told('said')
      expect(said.length).toBeGreaterThan(20)
      const log = await start(dir)
      const events = await everything(log)
      const ids = new Set(events.map(({ id }) => id))
      expect(said.filter((words) => !ids.has(words[3]!))).toEqual([])
      // Announced is what is there: all of it but what the last close left, once, in order.
      expect(told('heard').map((words) => words[1])).toEqual(
        events.map(({ id }) => id).slice(0, told('heard').length),
      )
      whole(events)
    })
  })
}

async function linesOf(child: ChildProcess): Promise<string[]> {
  const lines: string[] = []
  const reading = createInterface({ input: child.stdout! }).on('line', (line) => lines.push(line))
  await once(reading, 'close')
  return lines
}

async function everything(log: Log): Promise<Logged[]> {
  const rooms = ['a', 'room-0', 'room-1', 'room-2']
  const events: Logged[] = []
  for (let more = true; more;) {
    const stretch = await log.after(rooms, events.at(-1)?.seq ?? 0, log.head, 1_000)
    events.push(...stretch.events)
    more = stretch.more
  }
  return events
}

/** Every event's `prev` is the one before it in its room, and seqs rise. */
function whole(events: readonly Logged[]): void {
  const last = new Map<string, string>()
  let seq = 0
  for (const event of events) {
    expect(event.seq).toBeGreaterThan(seq)
    const { prev } = JSON.parse(event.json) as { prev: string | null }
    expect(prev).toBe(last.get(event.room) ?? null)
    seq = event.seq
    last.set(event.room, event.id)
  }
}

/** What one writer said one after the other stands in that order, without one missing in between. */
function inTheirOrder(events: readonly Logged[]): void {
  const next = new Map<string, number>()
  for (const { json } of events) {
    const [round, writer, n] = (JSON.parse(json) as { key: string }).key.split('-')
    const who = `${round}-${writer}`
    expect(Number(n)).toBe(next.get(who) ?? 0)
    next.set(who, Number(n) + 1)
  }
}
