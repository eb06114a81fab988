import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Histogram } from '../load/histogram.ts'
import { Place, scan, textOf } from '../load/text.ts'
import { chainFault, lastId } from '../load/transcript.ts'
import { cpuTime, residentExact } from '../measure/process.ts'
import { peers } from '../peers/peers.ts'
import { middle } from '../report/middle.ts'
import { Stage, type Row } from '../stage.ts'

const unpinned = { server: [], load: [], serverCore: null, sentence: '' }

/** Reads `stream` in pieces of the given sizes, over and over, as a socket would give it. */
function numbersIn(stream: Buffer, sizes: readonly number[]): number[] {
  const shared = Buffer.alloc(64, '@m:00000007')
  const found = new Int32Array(64)
  const place = new Place()
  const numbers: number[] = []
  for (let at = 0, turn = 0; at < stream.length; turn++) {
    const length = stream.copy(shared, 0, at, at + sizes[turn % sizes.length]!)
    const count = scan(place, shared, length, found)
    numbers.push(...found.subarray(0, count))
    at += length
  }
  return numbers
}

describe('messages are found', () => {
  const said = fc.array(
    fc.record({
      number: fc.integer({ min: 0, max: 99_999_999 }),
      // What stands between two messages: framing, other fields, and what looks like the start of a message.
      between: fc.stringMatching(/^(?:[\r\na-z{":,]|@|@m|@m:|@m:1){0,20}$/),
      length: fc.integer({ min: 11, max: 60 }),
    }),
    { maxLength: 12 },
  )

  test('once each and in order, however the stream is cut', () => {
    fc.assert(
      fc.property(
        said,
        fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 9 }),
        (messages, sizes) => {
          const stream = messages.map(
            ({ number, between, length }) => `${between}|${textOf(number, length)}`,
          )
          expect(numbersIn(Buffer.from(stream.join(''), 'latin1'), sizes)).toEqual(
            messages.map(({ number }) => number),
          )
        },
      ),
      { numRuns: 500 },
    )
  })
})

test('of several turns each figure is the median, and no doubt is lost', () => {
  const row = (cpu: number, p99: number | null, others: number, ...notes: string[]): Row => ({
    scenario: 'isolated',
    peer: 'hearsay',
    figures: { cpu, p99 },
    notes,
    others,
  })
  const turns = [row(3, 8, 0, 'a'), row(1, 9, 0.2, 'a', 'b'), row(2, 7, 0.1)]
  expect(middle(turns)).toEqual({ ...row(2, 8, 0.2, 'a', 'b') })
  expect(middle([row(1, null, 0), row(2, 3, 0)]).figures).toEqual({ cpu: 2, p99: null })
  expect(middle([turns[0]!])).toBe(turns[0])
})

test('a histogram is never more than 4 % off, and never below', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 2e9 }), { minLength: 1, maxLength: 200 }),
      fc.integer({ min: 1, max: 100 }),
      (us, percent) => {
        const histogram = new Histogram()
        for (const each of us) histogram.record(each / 1000)
        const exact = us.toSorted((a, b) => a - b)[Math.ceil((us.length * percent) / 100) - 1]!
        const shown = histogram.at(percent / 100) * 1000
        expect(shown).toBeGreaterThanOrEqual(exact - 1)
        expect(shown).toBeLessThanOrEqual(exact * 1.04 + 1.5)
      },
    ),
  )
})

describe("a witness's stream", () => {
  const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`
  const event = (id: string, prev: string | null): string =>
    chunk(`id: ${id}\ndata: ${JSON.stringify({ id, prev, text: 'hello' })}\n\n`)
  const kept = (...parts: string[]): Buffer[] => parts.map((part) => Buffer.from(part))

  test('is whole where every message names the one before it', () => {
    const beat = chunk('event: beat\ndata: {}\n\n')
    const whole = kept(
      event('a-1', null),
      event('a-3', 'a-1').slice(0, 9),
      event('a-3', 'a-1').slice(9),
      beat,
    )
    expect(chainFault(whole, null)).toBeNull()
    expect(lastId(whole)).toBe('a-3')
  })

  test('is not where one is missing, doubled, or after a gap', () => {
    expect(chainFault(kept(event('a-1', null), event('a-4', 'a-3')), null)).toMatch(
      /a-4 follows a-3/,
    )
    expect(chainFault(kept(event('a-1', null), event('a-1', null)), null)).toMatch(
      /a-1 follows null/,
    )
    expect(chainFault(kept(event('a-4', 'a-3')), 'a-2')).toMatch(/a-2 was the last/)
    expect(chainFault(kept(chunk('event: gap\ndata: {"after":"a-2"}\n\n')), 'a-2')).toMatch(/gap/)
  })
})

describe('five listeners of the tutorial', () => {
  let dir = ''
  let stage: Stage
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'hearsay-bench-'))
    const peer = peers.find(({ name }) => name === 'tutorial')!
    stage = new Stage({ peer, quick: true, dir, cores: unpinned, progress: () => {} })
    await stage.start()
  })
  afterEach(async () => {
    await stage.end()
    rmSync(dir, { recursive: true })
  })

  test('every message is counted once on each, and its time taken', async () => {
    const crowd = stage.crowd()
    await crowd.open(5)
    const talk = stage.talk({ connections: 2 })
    await talk.reach(crowd)
    const first = stage.said.next
    await talk.run(200, 0.2)
    expect(await crowd.until(5 * 40, 10_000)).toBe(true)
    await talk.poster.settled()
    talk.check()
    expect(crowd.delivered).toBe(200)
    expect(crowd.latency.total).toBe(200)
    expect(talk.poster.answered).toBe(stage.said.next)
    expect(crowd.fault(stage.said.since(first))).toBeNull()
    talk.poster.close()
    await crowd.close()
  })

  test('one that has missed a message is a fault', async () => {
    const crowd = stage.crowd()
    await crowd.open(5)
    const talk = stage.talk({ connections: 1 })
    await talk.reach(crowd)
    const first = stage.said.next
    talk.say(performance.now())
    await crowd.until(5, 10_000)
    // This one was never posted.
    stage.said.add(performance.now())
    expect(crowd.fault(stage.said.since(first))).toBe(
      '5 of 5 listeners have not read each message once in one order (5 missing)',
    )
    talk.poster.close()
    await crowd.close()
  })

  test("the server's own CPU time and memory are read", () => {
    expect(cpuTime(stage.server.pid)).toBeGreaterThan(0)
    expect(residentExact(stage.server.pid)).toBeGreaterThan(10 * 2 ** 20)
  })
})
