/** Rows of the faults in which the server ends, or never starts: each test is named after its row. */
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, describe, expect, it } from 'vitest'
import { ask, bearer, say, type Answer } from '../harness/ask.ts'
import { hear, type Stream } from '../harness/hear.ts'
import { ConfigError, readConfig, serve } from '../../apps/server/src/index.ts'
import { folder, freePort, spawned, started, type Process } from '../harness/server.ts'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const each of undo.splice(0).toReversed()) await each()
})
function dataFolder(): string {
  const dir = folder()
  undo.push(() => dir.remove())
  return dir.path
}
async function start(...flags: string[]): Promise<Process> {
  const server = await started(flags)
  undo.push(() => server.stop('SIGKILL'))
  return server
}

/** Says it until it is acknowledged, as a client does. @returns the id */
async function sayForSure(url: string, room: string, text: string, key: string): Promise<string> {
  for (;;) {
    const headers = { 'idempotency-key': key, ...bearer(key.split(':')[0]!) }
    const answer = await say(url, room, text, headers).catch(
      (error: NodeJS.ErrnoException) => error,
    )
    if ('status' in answer && answer.status < 300) return String(answer.json()['id'])
    if ('status' in answer && answer.status !== 503) throw new Error(answer.text)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** A reader that comes back with its cursor for ever, and holds each event to the one before it. */
class Reader {
  readonly texts: string[] = []
  readonly gaps: unknown[] = []
  #last: string | null = null
  #seq = 0
  #stopped = false
  #wake: () => void = () => {}
  #stream: Stream | undefined
  readonly #over: Promise<void>

  constructor(url: string, room: string, cursor: string) {
    this.#last = cursor
    this.#over = this.#run(url, room)
  }

  async #run(url: string, room: string): Promise<void> {
    while (!this.#stopped) {
      const headers = { 'last-event-id': this.#last! }
      const stream = await hear(url, `/r/${room}`, headers).catch(() => undefined)
      if (!stream) {
        await new Promise((resolve) => setTimeout(resolve, 20))
        continue
      }
      this.#stream = stream
      let taken = 0
      const take = (): boolean => {
        for (; taken < stream.events.length; taken++) this.#take(stream.events[taken]!)
        return stream.isOver || this.#stopped
      }
      await stream.until(take)
    }
  }

  #take({ event, id, data }: { event: string; id: string | undefined; data: string }): void {
    if (event === 'gap') this.gaps.push(JSON.parse(data))
    if (event !== 'message') return
    const { prev, text } = JSON.parse(data) as { prev: string | null; text: string }
    const seq = Number(id!.split('-')[1])
    if (seq <= this.#seq) throw new Error(`${id} came after ${this.#seq}`)
    if (this.texts.length > 0 && prev !== this.#last) throw new Error(`a hole before ${id}`)
    this.#seq = seq
    this.#last = id!
    this.texts.push(text)
    this.#wake()
  }

  async until(count: number): Promise<void> {
    while (this.texts.length < count)
      await Promise.race([
        new Promise<void>((resolve) => (this.#wake = resolve)),
        this.#over.then(() => Promise.reject(new Error('the reader has ended'))),
      ])
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#stream?.leave()
    await this.#over
  }
}

/** The place from which everything can be heard. */
async function beginning(url: string, room: string): Promise<string> {
  const stream = await hear(url, `/r/${room}`)
  const { cursor } = await stream.first('hello')
  stream.leave()
  return String(cursor)
}

describe('kill -9 mid-publish', () => {
  const kills = Number(process.env['HEARSAY_TEST_KILLS'] ?? 6)
  it(
    `${kills} kills, 4 writers that try again with their key, 5 readers: 0 acknowledged lost, 0 doubled, order rising`,
    { timeout: 60_000 + kills * 10_000 },
    async () => {
      const port = await freePort()
      const flags = ['--port', String(port), '--data', dataFolder(), '--limits', 'off']
      const url = `http://127.0.0.1:${port}`
      let server = await started(flags)
      undo.push(() => server.stop('SIGKILL'))
      const cursor = await beginning(url, 'crash')
      const readers = Array.from({ length: 5 }, () => new Reader(url, 'crash', cursor))
      let writing = true
      const acknowledged: string[] = []
      const writers = Array.from({ length: 4 }, async (_, writer) => {
        for (let i = 0; writing; i++) {
          const text = `${writer}:${i}`
          await sayForSure(url, 'crash', text, `writer-${writer}:${i}`)
          acknowledged.push(text)
        }
      })
      for (let kill = 0; kill < kills; kill++) {
        // In the midst of writing: when some more were acknowledged, at no particular point of the next one.
        const enough = acknowledged.length + 20 + kill
        while (acknowledged.length < enough) await new Promise((resolve) => setImmediate(resolve))
        await server.stop('SIGKILL')
        server = await started(flags)
      }
      writing = false
      await Promise.all(writers)
      for (const reader of readers) {
        await reader.until(acknowledged.length)
        expect(reader.gaps).toEqual([])
        expect(reader.texts.toSorted()).toEqual(acknowledged.toSorted())
        expect(reader.texts).toEqual(readers[0]!.texts)
        await reader.stop()
      }
      expect(new Set(acknowledged).size).toBe(acknowledged.length)
      for (let writer = 0; writer < 4; writer++) {
        const own = readers[0]!.texts.filter((text) => text.startsWith(`${writer}:`))
        expect(own).toEqual(own.map((_, i) => `${writer}:${i}`))
      }
    },
  )
})

describe('shutdown', () => {
  it('SIGTERM under load: exit 0, streams told to come back, nothing acknowledged lost', async () => {
    const flags = ['--port', '0', '--data', dataFolder(), '--limits', 'off']
    const server = await start(...flags)
    const readers = await Promise.all(Array.from({ length: 30 }, () => hear(server.url, '/r/end')))
    // One that takes nothing, one that has sent half a request, one that holds its connection.
    const slow = await hear(server.url, '/r/end')
    slow.res.pause()
    for (const bytes of [
      'POST /r/end HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf',
      '',
    ]) {
      const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
      socket.on('error', () => {})
      socket.write(bytes)
      undo.push(() => socket.destroy())
    }
    const acknowledged: string[] = []
    let isOver = false
    const writers = Array.from({ length: 3 }, async (_, writer) => {
      for (let i = 0; !isOver; i++) {
        const text = `${writer}:${i}`
        const answer = await say(server.url, 'end', text).catch(() => undefined)
        if (answer?.status === 201) acknowledged.push(text)
        else if (!answer) return
      }
    })
    while (acknowledged.length < 50) await new Promise((resolve) => setImmediate(resolve))
    const before = performance.now()
    expect(await server.stop('SIGTERM')).toBe(0)
    // What a supervisor gives it before it kills.
    expect(performance.now() - before).toBeLessThan(10_000)
    isOver = true
    await Promise.all(writers)
    expect(server.err()).toBe('')
    for (const reader of readers) {
      await reader.whole()
      expect(reader.retries).toHaveLength(2)
    }
    const again = await start(...flags)
    const texts = new Set<string>()
    for (let query = ''; ;) {
      const page = (
        await ask(again.url, `/r/end/messages?limit=200${query}`)
      ).json() as unknown as {
        messages: { text: string }[]
        before: string | null
      }
      for (const { text } of page.messages) texts.add(text)
      if (page.before === null) break
      query = `&before=${page.before}`
    }
    expect(acknowledged.filter((text) => !texts.has(text))).toEqual([])
    const cursor = String(readers[0]!.told().at(-1)!['id'])
    const back = await hear(again.url, '/r/end', { 'last-event-id': cursor })
    expect(await back.first('hello')).toMatchObject({ rooms: { end: { verdict: 'resumed' } } })
    back.leave()
  })

  it('twice the signal within a second is one wish', async () => {
    const server = await start('--port', '0', '--memory')
    server.child.kill('SIGTERM')
    server.child.kill('SIGINT')
    expect(await server.ended).toBe(0)
  })
})

/** What it says when it can't start: one line on stderr, and exit code 1. */
async function refusal(...flags: string[]): Promise<string> {
  const server = spawned(flags)
  expect([await server.ended, server.out()]).toEqual([1, ''])
  expect(server.err()).toMatch(/^hearsay: [^\n]+\n$/)
  return server.err().slice('hearsay: '.length, -1)
}

describe('a start that can’t be', () => {
  it('a port that is taken', async () => {
    const server = await start('--port', '0', '--memory')
    const { port } = new URL(server.url)
    expect(await refusal('--port', port, '--memory')).toBe(
      `Port ${port} of 127.0.0.1 is taken. Choose another one with --port.`,
    )
  })

  it('a folder that another process uses', async () => {
    const data = dataFolder()
    await start('--port', '0', '--data', data)
    expect(await refusal('--port', '0', '--data', data)).toBe(
      `Another process is using the data folder ${data}.`,
    )
  })

  it('a database of a newer version', async () => {
    const data = dataFolder()
    await (await start('--port', '0', '--data', data)).stop()
    const db = new DatabaseSync(join(data, 'hearsay.db'))
    db.exec('PRAGMA user_version = 99')
    db.close()
    expect(await refusal('--port', '0', '--data', data)).toContain('written by a newer Hearsay')
  })

  it('a folder that is none, can’t be written, or holds something else', async () => {
    const data = dataFolder()
    await writeFile(join(data, 'file'), 'x')
    expect(await refusal('--port', '0', '--data', join(data, 'file'))).toContain("can't be used")
    // Not even the superuser writes there.
    expect(await refusal('--port', '0', '--data', '/proc/hearsay')).toContain("can't be used")
    await writeFile(
      join(data, 'hearsay.db'),
      'this is no database, but long enough to be one'.repeat(99),
    )
    expect(await refusal('--port', '0', '--data', data)).toContain("can't be used")
  })

  it('a key of persons that is damaged, or can’t be read', async () => {
    const data = dataFolder()
    await writeFile(join(data, 'person.key'), 'short')
    expect(await refusal('--port', '0', '--data', data)).toMatch(
      /person\.key is damaged: it has 5 bytes/,
    )
    const other = dataFolder()
    await mkdir(join(other, 'person.key'))
    expect(await refusal('--port', '0', '--data', other)).toMatch(
      /person\.key can't be used: EISDIR/,
    )
  })

  it('flags and files that can’t be used', async () => {
    const data = dataFolder()
    await writeFile(join(data, 'a.pem'), 'no certificate')
    const pem = join(data, 'a.pem')
    const cases: [string[], RegExp][] = [
      [['--port', '70000'], /^--port takes a number from 0 to 65535, got "70000"\.$/],
      [['--port', 'x'], /^--port takes a number/],
      [['--bogus'], /'--bogus'.*See hearsay serve --help\.$/],
      [['stray'], /stray/],
      [['--limits', 'some'], /^--limits takes on or off/],
      [['--memory', '--data', 'x'], /does not go with --data/],
      [['--public-url', 'chat.example'], /^--public-url takes/],
      [['--allow-origin', 'https://a.example/path'], /^--allow-origin takes/],
      [
        ['--memory', '--trust-proxy', '10.0.0.0/99'],
        /^--trust-proxy: "10\.0\.0\.0\/99" is no address range/,
      ],
      [['--memory', '--port', '0', '--host', '203.0.113.7'], /203\.0\.113\.7/],
      [['--tls-cert', 'x'], /go together/],
      [
        ['--memory', '--tls-cert', '/nowhere.pem', '--tls-key', pem],
        /^\/nowhere\.pem can not be read: ENOENT\.$/,
      ],
      [
        ['--memory', '--tls-cert', pem, '--tls-key', pem],
        /^--tls-cert and --tls-key can not be used: /,
      ],
    ]
    for (const [flags, sentence] of cases) {
      const start = async (): Promise<unknown> => serve(readConfig(flags, {}))
      const error: unknown = await start().catch((error: unknown) => error)
      expect(error).toBeInstanceOf(ConfigError)
      const { message } = error as ConfigError
      expect(message).toMatch(sentence)
      expect(message).not.toContain('\n')
    }
    // What the command makes of them.
    const [flags, sentence] = cases.at(-1)!
    expect(await refusal(...flags)).toMatch(sentence)
    expect(await refusal('--bogus')).toMatch(/'--bogus'/)
  })
})

describe('restored old backup', () => {
  it('clients that are ahead of it get a gap, and never somebody else’s message', async () => {
    const data = dataFolder()
    const flags = ['--port', '0', '--data', data]
    const first = await start(...flags)
    const kept = String((await say(first.url, 'backup', 'kept')).json()['id'])
    await first.stop()
    const copy = dataFolder()
    await cp(data, copy, { recursive: true })
    const second = await start(...flags)
    const lost = String((await say(second.url, 'backup', 'lost with the disk')).json()['id'])
    await second.stop()
    const restored = await start('--port', '0', '--data', copy)
    await say(restored.url, 'backup', 'said after')
    const ahead = await hear(restored.url, '/r/backup', { 'last-event-id': lost })
    expect(await ahead.first('gap')).toEqual({
      room: 'backup',
      after: lost,
      oldest: kept,
      reason: 'epoch',
    })
    expect(await ahead.texts(2)).toEqual(['kept', 'said after'])
    const good = await hear(restored.url, '/r/backup', { 'last-event-id': kept })
    expect(await good.first('hello')).toMatchObject({ rooms: { backup: { verdict: 'resumed' } } })
    expect(await good.texts(1)).toEqual(['said after'])
    ahead.leave()
    good.leave()
  })
})

describe('a restart', () => {
  it('loses nobody’s place, person or key', async () => {
    const flags = ['--port', '0', '--data', dataFolder()]
    const key = { 'idempotency-key': 'once', ...bearer('ann') }
    const first = await start(...flags)
    const one = await say(first.url, 'again', 'one', key)
    await first.stop()
    const second = await start(...flags)
    const again: Answer = await say(second.url, 'again', 'one', key)
    expect([again.status, again.json()]).toEqual([200, one.json()])
    const two = await say(second.url, 'again', 'two', bearer('ann'))
    expect(two.json()).toMatchObject({ prev: one.json()['id'], from: one.json()['from'] as object })
    expect(two.json()['id']).not.toBe(one.json()['id'])
    const back = await hear(second.url, '/r/again', { 'last-event-id': String(one.json()['id']) })
    expect(await back.texts(1)).toEqual(['two'])
    back.leave()
  })
})
