import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, bearer, exchange, say, statusOf } from '../../../../test/harness/ask.ts'
import { hear, type Stream } from '../../../../test/harness/hear.ts'
import { folder, open } from '../../../../test/harness/server.ts'
import type { Running } from '../../src/index.ts'

let server: Running
let url: string
beforeAll(async () => {
  server = await open('--limits', 'off')
  url = server.url
})
afterAll(() => server.close())

const idOf = async (room: string, text: string): Promise<string> =>
  String((await say(url, room, text)).json()['id'])

/** Everything that is there now, as events a line each. */
const lines = async (path: string, headers = {}): Promise<Record<string, unknown>[]> => {
  const accept = 'application/x-ndjson'
  const { text } = await ask(url, path, { headers: { accept, ...headers } })
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}
const textsOf = (events: Record<string, unknown>[]): unknown[] =>
  events
    .filter(({ event }) => event === 'message')
    .map(({ data }) => (data as { text: string }).text)

describe('GET /r/{room} by Accept', () => {
  it('text/event-stream: the stream, with headers that no proxy holds back', async () => {
    const stream = await hear(url, '/r/headers')
    expect(stream.status).toBe(200)
    expect(stream.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      'access-control-allow-origin': '*',
      'x-content-type-options': 'nosniff',
      vary: 'Accept',
    })
    const hello = await stream.first('hello')
    expect(hello).toMatchObject({ beat: 15, rooms: { headers: { verdict: 'fresh' } } })
    expect(stream.retries).toEqual([expect.any(Number)])
    await say(url, 'headers', 'first')
    await stream.until(() => stream.told().length === 1)
    expect(stream.events.at(-1)).toMatchObject({ event: 'message', id: stream.told()[0]!['id'] })
    stream.leave()
  })

  it('application/x-ndjson: the same events, a line each', async () => {
    await say(url, 'ndjson', 'a line\nand another')
    const answer = await ask(url, '/r/ndjson?follow=0&last=5', {
      headers: { accept: 'application/x-ndjson' },
    })
    expect(answer.headers['content-type']).toBe('application/x-ndjson; charset=utf-8')
    const [hello, message, ...rest] = await lines('/r/ndjson?follow=0&last=5')
    expect(hello).toMatchObject({ event: 'hello' })
    expect(message).toMatchObject({ event: 'message', data: { text: 'a line\nand another' } })
    expect(rest).toEqual([])
  })

  it('application/x-ndjson follows, too', async () => {
    const stream = await hear(url, '/r/ndjson-live', { accept: 'application/x-ndjson' })
    await say(url, 'ndjson-live', 'now')
    await stream.until(() => stream.text.includes('"text":"now"'))
    expect(stream.text).toMatch(/^\{"event":"hello",.*\}\n\{"event":"message",.*\}\n$/)
    stream.leave()
  })

  it('application/json: facts', async () => {
    const id = await idOf('facts', 'one')
    const { headers, json } = await ask(url, '/r/facts', {
      headers: { accept: 'application/json' },
    })
    expect(headers['content-type']).toMatch(/^application\/json/)
    expect(json()).toMatchObject({ room: 'facts', messages: 1, newest: id, oldest: id })
  })

  it('text/html: the page, or where it is not built the way to build it', async () => {
    const { status, headers, text } = await ask(url, '/r/page', {
      headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' },
    })
    if (status === 200) {
      expect(headers['content-security-policy']).toContain("default-src 'none'")
      expect(text).toMatch(/^<!doctype html>/i)
    } else {
      expect(status).toBe(404)
      expect(text).toContain('The pages are not built: run &quot;npm run build&quot;.')
    }
  })

  it('anything else: live readable text, the last 20 lines first', async () => {
    for (let i = 1; i <= 25; i++) await say(url, 'curl', `line ${i}`)
    const ended = await ask(url, '/r/curl?follow=0', { headers: { accept: '*/*' } })
    expect(ended.headers['content-type']).toBe('text/plain; charset=utf-8')
    const [first, ...said] = ended.text.trimEnd().split('\n')
    expect(first).toBe('-- curl --')
    expect(said).toHaveLength(20)
    expect(said[0]).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [^:]+ \[[0-9A-Z]{6}\]: line 6$/)
    const live = await hear(url, '/r/curl?last=1', { accept: 'image/webp' })
    await say(url, 'curl', 'two\nlines')
    await live.until(() => live.text.includes('two\n    lines\n'))
    expect(live.text).toMatch(/^-- curl --\n.*: line 25\n.*: two\n {4}lines\n$/)
    live.leave()
  })

  describe('as text, where nothing was said', () => {
    const owner = { ...bearer('welcoming'), 'content-type': 'application/json' }
    /** The lines that come first, as soon as there is this one. */
    const firstOf = async (room: string, last: string): Promise<string[]> => {
      const stream = await hear(url, `/r/${room}`, { ...bearer('welcoming'), accept: '*/*' })
      await stream.until(() => stream.text.includes(last))
      stream.leave()
      return stream.text.trimEnd().split('\n')
    }

    it('says how to speak, how to invite, who sees it and for how long it stays', async () => {
      const address = `${url}/r/silent`.replace('localhost', '127.0.0.1')
      const host = new URL(address).host
      const stream = await hear(url, '/r/silent', { accept: '*/*', host })
      await stream.until(() => stream.text.includes('Messages stay'))
      const [first, ...lines] = stream.text.trimEnd().split('\n')
      expect([first, lines]).toEqual([
        '-- silent --',
        [
          '-- Nobody has said anything here yet.',
          `-- Invite people: give them ${address}`,
          `-- Say something: curl -d 'hello' ${address} (under a name: -u name:password)`,
          '-- Everyone who has the address can read and write here. Messages stay for 30 days at most.',
        ],
      ])
      await say(url, 'silent', 'first')
      await stream.until(() => stream.text.endsWith(': first\n'))
      stream.leave()
      expect((await ask(url, '/r/silent?follow=0')).text).not.toContain('Nobody')
      const next = await hear(url, '/r/silent', { accept: '*/*' })
      await next.until(() => next.text.endsWith(': first\n'))
      expect(next.text).not.toContain('Nobody')
      next.leave()
    })

    it.each([
      ['closed', { closed: true }, 'The room is closed.'],
      ['hidden', { hear: 'invited' }, 'Only people with a link of its host can read here.'],
      ['told', { speak: 'speakers' }, 'Everyone who has the address can read here, only speakers'],
      ['locked', { locked: true }, 'Everyone who has the address can read here. For now nobody'],
    ])(
      'says of a room that is %s what it is, and invites nobody',
      async (room, settings, words) => {
        const all = { ...settings, title: 'Owls', topic: 'mice', keepHours: 1 }
        const body = JSON.stringify({ room: `w-${room}`, settings: all })
        expect((await ask(url, '/rooms', { method: 'POST', headers: owner, body })).status).toBe(
          201,
        )
        const [, ...lines] = await firstOf(`w-${room}`, 'Messages stay')
        expect(lines).toEqual([
          '-- About this room: Owls: mice',
          '-- Nobody has said anything here yet.',
          expect.stringMatching(new RegExp(`^-- ${words}.* Messages stay for 1 hour at most\\.$`)),
        ])
      },
    )

    it('misses nothing that is said while it is found out that nothing was', async () => {
      for (let n = 0; n < 20; n++) {
        const room = `silent-until-${n}`
        const opening = Array.from({ length: 8 }, () => hear(url, `/r/${room}`, { accept: '*/*' }))
        await say(url, room, 'in between', bearer('quick'))
        for (const stream of await Promise.all(opening)) {
          // A second one comes to all: a stream that has it and not the first has missed that.
          await say(url, room, 'after it', bearer('quick'))
          await stream.until(() => stream.text.includes(': after it\n'))
          expect(stream.text).toContain(': in between\n')
          stream.leave()
        }
      }
    })

    it('says nothing to programs: where it ends at the head, goes on from somewhere, or is not text', async () => {
      expect((await ask(url, '/r/silent-still?follow=0')).text).toBe('-- silent-still --\n')
      const asked = [
        { accept: '*/*', 'last-event-id': 'x-1' },
        { accept: 'application/x-ndjson' },
        { accept: 'text/event-stream' },
      ]
      for (const headers of asked) {
        const stream = await hear(url, '/r/silent-still', headers)
        await say(url, 'silent-still', 'go on')
        await stream.until(() => stream.text.includes('go on'))
        expect(stream.text).not.toContain('Nobody')
        stream.leave()
      }
    })
  })

  it.each([
    ['text/event-stream, */*', 'text/event-stream'],
    ['application/json;q=0.5, application/x-ndjson;q=0.9', 'application/x-ndjson; charset=utf-8'],
    ['TEXT/Event-Stream', 'text/event-stream'],
    ['text/event-stream;q=0, */*', 'text/plain; charset=utf-8'],
    ['', 'text/plain; charset=utf-8'],
  ])('by weight and name: %s', async (accept, type) => {
    const stream = await hear(url, '/r/weights?follow=0', { accept })
    expect(stream.headers['content-type']).toBe(type)
    stream.leave()
  })

  it('comes by HTTP/1.0 without chunks, and with the first bytes at once', async () => {
    const text = await exchange(url, 'GET /r/old?follow=0 HTTP/1.0\r\n\r\n')
    expect(statusOf(text)).toBe(200)
    expect(text).not.toMatch(/transfer-encoding/i)
    expect(text).toMatch(/\r\n\r\n-- old --\n$/)
  })
})

