import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import type { ConnectionState } from '../src/connection.ts'
import type { RoomEvent } from '../src/place.ts'
import { foldPresence, RoomStream } from '../src/rooms.ts'
import { TestClock } from './clock.ts'
import { Fixture, problem } from './fixture.ts'
import { until } from './until.ts'

let server: Fixture
let clock: TestClock
let heard: [room: string, event: RoomEvent][]
let states: ConnectionState[]
let refused: string[]
const opened: RoomStream[] = []

beforeEach(async () => {
  server = await new Fixture().listen()
  clock = new TestClock()
  clock.drawn = 0
  heard = []
  states = []
  refused = []
})

afterEach(async () => {
  for (const stream of opened.splice(0)) stream.close()
  await server.stop()
})

function open(...rooms: [room: string, after?: string][]): RoomStream {
  const stream = new RoomStream({
    server: { base: server.url, secret: 'x'.repeat(43) },
    onEvent: (room, event) => heard.push([room, event]),
    onState: (state) => {
      states.push(state)
      // Waiting costs no time here: the clock is ours.
      if (state.phase === 'waiting') queueMicrotask(() => clock.pass(state.until - clock.now()))
    },
    onRefused: (room) => refused.push(room),
    clock,
  })
  opened.push(stream)
  stream.add(rooms.map(([room, after]) => [room, after]))
  return stream
}

const live = (stream: RoomStream): Promise<void> =>
  until('it is live', () => stream.state?.phase === 'live')
const texts = (room: string): string[] =>
  heard.flatMap(([from, event]) =>
    from === room && event.type === 'message' ? [event.data.text] : [],
  )
const types = (): string[] => heard.map(([, { type }]) => type)

describe('holes', () => {
  test('are seen at the next event, and filled in order', async () => {
    const stream = open(['lobby'])
    await live(stream)
    server.leavesOut = ({ text }, isReplay) => text === 'b' && !isReplay
    for (const text of ['a', 'b', 'c']) server.say('lobby', text)
    await until('all came', () => texts('lobby').length === 3)
    expect(texts('lobby')).toEqual(['a', 'b', 'c'])
    expect(server.opened).toBe(2)
  })

  test('of the very first event after a listener came are seen too', async () => {
    server.say('lobby', 'before')
    const stream = open(['lobby'])
    await live(stream)
    server.leavesOut = ({ text }, isReplay) => text === 'a' && !isReplay
    for (const text of ['a', 'b']) server.say('lobby', text)
    await until('all came', () => texts('lobby').length === 2)
    expect(texts('lobby')).toEqual(['a', 'b'])
  })

  test('that the server can not fill are told as a gap, once, and it goes on', async () => {
    const stream = open(['lobby'])
    await live(stream)
    server.leavesOut = ({ text }) => text === 'b'
    for (const text of ['a', 'b', 'c', 'd']) server.say('lobby', text)
    await until('all came', () => texts('lobby').length === 3)
    expect(types()).toEqual(['message', 'gap', 'message', 'message'])
    expect(heard[1]).toEqual([
      'lobby',
      {
        type: 'gap',
        data: { room: 'lobby', after: 'e1-1', oldest: 'e1-3', reason: 'unknown' },
      },
    ])
    expect(server.opened).toBe(2)
  })

  test('what the server lost is a gap that says so', async () => {
    const stream = open(['lobby'])
    await live(stream)
    server.say('lobby', 'a')
    await until('it came', () => texts('lobby').length === 1)
    clock.pass(2000)
    // In one turn: nobody can be back before all of it was said and lost.
    server.cutStreams()
    for (const text of ['b', 'c', 'd']) server.say('lobby', text)
    server.oldest = 4
    await until('the rest came', () => texts('lobby').length === 2)
    expect(types()).toEqual(['message', 'gap', 'message'])
    expect(texts('lobby')).toEqual(['a', 'd'])
  })

  test('whatever is left out and cut, each room is heard once and in order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            room: fc.constantFrom('a', 'b', 'c'),
            act: fc.constantFrom('say', 'say', 'say', 'leave out', 'cut'),
          }),
          { maxLength: 40 },
        ),
        fc.subarray(['a', 'b', 'c'], { minLength: 1 }),
        async (acts, rooms) => {
          server = await new Fixture().listen()
          heard = []
          const lost = new Set<string>()
          server.leavesOut = ({ id }, isReplay) => lost.has(id) && !isReplay
          const stream = open(...rooms.map((room): [string] => [room]))
          await live(stream)
          for (const [i, { room, act }] of acts.entries()) {
            if (act === 'cut') {
              server.cutStreams()
              await new Promise(setImmediate)
            } else {
              if (act === 'leave out') lost.add(`e1-${server.log.length + 1}`)
              server.say(room, `${room}${i}`)
            }
          }
          // One more each: a hole shows at the event after it.
          for (const room of rooms) server.say(room, `${room} end`)
          await until('the ends came', () => rooms.every((r) => texts(r).includes(`${r} end`)))
          for (const room of rooms) expect(texts(room)).toEqual(server.texts(room))
          expect(types()).not.toContain('gap')
          stream.close()
          await server.stop()
        },
      ),
      { numRuns: 40 },
    )
  }, 60_000)
})

