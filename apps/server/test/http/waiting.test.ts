import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ask, bearer, type Answer } from '../../../../test/harness/ask.ts'
import { hear, type Stream } from '../../../../test/harness/hear.ts'
import { readConfig, serve, type Running } from '../../src/index.ts'

let server: Running
let now: number
let room: string
const streams: Stream[] = []
const owner = bearer('owner')
const ann = bearer('ann')
const ben = bearer('ben')

beforeEach(async () => {
  // The clocks of the day are the test's, that of a second is the machine's.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  now = Date.UTC(2030, 0, 1, 12)
  server = await serve(readConfig(['--port', '0', '--memory'], {}), () => now)
  room = String((await call('POST', '/rooms', owner, {})).json()['room'])
  await call('PATCH', `/r/${room}/settings`, owner, { review: 'everyone' })
})
afterEach(async () => {
  for (const stream of streams.splice(0)) stream.leave()
  vi.useRealTimers()
  await server.close()
})

const call = (method: string, path: string, headers: object, body?: unknown): Promise<Answer> =>
  ask(server.url, path, {
    method,
    headers: { ...headers, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
const say = (headers: object, text: string): Promise<Answer> =>
  call('POST', `/r/${room}`, headers, { text })
const listen = async (
  headers: Record<string, string>,
  path = `/r/${room}`,
  accept?: string,
): Promise<Stream> => {
  const stream = await hear(server.url, path, { ...headers, ...(accept && { accept }) })
  streams.push(stream)
  return stream
}
/** Waits until the last that this stream was told is so much. */
const told = async (stream: Stream, held: number, reports: number): Promise<void> => {
  await stream.until(() => {
    const last = stream.told('waiting').at(-1)
    return last?.['held'] === held && last['reports'] === reports
  })
  expect(stream.told('waiting').at(-1)).toEqual({ room, held, reports })
}

it('who looks after a room hears how much waits: what is held, and what was reported', async () => {
  const host = await listen(owner)
  const { id } = (await say(ann, 'a held word')).json()
  await told(host, 1, 0)
  const { id: said } = (await call('POST', `/r/${room}/held/${String(id)}`, owner)).json()
  await told(host, 0, 0)
  expect((await call('POST', `/r/${room}/reports`, ben, { message: said })).status).toBe(204)
  await told(host, 0, 1)
  await call('DELETE', `/r/${room}/reports/${String(said)}`, owner)
  await told(host, 0, 0)
  const { id: next } = (await say(ann, 'another one')).json()
  await told(host, 1, 0)
  // Its author takes it back.
  await call('DELETE', `/r/${room}/held/${String(next)}`, ann)
  await told(host, 0, 0)
  expect(host.events.filter(({ event }) => event === 'waiting').every(({ id }) => !id)).toBe(true)
})

it('hears it too who comes later, on a stream of many rooms, and by a link', async () => {
  await say(ann, 'a held word')
  await told(await listen(owner), 1, 0)
  await told(await listen(owner, `/events?room=lobby&room=${room}`), 1, 0)
  const made = (await call('POST', `/r/${room}/links`, owner, { role: 'moderate' })).json()
  const { id } = made['link'] as { id: string }
  const moderator = await listen(ben)
  await call('POST', `/r/${room}/join`, ben, { secret: made['secret'] })
  // A role that is given while the stream is open.
  await told(moderator, 1, 0)
  expect((await call('DELETE', `/r/${room}/links/${id}`, owner)).status).toBe(204)
  const host = await listen(owner)
  await say(ann, 'one more')
  await told(host, 2, 0)
  await say(owner, 'to all')
  await moderator.texts(1)
  expect(moderator.told('waiting')).toEqual([{ room, held: 1, reports: 0 }])
})

it('hears it when what nobody decided on for a day is gone', async () => {
  const host = await listen(owner)
  await say(ann, 'a held word')
  await told(host, 1, 0)
  now += 24 * 60 * 60_000
  await vi.advanceTimersByTimeAsync(60_000)
  await told(host, 0, 0)
  expect((await call('GET', `/r/${room}/held`, owner)).json()).toMatchObject({ held: [] })
})

it('nobody else hears of it, in any form, and not a word of what is held', async () => {
  const others = await Promise.all([
    listen(ann),
    listen(ben),
    listen({}),
    listen(ben, `/events?room=${room}`),
    listen(ben, `/r/${room}`, 'application/x-ndjson'),
    listen(ben, `/r/${room}`, 'text/plain'),
  ])
  const host = await listen(owner)
  const { id } = (await say(ann, 'sesame-held')).json()
  await say(ann, 'sesame-refused')
  await told(host, 2, 0)
  await say(owner, 'to all')
  for (const stream of others) await stream.until(() => stream.text.includes('to all'))
  for (const stream of [...others, host]) expect(stream.text).not.toContain('sesame')
  for (const stream of others) {
    expect(stream.text).not.toContain('waiting')
    expect(stream.text).not.toContain(String(id))
  }
})
