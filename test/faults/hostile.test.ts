/** Rows of the faults that are hostile bytes: each test is named after its row. */
import { Agent, request } from 'node:http'
import { connect, Socket } from 'node:net'
import { createParser } from 'eventsource-parser'
import { EventSource } from 'eventsource'
import * as fc from 'fast-check'
import { EventSourceParserStream } from 'eventsource-parser/stream'
import { EventSource as UndiciEventSource } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, bearer, exchange, say, statusOf } from '../harness/ask.ts'
import { hear } from '../harness/hear.ts'
import { open, started, type Process } from '../harness/server.ts'
import type { Running } from '../../apps/server/src/index.ts'

let server: Running
let url: string
beforeAll(async () => {
  server = await open('--limits', 'off')
  url = server.url
})
afterAll(() => server.close())

const GET = (path: string, ...headers: string[]): string =>
  `GET ${path} HTTP/1.1\r\n${['Host: localhost', ...headers].join('\r\n')}\r\n\r\n`
const codeIn = (text: string): string | undefined => /"code":"([a-z-]+)"/.exec(text)?.[1]
const alive = async (): Promise<void> =>
  expect((await ask(url, '/healthz')).json()).toEqual({ status: 'ok' })

describe('header/URL/body bombs', () => {
  it.each([
    ['64 KB header', GET('/r/a', `X-Bomb: ${'x'.repeat(65_536)}`), 431, 'header-too-large'],
    ['1 MB URL', GET(`/r/${'x'.repeat(1_000_000)}`), 431, 'header-too-large'],
    ['15 KB URL', GET(`/r/${'x'.repeat(15_000)}`, 'Connection: close'), 404, 'bad-room'],
    [
      '1,000 headers of 30 bytes',
      GET('/r/a', ...Array.from({ length: 1000 }, (_, i) => `X-Header-Number-${i}: ${i}`)),
      431,
      'header-too-large',
    ],
    [
      '100 MB body',
      'POST /r/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\n\r\n' +
        'x'.repeat(200_000),
      413,
      'too-large',
    ],
    [
      '100 MB in chunks',
      'POST /r/a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n' +
        `1000\r\n${'x'.repeat(4096)}\r\n`.repeat(40),
      413,
      'too-large',
    ],
    [
      'chunk extensions',
      'POST /r/a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n' +
        `1;${'x'.repeat(20_000)}\r\nx\r\n0\r\n\r\n`,
      413,
      undefined,
    ],
  ])('%s: refused early, and the connection is closed', async (_, bytes, status, code) => {
    const text = await exchange(url, bytes)
    expect(statusOf(text)).toBeGreaterThanOrEqual(400)
    expect([status, 400]).toContain(statusOf(text))
    if (code !== undefined) expect(codeIn(text)).toBe(code)
    await alive()
  })
})

describe('header/URL/body bombs that go on', () => {
  it('who sends on and reads late still reads what was wrong', async () => {
    const socket = new Socket()
    let text = ''
    socket.pause()
    socket.connect(Number(new URL(url).port), '127.0.0.1')
    const closed = new Promise((resolve) => socket.on('close', resolve))
    const errors: Error[] = []
    socket.on('error', (error) => errors.push(error))
    socket.write(GET('/r/a', `X-Bomb: ${'x'.repeat(20_000)}`))
    // By the time that others were answered, it was refused; and then that what it sent behind was seen.
    for (let i = 0; i < 3; i++) await alive()
    socket.write('x'.repeat(20_000))
    for (let i = 0; i < 3; i++) await alive()
    socket.on('data', (data) => (text += String(data)))
    socket.resume()
    await closed
    // A reset can overtake what was said before it.
    expect([statusOf(text), codeIn(text), errors]).toEqual([431, 'header-too-large', []])
  })
})