describe('a place in the stream', () => {
  it('fresh: live only, or after the newest N', async () => {
    for (const text of ['1', '2', '3']) await say(url, 'last', text)
    expect(textsOf(await lines('/r/last?follow=0'))).toEqual([])
    expect(textsOf(await lines('/r/last?follow=0&last=2'))).toEqual(['2', '3'])
    expect(textsOf(await lines('/r/last?follow=0&last=200'))).toEqual(['1', '2', '3'])
    expect(textsOf(await lines('/r/last?follow=0&last=0'))).toEqual([])
  })

  it('resumed: exactly what came after, by header or query; the header wins', async () => {
    const ids: string[] = []
    for (const text of ['1', '2', '3', '4']) ids.push(await idOf('resume', text))
    expect(textsOf(await lines(`/r/resume?follow=0&after=${ids[0]}`))).toEqual(['2', '3', '4'])
    const headers = { 'last-event-id': ids[2]! }
    const heard = await lines(`/r/resume?follow=0&after=${ids[0]}&last=4`, headers)
    expect(textsOf(heard)).toEqual(['4'])
    expect(heard[0]).toMatchObject({
      data: { cursor: ids[2], rooms: { resume: { verdict: 'resumed' } } },
    })
    const all = await lines(`/r/resume?follow=0&after=${ids[3]}`)
    expect(all.map(({ event }) => event)).toEqual(['hello'])
  })

  it('a cursor of another room is a place in this one too, and never its messages', async () => {
    await say(url, 'here', 'before')
    const elsewhere = await idOf('there', 'not for here')
    await say(url, 'here', 'after')
    expect(textsOf(await lines(`/r/here?follow=0&after=${elsewhere}`))).toEqual(['after'])
  })

  it.each([
    ['unknown', 'nonsense'],
    ['unknown', 'é'],
    ['unknown', '-5'],
    ['epoch', 'forgedepoch-1'],
  ])('gap, %s: %s', async (reason, after) => {
    await say(url, 'gap', 'kept')
    const heard = await lines(`/r/gap?follow=0&after=${encodeURIComponent(after)}`)
    expect(heard[0]).toMatchObject({ event: 'hello', data: { rooms: { gap: { verdict: 'gap' } } } })
    const oldest = (heard[2]!['data'] as { id: string }).id
    expect(heard[1]).toEqual({ event: 'gap', data: { room: 'gap', after, oldest, reason } })
    expect(textsOf(heard)).not.toEqual([])
  })

  it('gap, unknown: ahead of everything there is, by a little or a lot', async () => {
    const id = await idOf('ahead', 'newest')
    const [epoch, seq] = id.split('-') as [string, string]
    for (const ahead of [`${epoch}-${Number(seq) + 1000}`, `${epoch}-9007199254740992`]) {
      const heard = await lines(`/r/ahead?follow=0`, { 'last-event-id': ahead })
      expect(heard[1]).toMatchObject({ event: 'gap', data: { reason: 'unknown', oldest: id } })
    }
  })

  it('every event names the one before it in its room', async () => {
    const rooms = ['chain-a', 'chain-b']
    for (let i = 0; i < 6; i++) await say(url, rooms[i % 2]!, String(i))
    for (const room of rooms) {
      const said = (await lines(`/r/${room}?follow=0&last=9`)).slice(1)
      const chain = said.map(({ data }) => data as { id: string; prev: string | null })
      expect(chain.map(({ prev }) => prev)).toEqual([null, chain[0]!.id, chain[1]!.id])
    }
  })

  it.each(['last=x', 'last=-1', 'last=1&last=2', 'follow=2', 'name=a&name=b', 'last=99999'])(
    'is refused where the query is not understood: %s',
    async (query) => {
      const answer = await ask(url, `/r/lobby?${query}`)
      expect([answer.status, answer.json()['code']]).toEqual([400, 'bad-query'])
    },
  )
})