describe('several rooms', () => {
  test('are one stream, and a further one joins without losing a word of the others', async () => {
    const stream = open(['a'])
    await live(stream)
    server.say('a', 'a1')
    await until('it came', () => texts('a').length === 1)
    stream.add([['b', undefined]])
    server.say('a', 'a2')
    server.say('b', 'b1')
    await until('all came', () => texts('a').length === 2 && texts('b').length === 1)
    server.say('a', 'a3')
    await until('all came', () => texts('a').length === 3)
    expect(texts('a')).toEqual(['a1', 'a2', 'a3'])
    expect(server.opened).toBe(2)
    await until('the first one is gone', () => server.streams.size === 1)
    expect([...server.streams][0]?.rooms).toEqual(['a', 'b'])
  })

  test('one that joins from an older cursor gets what it missed, the others nothing twice', async () => {
    server.say('b', 'b1')
    const stream = open(['a'])
    await live(stream)
    server.say('a', 'a1')
    server.say('b', 'b2')
    await until('it came', () => texts('a').length === 1)
    stream.add([['b', 'e1-1']])
    await until('it came', () => texts('b').length === 1)
    server.say('a', 'a2')
    await until('it came', () => texts('a').length === 2)
    expect(texts('b')).toEqual(['b2'])
    expect(texts('a')).toEqual(['a1', 'a2'])
  })

  test('where one joins from what a backup still has, the others are not deaf to what came after it', async () => {
    const stream = open(['a'])
    await live(stream)
    for (let i = 1; i <= 20; i++) server.say('a', `${i}`)
    await until('all came', () => texts('a').length === 20)
    server.restore(5)
    // Before the stream is back from its own cursor, which would tell it.
    stream.add([['b', 'e1-3']])
    await until('it is back', () => server.opened === 2)
    server.say('a', 'new')
    await until('it came', () => texts('a').at(-1) === 'new')
  })

  test('one that is left is not heard any more', async () => {
    const stream = open(['a'], ['b'])
    await live(stream)
    stream.drop('b')
    await until('the stream is of one room', () =>
      [...server.streams].some(({ rooms }) => rooms.join() === 'a'),
    )
    expect(stream.rooms).toEqual(['a'])
    stream.drop('a')
    await until('there is no stream', () => server.streams.size === 0)
  })

  test('one that is refused is left out, the others go on', async () => {
    server.intercept = (_request, response, url) => {
      const asks = url.pathname === '/r/b' || url.searchParams.getAll('room').includes('b')
      if (asks) problem(response, 403, 'banned')
      return asks
    }
    const stream = open(['a'], ['b'], ['c'])
    await live(stream)
    expect(refused).toEqual(['b'])
    expect(stream.rooms).toEqual(['a', 'c'])
    expect(states.map(({ phase }) => phase)).not.toContain('refused')
  })

  test('which one is refused is asked once more after a pause, where it could not be found out', async () => {
    clock.drawn = 0.5
    let isBusy = true
    server.intercept = (_request, response, url) => {
      const asks = url.pathname === '/r/b'
      if (asks && isBusy) problem(response, 429, 'slow-down')
      else if (asks || url.searchParams.getAll('room').includes('b')) {
        problem(response, 403, 'banned')
      } else return false
      return true
    }
    const stream = open(['a'], ['b'])
    await until('it waits', () => clock.next === 250)
    expect([refused, stream.rooms]).toEqual([[], ['a', 'b']])
    clock.pass(250)
    // Less and less often.
    await until('it waits again', () => clock.next === 500)
    isBusy = false
    clock.pass(500)
    await live(stream)
    expect([refused, stream.rooms]).toEqual([['b'], ['a']])
    expect(states.map(({ phase }) => phase)).not.toContain('refused')
  })

  it.each([200, 503])(
    'an answer of %s to which one is refused that comes late says nothing of a stream that went on',
    async (status) => {
      let answer: (() => void) | undefined
      server.intercept = (_request, response, url) => {
        if (url.searchParams.getAll('room').includes('b')) problem(response, 403, 'banned')
        else if (url.pathname !== '/r/b') return false
        else answer = () => response.writeHead(status).end('{}')
        return true
      }
      const stream = open(['a'], ['b'])
      await until('it is asked for', () => answer !== undefined)
      stream.drop('b')
      await live(stream)
      answer?.()
      for (const text of ['a1', 'a2']) {
        server.say('a', text)
        await until('it came', () => texts('a').at(-1) === text)
        // By then it would be asked again.
        clock.pass(1000)
      }
      expect(states.map(({ phase }) => phase)).not.toContain('refused')
      expect(stream.state?.phase).toBe('live')
      expect(server.opened).toBe(1)
    },
  )

  test('all refused is refused', async () => {
    server.intercept = (_request, response) => {
      problem(response, 403, 'banned')
      return true
    }
    open(['a'], ['b'])
    await until('it is refused', () => states.at(-1)?.phase === 'refused')
    expect(refused).toEqual(['a', 'b'])
  })
})

