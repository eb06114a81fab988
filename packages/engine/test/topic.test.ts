import { describe, expect, it, vi } from 'vitest'
import {
  eventStream,
  Hub,
  resolveCursor,
  type Form,
  type JoinOptions,
  type Topic,
} from '../src/index.ts'
import { Heard, join, settled } from './heard.ts'

const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => String(from + i))

describe('a topic', () => {
  it('sends what is published in one turn in one write, in order', async () => {
    const hub = new Hub()
    const topic = hub.topic('a')
    const heard = join(hub, topic)
    const before = heard.writes
    for (const n of numbers(1, 100)) topic.publish('message', n)
    expect(heard.said()).toEqual([])
    await Promise.resolve()
    expect(heard.said()).toEqual(numbers(1, 100))
    expect(heard.writes - before).toBe(1)
  })

  it('shares the writes of what is published in one pass of the event loop', async () => {
    const hub = new Hub()
    const topic = hub.topic('a')
    const heard = join(hub, topic)
    await settled()
    const before = heard.writes
    await new Promise<void>((resolve) => {
      for (let i = 1; i <= 50; i++)
        setImmediate(() => {
          topic.publish('message', String(i))
          if (i === 50) resolve()
        })
    })
    await settled()
    expect(heard.said()).toEqual(numbers(1, 50))
    // The first at once, the others together.
    expect(heard.writes - before).toBeLessThanOrEqual(3)
  })

  it('encodes an event once for all listeners of a form', async () => {
    const hub = new Hub()
    const topic = hub.topic('a')
    const encode = vi.fn<Form['encode']>((event) => eventStream.encode(event))
    const form: Form = { contentType: 'text/event-stream', encode }
    const all = Array.from({ length: 50 }, () => join(hub, topic, { form }))
    encode.mockClear()
    topic.publish('message', 'x')
    await settled()
    for (const heard of all) expect(heard.said()).toEqual(['x'])
    expect(encode).toHaveBeenCalledTimes(1)
  })

  it('gives ids that are cursors, one above the other', () => {
    const hub = new Hub()
    const ids = [hub.topic('a').publish('message', 1), hub.topic('b').publish('message', 2)]
    const [epoch] = ids[0]!.split('-')
    expect(ids).toEqual([`${epoch}-1`, `${epoch}-2`])
    expect(hub.cursor).toBe(ids[1])
  })

  it('sends strings as they are and anything else as JSON', async () => {
    const hub = new Hub()
    const topic = hub.topic('a')
    const heard = join(hub, topic)
    topic.publish('message', 'two\nlines')
    topic.publish('price', { of: 'ACME', is: 1.5 })
    topic.publish('none', null)
    await settled()
    expect(heard.events.slice(1).map(({ type, data }) => [type, data])).toEqual([
      ['message', 'two\nlines'],
      ['price', '{"of":"ACME","is":1.5}'],
      ['none', 'null'],
    ])
    expect(() => topic.publish('message', undefined)).toThrow(/JSON form, got undefined/)
    expect(() => topic.publish('error', 'x')).toThrow(/"errored"/)
    expect(() => topic.publish('a\nid: 1', 'x')).toThrow(/no line break/)
    expect(() => topic.signal('a\r', 'x')).toThrow(/no line break/)
  })

  it('signals those who listen now, in order with the events, and nobody later', async () => {
    const hub = new Hub()
    const topic = hub.topic('a')
    topic.signal('typing', 0)
    const early = join(hub, topic)
    topic.publish('message', '1')
    topic.signal('typing', 1)
    topic.publish('message', '2')
    await settled()
    const late = join(hub, topic, { last: 10 })
    await settled()
    expect(early.events.slice(1).map(({ data }) => data)).toEqual(['1', '1', '2'])
    expect(early.events.slice(1).map(({ type }) => type)).toEqual(['message', 'typing', 'message'])
    expect(early.events.slice(1).map(({ id }) => id !== undefined)).toEqual([true, false, true])
    expect(late.said('typing')).toEqual([])
    expect(late.said()).toEqual(['1', '2'])
  })

  it('tells one listener alone, where it has room', async () => {
    const hub = new Hub()
    const topic = hub.topic('a')
    const [one, other] = [join(hub, topic), join(hub, topic)]
    expect(one.listener.tell('secret', { of: 'one' })).toBe(true)
    topic.publish('message', '1')
    await settled()
    expect(one.events.slice(1).map(({ type, data, id }) => [type, data, id !== undefined])).toEqual(
      [
        ['secret', '{"of":"one"}', false],
        ['message', '1', true],
      ],
    )
    expect(other.events.slice(1).map(({ type }) => type)).toEqual(['message'])
    one.isFull = true
    topic.publish('message', '2')
    await settled()
    expect(one.listener.tell('secret', 'x')).toBe(false)
    expect(() => one.listener.tell('a\r', 'x')).toThrow(/no line break/)
    other.listener.end()
    expect(other.listener.tell('secret', 'x')).toBe(false)
    expect([...one.said('secret'), ...other.said('secret')]).toEqual(['{"of":"one"}'])
  })

  it('sends a signal once to a listener that takes several writes to catch up', async () => {
    const hub = new Hub()
    const topic = hub.topic('a')
    const heard = join(hub, topic)
    heard.isFull = true
    topic.publish('message', 'first')
    await settled()
    const big = 'x'.repeat(40_000)
    for (let i = 0; i < 8; i++) {
      topic.publish('message', big)
      topic.signal('typing', i)
    }
    for (let i = 0; i < 8; i++) {
      heard.listener.drained()
      await settled()
    }
    expect(heard.said('typing')).toEqual(numbers(0, 7))
    expect(heard.said()).toHaveLength(9)
  })

  it('counts its listeners', () => {
    const hub = new Hub()
    const topic = hub.topic('a')
    const one = join(hub, topic)
    join(hub, [topic, hub.topic('b'), topic])
    expect([topic.count, hub.topic('b').count, hub.stats.listeners]).toEqual([2, 1, 2])
    one.listener.end()
    expect([topic.count, hub.stats.listeners, one.end_]).toEqual([1, 1, 'ended'])
  })
})