describe('one stream for many rooms', () => {
  it('has one order and one cursor', async () => {
    const start = await idOf('many-a', 'a0')
    const stream = await hear(url, '/events?room=many-a&room=many-b')
    expect(await stream.first('hello')).toMatchObject({
      rooms: { 'many-a': { verdict: 'fresh' }, 'many-b': { verdict: 'fresh' } },
    })
    for (const text of ['b1', 'a1', 'b2']) await say(url, `many-${text[0]}`, text)
    await say(url, 'many-c', 'c1')
    expect(await stream.texts(3)).toEqual(['b1', 'a1', 'b2'])
    stream.leave()
    const middle = String(stream.told()[0]!['id'])
    for (const [after, texts] of [
      [start, ['b1', 'a1', 'b2']],
      [middle, ['a1', 'b2']],
    ] as const) {
      const back = await hear(url, '/events?room=many-b&room=many-a&room=many-a', {
        'last-event-id': after,
      })
      expect(await back.texts(texts.length)).toEqual(texts)
      expect(back.told('hello')[0]).toMatchObject({ rooms: { 'many-b': { verdict: 'resumed' } } })
      back.leave()
    }
  })

  it('leads from upper case to the rooms that were meant, with all else that was asked', async () => {
    const answer = await ask(url, '/events?room=Many-A&last=1&room=b&name=%C3%9Cna')
    expect([answer.status, answer.headers.location]).toEqual([
      308,
      '/events?room=many-a&last=1&room=b&name=%C3%9Cna',
    ])
  })

  it.each([
    ['no room', '', 'bad-query', 400],
    ['a bad room', 'room=a&room=B_', 'bad-room', 404],
    ['101 rooms', Array.from({ length: 101 }, (_, i) => `room=r${i}`).join('&'), 'bad-query', 400],
  ])('is refused for %s', async (_, query, code, status) => {
    const answer = await ask(url, `/events?${query}`)
    expect([answer.status, answer.json()['code']]).toEqual([status, code])
  })
})

