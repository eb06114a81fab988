import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Buckets, defaultRates, Limits, type Doer } from '../src/limits.ts'

const second = 1000

/** A bucket as one would write it down: so many tokens, so many more each millisecond, never above the burst. */
class Naive {
  tokens: number
  since = 0
  readonly burst: number
  readonly perMs: number

  constructor(burst: number, perMs: number) {
    this.tokens = burst
    this.burst = burst
    this.perMs = perMs
  }

  take(now: number, cost: number): number {
    this.tokens = Math.min(this.burst, this.tokens + (now - this.since) * this.perMs)
    this.since = now
    if (this.tokens < cost) return Math.ceil((cost - this.tokens) / this.perMs)
    this.tokens -= cost
    return 0
  }
}

/** Eighths of a token a millisecond and whole milliseconds: the model's arithmetic has no rounding. */
const measure = fc.record({
  burst: fc.integer({ min: 1, max: 40 }),
  eighths: fc.constantFrom(1, 2, 4, 8),
  takes: fc.array(
    fc.record({
      key: fc.constantFrom('a', 'b', 'c'),
      later: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 400 })),
      cost: fc.constantFrom(1, 1, 1, 2, 5),
    }),
    { maxLength: 200 },
  ),
})

describe('a bucket', () => {
  it('does what the naive model does', () => {
    fc.assert(
      fc.property(measure, ({ burst, eighths, takes }) => {
        const buckets = new Buckets({ burst, perSecond: eighths * 125 })
        const naive = new Map<string, Naive>()
        let now = 0
        for (const { key, later, cost } of takes) {
          now += later
          const one = naive.get(key) ?? new Naive(burst, eighths / 8)
          naive.set(key, one)
          const whole = Math.min(cost, burst)
          const waits = buckets.wait(key, now, whole)
          expect(buckets.take(key, now, whole)).toBe(waits)
          expect(waits).toBe(one.take(now, whole))
        }
      }),
    )
  })

  it('lets in after the wait that it named, and not before', () => {
    fc.assert(
      fc.property(measure, ({ burst, eighths, takes }) => {
        const buckets = new Buckets({ burst, perSecond: eighths * 125 })
        let now = 0
        for (const { key, later, cost } of takes) {
          now += later
          const wait = buckets.take(key, now, cost)
          if (wait === 0) continue
          expect(buckets.wait(key, now + wait - 1, cost)).toBe(1)
          now += wait
          expect(buckets.take(key, now, cost)).toBe(0)
        }
      }),
    )
  })

  it('never gives more than the burst and what came back since, with any rate and any clock', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.5, max: 50, noNaN: true }),
        fc.double({ min: 0.01, max: 900, noNaN: true }),
        fc.array(fc.double({ min: 0, max: 3000, noNaN: true }), { maxLength: 200 }),
        (burst, perSecond, steps) => {
          const buckets = new Buckets({ burst, perSecond })
          let now = 12_345.678
          let taken = 0
          const start = now
          for (const step of steps) {
            now += step
            if (buckets.take('a', now, 0.7) === 0) taken += Math.min(0.7, burst)
            expect(taken).toBeLessThanOrEqual(burst + ((now - start) / second) * perSecond + 0.01)
          }
        },
      ),
    )
  })

  it('gives its whole burst where the rate has no end in binary', () => {
    for (const perSecond of [3, 7, 0.1, 0.3, 60]) {
      const buckets = new Buckets({ burst: 20, perSecond })
      const now = 98_765.4321
      for (let i = 0; i < 20; i++) {
        expect(buckets.wait('a', now)).toBe(0)
        expect(buckets.take('a', now)).toBe(0)
      }
      expect(buckets.take('a', now)).toBeGreaterThan(0)
    }
  })

  it('lets through what costs more than a burst, when it is full', () => {
    const buckets = new Buckets({ burst: 4, perSecond: 1 })
    expect(buckets.take('a', 0, 1000)).toBe(0)
    expect(buckets.take('a', 0)).toBe(second)
    expect(buckets.wait('a', 3 * second, 1000)).toBe(second)
    expect(buckets.take('a', 4 * second, 1000)).toBe(0)
  })

  it.each([
    { burst: 0, perSecond: 1 },
    { burst: 1, perSecond: 0 },
    { burst: Number.NaN, perSecond: 1 },
    { burst: 1, perSecond: -1 },
  ])('has no rate of %j', (rate) => {
    expect(() => new Buckets(rate)).toThrow(RangeError)
  })
})