describe('request smuggling', () => {
  const secret = 'GET /r/smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n'
  const POST = (...lines: string[]): string =>
    `POST /r/smuggle HTTP/1.1\r\nHost: localhost\r\n${lines.join('\r\n')}\r\n\r\n`
  it.each([
    ['TE and CL', POST('Content-Length: 5', 'Transfer-Encoding: chunked') + `0\r\n\r\n${secret}`],
    ['two CL', POST('Content-Length: 5', 'Content-Length: 6') + `hello!${secret}`],
    ['CL with a sign', POST('Content-Length: +5') + `hello${secret}`],
    ['CL in hex', POST('Content-Length: 0x5') + `hello${secret}`],
    ['TE twice', POST('Transfer-Encoding: chunked', 'Transfer-Encoding: identity') + secret],
    ['TE misspelt', POST('Transfer-Encoding: xchunked') + `0\r\n\r\n${secret}`],
    ['space before the colon', POST('Content-Length : 5') + `hello${secret}`],
    ['obs-fold', POST('X: a', ' Transfer-Encoding: chunked', 'Content-Length: 0')],
    ['bare LF', `POST /r/smuggle HTTP/1.1\nHost: localhost\nContent-Length: 5\n\nhello${secret}`],
    ['bare CR', `GET /r/smuggle HTTP/1.1\rHost: localhost\r\r${secret}`],
    ['NUL in a header', POST('X: a\0b') + secret],
    ['a chunk size of nonsense', POST('Transfer-Encoding: chunked') + `5;\n\r\nhello\r\n0\r\n\r\n`],
    ['a chunk size too large', POST('Transfer-Encoding: chunked') + `fffffffffffffffff\r\nx`],
    ['two Hosts', GET('/r/smuggle', 'Host: localhost') + secret],
    ['two Hosts that differ', GET('/r/smuggle', 'hOST: evil.example') + secret],
    ['two Hosts, to no path', GET('/nothing', 'Host: localhost') + secret],
    ['no host', 'GET /r/smuggle HTTP/1.1\r\n\r\n'],
    ['TLS spoken to plain text', '\u0016\u0003\u0001\u0002\0\u0001\0\u0001'],
    ['HTTP/2 without TLS', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ])('%s: 400 and close, and what came behind is no request', async (_, bytes) => {
    const text = await exchange(url, Buffer.from(bytes, 'latin1'))
    expect([400, 421]).toContain(statusOf(text))
    expect(text.match(/HTTP\/1\.1 /g)).toHaveLength(1)
    expect((await ask(url, '/r/smuggle?follow=0')).text).toBe('-- smuggle --\n')
  })

  it('a request behind an open stream is never answered', async () => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    let text = ''
    socket.on('data', (data) => (text += String(data)))
    socket.write(GET('/r/behind', 'Accept: text/event-stream', 'Content-Length: 40'))
    const more = await hear(url, '/r/behind')
    await more.first('hello')
    while (!text.includes('event: hello')) await new Promise((resolve) => setImmediate(resolve))
    socket.write(`POST /r/behind HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8\r\n\r\nsmuggled`)
    await say(url, 'behind', 'said')
    await more.texts(1)
    while (!text.includes('"said"')) await new Promise((resolve) => setImmediate(resolve))
    expect(more.told().map(({ text }) => text)).toEqual(['said'])
    expect(text.match(/HTTP\/1\.1 /g)).toHaveLength(1)
    more.leave()
    socket.destroy()
  })

  it('garbage in the middle of an answer ends it: no second answer is put into it', async () => {
    // Two requests at once: the connection stays with the parser while the first one's stream is open.
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    let text = ''
    const closed = new Promise((resolve) => socket.on('close', resolve))
    socket.on('error', () => {})
    socket.on('data', (data) => {
      text += String(data)
      if (text.includes('event: hello')) socket.write('\0\0\0\r\n\r\n')
    })
    socket.write(GET('/r/garbage', 'Accept: text/event-stream').repeat(2))
    await closed
    expect(text.match(/HTTP\/1\.1 /g)).toEqual(['HTTP/1.1 '])
    expect(statusOf(text)).toBe(200)
  })
})