describe('who is here', () => {
  const people = async (room: string): Promise<Record<string, unknown>> =>
    (await ask(url, `/r/${room}/people`)).json()

  it('a stream makes somebody present once, guests are counted, and looking makes nobody present', async () => {
    const head = await ask(url, '/r/present', {
      method: 'HEAD',
      headers: { ...bearer('looker'), accept: 'text/event-stream' },
    })
    expect([head.status, head.headers['content-type']]).toEqual([200, 'text/event-stream'])
    await ask(url, '/r/present?follow=0', { headers: bearer('reader') })
    expect(await people('present')).toEqual({ room: 'present', count: 0, people: [] })
    const streams: Stream[] = []
    for (const headers of [bearer('ann'), bearer('ann'), bearer('bob'), {}])
      streams.push(await hear(url, '/r/present?name=Zoe', headers))
    const here = await people('present')
    expect(here['count']).toBe(3)
    expect(here['people']).toEqual([
      expect.objectContaining({ name: 'Zoe' }),
      expect.objectContaining({ name: 'Zoe' }),
    ])
    for (const stream of streams) stream.leave()
  })

  it('tells who comes, or comes back, who is here already', async () => {
    const ann = await hear(url, '/r/found?name=Ann', bearer('ann'))
    await ann.first('presence')
    const guest = await hear(url, '/r/found')
    const names = (told: Record<string, unknown>): string[] =>
      (told['people'] as { name: string }[]).map(({ name }) => name).toSorted()
    const bob = await hear(url, '/r/found?name=Bob', bearer('bob'))
    const met = await bob.first('presence')
    expect([met['room'], met['count'], names(met)]).toEqual(['found', 3, ['Ann', 'Bob']])
    const { id } = (await say(url, 'found', 'hi', bearer('zed'))).json()
    bob.leave()
    await say(url, 'found', 'are you there?', bearer('zed'))
    const back = await hear(url, `/r/found?after=${String(id)}`, bearer('bob'))
    expect(names(await back.first('presence'))).toEqual(['Ann', 'Bob'])
    // Without a secret nobody is shown, and nobody is told the others.
    expect(guest.told('presence').some((told) => 'people' in told)).toBe(false)
    for (const stream of [ann, guest, back]) stream.leave()
  })

  it('tells the room who came, and who writes', async () => {
    const stream = await hear(url, '/r/signals?name=Ann', bearer('ann'))
    await stream.until(() => stream.told('presence').some(({ joined }) => joined))
    const [ann] = stream.told('presence').at(-1)!['joined'] as { mark: string }[]
    const typing = await ask(url, '/r/signals/typing', { method: 'POST', headers: bearer('ann') })
    expect([typing.status, typing.text]).toEqual([204, ''])
    expect(await stream.first('typing')).toEqual({ room: 'signals', from: ann })
    expect(ann).toMatchObject({ name: 'Ann' })
    const over = await ask(url, '/r/signals/typing', { method: 'DELETE', headers: bearer('ann') })
    expect([over.status, over.text]).toEqual([204, ''])
    await stream.until(() => stream.told('typing').length === 2)
    expect(stream.told('typing')[1]).toEqual({ room: 'signals', from: ann, over: true })
    expect(stream.events.filter(({ event }) => event === 'typing')[0]!.id).toBe(
      stream.events.find(({ event }) => event === 'hello')!.id,
    )
    stream.leave()
  })
})

