/** Stalking across rooms: nothing that the server answers in one room leads to the same person in another. */
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ask, type Answer, type Asking } from '../harness/ask.ts'
import { hear } from '../harness/hear.ts'
import { open } from '../harness/server.ts'

/** Somebody in front of a client: a secret, or none, and the network that he comes from. */
interface Client {
  readonly headers: Readonly<Record<string, string>>
}

const network = (): string => `2001:db8:${randomBytes(2).toString('hex')}:1::1`
const withBearer = (): Client => ({
  headers: {
    authorization: `Bearer ${randomBytes(24).toString('base64url')}`,
    'x-forwarded-for': network(),
    'user-agent': 'somebody',
  },
})
const withPassword = (): Client => ({
  headers: {
    authorization: `Basic ${btoa(`otter:${randomBytes(9).toString('base64url')}`)}`,
    'x-forwarded-for': network(),
  },
})
const asGuest = (): Client => ({ headers: { 'x-forwarded-for': network() } })

const sources = join(import.meta.dirname, '../../packages/protocol/src')

/** What is looked for: runs of letters and digits of five or more, in one case. */
const tokensOf = (bytes: string): Set<string> =>
  new Set(bytes.toLowerCase().match(/[\p{L}\p{N}]{5,}/gu) ?? [])

/** The words of the protocol. Some are heard in one life and not in another, as signals come when they come. */
const protocol = tokensOf(
  readdirSync(sources)
    .map((name) => readFileSync(join(sources, name), 'utf8'))
    .join(' '),
)

/**
 * Everything that anybody is answered in this room while `who` lives in it: he says, edits, deletes, reacts, types, renames
 * himself, joins by a link, is reported, muted and put out; he, the host and a passer-by read all there is to read.
 */
