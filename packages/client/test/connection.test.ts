import type { ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import { Connection, type ConnectionOptions, type ConnectionState } from '../src/connection.ts'
import type { StreamEvent } from '../src/parse.ts'
import { TestClock } from './clock.ts'
import { block, Fixture, problem } from './fixture.ts'
import { until } from './until.ts'

let server: Fixture
let clock: TestClock
let states: ConnectionState[]
let events: StreamEvent[]
const opened: Connection[] = []

beforeEach(async () => {
  server = await new Fixture().listen()
  clock = new TestClock()
  states = []
  events = []
})

afterEach(async () => {
  for (const connection of opened.splice(0)) connection.close()
  await server.stop()
})

function connect(options: Partial<ConnectionOptions> = {}): Connection {
  const connection = new Connection({
    source: `${server.url}/r/lobby`,
    onEvent: (event) => events.push(event),
    onState: (state) => states.push(state),
    clock,
    ...options,
  })
  opened.push(connection)
  return connection
}

const is = (connection: Connection, phase: ConnectionState['phase']): Promise<void> =>
  until(`it is ${phase}`, () => connection.state.phase === phase)
const phases = (): string[] => states.map(({ phase }) => phase)
const texts = (): string[] =>
  events
    .filter(({ type }) => type === 'message')
    .map(({ data }) => (JSON.parse(data) as { text: string }).text)

/** The waiting state that comes next; lets its time pass. */
async function waits(connection: Connection): Promise<ConnectionState & { phase: 'waiting' }> {
  await is(connection, 'waiting')
  const state = connection.state as ConnectionState & { phase: 'waiting' }
  clock.pass(state.until - clock.now())
  return state
}

function openStream(response: ServerResponse, text = ''): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.flushHeaders()
  response.write(text)
}