describe('a window', () => {
  it('is bounded by count', async () => {
    const hub = new Hub({ window: { count: 10 } })
    const topic = hub.topic('a')
    for (const n of numbers(1, 1000)) topic.publish('message', n)
    expect(topic.window.count).toBe(10)
    expect(join(hub, topic, { last: 500 }).said()).toEqual(numbers(991, 1000))
    expect(join(hub, topic, { last: 3 }).said()).toEqual(numbers(998, 1000))
  })

  it('is bounded by bytes, but for the newest event, which everyone is still to get', async () => {
    const hub = new Hub({ window: { bytes: 10_000 } })
    const topic = hub.topic('a')
    const heard = join(hub, topic)
    for (let i = 0; i < 100; i++) topic.publish('message', 'x'.repeat(1000))
    expect(topic.window.count).toBe(4)
    expect(hub.stats.windowBytes).toBeLessThanOrEqual(10_000)
    await settled()
    const big = 'y'.repeat(50_000)
    topic.publish('message', big)
    expect(topic.window.count).toBe(1)
    await settled()
    expect(heard.said().at(-1)).toBe(big)
    topic.publish('message', 'z')
    expect(hub.stats.windowBytes).toBeLessThan(1000)
  })

  it('lets a rewritten event be heard as it now is, and a removed one not at all', () => {
    const hub = new Hub()
    const topic = hub.topic('a')
    for (const n of numbers(1, 5)) topic.publish('message', n)
    expect(join(hub, topic, { last: 5 }).said()).toEqual(numbers(1, 5))
    const bytes = hub.stats.windowBytes
    hub.rewrite('a', 4, 'four')
    expect(hub.stats.windowBytes).toBe(bytes + 6)
    expect(join(hub, topic, { last: 5 }).said()).toEqual(['1', '2', '3', 'four', '5'])
    hub.rewrite('a', 2, null)
    expect(join(hub, topic, { last: 5 }).said()).toEqual(['3', 'four', '5'])
    const cursor = `${hub.cursor.split('-')[0]}-1`
    const resumed = join(hub, topic, { cursor })
    expect(resumed.told('gap')).toEqual([
      { topic: 'a', after: cursor, oldest: hub.cursor.replace('-5', '-3'), reason: 'expired' },
    ])
    expect(resumed.said()).toEqual(['3', 'four', '5'])
  })
})