describe('invalid UTF-8', () => {
  // Cut short, overlong, surrogates, beyond U+10FFFF, bytes that never occur (Unicode 16, table 3-7).
  const wrong =
    '80 bf c0 c080 c1bf c2 c241 e08080 e09fbf e0a0 eda080 edbfbf eda080edb080 f0808080 f08fbfbf f09f f09f98 ' +
    'f4908080 f5808080 f8808080 fc80808080 fe ff feff fffe c0af e080af'
  const alone = Array.from({ length: 128 }, (_, i) => (0x80 + i).toString(16))
  const sequences = [...wrong.split(' '), ...alone]
  it(`${sequences.length} sequences in body, URL and header: refused, never U+FFFD`, async () => {
    for (const hex of sequences) {
      const bytes = Buffer.from(hex, 'hex')
      const escaped = hex.replace(/../g, '%$&')
      const said = await ask(url, '/r/utf8', {
        method: 'POST',
        body: Buffer.concat([bytes, bytes]),
      })
      expect([hex, said.status, said.json()['code']]).toEqual([hex, 400, 'bad-utf8'])
      const chat = await ask(url, `/chat?message=a${escaped}`)
      expect([hex, chat.status]).toEqual([hex, 400])
      const room = await ask(url, `/r/a${escaped}?follow=0`)
      expect([hex, room.status, room.json()['code']]).toEqual([hex, 404, 'bad-room'])
      const key = { 'idempotency-key': bytes.toString('latin1') }
      expect((await say(url, 'utf8', 'x', key)).json()['code']).toBe('bad-key')
    }
    for (const bytes of [
      Buffer.from('/r/\xff', 'latin1'),
      Buffer.from('/chat?message=\xff', 'latin1'),
    ]) {
      const request = [
        Buffer.from('GET '),
        bytes,
        Buffer.from(' HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'),
      ]
      expect(statusOf(await exchange(url, Buffer.concat(request)))).toBeGreaterThanOrEqual(400)
    }
    for (const room of ['utf8', 'lobby'])
      expect((await ask(url, `/r/${room}?follow=0`)).text).toBe(`-- ${room} --\n`)
  })
})

describe('SSE injection', () => {
  const alphabet = [
    '\r',
    '\n',
    '\r\n',
    '\u2028',
    '\u2029',
    ':',
    ' ',
    'data: x',
    'event: evil',
    'id: 1',
    'retry: 1',
    '\u{feff}',
    '\u200b',
    'é',
  ]
  const hostile = fc
    .array(fc.constantFrom(...alphabet), { minLength: 1, maxLength: 6 })
    .map((parts) => `<${parts.join('')}>`)
  type Event = [type: string, data: string]

  /** Four decoders of the wire, one after the other, over the same streams. */
  const decoders: Record<string, (path: string, count: number) => Promise<Event[]>> = {
    'eventsource-parser': async (path, count) => {
      const stream = await hear(url, path)
      const events = (): Event[] => stream.events.map(({ event, data }) => [event, data])
      await stream.until(() => events().filter(([type]) => type === 'message').length >= count)
      stream.leave()
      return events()
    },
    'its stream, by fetch': async (path, count) => {
      const cut = new AbortController()
      const { body } = await fetch(`${url}${path}`, {
        headers: { accept: 'text/event-stream' },
        signal: cut.signal,
      })
      const reader = body!
        .pipeThrough(new TextDecoderStream() as never)
        .pipeThrough(new EventSourceParserStream())
        .getReader()
      const events: Event[] = []
      while (events.filter(([type]) => type === 'message').length < count) {
        const { value } = (await reader.read()) as { value: { event?: string; data: string } }
        events.push([value.event ?? 'message', value.data])
      }
      cut.abort()
      return events
    },
    eventsource: (path, count) => listened(new EventSource(`${url}${path}`), count),
    undici: (path, count) => listened(new UndiciEventSource(`${url}${path}`), count),
  }
  interface Source {
    addEventListener(type: string, hear: (event: { data: string }) => void): void
    close(): void
  }
  const listened = async (source: unknown, count: number): Promise<Event[]> => {
    const events: Event[] = []
    await new Promise<void>((resolve) => {
      for (const type of ['message', 'evil', 'hello', 'gap', 'x', ''])
        (source as Source).addEventListener(type, ({ data }) => {
          if (typeof data !== 'string') return
          events.push([type, data])
          if (events.filter(([type]) => type === 'message').length >= count) resolve()
        })
    })
    ;(source as Source).close()
    return events
  }

  it('through text, name and key: every string comes back exactly in four decoders, nothing is forged', async () => {
    const texts = fc.sample(hostile, 60)
    const said: Record<string, unknown>[] = []
    for (const [i, text] of texts.entries()) {
      const answer = await ask(url, '/r/inject', {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...bearer(`n${i % 7}`) },
        body: JSON.stringify({ text, name: texts.at(-i)!.slice(0, 40), key: `injected"${i}` }),
      })
      expect([201, 400]).toContain(answer.status)
      if (answer.status === 201) said.push(answer.json())
      else expect(answer.json()['code']).toMatch(/^(bad|reserved)-name$/)
    }
    expect(said.length).toBeGreaterThan(20)
    for (const [name, decode] of Object.entries(decoders)) {
      const events = await decode('/r/inject?last=200', said.length)
      const heard = events.filter(([type]) => type === 'message')
      expect([name, heard.map(([, data]) => JSON.parse(data) as unknown)]).toEqual([name, said])
      for (const [type] of events) expect(['message', 'hello', 'presence']).toContain(type)
    }
    expect(said.map(({ text }) => text)).toEqual(
      said.map(({ key }) => texts[Number(/\d+$/.exec(String(key)))]!.replace(/\r\n?/g, '\n')),
    )
  })

  it('through the bare text of /sse: a newline forges nothing', async () => {
    const texts = fc.sample(hostile, 30)
    for (const text of texts) await say(url, 'lobby', text)
    const clean = texts.map((text) => text.replace(/\r\n?/g, '\n'))
    for (const [name, decode] of Object.entries(decoders)) {
      const events = await decode('/sse?last=30', 30)
      const heard = events.filter(([type]) => type === 'message').map(([, data]) => data)
      expect([name, heard]).toEqual([name, clean])
      for (const [type] of events) expect(['message', 'hello', 'presence']).toContain(type)
    }
  })

  it('through a cursor, a room and a header: nothing comes back as a line', async () => {
    await say(url, 'cursor', 'x')
    for (const after of [
      'x\nevent: evil\ndata: y\n\n',
      'x\r\n\r\ndata: y',
      '\u2028data: y',
      'x'.repeat(9000),
    ]) {
      const cursor = encodeURIComponent(after)
      const { text } = await ask(url, `/r/cursor?follow=0&after=${cursor}`, {
        headers: { accept: 'application/x-ndjson' },
      })
      const gap = JSON.parse(text.split('\n')[1]!) as { data: { after: string } }
      expect(gap).toMatchObject({
        event: 'gap',
        data: { after: after.slice(0, 40), reason: 'unknown' },
      })
      const stream = await hear(url, `/r/cursor?after=${cursor}`)
      await stream.texts(1)
      expect(
        stream.events.every(({ event }) => ['hello', 'gap', 'message', 'presence'].includes(event)),
      ).toBe(true)
      stream.leave()
    }
  })
})

