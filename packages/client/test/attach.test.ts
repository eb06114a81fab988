import { once } from 'node:events'
import { openAsBlob, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { limits } from '@hearsay/protocol'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { attach, fileAddress } from '../src/attach.ts'
import { joinRoom } from '../src/chat.ts'
import { newSecret } from '../src/identity.ts'
import { RealServer } from './server.ts'
import { until } from './until.ts'

interface Asked {
  readonly method: string
  readonly url: string
  readonly bytes: Buffer
}
interface Answer {
  readonly status: number
  readonly body: object
}

let server: Server
let base: string
/** What it was asked, and what it answers in turn; then the last one again. */
let asked: Asked[]
let answers: ((asked: Asked) => Answer | 'cut')[]

beforeEach(async () => {
  asked = []
  server = createServer((request, response) => void reply(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

async function reply(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const { method = '', url = '' } = request
  const one = { method, url, bytes: Buffer.concat(chunks) }
  asked.push(one)
  const answer = (answers.length > 1 ? answers.shift()! : answers[0]!)(one)
  if (answer === 'cut') return void response.destroy()
  const type = answer.status < 300 ? 'application/json' : 'application/problem+json'
  response.writeHead(answer.status, { 'content-type': type })
  response.end(JSON.stringify(answer.body))
}

const id = 'i'.repeat(32)
const more = (at: number) => (): Answer => ({ status: 202, body: { id, at } })
const whole = (): Answer => ({ status: 201, body: { id, type: 'x', size: 1 } })
const refusal =
  (status: number, code: string, rest: object = {}) =>
  (): Answer => ({
    status,
    body: { type: 'x', title: code, status, code, ...rest },
  })
const bytes = Buffer.alloc(300_000, 'x')
const file = (): File => new File([bytes], 'notes.txt')
const to = { secret: newSecret() }

test('a file goes in pieces, each from where the last one ended', async () => {
  answers = [more(limits.piece), more(2 * limits.piece), whole]
  const told: number[][] = []
  const onProgress = (...sent: number[]): void => void told.push(sent)
  const done = await attach({ ...to, base }, 'a room', file(), { onProgress })
  expect(done).toEqual({ id, type: 'x', size: 1 })
  expect(asked.map(({ method, url }) => `${method} ${url}`)).toEqual([
    'POST /r/a%20room/files?size=300000&name=notes.txt',
    `PATCH /r/a%20room/files/${id}?at=${limits.piece}`,
    `PATCH /r/a%20room/files/${id}?at=${2 * limits.piece}`,
  ])
  expect(Buffer.concat(asked.map((each) => each.bytes)).equals(bytes)).toBe(true)
  expect(told).toEqual([0, limits.piece, 2 * limits.piece, 300_000].map((at) => [at, 300_000]))
  expect(fileAddress({ base }, 'a room', done).href).toBe(`${base}/r/a%20room/files/${id}`)
})

test('what did not get through is sent again, from where the server has it', async () => {
  answers = [
    () => 'cut',
    refusal(503, 'unavailable'),
    more(limits.piece),
    // The piece came, its answer did not: the server knows where it is.
    () => 'cut',
    refusal(409, 'bad-piece', { at: 2 * limits.piece }),
    whole,
  ]
  await attach({ ...to, base }, 'a', file())
  expect(asked.map(({ method }) => method)).toEqual([
    ...['POST', 'POST', 'POST', 'PATCH', 'PATCH', 'PATCH'],
  ])
  expect(asked.at(-1)?.url).toContain(`at=${2 * limits.piece}`)
})

test('a file that the server let go of begins anew, a few times', async () => {
  answers = [more(limits.piece), refusal(410, 'file-gone'), whole]
  await attach({ ...to, base }, 'a', file())
  expect(asked.map(({ method }) => method)).toEqual(['POST', 'PATCH', 'POST'])
  asked = []
  answers = [refusal(410, 'file-gone')]
  await expect(attach({ ...to, base }, 'a', file())).rejects.toMatchObject({
    problem: { code: 'file-gone' },
  })
  expect(asked).toHaveLength(5)
})

test('a refusal is told, and what is full without an end is not asked again', async () => {
  for (const [status, code] of [
    [403, 'no-files'],
    [413, 'file-too-large'],
    [507, 'files-full'],
  ] as const) {
    asked = []
    answers = [refusal(status, code)]
    await expect(attach({ ...to, base }, 'a', file())).rejects.toMatchObject({ problem: { code } })
    expect(asked).toHaveLength(1)
  }
  // A time is given: it waits for it.
  answers = [refusal(507, 'files-full', { retryAfter: 0.05 }), whole]
  await attach({ ...to, base }, 'a', file())
})

test('ends when it is told to, also while it waits', async () => {
  const ending = new AbortController()
  answers = [refusal(429, 'slow-down', { retryAfter: 600 })]
  const { signal } = ending
  const sent = attach({ ...to, base }, 'a', file(), { signal })
  await until('it was asked', () => asked.length === 1)
  ending.abort(new Error('no more'))
  await expect(sent).rejects.toThrow('no more')
  await expect(attach({ ...to, base }, 'a', file(), { signal })).rejects.toThrow('no more')
  expect(asked).toHaveLength(1)
})

test('goes out where a browser can not join two signals, and ends when it is told to', async () => {
  const any = Object.getOwnPropertyDescriptor(AbortSignal, 'any')!
  Object.defineProperty(AbortSignal, 'any', { ...any, value: undefined })
  const ending = new AbortController()
  const { signal } = ending
  try {
    answers = [more(limits.piece), refusal(429, 'slow-down', { retryAfter: 600 })]
    const sent = attach({ ...to, base }, 'a', file(), { signal })
    await until('it waits', () => asked.length === 2)
    ending.abort(new Error('no more'))
    await expect(sent).rejects.toThrow('no more')
  } finally {
    ending.abort()
    Object.defineProperty(AbortSignal, 'any', any)
  }
})

test('a server that sends it back to where it is ends it: going on from there is what it did', async () => {
  answers = [more(limits.piece), refusal(409, 'bad-piece', { at: limits.piece })]
  const sent = attach({ ...to, base }, 'a', file())
  await expect(sent).rejects.toMatchObject({ problem: { code: 'bad-piece' } })
  expect(asked).toHaveLength(2)
})

test('a file that changed since it was chosen ends it: no try would read it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hearsay-'))
  const where = join(folder, 'notes.txt')
  const ending = new AbortController()
  const { signal } = ending
  try {
    writeFileSync(where, bytes)
    answers = [
      () => {
        writeFileSync(where, 'changed')
        return more(limits.piece)()
      },
    ]
    const ends: string[] = []
    const sent = attach({ ...to, base }, 'a', await openAsBlob(where), { signal })
    sent.catch(({ name }: Error) => ends.push(name))
    await until('it ended', () => ends.length > 0)
    expect(ends).toEqual(['NotReadableError'])
    expect(asked).toHaveLength(1)
  } finally {
    ending.abort()
    await rm(folder, { recursive: true })
  }
})

test('waits ten minutes at most, and not a millisecond where a timer does not last so long', async () => {
  const timers = vi.spyOn(globalThis, 'setTimeout')
  const ending = new AbortController()
  const { signal } = ending
  answers = [refusal(503, 'unavailable', { retryAfter: 3_000_000 })]
  const sent = attach({ ...to, base }, 'a', file(), { signal })
  const longest = (): number => Math.max(...timers.mock.calls.map(([, wait]) => wait ?? 0))
  await until('it waits', () => longest() >= 600_000)
  expect(longest()).toBe(600_000)
  ending.abort(new Error('no more'))
  await expect(sent).rejects.toThrow('no more')
  timers.mockRestore()
})

test('against the server: it is there when its message is heard', async () => {
  const real = await RealServer.start('--memory', '--files', '10')
  const own = { base: real.url, secret: newSecret() }
  const room = joinRoom('files', { ...own, shareStream: false })
  const sent = await attach(own, 'files', file(), { name: 'other.txt' })
  expect(sent).toMatchObject({ name: 'other.txt', size: 300_000 })
  const said = room.say('', { files: [sent] })
  expect(room.snapshot.pending.map(({ files }) => files)).toEqual([[sent]])
  await said
  await until('it is heard', () => room.snapshot.messages.length === 1)
  expect(room.snapshot.messages[0]).toMatchObject({ text: '', files: [sent] })
  const answer = await fetch(fileAddress(own, 'files', sent))
  expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true)
  room.leave()
  await real.stop()
})