describe('a newcomer', () => {
  it('is told where it stands, in a hello and in an id without an event', () => {
    const hub = new Hub({ beat: 20 })
    const topic = hub.topic('a')
    topic.publish('message', '1')
    const heard = join(hub, topic)
    expect(heard.told('hello')).toEqual([
      { cursor: hub.cursor, head: hub.cursor, beat: 20, topics: { a: { verdict: 'fresh' } } },
    ])
    expect(heard.retries).toHaveLength(1)
    expect(heard.retries[0]).toBeGreaterThanOrEqual(1000)
    expect(heard.said()).toEqual([])
  })

  it('resumes after its cursor, or is told what is missing', () => {
    const hub = new Hub({ window: { count: 5 } })
    const topic = hub.topic('a')
    for (const n of numbers(1, 10)) topic.publish('message', n)
    const epoch = hub.cursor.split('-')[0]!
    const at = (seq: number | string): Heard => join(hub, topic, { cursor: `${epoch}-${seq}` })
    const verdict = (heard: Heard): unknown =>
      (heard.told('hello')[0]!['topics'] as Record<string, { verdict: string }>)['a']!.verdict
    expect(at(7).said()).toEqual(numbers(8, 10))
    expect(verdict(at(7))).toBe('resumed')
    expect(at(5).said()).toEqual(numbers(6, 10))
    expect(at(5).said('gap')).toEqual([])
    expect(at(10).said()).toEqual([])
    expect(at(4).said()).toEqual(numbers(6, 10))
    expect(verdict(at(4))).toBe('gap')
    expect(at(4).told('gap')).toEqual([
      { topic: 'a', after: `${epoch}-4`, oldest: `${epoch}-6`, reason: 'expired' },
    ])
    for (const junk of [11, 99_999, '9007199254740993', '-1', '1.5', '']) {
      expect(at(junk).told('gap')[0]).toMatchObject({ reason: 'unknown' })
      expect(at(junk).said()).toEqual(numbers(6, 10))
    }
    expect(join(hub, topic, { cursor: 'other-3' }).told('gap')[0]).toMatchObject({
      reason: 'epoch',
      after: 'other-3',
      oldest: `${epoch}-6`,
    })
    expect(join(hub, topic, { cursor: 'x'.repeat(5000) }).told('gap')[0]).toMatchObject({
      after: 'x'.repeat(40),
    })
  })

  it('has a new place to come back to once it knows what it lost, not before', () => {
    const hub = new Hub({ window: { count: 5 } })
    const topic = hub.topic('a')
    for (const n of numbers(1, 10)) topic.publish('message', n)
    for (const cursor of ['other-3', `${hub.cursor.split('-')[0]}-2`]) {
      const heard = join(hub, topic, { cursor })
      const { lines } = heard
      const ids = lines.filter((line) => line.startsWith('id: '))
      // Cut anywhere before, the client comes back with the cursor it had, and is told of the gap again.
      expect(lines.indexOf('event: gap')).toBeGreaterThan(0)
      expect(lines.indexOf(ids[0]!)).toBeGreaterThan(lines.indexOf('event: gap'))
      expect(ids[0]).toBe(`id: ${String(heard.told('hello')[0]!['cursor'])}`)
    }
  })

  it('is told with which event it has caught up, whatever its topics have', () => {
    const hub = new Hub()
    const [a, b, c] = [hub.topic('a'), hub.topic('b'), hub.topic('c')]
    const ids = [a, a, b, a, c].map((topic) => topic.publish('message', ''))
    const head = (topics: Topic[], options: JoinOptions): unknown =>
      join(hub, topics, options).told('hello')[0]!['head']
    expect(head([a], { cursor: ids[0]! })).toBe(ids[3])
    expect(head([a, b], { cursor: ids[0]! })).toBe(ids[3])
    expect(head([b], { cursor: 'other-1' })).toBe(ids[2])
    expect(head([b, c], { last: 5 })).toBe(ids[4])
    // Nothing is there for it after its cursor.
    expect(head([b], { cursor: ids[3]! })).toBe(ids[3])
    expect(head([a], {})).toBe(ids[4])
  })

  it('hears several topics merged in their order, with one cursor', async () => {
    const hub = new Hub()
    const [a, b, c] = [hub.topic('a'), hub.topic('b'), hub.topic('c')]
    const heard = join(hub, [a, b])
    for (let i = 1; i <= 30; i++) [a, b, c][i % 3]!.publish('message', String(i))
    await settled()
    const own = numbers(1, 30).filter((n) => Number(n) % 3 !== 2)
    expect(heard.said()).toEqual(own)
    const after = heard.events.find(({ data }) => data === '15')!.id!
    expect(join(hub, [b, a], { cursor: after }).said()).toEqual(own.filter((n) => Number(n) > 15))
    expect(join(hub, [a, b], { last: 4 }).said()).toEqual(own.slice(-4))
  })

  it('that does not follow gets what there is and the end', () => {
    const hub = new Hub()
    const topic = hub.topic('a')
    for (const n of numbers(1, 3)) topic.publish('message', n)
    const ends: string[] = []
    const heard = join(hub, topic, { last: 2, follow: false, onEnd: (why) => void ends.push(why) })
    expect(heard.said()).toEqual(['2', '3'])
    expect([heard.end_, ends, hub.stats.listeners]).toEqual(['ended', ['complete'], 0])
  })

  it('is told that a topic of its own hub is wanted', () => {
    const hub = new Hub()
    expect(() => join(hub, [])).toThrow(/needs a topic/)
    expect(() => join(hub, [hub.topic('a'), new Hub().topic('b')])).toThrow(/of one hub/)
  })
})

