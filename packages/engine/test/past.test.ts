import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Hub, type HubOptions, type PastEvent } from '../src/index.ts'
import { Heard, join, settled, until } from './heard.ts'
import { MemoryLog } from './memory-log.ts'

function hubOn(log: MemoryLog, options: HubOptions = {}): { hub: Hub; errors: unknown[] } {
  const errors: unknown[] = []
  const onError = (error: unknown): void => void errors.push(error)
  return { hub: new Hub({ past: log, onError, ...options }), errors }
}

const say = (hub: Hub, log: MemoryLog, key: string, data: string, type = ''): PastEvent => {
  const entry = log.append(key, data, type)
  hub.announce(key, entry)
  return entry
}
const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => String(from + i))
const told = (heard: Heard): unknown => Object.values(heard.told('hello')[0]!['topics'] as object)

describe('a hub with a past', () => {
  it('resumes a cursor of an earlier life, and reads once for all who come back', async () => {
    const log = new MemoryLog()
    for (const n of numbers(1, 50)) log.append('a', n)
    log.epochs.push({ epoch: 'second', first: 51 })
    const { hub } = hubOn(log)
    const all = Array.from({ length: 20 }, () => join(hub, hub.topic('a'), { cursor: 'first-30' }))
    await settled(20)
    say(hub, log, 'a', '51')
    await settled()
    for (const heard of all) {
      expect(heard.said()).toEqual(numbers(31, 51))
      expect(told(heard)).toEqual([{ verdict: 'resumed' }])
    }
    expect(log.reads).toBe(1)
    expect(all[0]!.events.at(-1)!.id).toBe('second-51')
  })

  it('tells a log that was put back from a backup from the one that clients knew', async () => {
    const log = new MemoryLog()
    for (const n of numbers(1, 10)) log.append('a', n)
    log.epochs.push({ epoch: 'restored', first: 11 })
    const { hub } = hubOn(log)
    say(hub, log, 'a', '11')
    say(hub, log, 'a', '12')
    const from = async (cursor: string): Promise<Heard> => {
      const heard = join(hub, hub.topic('a'), { cursor })
      await settled(20)
      return heard
    }
    // What they know as the 11th and 12th was lost: they must not be given others in their place.
    expect((await from('first-12')).told('gap')).toMatchObject([{ reason: 'epoch' }])
    expect((await from('lost-11')).told('gap')).toMatchObject([{ reason: 'epoch' }])
    const good = await from('first-10')
    expect([good.said(), good.said('gap')]).toEqual([['11', '12'], []])
  })

  it('says with which event one has caught up where it knows it without the past', async () => {
    const log = new MemoryLog()
    const ids = ['a', 'b', 'a', 'b', 'c'].map((key) => log.append(key, key).id)
    const head = async (keys: string[], cursor: string): Promise<unknown> => {
      const { hub } = hubOn(log)
      const heard = join(
        hub,
        keys.map((key) => hub.topic(key)),
        { cursor },
      )
      await settled(20)
      expect(heard.told('hello')).toHaveLength(1)
      return heard.told('hello')[0]!['head']
    }
    expect(await head(['a'], ids[0]!)).toBe(ids[2])
    expect(await head(['a'], ids[3]!)).toBe(ids[3])
    expect(await head(['never'], ids[3]!)).toBe(ids[3])
    // Of several only the past knows it.
    expect(await head(['a', 'b'], ids[0]!)).toBeUndefined()
    expect(await head(['a', 'b'], ids[4]!)).toBe(ids[4])
  })

  it('begins with the newest that count, and with a cursor that brings the same again', async () => {
    const log = new MemoryLog()
    for (let i = 1; i <= 40; i++) log.append('a', String(i), i % 4 ? 'reaction' : '')
    const { hub } = hubOn(log, { counted: (type) => type === '', window: { count: 8 } })
    const heard = join(hub, hub.topic('a'), { last: 5 })
    await settled(30)
    // The log's own `newest` counts everything; the hub takes of it the five that count, or what there is.
    expect(heard.said().length).toBeGreaterThan(0)
    expect(heard.said().at(-1)).toBe('40')
    const { cursor } = heard.told('hello')[0]! as { cursor: string }
    const again = join(hub, hub.topic('a'), { cursor })
    await settled(30)
    expect(again.events.slice(1)).toEqual(heard.events.slice(1))
  })

  it('does not ask again for what there never was', async () => {
    const log = new MemoryLog()
    log.append('other', 'x')
    for (const n of numbers(2, 4)) log.append('a', n)
    const { hub } = hubOn(log)
    for (let i = 0; i < 10; i++) {
      const heard = join(hub, hub.topic('a'), { last: 100 })
      await settled(10)
      expect(heard.said()).toEqual(numbers(2, 4))
    }
    expect(log.reads).toBe(1)
  })

  it('asks for what left the window, though once the window held all there was', async () => {
    const log = new MemoryLog()
    const { hub } = hubOn(log, { window: { count: 5 } })
    log.append('a', '1')
    hub.advance(1)
    const first = join(hub, hub.topic('a'), { last: 9 })
    await settled(10)
    expect(first.said()).toEqual(['1'])
    for (const n of numbers(2, 12)) say(hub, log, 'a', n)
    const later = join(hub, hub.topic('a'), { last: 9 })
    await settled(20)
    expect(later.said()).toEqual(numbers(4, 12))
  })

  it('goes on where a past gives its newest in pieces, the oldest first', async () => {
    const log = new MemoryLog()
    for (const n of numbers(1, 30)) log.append('a', n)
    log.most = 7
    const { hub } = hubOn(log)
    const resumed = join(hub, hub.topic('a'), { cursor: 'first-3' })
    const newest = join(hub, hub.topic('a'), { last: 20 })
    await settled(30)
    expect(resumed.said()).toEqual(numbers(4, 30))
    expect(newest.said()).toEqual(numbers(11, 30))
    const late = join(hub, hub.topic('a'), { cursor: 'first-0' })
    await settled(30)
    expect(late.said()).toEqual(numbers(1, 30))
  })

  it('says gap once for each topic of which something is gone, however many pages follow', async () => {
    const log = new MemoryLog()
    for (let i = 1; i <= 40; i++) log.append(i % 2 ? 'a' : 'b', String(i))
    log.trim('b', 30)
    log.most = 3
    const { hub } = hubOn(log)
    const both = [hub.topic('a'), hub.topic('b')]
    const heard = join(hub, both, { cursor: 'first-4' })
    await settled(60)
    expect(heard.told('gap')).toEqual([
      { topic: 'b', after: 'first-4', oldest: 'first-32', reason: 'expired' },
    ])
    const kept = numbers(5, 40).filter((n) => Number(n) % 2 || Number(n) > 30)
    expect(heard.said()).toEqual(kept)
  })

  it('says gap where all of it is gone, and again where more goes while a reader is slow', async () => {
    const log = new MemoryLog()
    const { hub } = hubOn(log, { window: { count: 2 } })
    for (const n of numbers(1, 10)) say(hub, log, 'a', n)
    log.trim('a', 5)
    const heard = new Heard()
    heard.isFull = true
    join(hub, hub.topic('a'), { cursor: 'first-0' }, heard)
    await settled(20)
    log.trim('a', 9)
    hub.rewrite('a', 9, null)
    heard.drain()
    await settled(20)
    const gaps = heard.told('gap')
    expect(gaps[0]).toMatchObject({ after: 'first-0', oldest: 'first-6' })
    const missing = numbers(6, 9).filter((n) => !heard.said().includes(n))
    if (missing.length > 0) expect(gaps.at(-1)).toMatchObject({ oldest: 'first-10' })
    expect(heard.said().at(-1)).toBe('10')
  })

  it('keeps no page for a reader that is full: what was not sent is read again', async () => {
    const log = new MemoryLog()
    for (let i = 1; i <= 200; i++) log.append('a', 'x'.repeat(10_000))
    const { hub } = hubOn(log, { window: { count: 1 } })
    const heard = new Heard()
    heard.isFull = true
    const sizes: number[] = []
    const write = heard.write.bind(heard)
    heard.write = (segment) => {
      sizes.push(segment.bare.length)
      return write(segment)
    }
    join(hub, hub.topic('a'), { cursor: 'first-0' }, heard)
    for (let i = 0; i < 100 && heard.said().length < 200; i++) {
      heard.listener.drained()
      await settled(10)
    }
    expect(heard.said()).toHaveLength(200)
    expect(Math.max(...sizes)).toBeLessThan(64 * 1024 + 10_100)
    // Reads learn the size of events: some 30 pages of what one write takes, not 30 of everything.
    expect(log.reads).toBeLessThan(60)
  })

  it('ends the streams that wait for a read that fails, and no others; they are told to come back', async () => {
    const log = new MemoryLog()
    for (const n of numbers(1, 50)) log.append('a', n)
    const { hub, errors } = hubOn(log)
    const live = join(hub, hub.topic('a'))
    log.failing = new Error('disk on fire')
    const ends: string[] = []
    const onEnd = (reason: string): void => void ends.push(reason)
    const back = join(hub, hub.topic('a'), { cursor: 'first-3', onEnd })
    const newest = join(hub, hub.topic('a'), { last: 5, onEnd })
    const unknown = join(hub, hub.topic('a'), { cursor: 'junk', onEnd })
    await settled(20)
    expect(ends).toEqual(['failed', 'failed', 'failed'])
    for (const heard of [back, newest, unknown]) {
      expect(heard.told('busy')).toMatchObject([{ reason: 'overload' }])
      expect([heard.retries.length, heard.end_]).toEqual([1, 'ended'])
    }
    expect(errors.map(String)).toContain('Error: disk on fire')
    log.failing = undefined
    say(hub, log, 'a', '51')
    await settled()
    expect([live.said(), hub.stats.listeners]).toEqual([['51'], 1])
  })

  it('ends a stream whose past breaks its word, instead of reading for ever', async () => {
    const log = new MemoryLog()
    for (const n of numbers(1, 50)) log.append('a', n)
    const { hub, errors } = hubOn(log, { window: { count: 1 } })
    log.most = 0
    const heard = join(hub, hub.topic('a'), { cursor: 'first-3' })
    await settled(20)
    expect([heard.listener.ended, heard.end_]).toEqual(['failed', 'ended'])
    expect(String(errors.at(-1))).toMatch(/says that there is more/)
    log.most = Infinity
    log.after = () => Promise.resolve({ events: log.entries.slice(0, 2), more: true, expired: [] })
    const other = join(hub, hub.topic('a'), { cursor: 'first-7' })
    await settled(20)
    expect(other.listener.ended).toBe('failed')
  })

  it('lets a listener leave while it is read for', async () => {
    const ways = [{ cursor: 'first-3' }, { last: 3 }, { cursor: 'junk' }]
    for (const [options, count] of ways.flatMap((way) => [
      [way, 100] as const,
      [way, 1] as const,
    ])) {
      const log = new MemoryLog()
      for (const n of numbers(1, 50)) log.append('a', n)
      const { hub, errors } = hubOn(log, { window: { count } })
      log.isSlow = true
      const heard = join(hub, hub.topic('a'), options)
      await settled()
      // With a small window the second read is the one it is waiting for.
      if (count === 1) {
        log.answerNext()
        await settled(10)
      }
      heard.listener.left()
      await settled()
      log.answerAll()
      await settled(10)
      expect([heard.writes, hub.stats.listeners, errors]).toEqual([0, 0, []])
    }
  })

  it('does not fill a window with what was rewritten while it was read', async () => {
    const log = new MemoryLog()
    for (const n of numbers(1, 5)) log.append('a', n)
    const { hub } = hubOn(log)
    log.isSlow = true
    join(hub, hub.topic('a'), { cursor: 'first-1' })
    await until(() => log.waiting === 1)
    const entry = log.entries[2]!
    log.entries[2] = { ...entry, data: 'removed' }
    hub.rewrite('a', 3, 'removed')
    log.answerAll()
    await settled(20)
    const later = join(hub, hub.topic('a'), { cursor: 'first-1' })
    await settled(20)
    expect(later.said()).toEqual(['2', 'removed', '4', '5'])
  })

  it('does not fill a window that has moved on while it was read', async () => {
    const log = new MemoryLog()
    for (const n of numbers(1, 3)) log.append('a', n)
    const { hub } = hubOn(log, { window: { bytes: 700 } })
    log.isSlow = true
    const first = join(hub, hub.topic('a'), { cursor: 'first-1' })
    await until(() => log.waiting === 1)
    // What was asked for ends at 3, and the window now begins after 7.
    for (const n of numbers(4, 10)) say(hub, log, 'a', n)
    log.answerAll()
    await settled(30)
    expect(first.said()).toEqual(numbers(2, 10))
    for (let seq = 0; seq <= 10; seq++) {
      const later = join(hub, hub.topic('a'), { cursor: `first-${seq}` })
      await settled(30)
      expect(later.said()).toEqual(numbers(seq + 1, 10))
    }
  })

  it('announces in order, and what can be written only', () => {
    const log = new MemoryLog()
    const { hub } = hubOn(log)
    const entry = log.append('a', 'x')
    hub.announce('a', entry)
    expect(() => hub.announce('a', entry)).toThrow(/announces in order/)
    expect(() => hub.announce('a', { ...entry, seq: Number.NaN })).toThrow(/announces in order/)
    expect(() => hub.announce('a', { ...entry, seq: 2, type: 'a\nb' })).toThrow(/no line break/)
    expect(() => hub.announce('a', { ...entry, seq: 2, id: 'ü-2' })).toThrow(/printable ASCII/)
    expect(() => hub.topic('a').publish('message', 1)).toThrow(/has a log/)
    expect(hub.head).toBe(1)
  })

  it('goes on with what the log holds besides events: cursors stand after it', async () => {
    const log = new MemoryLog()
    const { hub } = hubOn(log)
    const heard = join(hub, hub.topic('a'))
    say(hub, log, 'a', '1')
    log.head = 5
    hub.advance(5)
    hub.advance(4)
    expect(hub.cursor).toBe('first-5')
    const { cursor } = join(hub, hub.topic('a')).told('hello')[0] as { cursor: string }
    expect(cursor).toBe('first-5')
    const later = join(hub, hub.topic('a'), { cursor })
    say(hub, log, 'a', '6')
    await settled()
    expect([heard.said(), later.said(), later.said('gap')]).toEqual([['1', '6'], ['6'], []])
  })

  it('forgets topics nobody listens to; who holds one still means the one that is', async () => {
    const log = new MemoryLog()
    const { hub } = hubOn(log)
    const held = hub.topic('held')
    say(hub, log, 'held', 'before')
    for (let i = 0; i < 1500; i++) hub.topic(`t${i}`)
    expect(hub.stats.topics).toBeLessThanOrEqual(1001)
    const old = join(hub, held, { cursor: 'first-0' })
    const heard = join(hub, hub.topic('held'))
    await settled(20)
    say(hub, log, 'held', 'after')
    held.signal('typing', 'x')
    await settled()
    expect(old.said()).toEqual(['before', 'after'])
    expect(heard.said()).toEqual(['after'])
    expect([old.said('typing'), heard.said('typing'), held.count]).toEqual([['x'], ['x'], 2])
    const many = Array.from({ length: 1500 }, (_, i) => hub.topic(`t${i}`))
    const wide = join(hub, many)
    say(hub, log, 't0', 'first')
    say(hub, log, 't1499', 'last')
    await settled()
    expect(wide.said()).toEqual(['first', 'last'])
  })

  it('counts the bytes of its windows, and holds them under its limit', async () => {
    const log = new MemoryLog()
    const { hub } = hubOn(log, { memory: 20_000 })
    const all = Array.from({ length: 40 }, (_, i) => join(hub, hub.topic(`t${i}`)))
    for (let i = 0; i < 2000; i++) say(hub, log, `t${i % 40}`, 'x'.repeat(100))
    expect(hub.stats.windowBytes).toBeLessThanOrEqual(20_400)
    await settled(60)
    for (const heard of all) expect(heard.said()).toHaveLength(50)
    for (const heard of all) heard.listener.left()
    for (let i = 0; i < 1500; i++) hub.topic(`x${i}`)
    expect(hub.stats.windowBytes).toBe(0)
  })

  it('does not count what it read for a topic that was forgotten meanwhile', async () => {
    const log = new MemoryLog()
    for (const n of numbers(1, 5)) log.append('a', n)
    const { hub } = hubOn(log)
    log.isSlow = true
    const heard = join(hub, hub.topic('a'), { cursor: 'first-1' })
    await until(() => log.waiting === 1)
    heard.listener.left()
    for (let i = 0; i < 1500; i++) hub.topic(`x${i}`)
    log.answerAll()
    await settled(10)
    expect(hub.stats.windowBytes).toBe(0)
  })
})