describe('states', () => {
  test('a first stream: connecting, then live', async () => {
    const connection = connect()
    await is(connection, 'live')
    expect(phases()).toEqual(['connecting', 'live'])
    expect(connection.cursor).toBe('e1-0')
  })

  test('a resumed one is catching up until it has what the server had', async () => {
    for (const text of ['a', 'b', 'c']) server.say('lobby', text)
    const connection = connect({ after: 'e1-1' })
    await is(connection, 'live')
    expect(phases()).toEqual(['connecting', 'catching-up', 'live'])
    expect(connection.state).toEqual({ phase: 'live', caughtUp: 2 })
    expect(texts()).toEqual(['b', 'c'])
  })

  test('of what was missed the messages are counted, not what was done about them', async () => {
    const missed = [
      ['reaction', 'e1-2'],
      ['message', 'e1-3'],
      ['edit', 'e1-4'],
    ].map(([type, id]) => `event: ${type}\nid: ${id}\ndata: {}\n\n`)
    server.intercept = (_request, response) => {
      const hello = { cursor: 'e1-1', head: 'e1-4', rooms: { lobby: { verdict: 'resumed' } } }
      openStream(response, `event: hello\ndata: ${JSON.stringify(hello)}\n\n${missed.join('')}`)
      return true
    }
    const connection = connect({ after: 'e1-1' })
    await is(connection, 'live')
    expect(connection.state).toEqual({ phase: 'live', caughtUp: 1 })
  })

  test('live is said after the last event of what was missed, not before', async () => {
    for (const text of ['a', 'b', 'c']) server.say('lobby', text)
    let had = -1
    const connection = connect({
      after: 'e1-0',
      onState: ({ phase }) => {
        if (phase === 'live') had = texts().length
      },
    })
    await is(connection, 'live')
    expect(had).toBe(3)
  })

  test('where the server does not say how much it has, quiet tells', async () => {
    server.intercept = (_request, response) => {
      openStream(response, 'id: 5\ndata: x\n\n')
      return true
    }
    const connection = connect({ after: '4' })
    await until('the event is there', () => events.length === 1)
    expect(connection.state.phase).toBe('catching-up')
    clock.pass(1000)
    expect(connection.state).toEqual({ phase: 'live', caughtUp: 1 })
  })

  test('where a stream begins with hello, comments do not open it and do not keep it', async () => {
    server.intercept = (_request, response) => {
      openStream(response)
      setTimeout(() => response.write(': not yet\n\n'))
      return true
    }
    let heard = 0
    const count = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        clock.jump(14_000)
        heard++
        controller.enqueue(chunk)
      },
    })
    const connection = connect({
      awaitHello: true,
      fetch: async (...asked) => {
        const response = await fetch(...asked)
        return new Response(response.body?.pipeThrough(count), response)
      },
    })
    await until('the comment is there', () => heard === 1)
    await new Promise(setImmediate)
    clock.pass(1000)
    expect(connection.state).toMatchObject({ phase: 'waiting', reason: 'unreachable' })
  })

  test('where a stream begins with hello, headers alone do not open it', async () => {
    server.intercept = (_request, response) => {
      openStream(response)
      return true
    }
    let answered = 0
    const connection = connect({
      awaitHello: true,
      fetch: async (...asked) => {
        const response = await fetch(...asked)
        answered++
        return response
      },
    })
    await until('there are headers', () => answered === 1)
    await new Promise(setImmediate)
    clock.pass(14_999)
    expect(phases()).toEqual(['connecting'])
    clock.pass(1)
    expect(connection.state).toMatchObject({ phase: 'waiting', reason: 'unreachable' })
    server.intercept = () => false
    await waits(connection)
    await is(connection, 'live')
  })

  test('a signal is only sent to those who have caught up', async () => {
    server.intercept = (_request, response) => {
      openStream(response, 'id: 5\ndata: x\n\n' + block('typing', { room: 'lobby' }))
      return true
    }
    const connection = connect({ after: '4' })
    await is(connection, 'live')
  })

  test('down since it was last live, through every try', async () => {
    const connection = connect()
    await is(connection, 'live')
    clock.jump(60_000)
    const downSince = clock.now()
    server.intercept = (_request, response) => Boolean(response.destroy())
    server.cutStreams()
    for (let i = 0; i < 3; i++) await waits(connection)
    const later = states.slice(2)
    expect(later.length).toBeGreaterThanOrEqual(6)
    expect(new Set(later.map((state) => 'downSince' in state && state.downSince))).toEqual(
      new Set([downSince]),
    )
  })

  test('closed by this side it stays closed', async () => {
    const connection = connect()
    await is(connection, 'live')
    connection.close()
    expect(connection.state.phase).toBe('closed')
    await until('the server saw it go', () => server.streams.size === 0)
    connection.refresh()
    connection.offline()
    clock.pass(600_000)
    expect(connection.state.phase).toBe('closed')
    expect(server.opened).toBe(1)
  })

  test('closed while it was live and tried again, it is down since it was closed', async () => {
    const connection = connect()
    await is(connection, 'live')
    clock.pass(5000)
    connection.close()
    const downSince = clock.now()
    clock.pass(1000)
    connection.retry()
    expect(connection.state).toEqual({ phase: 'connecting', downSince, tries: 0 })
    await is(connection, 'live')
  })
})