describe('the number of buckets', () => {
  it('stays within its bound, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 3000 })), {
          maxLength: 300,
        }),
        (capacity, takes) => {
          const buckets = new Buckets({ burst: 3, perSecond: 1 }, capacity)
          let now = 0
          for (const [key, later] of takes) {
            now += later
            buckets.take(`${key}`, now)
            expect(buckets.size).toBeLessThanOrEqual(capacity)
          }
        },
      ),
    )
  })

  it('falls by itself when the crowd is gone', () => {
    const buckets = new Buckets({ burst: 20, perSecond: 1 })
    for (let i = 0; i < 50_000; i++) buckets.take(`crowd ${i}`, 0)
    expect(buckets.size).toBe(50_000)
    for (let i = 0; i < 50_000; i++) buckets.take(`later ${i}`, 60 * second + i)
    expect(buckets.size).toBeLessThan(2000)
  })

  it('forgets full ones first: who has to wait goes on waiting', () => {
    const buckets = new Buckets({ burst: 10, perSecond: 1 }, 1000)
    for (let i = 0; i < 10; i++) buckets.take('flooder', 0)
    // New keys, each of them full again a second later, many times more than there is room for.
    for (let now = 1; now <= 9 * second; now++) buckets.take(`passing ${now}`, now, 0.5)
    expect(buckets.wait('flooder', 9 * second, 10)).toBe(second)
  })

  it('where none is full the fullest goes', () => {
    const buckets = new Buckets({ burst: 10, perSecond: 1 }, 5)
    for (let i = 0; i < 9; i++) for (const key of ['a', 'b', 'c']) buckets.take(key, 0)
    for (let i = 0; i < 200; i++) buckets.take(`made up ${i}`, 0)
    for (const key of ['a', 'b', 'c']) expect(buckets.wait(key, 0, 10)).toBe(9 * second)
  })
})