describe('Last-Event-ID: huge, junk, negative, future, other room, other epoch', () => {
  it('10,000 values: no 5xx, a gap each time, and no row of another room', async () => {
    for (let i = 0; i < 3; i++) await say(url, 'cursors', `mine ${i}`)
    for (let i = 0; i < 3; i++) await say(url, 'foreign', `theirs ${i}`)
    const { cursor } = await (async () => {
      const stream = await hear(url, '/r/cursors')
      const hello = await stream.first('hello')
      stream.leave()
      return hello as { cursor: string }
    })()
    const [epoch] = cursor.split('-') as [string]
    const junk = fc.oneof(
      fc
        .string({ minLength: 1, maxLength: 60, unit: 'binary-ascii' })
        .filter((text) => /^[!-~]+$/.test(text)),
      fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }).map((seq) => `${epoch}-${seq}`),
      fc.stringMatching(/^[a-z0-9]{1,20}-[0-9]{1,20}$/),
      fc.constantFrom(
        '-',
        `${epoch}-`,
        `${epoch}-1e3`,
        `${epoch}-01`,
        `${epoch}-1-1`,
        epoch.toUpperCase(),
        `${epoch} -1`,
      ),
      fc.nat(8000).map((length) => 'x'.repeat(length + 1)),
    )
    const head = Number(cursor.split('-')[1])
    const good = (value: string): boolean => {
      const seq = /^(0|[1-9]\d{0,15})$/.exec(value.slice(epoch.length + 1))
      return value.startsWith(`${epoch}-`) && seq !== null && Number(seq[0]) <= head
    }
    const values = fc.sample(junk, 10_000).filter((value) => !good(value))
    expect(values.length).toBeGreaterThan(9000)
    // On a few connections that stay, as each is one request: the point is what is answered.
    const agent = new Agent({ keepAlive: true, maxSockets: 8 })
    const { port } = new URL(url)
    const heard = (value: string, tries = 3): Promise<[number, string]> =>
      new Promise((resolve, reject) => {
        const headers = { accept: 'application/x-ndjson', 'last-event-id': value }
        const path = '/r/cursors?follow=0'
        const req = request({ host: '127.0.0.1', port, path, headers, agent }, (res) => {
          let text = ''
          res.setEncoding('utf8').on('data', (data: string) => (text += data))
          res.on('end', () => resolve([res.statusCode!, text]))
        })
        req.on('error', (error: NodeJS.ErrnoException) => {
          // The server may close a connection that was to stay; what met its end is sent again (RFC 9110, section 9.2.2).
          if (error.code === 'ECONNRESET' && tries > 0)
            // oxlint-disable-next-line promise/no-promise-in-callback
            heard(value, tries - 1).then(resolve, reject)
          else reject(error)
        })
        req.end()
      })
    const seen = new Map<string, number>()
    await Promise.all(
      values.map(async (value) => {
        const [status, text] = await heard(value)
        const events = text
          .split('\n', 2)
          .map((line) => JSON.parse(line) as { event: string; data: { reason: string } })
        const sort = `${status} ${events[0]!.event} ${events[1]!.event} ${events[1]!.data.reason}`
        seen.set(sort, (seen.get(sort) ?? 0) + 1)
        if (text.includes('theirs')) throw new Error(`a foreign row for ${value}`)
      }),
    )
    agent.destroy()
    expect([...seen.keys()].toSorted()).toEqual(['200 hello gap epoch', '200 hello gap unknown'])
  })
})