async function livesIn(url: string, room: string, who: Client): Promise<string> {
  const heard: string[] = []
  const host = { authorization: `Bearer ${randomBytes(24).toString('base64url')}` }
  const passer = { 'x-forwarded-for': network() }
  const call = async (path: string, headers: object, asking: Asking = {}): Promise<Answer> => {
    const all = { ...headers, ...asking.headers } as Record<string, string>
    const answer = await ask(url, path, { ...asking, headers: all })
    heard.push(JSON.stringify(answer.headers), answer.text)
    return answer
  }
  const json = (path: string, headers: object, body: object, method = 'POST'): Promise<Answer> =>
    call(path, headers, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const made = await json('/rooms', host, { room })
  expect(made.status).toBe(201)
  const streams = [
    await hear(url, `/r/${room}`, { ...passer, accept: 'application/x-ndjson' }),
    await hear(url, `/r/${room}`, host),
    await hear(url, `/r/${room}`, who.headers),
    await hear(url, `/r/${room}`, { ...passer, accept: 'text/plain' }),
  ]
  const base = `/r/${room}`
  const said = await json(base, who.headers, { text: 'one' })
  const { id, from } = said.json() as { id: string; from: { person: string } }
  const more = await json(base, who.headers, { text: 'two', replyTo: id, name: 'Zoe' })
  expect([said.status, more.status]).toEqual([201, 201])
  const second = String(more.json()['id'])
  await json(base, who.headers, { text: '' })
  await call(`${base}/messages/${id}`, who.headers, { method: 'PATCH', body: 'three' })
  await call(`${base}/messages/${second}/reactions/%F0%9F%91%8D`, who.headers, { method: 'PUT' })
  await call(`${base}/typing`, who.headers, { method: 'POST' })
  const link = (await json(`${base}/links`, host, { role: 'moderate', label: 'x' })).json()
  await json(`${base}/join`, who.headers, { secret: link['secret'] })
  await json(`${base}/settings`, who.headers, { slow: 0, locked: false }, 'PATCH')
  await json(`${base}/settings`, who.headers, { title: 'not his' }, 'PATCH')
  await json(`${base}/reports`, who.headers, { message: second, reason: 'mine' })
  await json(`${base}/reports`, passer, { message: second, reason: 'his' })
  await call(`${base}/messages/${id}`, who.headers, { method: 'DELETE' })
  const reads = [
    base,
    `${base}?follow=0&last=50`,
    `${base}/messages`,
    `${base}/messages/${second}`,
    `${base}/messages/${id}`,
    `${base}/messages?q=two`,
    `${base}/people`,
    `${base}/settings`,
    `${base}/links`,
    `${base}/reports`,
    `${base}/bans`,
    `${base}/mutes`,
    `${base}/log`,
    `${base}/transcript?format=ndjson`,
    `${base}/transcript?format=html`,
    `${base}/transcript?format=md`,
    '/rooms',
    '/r/a_b',
  ]
  const readAll = async (): Promise<void> => {
    for (const reader of [who.headers, host, passer])
      for (const path of reads) {
        const accept = path === base ? 'application/json' : 'application/x-ndjson, */*'
        await call(path, reader, { headers: { accept } })
      }
  }
  await readAll()
  await json(`${base}/mutes`, host, { person: from.person, minutes: 5, reason: 'quiet' })
  await json(`${base}/links`, host, { role: 'read', label: 'y' })
  await call(`${base}/links/${(link['link'] as { id: string }).id}`, host, { method: 'DELETE' })
  await json(base, who.headers, { text: 'four' })
  await readAll()
  await json(`${base}/bans`, host, { person: from.person, minutes: 5, reason: 'out' })
  await json(base, who.headers, { text: 'five' })
  await readAll()
  await call(base, host, { method: 'POST', body: 'the end' })
  for (const stream of [streams[0]!, streams[1]!, streams[3]!])
    await stream.until(() => stream.text.includes('the end'))
  for (const stream of streams) {
    heard.push(JSON.stringify(stream.headers), stream.text)
    stream.leave()
  }
  // The room's own name, and what differs between any two answers, is nobody's.
  return heard.join('\n').replaceAll(room, 'room')
}

/** What stands in the answers of both rooms. */
async function shared(url: string, one: Client, other: Client): Promise<Set<string>> {
  const rooms = [0, 1].map(() => `room${randomBytes(6).toString('hex')}`)
  const [first, second] = [
    tokensOf(await livesIn(url, rooms[0]!, one)),
    tokensOf(await livesIn(url, rooms[1]!, other)),
  ]
  expect(first.size).toBeGreaterThan(100)
  return new Set([...first].filter((token) => second.has(token)))
}

it.each([
  ['a secret', withBearer],
  ['a password', withPassword],
  ['the network alone', asGuest],
])(
  'Stalking across rooms: of somebody with %s no token of five characters appears in two rooms',
  async (_, make) => {
    const server = await open('--trust-proxy', '127.0.0.1', '--limits', 'off')
    const { url } = server
    // The words of the protocol, and what two strangers have in common, are not about anybody: words, dates, the epoch.
    // Several, since made names repeat by chance.
    const common = new Set(protocol)
    for (let i = 0; i < 3; i++)
      for (const token of await shared(url, make(), make())) common.add(token)
    const links: string[] = []
    // Twice: what is shared by chance (a word of a made name, a time) is not shared by each.
    const seen = new Map<string, number>()
    for (let i = 0; i < 3; i++) {
      const same = make()
      for (const token of await shared(url, same, same))
        if (!common.has(token)) seen.set(token, (seen.get(token) ?? 0) + 1)
    }
    for (const [token, times] of seen) if (times > 1 || !isChance(token)) links.push(token)
    expect(links).toEqual([])
    await server.close()
  },
)

/** Words of made names, numbers of times and of log entries: what strangers share too, now and then. */
const isChance = (token: string): boolean =>
  /^\p{L}{5,12}$/u.test(token) || /^\d{1,9}z?$/.test(token)

it('the search would find a person who is the same in two rooms', () => {
  const person = '7k3q9w1m5n8p2r4t6v0x'
  const [first, second] = ['{"person":"', 'x.y '].map((around) => tokensOf(around + person))
  expect([...first!].filter((token) => second!.has(token))).toEqual([person])
})