describe('saying', () => {
  const who = (person: string | null, network = 'n', room = 'lobby'): Doer => ({
    person,
    network,
    room,
  })

  /** Each of these says at its own pace for so long; answers how many were held back, by who they were. */
  function spell(
    doers: readonly Doer[],
    perSecond: number,
    seconds: number,
    limits: Limits,
  ): number[] {
    const held = new Map(doers.map((doer) => [doer, 0]))
    for (let i = 0; i < seconds * perSecond; i++) {
      for (const [doer, times] of held) {
        const wait = limits.take('say', doer, (i * second) / perSecond, 80)
        if (wait > 0) held.set(doer, times + 1)
      }
    }
    return [...held.values()]
  }

  it('lets a person say 20 at once, then one a second', () => {
    const limits = new Limits()
    for (let i = 0; i < 20; i++) expect(limits.take('say', who('a'), 0)).toBe(0)
    expect(limits.take('say', who('a'), 0)).toBe(second)
    expect(limits.take('say', who('a'), second)).toBe(0)
    expect(limits.take('say', who('a'), second)).toBe(second)
    expect(limits.take('say', who('b'), second)).toBe(0)
  })

  it('lets ten times that through from behind one address', () => {
    const limits = new Limits()
    for (let i = 0; i < 200; i++) expect(limits.take('say', who(`${i}`), 0)).toBe(0)
    expect(limits.take('say', who('one more'), 0)).toBe(100)
    expect(limits.take('say', who('one more', 'elsewhere'), 0)).toBe(0)
  })

  it('five people typing fast into the tutorial page behind one address are not limited', () => {
    // Guests all, two messages a second each, for ten minutes.
    const five = Array.from({ length: 5 }, () => who(null))
    expect(spell(five, 2, 600, new Limits())).toEqual([0, 0, 0, 0, 0])
  })

  it('five people with secrets of their own behind one address are not limited either', () => {
    const five = Array.from({ length: 5 }, (_, i) => who(`${i}`))
    expect(spell(five, 1, 600, new Limits())).toEqual([0, 0, 0, 0, 0])
    expect(spell(five, 10, 2, new Limits())).toEqual([0, 0, 0, 0, 0])
  })

  it('Message flood: one who floods is held to his limit, and the others behind his address are not', () => {
    const limits = new Limits()
    const [flooder, ...others] = spell(
      ['flooder', 'a', 'b', 'c'].map((person) => who(person)),
      1,
      1,
      limits,
    )
    expect([flooder, ...others]).toEqual([0, 0, 0, 0])
    let through = 0
    let held = 0
    for (let now = second; now < 61 * second; now += 10) {
      if (limits.take('say', who('flooder'), now, 80) === 0) through += 1
      if (now % second === 0)
        for (const person of ['a', 'b', 'c'])
          if (limits.take('say', who(person), now, 80) > 0) held += 1
    }
    expect(through).toBeLessThanOrEqual(20 + 61)
    expect(through).toBeGreaterThanOrEqual(20 + 59)
    expect(held).toBe(0)
  })

  it('Message flood: new secrets without end are held by the network', () => {
    const limits = new Limits()
    let through = 0
    for (let i = 0; i < 60_000; i++)
      if (limits.take('say', who(`secret ${i}`), i) === 0) through += 1
    expect(through).toBeLessThanOrEqual(200 + 600)
    expect(through).toBeGreaterThanOrEqual(200 + 599)
  })

  it('Message flood: two hundred who say 20 a second each leave the room to those who were there', () => {
    const limits = new Limits()
    const flood = Array.from({ length: 200 }, (_, i) => who(`flooder ${i}`, `network ${i}`))
    let through = 0
    let held = 0
    for (let now = 0; now < 30 * second; now += 50) {
      for (const doer of flood) if (limits.take('say', doer, now, 80) === 0) through += 1
      if (
        now >= 20 * second &&
        now % second === 0 &&
        limits.take('say', who('a', 'home'), now, 80) > 0
      )
        held += 1
    }
    expect(held).toBe(0)
    expect(through).toBeLessThanOrEqual(200 * (20 + 30))
  })

  it('charges bytes: each KiB beyond the first costs as much as a message', () => {
    const limits = new Limits()
    for (let i = 0; i < 5; i++) expect(limits.take('say', who('a'), 0, 4096)).toBe(0)
    expect(limits.take('say', who('a'), 0, 4096)).toBe(4 * second)
    expect(limits.take('say', who('a'), 0, 1)).toBe(second)
    expect(limits.take('say', who('b'), 0, 64 * 1024)).toBe(0)
  })

  it('takes from all buckets or from none', () => {
    const limits = new Limits({
      say: {
        person: { burst: 2, perSecond: 1 },
        network: { burst: 3, perSecond: 1 },
        room: { burst: 4, perSecond: 1 },
      },
    })
    const take = (person: string, network: string): number =>
      limits.take('say', who(person, network), 0)
    expect([take('a', 'm'), take('a', 'm')]).toEqual([0, 0])
    // Held by his own bucket, he uses up nothing of the network's and the room's.
    for (let i = 0; i < 10; i++) expect(take('a', 'm')).toBe(second)
    expect(take('b', 'm')).toBe(0)
    for (let i = 0; i < 10; i++) expect(take('c', 'm')).toBe(second)
    expect(take('d', 'n')).toBe(0)
    for (let i = 0; i < 10; i++) expect(take('e', 'o')).toBe(second)
    expect(limits.take('say', who('e', 'o', 'another room'), 0)).toBe(0)
  })

  it('Join / room-creation flood: joining and making rooms have buckets of their own', () => {
    const limits = new Limits()
    for (let i = 0; i < 100; i++) limits.take('say', who('a'), 0)
    expect(limits.take('say', who('a'), 0)).toBeGreaterThan(0)
    expect(limits.take('join', who('a'), 0)).toBe(0)
    let made = 0
    for (let i = 0; i < 10_000; i++) {
      if (limits.take('create', who(`${i}`, 'n', `room ${i}`), i * 10) === 0) made += 1
    }
    expect(made).toBeLessThanOrEqual(50 + 20)
    expect(limits.take('rename', who('a'), 0)).toBe(0)
  })

  it('a network has ten times what a person has, in everything', () => {
    for (const { person, network } of Object.values(defaultRates)) {
      expect(network.burst).toBe(10 * person.burst)
      expect(network.perSecond).toBeCloseTo(10 * person.perSecond)
    }
  })

  it('is not limited where limits are off', () => {
    const limits = new Limits(null)
    for (let i = 0; i < 10_000; i++) expect(limits.take('say', who('a'), 0, 65_536)).toBe(0)
  })
})