describe('waiting', () => {
  test('0.5, 1, 2, 5, 10, 30 s, drawn from nothing to that, for ever', async () => {
    server.intercept = (_request, response) => Boolean(response.destroy())
    clock.drawn = 0.999
    const connection = connect()
    const waited: number[] = []
    for (let i = 0; i < 8; i++) {
      await is(connection, 'waiting')
      const { until, seconds, tries } = connection.state as ConnectionState & { phase: 'waiting' }
      expect(tries).toBe(i + 1)
      expect(seconds).toBe(Math.ceil((until - clock.now()) / 1000))
      waited.push(Math.round((until - clock.now()) / 100) / 10)
      await waits(connection)
    }
    expect(waited).toEqual([0.5, 1, 2, 5, 10, 30, 30, 30])
    clock.drawn = 0
    await is(connection, 'waiting')
    clock.pass(30_000)
    await is(connection, 'waiting')
    expect((connection.state as ConnectionState & { phase: 'waiting' }).until).toBe(clock.now())
  })

  test('a stream that lived makes the next failure the first', async () => {
    server.intercept = (_request, response) => Boolean(response.destroy())
    const connection = connect()
    for (let i = 0; i < 3; i++) await waits(connection)
    await is(connection, 'waiting')
    server.intercept = () => false
    await waits(connection)
    await is(connection, 'live')
    clock.pass(1000)
    server.cutStreams()
    await is(connection, 'waiting')
    expect(connection.state).toMatchObject({ tries: 1, reason: 'unreachable' })
  })

  test("the server's retry is waited for after its end of the stream", async () => {
    server.intercept = (_request, response) => {
      openStream(response, 'retry: 7000\n\n' + block('hello', { cursor: 'e1-0', beat: 15 }))
      response.end()
      return true
    }
    const state = await waits(connect())
    expect(state).toMatchObject({ reason: 'closed', seconds: 7 })
  })

  test('busy waits as long as the server asks', async () => {
    server.intercept = (_request, response) => {
      openStream(response, 'retry: 9000\n\n' + block('busy', { reason: 'draining', retry: 12_000 }))
      response.end()
      return true
    }
    const connection = connect()
    const state = await waits(connection)
    expect(state).toMatchObject({ reason: 'busy', seconds: 12 })
    expect(phases()).not.toContain('live')
  })

  it.each([429, 503])('%s with Retry-After is busy', async (status) => {
    server.intercept = (_request, response) => {
      problem(response, status, 'slow-down', { 'retry-after': '4' })
      return true
    }
    expect(await waits(connect())).toMatchObject({ reason: 'busy', seconds: 5 })
  })

  test('429 is busy without it too: the server has answered', async () => {
    server.intercept = (_request, response) => Boolean(response.writeHead(429).end())
    expect(await waits(connect())).toMatchObject({ reason: 'busy', seconds: 1 })
  })

  it.each([500, 502, 503, 408])('%s is unreachable', async (status) => {
    server.intercept = (_request, response) => Boolean(response.writeHead(status).end())
    expect(await waits(connect())).toMatchObject({ reason: 'unreachable' })
  })

  it.each([
    [200, "a portal's page"],
    [204, 'nothing'],
  ])('%s with %s in place of the stream is told as what it is', async (status) => {
    server.intercept = (_request, response) => {
      response.writeHead(status, { 'content-type': 'text/html' })
      response.end(status === 200 ? '<h1>Log in</h1>' : undefined)
      return true
    }
    expect(await waits(connect())).toMatchObject({ reason: 'intercepted' })
  })

  test('offline, where this machine says so', async () => {
    server.intercept = (_request, response) => Boolean(response.destroy())
    expect(await waits(connect({ isOnline: () => false }))).toMatchObject({ reason: 'offline' })
  })

  test('retry cuts the wait short, and leaves an open stream alone', async () => {
    server.intercept = (_request, response) => Boolean(response.destroy())
    const connection = connect()
    await is(connection, 'waiting')
    server.intercept = () => false
    connection.retry()
    await is(connection, 'live')
    connection.retry()
    expect(connection.state.phase).toBe('live')
    expect(server.opened).toBe(1)
  })
})

describe('what stands between answers in its own words:', () => {
  const answers = (status: number, type: string, body: object): void => {
    server.intercept = (_request, response) => {
      response.writeHead(status, { 'content-type': type }).end(JSON.stringify(body))
      return true
    }
  }

  test.each(['application/json', 'application/problem+json'])(
    'as %s, of which the status alone says whether it may pass',
    async (type) => {
      answers(503, type, { status: 'error', code: 'UPSTREAM' })
      expect(await waits(connect())).toMatchObject({ reason: 'unreachable' })
      answers(403, type, { status: 503, code: 'x' })
      const connection = connect()
      await is(connection, 'refused')
      expect(connection.state).toMatchObject({ problem: { status: 403 } })
    },
  )

  test('its code is no code of the server', async () => {
    answers(403, 'application/json', { code: 'banned', title: 'No.' })
    const connection = connect()
    await is(connection, 'refused')
    expect(connection.state).toMatchObject({ problem: { code: 'http-403' } })
  })

  test('what is not of the kind that it should be is not there', async () => {
    const odd = { title: 7, detail: {}, retryAfter: 'soon', at: null, reason: [], challenge: 'no' }
    answers(503, 'application/problem+json', { code: 'x', ...odd })
    expect(await waits(connect())).toMatchObject({ reason: 'unreachable' })
    answers(403, 'application/problem+json', { code: 'x', ...odd })
    const connection = connect()
    await is(connection, 'refused')
    const problem = { type: 'about:blank', title: 'Forbidden', status: 403, code: 'x' }
    expect(connection.state).toEqual({ phase: 'refused', problem })
  })
})