describe('a slow reader', () => {
  it('is written to no more until it has room, and then gets everything after its cursor', async () => {
    const hub = new Hub()
    const topic = hub.topic('a')
    const heard = join(hub, topic)
    heard.isFull = true
    topic.publish('message', '1')
    await settled()
    expect(hub.stats.blocked).toBe(1)
    const before = heard.writes
    for (const n of numbers(2, 200)) topic.publish('message', n)
    await settled()
    expect(heard.writes).toBe(before)
    heard.drain()
    await settled()
    expect(heard.said()).toEqual(numbers(1, 200))
    expect([heard.writes, hub.stats.blocked]).toEqual([before + 1, 0])
  })

  it('is told of each hole in each topic, when nothing can fill them', async () => {
    const hub = new Hub({ window: { count: 5 } })
    const [a, b] = [hub.topic('a'), hub.topic('b')]
    const heard = join(hub, [a, b])
    heard.isFull = true
    a.publish('message', 'a1')
    await settled()
    for (let i = 1; i <= 5; i++) b.publish('message', `b${i}`)
    for (let i = 2; i <= 20; i++) a.publish('message', `a${i}`)
    // Told of the hole in a, it stays full: what b then loses, older than that hole's end, it has not been told of.
    heard.listener.drained()
    await settled()
    expect(heard.told('gap').map(({ topic }) => topic)).toEqual(['a'])
    for (let i = 6; i <= 8; i++) b.publish('message', `b${i}`)
    heard.drain()
    await settled()
    expect(heard.told('gap').map(({ topic }) => topic)).toEqual(['a', 'b'])
    const kept = ['b4', 'b5', ...numbers(16, 20).map((n) => `a${n}`), 'b6', 'b7', 'b8']
    expect(heard.said()).toEqual(['a1', ...kept])
  })

  it('gets what it missed in writes of bounded size', async () => {
    const hub = new Hub()
    const topic = hub.topic('a')
    for (let i = 0; i < 100; i++) topic.publish('message', 'x'.repeat(5000))
    const sizes: number[] = []
    const heard = new Heard()
    const write = heard.write.bind(heard)
    heard.write = (segment) => {
      sizes.push(segment.bare.length)
      return write(segment)
    }
    join(hub, topic, { last: 100 }, heard)
    await settled(50)
    expect(heard.said()).toHaveLength(100)
    expect(Math.max(...sizes)).toBeLessThan(64 * 1024 + 5100)
  })
})

