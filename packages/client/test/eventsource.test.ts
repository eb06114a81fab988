import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest'
import { EventSource } from '../src/eventsource.ts'
import { until } from './until.ts'
import { wireCases } from './wire-cases.ts'

let server: Server
let base: string
let answer: (request: IncomingMessage, response: ServerResponse) => void
let requests: IncomingMessage[]
const opened: EventSource[] = []

beforeEach(async () => {
  requests = []
  server = createServer((request, response) => {
    requests.push(request)
    answer(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterEach(async () => {
  for (const source of opened.splice(0)) source.close()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

function open(path = '/', options?: ConstructorParameters<typeof EventSource>[1]): EventSource {
  const source = new EventSource(base + path, options)
  opened.push(source)
  return source
}

/** Everything that happens to a source, as one line each. */
function follow(source: EventSource, ...types: string[]): string[] {
  const log: string[] = []
  for (const type of new Set(['open', 'error', 'message', ...types])) {
    source.addEventListener(type, (event: Event) => {
      if (!(event instanceof MessageEvent)) log.push(`${event.type} ${source.readyState}`)
      else log.push(`${event.type} ${JSON.stringify([event.data, event.lastEventId])}`)
    })
  }
  return log
}

function stream(response: ServerResponse, text = '', type = 'text/event-stream'): ServerResponse {
  response.writeHead(200, { 'content-type': type })
  response.flushHeaders()
  response.write(text)
  return response
}

describe.each(wireCases)('$name ($mirrors)', ({ text, events }) => {
  it.each([1, 2, 3])('in chunks of %s bytes', async (size) => {
    answer = (_request, response) => {
      stream(response)
      const bytes = Buffer.from(text)
      for (let at = 0; at < bytes.length; at += size) response.write(bytes.subarray(at, at + size))
      response.end()
    }
    const source = open()
    const log = follow(source, ...events.map(([, type = 'message']) => type))
    // The end of the stream comes after all that was in it.
    await until('the stream ended', () => log.includes('error 0'))
    expect(log).toEqual([
      'open 1',
      ...events.map(([data, type = 'message', id = '']) => `${type} ${JSON.stringify([data, id])}`),
      'error 0',
    ])
  })
})

describe('the request', () => {
  test('accepts text/event-stream and no cache (request-accept, request-cache-control)', async () => {
    answer = (_request, response) => stream(response, 'data: x\n\n')
    const log = follow(open())
    await until('it is open', () => log.length === 2)
    expect(requests[0]?.headers).toMatchObject({
      accept: 'text/event-stream',
      'cache-control': 'no-cache',
    })
    expect(requests[0]?.headers).not.toHaveProperty('last-event-id')
  })

  test('carries the headers that were asked for', async () => {
    answer = (_request, response) => stream(response)
    const log = follow(open('/', { headers: { authorization: 'Bearer abc' } }))
    await until('it is open', () => log.length === 1)
    expect(requests[0]?.headers.authorization).toBe('Bearer abc')
  })

  test('goes to an address (eventsource-url, eventsource-constructor-url-bogus)', () => {
    expect(() => new EventSource('http://this is invalid/')).toThrow(
      expect.objectContaining({ name: 'SyntaxError' }) as Error,
    )
    answer = (_request, response) => void response.writeHead(204).end()
    expect(open('/a/../b').url).toBe(`${base}/b`)
  })

  it.each([
    'mailto:whatwg@awesome.example',
    'about:blank',
    'ftp://example.not/',
    "javascript:alert('FAIL')",
  ])('to %s it fails for good (eventsource-constructor-non-same-origin)', async (url) => {
    const source = new EventSource(url)
    opened.push(source)
    expect(source.readyState).toBe(0)
    const log = follow(source)
    await until('it failed', () => log.length > 0)
    expect(log).toEqual(['error 2'])
  })

  test('in a worker, which has no document, by its own address', async () => {
    answer = (_request, response) => stream(response, 'data: x\n\n')
    vi.stubGlobal('location', { href: `${base}/worker/script.js` })
    try {
      const source = new EventSource('stream')
      opened.push(source)
      expect(source.url).toBe(`${base}/worker/stream`)
    } finally {
      vi.unstubAllGlobals()
    }
  })

  test('cookies only when asked for (request-credentials)', () => {
    answer = (_request, response) => void response.writeHead(204).end()
    expect(open().withCredentials).toBe(false)
    expect(open('/', { withCredentials: true }).withCredentials).toBe(true)
  })
})

describe('answers', () => {
  it.each([204, 205, 210, 299, 404, 410, 500, 503])(
    'a status of %s closes it (request-status-error)',
    async (status) => {
      answer = (_request, response) => void response.writeHead(status).end()
      const log = follow(open())
      await until('it failed', () => log.length > 0)
      expect(log).toEqual(['error 2'])
      expect(requests).toHaveLength(1)
    },
  )

  it.each(['text/html', 'text/event-streamx', 'x bogus', 'application/json'])(
    'a content type of %s closes it (format-mime-bogus)',
    async (type) => {
      answer = (_request, response) => stream(response, 'data: x\n\n', type).end()
      const log = follow(open())
      await until('it failed', () => log.length > 0)
      expect(log).toEqual(['error 2'])
    },
  )

  it.each([
    ['text/event-stream;', 'format-mime-trailing-semicolon'],
    ['text/event-stream;x bogus', 'format-mime-valid-bogus'],
    ['Text/Event-Stream; charset=utf-8', 'format-mime-valid-bogus'],
  ])('a content type of %s is right (%s)', async (type) => {
    answer = (_request, response) => stream(response, 'data: x\n\n', type)
    const log = follow(open())
    await until('it has an event', () => log.length > 1)
    expect(log).toEqual(['open 1', 'message ["x",""]'])
  })

  it.each([301, 302, 303, 307, 308])(
    'a redirect by %s is followed (request-redirect)',
    async (status) => {
      answer = (request, response) => {
        if (request.url === '/from') response.writeHead(status, { location: '/to' }).end()
        else stream(response, 'data: x\n\n')
      }
      const source = open('/from')
      const log = follow(source)
      await until('it has an event', () => log.length > 1)
      expect(log).toEqual(['open 1', 'message ["x",""]'])
      expect(source.url).toBe(`${base}/from`)
    },
  )

  test('after a redirect the event is of the place it came from (eventsource-cross-origin)', async () => {
    const other = createServer((_request, response) => stream(response, 'data: x\n\n'))
    other.listen(0, '127.0.0.1')
    await once(other, 'listening')
    const there = `http://127.0.0.1:${(other.address() as AddressInfo).port}`
    answer = (_request, response) => void response.writeHead(307, { location: there }).end()
    const source = open()
    const [event] = (await once(source, 'message')) as [MessageEvent]
    expect(event.origin).toBe(there)
    source.close()
    other.closeAllConnections()
    other.close()
  })
})

describe('reconnection', () => {
  test('a stream that ends is opened anew with the last id (eventsource-reconnect)', async () => {
    answer = (_request, response) => {
      stream(response, `retry: 2\nid: …\ndata: ${requests.length}\n\n`)
      if (requests.length < 3) response.end()
    }
    const log = follow(open())
    await until('three streams were there', () => log.length === 8)
    expect(log).toEqual([
      'open 1',
      'message ["1","…"]',
      'error 0',
      'open 1',
      'message ["2","…"]',
      'error 0',
      'open 1',
      'message ["3","…"]',
    ])
    // The id is UTF-8 in the header; Node shows each byte as a character.
    const ids = requests.map(({ headers }) => headers['last-event-id'])
    const bytes = Buffer.from('…').toString('latin1')
    expect(ids).toEqual([undefined, bytes, bytes])
  })

  test('an id-only block is what it comes back with (format-field-id-3)', async () => {
    answer = (_request, response) => {
      if (requests.length === 1) stream(response, 'retry: 2\nid: e1-7\n\n').end()
      else stream(response, 'data: x\n\n')
    }
    const log = follow(open())
    await until('it has an event', () => log.some((line) => line.startsWith('message')))
    expect(requests[1]?.headers['last-event-id']).toBe('e1-7')
    expect(log.at(-1)).toBe('message ["x","e1-7"]')
  })

  test('an id that was taken back is not sent (format-field-id-2)', async () => {
    answer = (_request, response) => {
      if (requests.length === 1)
        stream(response, 'retry: 2\nid: 7\ndata: a\n\nid\ndata: b\n\n').end()
      else stream(response)
    }
    const log = follow(open())
    await until('it came back', () => log.filter((line) => line === 'open 1').length === 2)
    expect(requests[1]?.headers).not.toHaveProperty('last-event-id')
  })

  test('the last id takes the place of one among the own headers (eventsource-reconnect)', async () => {
    answer = (_request, response) => stream(response, 'retry: 2\nid: 9\ndata: x\n\n').end()
    open('/', { headers: { 'Last-Event-ID': '0' } })
    await until('it came back', () => requests.length > 1)
    expect(requests.slice(0, 2).map(({ headers }) => headers['last-event-id'])).toEqual(['0', '9'])
  })

  test('an id that no header can carry keeps nobody from coming back (format-field-id)', async () => {
    answer = (_request, response) => stream(response, 'retry: 2\nid: a\x01b\ndata: x\n\n').end()
    const log = follow(open())
    await until('it came back', () => requests.length > 1)
    expect(log[1]).toBe('message ["x","a\\u0001b"]')
    expect(requests[1]?.headers).not.toHaveProperty('last-event-id')
  })

  test('the last id goes along in the query where that is asked for', async () => {
    answer = (_request, response) => stream(response, 'retry: 2\nid: …\ndata: x\n\n').end()
    open('/?a=b', { lastEventIdQuery: 'after' })
    await until('it came back', () => requests.length > 1)
    expect(requests.slice(0, 2).map(({ url }) => url)).toEqual(['/?a=b', '/?a=b&after=%E2%80%A6'])
    expect(requests[1]?.headers).not.toHaveProperty('last-event-id')
  })

  test('a connection that is cut is no end either (eventsource-reconnect)', async () => {
    answer = (_request, response) => {
      stream(response, 'retry: 2\ndata: x\n\n')
      if (requests.length === 1) setImmediate(() => response.destroy())
    }
    const log = follow(open())
    await until('it has both events', () => log.length === 5)
    expect(log[2]).toBe('error 0')
    expect(log.at(-1)).toBe('message ["x",""]')
  })

  test('204 ends the coming back (request-status-error)', async () => {
    answer = (_request, response) => {
      if (requests.length === 1) stream(response, 'retry: 2\ndata: x\n\n').end()
      else response.writeHead(204).end()
    }
    const log = follow(open())
    await until('it is closed', () => log.includes('error 2'))
    expect(log).toEqual(['open 1', 'message ["x",""]', 'error 0', 'error 2'])
  })

  test('a server that is not there is tried again', async () => {
    answer = (_request, response) => stream(response, 'retry: 2\n\n')
    const source = open()
    const log = follow(source)
    await until('it is open', () => log.length === 1)
    const { port } = server.address() as AddressInfo
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await until('it failed some times', () => log.filter((line) => line === 'error 0').length > 2)
    server.listen(port, '127.0.0.1')
    await until('it is open again', () => source.readyState === 1)
  })

  test('a server that is gone is tried less and less often, though it told to come back at once', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
    try {
      const asked: number[] = []
      const headers = { 'content-type': 'text/event-stream' }
      const fetch = async (): Promise<Response> => {
        if (asked.push(Date.now()) > 1) throw new TypeError('It is gone.')
        return new Response('retry: 0\n\n', { headers })
      }
      open('/', { fetch })
      while (asked.length < 8) await vi.advanceTimersToNextTimerAsync()
      const waits = asked.slice(1).map((at, i) => at - asked[i]!)
      expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64])
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('the class', () => {
  test('has its constants (eventsource-prototype)', () => {
    expect([EventSource.CONNECTING, EventSource.OPEN, EventSource.CLOSED]).toEqual([0, 1, 2])
    answer = (_request, response) => stream(response)
    const source = open()
    expect([source.CONNECTING, source.OPEN, source.CLOSED]).toEqual([0, 1, 2])
    expect(source.readyState).toBe(0)
  })

  test('has the shape of the interface (idlharness)', () => {
    answer = (_request, response) => stream(response)
    const source = open()
    expect(Object.prototype.toString.call(source)).toBe('[object EventSource]')
    expect(Object.keys(source)).toEqual([])
    for (const holder of [EventSource, EventSource.prototype])
      expect(Object.getOwnPropertyDescriptor(holder, 'CLOSED')).toEqual({
        value: 2,
        enumerable: true,
        writable: false,
        configurable: false,
      })
    for (const name of ['url', 'withCredentials', 'readyState']) {
      const own = Object.getOwnPropertyDescriptor(EventSource.prototype, name)
      expect(own).toMatchObject({ enumerable: true, set: undefined, get: expect.any(Function) })
    }
    expect(() => Object.assign(source, { url: 'another' })).toThrow(TypeError)
    expect(() => Reflect.construct(EventSource, [])).toThrow(TypeError)
  })

  test("null is no options, as to the browser's own", async () => {
    answer = (_request, response) => stream(response)
    const source = Reflect.construct(EventSource, [base, null]) as EventSource
    opened.push(source)
    expect(source.withCredentials).toBe(false)
    await until('it is open', () => source.readyState === 1)
  })

  test('close ends it at once, without an event (eventsource-close)', async () => {
    answer = (_request, response) => stream(response, 'data: 1\n\ndata: 2\n\n')
    const source = open()
    const log = follow(source)
    source.addEventListener('message', () => source.close())
    await until('the server saw it go', () => requests[0]?.destroyed === true)
    expect(source.readyState).toBe(2)
    expect(log).toEqual(['open 1', 'message ["1",""]'])
  })

  test('handlers are taken and given back (eventsource-eventtarget)', async () => {
    answer = (_request, response) => stream(response, 'data: x\n\n')
    const source = open()
    expect([source.onopen, source.onmessage, source.onerror]).toEqual([null, null, null])
    const calls: string[] = []
    source.onmessage = () => calls.push('replaced')
    source.addEventListener('message', () => calls.push('second'))
    source.onmessage = function (event) {
      calls.push(`first ${event.data} ${this === source}`)
    }
    await until('it was called', () => calls.length === 2)
    expect(calls).toEqual(['first x true', 'second'])
    source.onmessage = null
    expect(source.onmessage).toBeNull()
  })

  test('a listener may be an object, once, and removed', async () => {
    answer = (_request, response) => stream(response, 'data: 1\n\ndata: 2\n\nevent: e\ndata: 3\n\n')
    const source = open()
    const heard: string[] = []
    const removed = (): number => heard.push('removed')
    source.addEventListener('message', { handleEvent: (event) => heard.push(event.type) })
    source.addEventListener('message', () => heard.push('once'), { once: true })
    source.addEventListener('message', removed)
    source.removeEventListener('message', removed)
    await once(source, 'e')
    expect(heard).toEqual(['message', 'once', 'message'])
  })

  test('an event that is too large closes it: it would be so again', async () => {
    answer = (_request, response) => stream(response, `data: ${'x'.repeat(2000)}\n\n`)
    const log = follow(open('/', { maxEvent: 1000 }))
    await until('it failed', () => log.length === 2)
    expect(log).toEqual(['open 1', 'error 2'])
  })
})