describe('CORS / DNS rebinding', () => {
  const rooms =
    '/r/a /r/a/messages /r/a/messages/x-1 /r/a/people /r/a/settings /events?room=a /r/%ff'
  const rest = '/ /sse /chat?message=rebound /healthz /readyz /metrics /rooms /nothing /index.html'
  const routes = `${rooms} ${rest}`.split(' ')
  it.each([
    'evil.example',
    'evil.example:1337',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    'evil-localhost',
  ])('Host: %s is 421 on each route, streams too', async (host) => {
    for (const path of routes)
      for (const accept of ['*/*', 'text/event-stream', 'text/html']) {
        const { status } = await ask(url, path, { headers: { host, accept } })
        expect([path, accept, status]).toEqual([path, accept, 421])
      }
    const post = await say(url, 'a', 'rebound', { host })
    expect([post.status, post.json()['code']]).toEqual([421, 'wrong-host'])
    expect((await ask(url, '/r/a?follow=0')).text).not.toContain('rebound')
  })

  it('an empty Host is 421', async () => {
    const text = await exchange(url, 'GET /r/a HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n')
    expect([statusOf(text), codeIn(text)]).toEqual([421, 'wrong-host'])
  })

  it.each(['localhost', 'LOCALHOST:1337', '127.0.0.1:80', '[::1]:1337', '192.168.0.7:1337'])(
    'Host: %s is answered',
    async (host) => {
      expect((await ask(url, '/healthz', { headers: { host } })).status).toBe(200)
    },
  )

  it('with --public-url its host is answered, also where it listens on all addresses', async () => {
    const own = await open('--public-url', 'https://chat.example', '--host', '0.0.0.0')
    const status = async (host: string): Promise<number> =>
      (await ask(own.url, '/healthz', { headers: { host } })).status
    expect([await status('chat.example'), await status('Chat.Example:443')]).toEqual([200, 200])
    expect([await status('evil.example'), await status('127.0.0.1')]).toEqual([421, 200])
    await own.close()
  })
})

describe('log injection', () => {
  let child: Process
  beforeAll(async () => void (child = await started(['--memory', '--port', '0'])))
  it('whatever is sent, what is on stderr is JSON lines without a control character', async () => {
    const evil = '\n{"level":"fatal"}\u001b[31m\u0007\r'
    const escaped = encodeURIComponent(evil)
    await say(child.url, 'log', evil)
    await ask(child.url, `/r/${escaped}`)
    await ask(child.url, `/r/log?name=${escaped}&last=${escaped}`)
    await ask(child.url, `/r/log?name=a&name=b`)
    await ask(child.url, `/chat?message=${escaped}`)
    await ask(child.url, '/r/log', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: evil,
    })
    await exchange(child.url, Buffer.from(`${evil}\r\n\r\n`))
    await exchange(
      child.url,
      `POST /r/log HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n${evil}`,
    )
    expect(await child.stop()).toBe(0)
    expect(child.err()).toBe('')
    expect(child.out().split('\n')).toEqual([
      expect.stringMatching(/^Hearsay listens at http:\/\/localhost:\d+$/),
      'Nothing is kept: all is gone when it ends.',
      '',
    ])
  })
})

/** Only to show that the parser the others are compared with reads what a stream can't forge. */
it('the decoders do decode: a forged line would be seen', () => {
  const events: string[] = []
  createParser({ onEvent: ({ event, data }) => void events.push(`${event ?? ''}:${data}`) }).feed(
    'data: a\nevent: evil\ndata: b\n\n',
  )
  expect(events).toEqual(['evil:a\nb'])
})