/** What can happen, in any order. Numbers pick one of what there is. */
type Step =
  | { do: 'append'; key: number }
  | { do: 'announce' | 'answer' | 'answerAll' | 'slow' | 'turn' }
  | { do: 'join'; keys: number[]; back: number | undefined; last: number | undefined }
  | { do: 'fill' | 'drain' | 'leave'; who: number }
  | { do: 'trim'; key: number; keep: number }

const who = fc.nat(30)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('append' as const), key: fc.nat(2) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom('announce' as const, 'answer', 'answerAll', 'slow', 'turn', 'turn'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('join' as const),
      keys: fc.uniqueArray(fc.nat(2), { minLength: 1, maxLength: 3 }),
      back: fc.option(fc.nat(30), { nil: undefined }),
      last: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom('fill' as const, 'drain', 'leave'), who }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('trim' as const), key: fc.nat(2), keep: fc.nat(6) }),
  },
)

interface Following {
  readonly heard: Heard
  readonly keys: readonly string[]
}

/** Plays the steps, lets everything come to rest, and gives what everyone heard. */
async function play(steps: readonly Step[], before: number): Promise<[MemoryLog, Following[]]> {
  const log = new MemoryLog()
  const keys = ['a', 'b', 'c']
  for (let i = 1; i <= before; i++) log.append(keys[i % 3]!, String(i))
  if (before > 0) log.epochs.push({ epoch: 'second', first: before + 1 })
  log.most = 3
  const { hub, errors } = hubOn(log, { window: { count: 4 } })
  let announced = log.head
  const announceOne = (): void => {
    const entry = log.entries[announced]
    if (!entry) return
    announced++
    hub.announce(entry.key, entry)
  }
  const all: Following[] = []
  for (const each of steps) {
    switch (each.do) {
      case 'append':
        log.append(keys[each.key]!, String(log.head + 1))
        break
      case 'announce':
        announceOne()
        break
      case 'answer':
        log.answerNext()
        break
      case 'answerAll':
        log.answerAll()
        break
      case 'slow':
        log.isSlow = true
        break
      case 'turn':
        await settled(1)
        break
      case 'join': {
        const heard = new Heard()
        const own = each.keys.map((key) => keys[key]!)
        const at = hub.head - (each.back ?? 0)
        const cursor = each.back === undefined || at < 0 ? undefined : cursorAt(log, at)
        join(
          hub,
          own.map((key) => hub.topic(key)),
          { cursor, last: each.last },
          heard,
        )
        all.push({ heard, keys: own })
        break
      }
      case 'fill':
      case 'drain':
      case 'leave': {
        const one = all[each.who % Math.max(1, all.length)]?.heard
        if (!one) break
        if (each.do === 'fill') one.isFull = true
        else if (each.do === 'drain') one.drain()
        else one.listener.left()
        break
      }
      case 'trim': {
        const key = keys[each.key]!
        const own = log.entries.filter((entry) => entry.key === key && entry.seq <= hub.head)
        const last = own.at(-1 - each.keep)
        if (!last) break
        log.trim(key, last.seq)
        hub.rewrite(key, last.seq, null)
        break
      }
    }
  }
  while (announced < log.head) announceOne()
  for (let i = 0; i < 200; i++) {
    log.answerAll()
    for (const { heard } of all) if (heard.listener.blocked) heard.drain()
    await settled(1)
  }
  expect(errors).toEqual([])
  return [log, all]
}