describe('what retention removed', () => {
  it('is a gap with the reason "expired" for whoever was there before, and for no other', async () => {
    const dir = folder()
    const flags = ['--data', dir.path, '--limits', 'off']
    const first = await open(...flags)
    const made = await ask(first.url, '/rooms', {
      method: 'POST',
      headers: { ...bearer('owner'), 'content-type': 'application/json' },
      body: '{"room":"short","settings":{"keepCount":3}}',
    })
    expect(made.status).toBe(201)
    const ids: string[] = []
    for (let i = 0; i < 8; i++)
      ids.push(String((await say(first.url, 'short', String(i), bearer('ann'))).json()['id']))
    await first.close()
    // Retention goes round soon after a start.
    const again = await open(...flags)
    const kept = async (): Promise<{ id: string }[]> =>
      (await ask(again.url, '/r/short/messages')).json()['messages'] as { id: string }[]
    while ((await kept()).length > 3);
    for (const after of [ids[0]!, ids[3]!]) {
      const stream = await hear(again.url, `/r/short?after=${after}`)
      const { rooms } = (await stream.first('hello')) as { rooms: Record<string, unknown> }
      expect(rooms['short']).toEqual({ verdict: 'gap' })
      const oldest = (await kept())[0]!.id
      const lost = 4 - ids.indexOf(after)
      const gap = { room: 'short', after, oldest, reason: 'expired', lost }
      expect(await stream.first('gap')).toEqual(gap)
      expect(await stream.texts(3)).toEqual(['5', '6', '7'])
      expect(stream.told('gap')).toHaveLength(1)
      stream.leave()
    }
    const text = await ask(again.url, `/r/short?follow=0&after=${ids[0]!}`)
    expect(text.text).toMatch(/^-- 4 messages said before are no longer kept --$/m)
    const whole = await hear(again.url, `/r/short?after=${ids[5]!}`)
    expect(await whole.texts(2)).toEqual(['6', '7'])
    expect(whole.told('gap')).toEqual([])
    whole.leave()
    await again.close()
    dir.remove()
  })
})