describe('who is told and throws has an uncaught error', () => {
  const uncaught: unknown[] = []
  const note = (error: unknown): unknown => uncaught.push(error)
  let others: NodeJS.UncaughtExceptionListener[]

  beforeEach(() => {
    uncaught.length = 0
    others = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException').on('uncaughtException', note)
  })
  afterEach(() => {
    process.removeListener('uncaughtException', note)
    for (const other of others) process.on('uncaughtException', other)
  })

  test('of a state, and it is tried again', async () => {
    server.intercept = (_request, response) => Boolean(response.destroy())
    const error = new Error('of the page')
    const connection = connect({
      onState: ({ phase }) => {
        if (phase === 'waiting') throw error
      },
    })
    await is(connection, 'waiting')
    server.intercept = () => false
    clock.pass(500)
    await is(connection, 'live')
    expect(uncaught).toEqual([error])
  })

  test('of an event, and the next one is heard', async () => {
    for (const text of ['a', 'b', 'c']) server.say('lobby', text)
    const connection = connect({
      after: 'e1-0',
      onEvent: (event) => {
        events.push(event)
        if (event.id === 'e1-2') throw new Error(event.id)
      },
    })
    await is(connection, 'live')
    expect(texts()).toEqual(['a', 'b', 'c'])
    expect(phases()).toEqual(['connecting', 'catching-up', 'live'])
    expect(uncaught.map(String)).toEqual(['Error: e1-2'])
  })
})

describe('refused', () => {
  it.each([400, 401, 403, 404, 410])('%s is for good', async (status) => {
    server.intercept = (_request, response) => {
      problem(response, status, 'banned')
      return true
    }
    const connection = connect()
    await is(connection, 'refused')
    expect(connection.state).toEqual({
      phase: 'refused',
      problem: { type: 'about:blank', title: 'It is banned.', status, code: 'banned' },
    })
    expect(clock.next).toBeUndefined()
    server.intercept = () => false
    connection.refresh()
    expect(connection.state.phase).toBe('refused')
    connection.retry()
    await is(connection, 'live')
  })

  test('an event that is larger than allowed would be so again', async () => {
    server.intercept = (_request, response) => {
      openStream(response, `data: ${'x'.repeat(2000)}\n\n`)
      return true
    }
    const connection = connect({ maxEvent: 1000 })
    await is(connection, 'refused')
    expect(connection.state).toMatchObject({ problem: { code: 'event-too-large' } })
  })
})

describe('silence', () => {
  test('of two and a half beats ends a stream, whatever its socket says', async () => {
    server.beat = 4
    const connection = connect()
    await is(connection, 'live')
    clock.pass(9_999)
    expect(connection.state.phase).toBe('live')
    clock.pass(1)
    expect(connection.state).toMatchObject({ phase: 'waiting', reason: 'unreachable' })
    await waits(connection)
    await is(connection, 'live')
    expect(server.opened).toBe(2)
  })

  test('is broken by any byte', async () => {
    server.beat = 4
    const connection = connect()
    await is(connection, 'live')
    for (let i = 0; i < 5; i++) {
      clock.pass(9_000)
      server.signal('lobby', 'beat', { at: '' })
      const count = i + 2
      await until('the beat came', () => events.length === count)
    }
    expect(phases()).toEqual(['connecting', 'live'])
  })

  test('of a server that takes the request and says nothing', async () => {
    server.intercept = () => true
    const connection = connect()
    clock.pass(14_999)
    expect(connection.state.phase).toBe('connecting')
    clock.pass(1)
    expect(connection.state).toMatchObject({ phase: 'waiting', reason: 'unreachable' })
  })

  test('is seen by check where timers sleep', async () => {
    const connection = connect()
    await is(connection, 'live')
    clock.jump(3_600_000)
    connection.check()
    expect(connection.state.phase).toBe('waiting')
    clock.jump(1000)
    connection.check()
    await is(connection, 'live')
  })
})