describe('what is kept for latecomers', () => {
  test('is what came after their cursor, or nothing where it does not reach back', async () => {
    server.say('lobby', 'old')
    const stream = open(['lobby'])
    await live(stream)
    for (const text of ['a', 'b', 'c']) server.say('lobby', text)
    await until('all came', () => texts('lobby').length === 3)
    const since = (after?: string): string[] | undefined =>
      stream.since('lobby', after)?.map(({ data }) => ('text' in data ? data.text : ''))
    expect(since('e1-1')).toEqual(['a', 'b', 'c'])
    expect(since('e1-2')).toEqual(['b', 'c'])
    expect(since('e1-4')).toEqual([])
    expect(since('e1-0')).toBeUndefined()
    expect(since()).toEqual([])
    expect(stream.since('other', 'e1-4')).toBeUndefined()
  })

  test('is nothing for who comes from another life of the log', async () => {
    const stream = open(['lobby'])
    await live(stream)
    for (let i = 1; i <= 20; i++) server.say('lobby', `${i}`)
    await until('all came', () => texts('lobby').length === 20)
    server.restore(5)
    await until('it is back', () => types().includes('gap') && texts('lobby').length === 25)
    server.say('lobby', 'new')
    await until('it came', () => texts('lobby').at(-1) === 'new')
    // By their numbers they stand behind everything.
    for (const lost of ['e1-20', 'e1-6']) expect(stream.since('lobby', lost)).toBeUndefined()
    expect(stream.since('lobby', 'e1-5')).toHaveLength(1)
    expect(stream.since('lobby', 'e2-6')).toEqual([])
  })

  test('is bounded', async () => {
    const stream = open(['lobby'])
    await live(stream)
    for (let i = 1; i <= 250; i++) server.say('lobby', `${i}`)
    await until('all came', () => texts('lobby').length === 250)
    expect(stream.since('lobby', 'e1-50')).toHaveLength(200)
    expect(stream.since('lobby', 'e1-49')).toBeUndefined()
  })
})

describe('presence', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((person) => ({
    person,
    name: person,
    mark: 'ABC123',
    role: 'speak' as const,
  })) as [never, never, never]

  test('is a list, then what changed of it, then perhaps only a number', () => {
    let people = foldPresence({ count: 0, list: [] }, { room: 'r', count: 2, people: [a, b] })
    expect(people).toEqual({ count: 2, list: [a, b] })
    people = foldPresence(people, { room: 'r', count: 2, joined: [c], left: [a] })
    expect(people).toEqual({ count: 2, list: [b, c] })
    people = foldPresence(people, { room: 'r', count: 2, joined: [b] })
    expect(people).toEqual({ count: 2, list: [c, b] })
    people = foldPresence(people, { room: 'r', count: 120 })
    expect(people).toEqual({ count: 120, list: null })
    people = foldPresence(people, { room: 'r', count: 119, left: [c] })
    expect(people).toEqual({ count: 119, list: null })
  })
})