describe('a stream that the client leaves', () => {
  it('is forgotten', async () => {
    const listeners = async (): Promise<unknown> => {
      const headers = { accept: 'application/json' }
      return (await ask(url, '/r/leaving', { headers })).json()['listeners']
    }
    const stream = await hear(url, '/r/leaving')
    await stream.first('hello')
    expect(await listeners()).toBe(1)
    stream.leave()
    await stream.until(() => stream.isOver)
    while ((await listeners()) !== 0);
    expect(await listeners()).toBe(0)
  })
})

it('streams that one person opens too fast are told to come back, and are no error', async () => {
  const strict = await open()
  const ann = bearer('ann')
  const streams: Stream[] = []
  for (let i = 0; i < 200; i++) streams.push(await hear(strict.url, '/r/tabs', ann))
  const late = async (): Promise<Stream> => hear(strict.url, '/r/tabs', ann)
  // The bucket refills while the test runs: some of these may still be let in.
  let busy = await late()
  streams.push(busy)
  await busy.until(() => busy.isOver || busy.told('hello').length > 0)
  while (busy.told('hello').length > 0) {
    busy = await late()
    streams.push(busy)
    await busy.until(() => busy.isOver || busy.told('hello').length > 0)
  }
  expect(busy.status).toBe(200)
  expect(busy.told('busy')).toEqual([{ reason: 'overload', retry: expect.any(Number) as number }])
  expect(busy.retries.length).toBeGreaterThan(0)
  const other = await hear(strict.url, '/r/tabs', bearer('ben'))
  expect(await other.first('hello')).toBeDefined()
  expect((await say(strict.url, 'tabs', 'hi', ann)).status).toBe(201)
  for (const stream of [...streams, other]) stream.leave()
  await strict.close()
})

it('a stream that is refused for now, whatever for, is 200 and told to come back', async () => {
  const strict = await open('--limits', 'off')
  let passwords = 0
  // Each is stretched, of which there are 20 at once, and one in two seconds.
  const stranger = (): Record<string, string> => ({
    authorization: `Basic ${btoa(`ann:password ${passwords++}`)}`,
  })
  while ((await say(strict.url, 'stretched', 'x', stranger())).status !== 429);
  let stream: Stream
  do {
    stream = await hear(strict.url, '/r/stretched', stranger())
    await stream.until(() => stream.isOver || stream.told('hello').length > 0)
    stream.leave()
  } while (stream.told('hello').length > 0)
  expect(stream.status).toBe(200)
  expect(stream.told('busy')).toEqual([{ reason: 'overload', retry: expect.any(Number) as number }])
  await strict.close()
})