describe("where the machine's clock is set back an hour", () => {
  const now = Date.now
  afterEach(() => {
    Date.now = now
  })
  const setBack = (): void => {
    Date.now = () => now() - 3_600_000
  }
  const clock = undefined

  test('a wait takes as long as it was to', async () => {
    server.intercept = (_request, response) => Boolean(response.writeHead(503).end())
    const connection = connect({ clock })
    await is(connection, 'waiting')
    setBack()
    server.intercept = () => false
    await is(connection, 'live')
  })

  test('silence is noticed', async () => {
    server.beat = 0.2
    const connection = connect({ clock })
    await is(connection, 'live')
    setBack()
    await is(connection, 'waiting')
    expect(connection.state).toMatchObject({ phase: 'waiting', reason: 'unreachable', seconds: 1 })
  })
})

describe('resuming', () => {
  test('goes on after the last id, from a listener that has heard nothing too', async () => {
    const connection = connect()
    await is(connection, 'live')
    clock.pass(2000)
    server.cutStreams()
    await is(connection, 'waiting')
    for (const text of ['a', 'b']) server.say('lobby', text)
    await waits(connection)
    await is(connection, 'live')
    expect(texts()).toEqual(['a', 'b'])
    expect(connection.state).toEqual({ phase: 'live', caughtUp: 2 })
  })

  test('goes on from now after an id that no header can carry', async () => {
    server.intercept = (_request, response) => {
      openStream(response, 'id: a\x01b\ndata: x\n\n')
      response.end()
      return true
    }
    const connection = connect()
    await is(connection, 'waiting')
    expect(connection.cursor).toBe('a\x01b')
    server.intercept = () => false
    await waits(connection)
    await is(connection, 'live')
  })

  test('refresh takes a fresh stream with the last id, not more than one in a second', async () => {
    const connection = connect()
    await is(connection, 'live')
    server.say('lobby', 'a')
    await until('it was heard', () => texts().length === 1)
    connection.refresh()
    expect(server.opened).toBe(1)
    clock.pass(5000)
    connection.refresh()
    expect(connection.state.phase).toBe('connecting')
    await is(connection, 'live')
    server.say('lobby', 'b')
    await until('it was heard', () => texts().length === 2)
    expect(texts()).toEqual(['a', 'b'])
    await until('the old stream is gone', () => server.streams.size === 1)
    expect(server.opened).toBe(2)
  })

  test('offline, says the browser: lost at once, tried all the same', async () => {
    const connection = connect()
    await is(connection, 'live')
    connection.offline()
    expect(connection.state).toMatchObject({ phase: 'waiting', reason: 'offline' })
    await waits(connection)
    await is(connection, 'live')
  })

  test('reopen from within an event: nothing of the old stream follows it', async () => {
    for (const text of ['a', 'b', 'c']) server.say('lobby', text)
    const heard: string[] = []
    const connection = connect({
      after: 'e1-0',
      onEvent: ({ type, data }) => {
        if (type !== 'message') return
        const { text } = JSON.parse(data) as { text: string }
        heard.push(text)
        if (heard.length === 2) connection.reopen('e1-0')
      },
    })
    await until('all came', () => heard.length === 5)
    expect(heard).toEqual(['a', 'b', 'a', 'b', 'c'])
  })

  test('an address and headers may change from try to try', async () => {
    const seen: unknown[] = []
    server.intercept = ({ url, headers }) => {
      seen.push([url, headers.authorization])
      return false
    }
    let count = 0
    const connection = connect({
      source: () => ({
        url: `${server.url}/r/room-${++count}`,
        headers: { authorization: `Bearer ${count}` },
      }),
    })
    await is(connection, 'live')
    clock.pass(2000)
    connection.refresh()
    await is(connection, 'live')
    expect(seen).toEqual([
      ['/r/room-1', 'Bearer 1'],
      ['/r/room-2', 'Bearer 2'],
    ])
  })
})