describe('a fan-out', () => {
  it('misses nobody, though listeners leave, end others and join while it goes on', async () => {
    const hub = new Hub()
    const topic = hub.topic('a')
    const all: Heard[] = []
    const joinOne = (): Heard => {
      const heard = new Heard()
      const write = heard.write.bind(heard)
      heard.write = (segment) => {
        const answer = write(segment)
        // Some leave while they are written to, some make others leave or join.
        const n = all.indexOf(heard)
        if (n >= 0 && heard.said().length > 0) {
          if (n % 7 === 0) heard.listener.left()
          if (n % 11 === 0) all[n + 3]?.listener.end()
          if (n % 13 === 0 && all.length < 6000) all.push(joinOne())
        }
        return answer
      }
      return join(hub, topic, {}, heard)
    }
    for (let i = 0; i < 3000; i++) all.push(joinOne())
    topic.publish('message', '1')
    await settled(20)
    topic.publish('message', '2')
    await settled(20)
    const open = all.filter(({ listener }) => !listener.ended)
    expect(open.length).toBeGreaterThan(1500)
    expect(hub.stats.listeners).toBe(open.length)
    for (const heard of open) expect(['1,2', '2', '']).toContain(heard.said().join())
    for (const heard of open.filter((_, i) => i < 1500)) expect(heard.said()).toEqual(['1', '2'])
  })

  it('that yields does not pass over anyone when a newcomer takes a seat', async () => {
    const hub = new Hub()
    const topic = hub.topic('a')
    // Each write takes so long that a slice of time ends after a few of them.
    const slow = (): Heard => {
      const heard = new Heard()
      const write = heard.write.bind(heard)
      heard.write = (segment) => {
        const until = performance.now() + 2
        while (performance.now() < until);
        return write(segment)
      }
      return join(hub, topic, {}, heard)
    }
    const all = Array.from({ length: 12 }, slow)
    for (let round = 1; round <= 4; round++) {
      topic.publish('message', String(round))
      for (let i = 0; i < 3; i++) {
        await settled(1)
        all.push(slow())
      }
      await settled(20)
    }
    all.forEach((heard, i) => {
      const joined = i < 12 ? 0 : Math.floor((i - 12) / 3) + 1
      expect(heard.said()).toEqual(numbers(joined + 1, 4))
    })
  })

  it('that yields does not pass over anyone when a seat becomes free', async () => {
    const hub = new Hub()
    const topic = hub.topic('a')
    const all = Array.from({ length: 20 }, () => {
      const heard = new Heard()
      const write = heard.write.bind(heard)
      heard.write = (segment) => {
        const until = performance.now() + 2
        while (performance.now() < until);
        return write(segment)
      }
      return join(hub, topic, {}, heard)
    })
    topic.publish('message', 'x')
    await settled(1)
    // The last one takes the place of one that was visited already.
    expect([all[2]!.said(), all[19]!.said()]).toEqual([['x'], []])
    all[2]!.listener.left()
    await settled(20)
    for (const heard of all) expect(heard.said()).toEqual(['x'])
  })

  it('lets others in after a few milliseconds, however many listeners there are', async () => {
    const hub = new Hub()
    const topic = hub.topic('a')
    const all = Array.from({ length: 200 }, () => {
      const heard = new Heard()
      const write = heard.write.bind(heard)
      heard.write = (segment) => {
        const until = performance.now() + 0.25
        while (performance.now() < until);
        return write(segment)
      }
      return join(hub, topic, {}, heard)
    })
    await settled()
    topic.publish('message', 'x')
    // 50 ms of writes: how many were done when others had their turn, counted, not timed.
    const done: number[] = []
    for (let i = 0; i < 4; i++) {
      await settled(1)
      done.push(all.filter((heard) => heard.said().length > 0).length)
    }
    expect(done[0]).toBeGreaterThan(0)
    expect(done[0]).toBeLessThan(100)
    expect(done[3]).toBeGreaterThan(done[0]!)
    await settled(40)
    for (const heard of all) expect(heard.said()).toEqual(['x'])
  })

  it('of one topic does not keep those of another waiting', async () => {
    const hub = new Hub()
    const [hot, quiet] = [hub.topic('hot'), hub.topic('quiet')]
    const hotOnes = Array.from({ length: 100 }, () => {
      const heard = new Heard()
      const write = heard.write.bind(heard)
      heard.write = (segment) => {
        const until = performance.now() + 0.5
        while (performance.now() < until);
        return write(segment)
      }
      return join(hub, hot, {}, heard)
    })
    const one = join(hub, quiet)
    hot.publish('message', 'x')
    await settled(1)
    quiet.publish('message', 'y')
    await settled(2)
    expect(one.said()).toEqual(['y'])
    expect(hotOnes.some((heard) => heard.said().length === 0)).toBe(true)
  })
})