const cursorAt = (log: MemoryLog, seq: number): string =>
  `${(log.epochs.findLast(({ first }) => first <= Math.max(1, seq)) ?? log.epochs[0]!).epoch}-${seq}`
const seqOf = (id: string): number => Number(id.split('-')[1])

describe('whatever happens in whatever order', () => {
  const scenario = fc.tuple(fc.array(step, { maxLength: 120 }), fc.nat(20))
  it('everyone hears the events after their cursor, each once and in order, or is told of a gap', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async ([steps, before]) => {
        const [log, all] = await play(steps, before)
        for (const { heard, keys } of all) {
          const got = heard.events.filter(({ type }) => type === 'message')
          const seqs = got.map(({ id }) => seqOf(id!))
          expect(seqs).toEqual([...new Set(seqs)].toSorted((a, b) => a - b))
          for (const { id, data } of got) expect(log.entries[seqOf(id!) - 1]!.data).toBe(data)
          if (heard.listener.ended) continue
          const start = seqOf((heard.told('hello')[0] as { cursor: string }).cursor)
          const heardSeqs = new Set(seqs)
          const gaps = heard.told('gap') as {
            topic: string
            after: string
            oldest: string | null
          }[]
          for (const { key, seq } of log.entries) {
            if (!keys.includes(key) || seq <= start) continue
            if (heardSeqs.has(seq)) continue
            const isTold = gaps.some(
              ({ topic, after, oldest }) =>
                topic === key &&
                seqOf(after) < seq &&
                (oldest === null ? seq <= log.trimmed.get(key)! : seq < seqOf(oldest)),
            )
            expect(isTold, `${key} ${seq} is missing`).toBe(true)
          }
          // Nothing that was there was passed over, and nothing from before the cursor came along.
          if (seqs.length > 0) expect(seqs[0]).toBeGreaterThan(start)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('and nobody is told of a gap where nothing is gone', async () => {
    const whole = fc.tuple(
      fc.array(
        step.filter((each) => each.do !== 'trim'),
        { maxLength: 80 },
      ),
      fc.nat(20),
    )
    await fc.assert(
      fc.asyncProperty(whole, async ([steps, before]) => {
        const [, all] = await play(steps, before)
        for (const { heard } of all) expect(heard.said('gap')).toEqual([])
      }),
      { numRuns: 100 },
    )
  })
})
