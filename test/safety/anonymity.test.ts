/** 10,000 requests full of what must not stay, and a search for it in everything that the server has written. */
import { once } from 'node:events'
import { expect, it } from 'vitest'
import { ask, exchange, type Answer, type Asking } from '../harness/ask.ts'
import { bytesUnder, forms } from '../harness/disk.ts'
import { hear } from '../harness/hear.ts'
import { folder, started } from '../harness/server.ts'

const REQUESTS = 10_000
const TOGETHER = 24

/** In each of them, and in nothing that people say. */
const marks = {
  agent: 'Sentinel-Agent',
  cookie: 'sentinel_cookie',
  referer: 'sentinel-referer',
  secret: 'SentinelSecret',
  password: 'sentinel+password',
  query: 'sentinelquery',
  link: 'SentinelLink',
  header: 'sentinel-header',
  path: 'sentinel-path',
}

/** Everyone comes from a network of his own: IPv4 of 198.18.0.0/15, IPv6 of 2001:db8:5e47::/48. */
const addressOf = (i: number): string =>
  i % 2 === 0
    ? `198.18.${(i >> 8) & 255}.${i & 255}`
    : `2001:db8:5e47:${(i & 65_535).toString(16)}::7`

it('no address, user agent, secret or token is on disk or in logs after 10,000 requests full of them', async () => {
  const dir = folder()
  const flags = ['--port', '0', '--data', dir.path, '--limits', 'off']
  const server = await started([...flags, '--trust-proxy', '127.0.0.1'])
  const { url } = server
  const secrets: string[] = []
  const owner = `${marks.secret}-owner-${'x'.repeat(24)}`
  const json = (path: string, body: object, headers: object): Promise<Answer> =>
    ask(url, path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
  const room = 'kept'
  const made = await json('/rooms', { room }, { authorization: `Bearer ${owner}` })
  expect(made.status).toBe(201)
  secrets.push((made.json()['owner'] as { secret: string }).secret)
  const about = (i: number): Record<string, string> => ({
    'x-forwarded-for': addressOf(i),
    'x-real-ip': addressOf(i),
    forwarded: `for="${addressOf(i)}"`,
    'user-agent': `${marks.agent}/${i}`,
    referer: `https://a.example/${marks.referer}/${i}?${marks.query}=${i}`,
    cookie: `a=${marks.cookie}${i}`,
    'x-anything': `${marks.header}${i}`,
  })
  const whose = (i: number): Record<string, string> => {
    if (i % 5 === 0) return {}
    // A password is stretched, which takes its time: a few of them come again and again.
    const basic = btoa(`nick${i % 3}:${marks.password}${i % 3}`)
    if (i % 5 === 1) return { authorization: `Basic ${basic}` }
    return { authorization: `Bearer ${marks.secret}${String(i).padStart(24, '0')}` }
  }
  const query = `?${marks.query}=1&access_token=${marks.secret}${'y'.repeat(24)}&k=${marks.link}`
  let said = ''
  const calls: ((i: number) => [path: string, Asking])[] = [
    (i) => [`/r/${room}`, { method: 'POST', body: `hello ${i}` }],
    (i) => [`/r/room-${i % 50}${query}`, { method: 'POST', body: `hello ${i}` }],
    (i) => [`/chat?message=hello ${i}`.replace(' ', '%20'), {}],
    () => [`/r/${room}/messages${query}`, {}],
    () => [
      `/r/${room}?follow=0&${query.slice(1)}`,
      { headers: { accept: 'application/x-ndjson' } },
    ],
    () => [`/r/${room}/people`, {}],
    () => [`/r/${room}/typing`, { method: 'POST' }],
    () => [`/r/${room}/messages/${said}/reactions/%F0%9F%91%8D`, { method: 'PUT' }],
    () => [`/r/${room}/messages/${said}`, { method: 'PATCH', body: 'not mine' }],
    (i) => [
      `/r/${room}/join`,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ secret: `${marks.link}${i}${'z'.repeat(24)}` }),
      },
    ],
    () => [
      `/r/${room}/reports`,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ message: said, reason: 'spam' }),
      },
    ],
    (i) => [`/${marks.path}/${i}${query}`, {}],
    (i) => [`/r/${marks.path}_${i}`, { headers: { authorization: `Bearer ${marks.secret} x` } }],
    () => [`/r/${room}`, { method: 'POST', body: Buffer.from([0xff, 0xfe]) }],
  ]
  said = String((await ask(url, `/r/${room}`, { method: 'POST', body: 'first' })).json()['id'])
  const statuses = new Map<number, number>()
  let next = 0
  const worker = async (): Promise<void> => {
    for (let i = next++; i < REQUESTS; i = next++) {
      const [path, asking] = calls[i % calls.length]!(i)
      const { status, json: read } = await ask(url, path, {
        ...asking,
        headers: { ...about(i), ...whose(i), ...asking.headers },
      })
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      // Some of those who spoke are put out: bans and reports keep something about networks.
      if (i % 588 === 0 && status === 201) {
        const { person } = read()['from'] as { person: string }
        const own = { ...about(i), authorization: `Bearer ${owner}` }
        const ban = await json(`/r/${room}/bans`, { person, minutes: 60 }, own)
        expect(ban.status).toBe(201)
        const link = { role: 'speak', label: 'for friends' }
        const answer = await json(`/r/${room}/links`, link, { authorization: `Bearer ${owner}` })
        expect(answer.status).toBe(201)
        const { secret } = answer.json() as { secret: string }
        secrets.push(secret)
        const joined = await json(`/r/${room}/join`, { secret }, { ...about(i + 2), ...whose(3) })
        expect(joined.status).toBeLessThan(300)
      }
    }
  }
  const stream = await hear(url, `/r/${room}`, { ...about(3), ...whose(3) })
  await Promise.all(Array.from({ length: TOGETHER }, worker))
  await exchange(
    url,
    `GET /${marks.path} HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 198.18.9.9\r\n${marks.header} broken\r\n\r\n`,
  )
  // Not one was a fault, and most of what can be done was done.
  expect([...statuses.keys()].filter((status) => status >= 500)).toEqual([])
  for (const status of [200, 201, 204, 400, 403, 404])
    expect(statuses.get(status) ?? 0).toBeGreaterThan(0)
  expect(secrets.length).toBeGreaterThan(2)

  const running = bytesUnder(dir.path)
  stream.leave()
  server.child.kill('SIGTERM')
  await once(server.child, 'close')
  const places = { running, stopped: bytesUnder(dir.path), out: server.out(), err: server.err() }
  expect(running.includes('SQLite format 3')).toBe(true)
  // What is looked for would be found: what people said is kept under a mask, their room is not.
  expect(running.includes('room-49')).toBe(true)
  const sentinels = [...Object.values(marks), ...secrets]
  const texts = [
    ...sentinels.flatMap(forms),
    '198.18.',
    '2001:db8:5e47',
    '2001:0db8:5e47',
    '127.0.0.1',
    // As eight bytes of a prefix.
    Buffer.from('20010db85e47', 'hex').toString('latin1'),
  ]
  for (const [place, bytes] of Object.entries(places)) {
    const text = (typeof bytes === 'string' ? bytes : bytes.toString('latin1')).toLowerCase()
    const found = texts.filter((each) => text.includes(each.toLowerCase()))
    // The line that says where it listens names its own address.
    expect([place, found.filter((each) => place !== 'out' || each !== '127.0.0.1')]).toEqual([
      place,
      [],
    ])
  }
  dir.remove()
}, 240_000)