describe('what throws', () => {
  const broken = (): { hub: Hub; errors: unknown[] } => {
    const errors: unknown[] = []
    return { hub: new Hub({ onError: (error) => void errors.push(error) }), errors }
  }

  it('in a form leaves its event out, and nothing else', async () => {
    const { hub, errors } = broken()
    const topic = hub.topic('a')
    const form: Form = {
      contentType: 'text/event-stream',
      encode(event) {
        if (event.data === 'bad') throw new Error('can not say that')
        return eventStream.encode(event)
      },
    }
    const [own, other] = [join(hub, topic, { form }), join(hub, topic)]
    for (const data of ['1', 'bad', '2']) topic.publish('message', data)
    topic.signal('now', 'bad')
    await settled()
    expect(own.said()).toEqual(['1', '2'])
    expect(other.said()).toEqual(['1', 'bad', '2'])
    expect(errors.map(String)).toEqual(Array(2).fill('Error: can not say that'))
    expect(hub.stats.listeners).toBe(2)
  })

  it('in a sink ends its stream, and nobody else misses anything', async () => {
    const { hub, errors } = broken()
    const topic = hub.topic('a')
    const all = Array.from({ length: 5 }, () => join(hub, topic))
    all[2]!.failing = new Error('no such socket')
    topic.publish('message', '1')
    await settled()
    topic.publish('message', '2')
    await settled()
    expect(all.map((heard) => heard.said().join())).toEqual(['1,2', '1,2', '', '1,2', '1,2'])
    expect(all[2]!.listener.ended).toBe('failed')
    expect(errors.map(String)).toContain('Error: no such socket')
    expect(hub.stats.listeners).toBe(4)
  })

  it('in onEnd, in end and in onError itself stops nothing', async () => {
    const errors: unknown[] = []
    const hub = new Hub({
      onError(error) {
        errors.push(error)
        throw error
      },
    })
    const topic = hub.topic('a')
    const onEnd = (): never => {
      throw new Error('onEnd')
    }
    const [one, two, other] = [join(hub, topic, { onEnd }), join(hub, topic), join(hub, topic)]
    two.end = () => {
      throw new Error('end')
    }
    one.listener.left()
    two.listener.end()
    expect(errors.map(String)).toEqual(['Error: onEnd', 'Error: end'])
    topic.publish('message', '1')
    await settled()
    expect(other.said()).toEqual(['1'])
  })

  it('in hello or gap ends the stream that can not begin, with a busy answer', () => {
    const errors: unknown[] = []
    const hub = new Hub({
      hello() {
        throw new Error('hello')
      },
      onError: (error) => void errors.push(error),
    })
    const ends: string[] = []
    const heard = join(hub, hub.topic('a'), { onEnd: (reason) => void ends.push(reason) })
    expect([heard.end_, ends, hub.stats.listeners]).toEqual(['ended', ['failed'], 0])
    expect(heard.told('busy')).toMatchObject([{ reason: 'overload' }])
    expect(heard.retries.length).toBeGreaterThan(0)
    expect(errors.map(String)).toEqual(['Error: hello'])
  })

  it('says so on the console where the program does not listen', () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {})
    const hub = new Hub()
    const heard = join(hub, hub.topic('a'), {
      onEnd() {
        throw new Error('seen')
      },
    })
    heard.listener.end()
    expect(error.mock.calls.map(String)).toEqual(['Error: seen'])
    error.mockRestore()
  })
})

describe('a hub', () => {
  it('refuses options that make no sense at once', () => {
    for (const options of [
      { beat: 0 },
      { beat: Number.NaN },
      { beat: Infinity },
      { lifetime: -1 },
      { stall: 0 },
      { listeners: -1 },
      { window: { count: 0 } },
      { window: { bytes: Number.NaN } },
      { memory: -1 },
    ])
      expect(() => new Hub(options)).toThrow(/takes a number from/)
  })

  it('says when it is busy, and for how long to stay away', () => {
    const hub = new Hub({ listeners: 2 })
    const topic = hub.topic('a')
    join(hub, topic)
    expect(hub.busy).toBeUndefined()
    const second = join(hub, topic)
    expect(hub.busy).toBe('too-many-streams')
    second.listener.left()
    expect(hub.busy).toBeUndefined()
  })

  it('makes ids that its own cursors resolve', () => {
    const hub = new Hub()
    expect(resolveCursor(hub.cursor, hub.epochs, hub.head)).toBe(0)
    hub.topic('a').publish('message', 1)
    expect(resolveCursor(hub.cursor, hub.epochs, hub.head)).toBe(1)
  })

  it('beats, each listener at its own time, and ends streams whose time is up', async () => {
    const hub = new Hub({ beat: 0.05, lifetime: 0.5 })
    const topic = hub.topic('a')
    const ends: string[] = []
    const beaten = new Promise<Heard>((resolve) => {
      const heard = new Heard()
      const write = heard.write.bind(heard)
      heard.write = (segment) => {
        const answer = write(segment)
        if (heard.said('beat').length > 0) resolve(heard)
        return answer
      }
      join(hub, topic, { onEnd: (reason) => void ends.push(reason) }, heard)
    })
    const heard = await beaten
    expect(heard.told('beat')[0]!['at']).toMatch(/^\d{4}-.*Z$/)
    expect(heard.events.at(-1)!.id).toBe(heard.events[0]!.id)
    await new Promise<void>((resolve) => {
      const { listener } = heard
      if (listener.ended) return resolve()
      const { onEnd } = listener
      listener.onEnd = (reason) => {
        onEnd!(reason)
        resolve()
      }
    })
    expect([ends, heard.end_]).toEqual([['lifetime'], 'ended'])
  })

  it('has a timer while somebody listens, and one however many they are', () => {
    const [set, clear] = [
      vi.spyOn(globalThis, 'setInterval'),
      vi.spyOn(globalThis, 'clearInterval'),
    ]
    const hub = new Hub()
    const all = Array.from({ length: 10 }, () => join(hub, hub.topic('a')))
    expect([set.mock.calls.length, clear.mock.calls.length]).toEqual([1, 0])
    for (const heard of all) heard.listener.left()
    expect(clear.mock.calls).toEqual([[set.mock.results[0]!.value]])
    set.mockRestore()
    clear.mockRestore()
  })

  it('cuts off who takes no byte, and leaves alone who takes some', async () => {
    const hub = new Hub({ beat: 0.05, stall: 0.15 })
    const topic = hub.topic('a')
    const moving = join(hub, topic)
    Object.defineProperty(moving, 'held', { get: () => performance.now() })
    const stalled = new Promise<string>((resolve) => {
      const heard = join(hub, topic, { onEnd: resolve })
      heard.held = 1000
      heard.isFull = true
    })
    moving.isFull = true
    topic.publish('message', 'x')
    expect(await stalled).toBe('stalled')
    expect([hub.stats.listeners, moving.end_]).toEqual([1, 'open'])
    moving.listener.end()
  })

  it('drains: each client is told when to come back, then the end; newcomers hear busy', async () => {
    const hub = new Hub()
    const topic = hub.topic('a')
    const ends: string[] = []
    const all = Array.from({ length: 100 }, () =>
      join(hub, topic, { onEnd: (reason) => void ends.push(reason) }),
    )
    topic.publish('message', 'last')
    const drained = hub.drain(100)
    expect([hub.draining, hub.busy]).toEqual([true, 'draining'])
    await drained
    expect(ends).toEqual(Array(100).fill('drained'))
    const retries = new Set(all.map((heard) => heard.retries.at(-1)))
    expect(retries.size).toBeGreaterThan(50)
    for (const heard of all) {
      expect([heard.said(), heard.end_]).toEqual([['last'], 'ended'])
      expect(heard.retries).toHaveLength(2)
    }
  })

  it('drains who reads slowly too, in the time it has', async () => {
    const hub = new Hub()
    const topic = hub.topic('a')
    const [slow, done] = [join(hub, topic), join(hub, topic, { follow: true })]
    slow.isFull = true
    topic.publish('message', 'x')
    await settled()
    slow.held = 5
    await hub.drain(20)
    expect([slow.end_, done.end_]).toEqual(['cut', 'ended'])
  })
})
