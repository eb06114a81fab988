import { createParser } from 'eventsource-parser'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { EventTooLargeError, Parser, type StreamEvent } from '../src/parse.ts'
import { wireCases } from './wire-cases.ts'

interface Parsed {
  readonly events: StreamEvent[]
  readonly retries: number[]
  readonly ids: string[]
}

function parse(pieces: Iterable<Uint8Array | string>, maxEvent?: number): Parsed {
  const parsed: Parsed = { events: [], retries: [], ids: [] }
  const parser = new Parser({
    onEvent: (event) => parsed.events.push(event),
    onRetry: (milliseconds) => parsed.retries.push(milliseconds),
    onId: (id) => parsed.ids.push(id),
    ...(maxEvent === undefined ? {} : { maxEvent }),
  })
  for (const piece of pieces) parser.feed(piece)
  return parsed
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

function* cut(bytes: Uint8Array, size: number): Iterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

describe.each(wireCases)('$name ($mirrors)', ({ text, events, retry }) => {
  const expected = events.map(([data, type = 'message', lastEventId = '']) => ({
    data,
    type,
    lastEventId,
  }))
  it.each([1, 2, 3, Infinity])('in pieces of %s bytes', (size) => {
    const parsed = parse(cut(utf8(text), size))
    const got = parsed.events.map(({ data, type, lastEventId }) => ({ data, type, lastEventId }))
    expect(got).toEqual(expected)
    expect(parsed.retries.at(-1)).toBe(retry)
  })
  it('as text, a character at a time', () => {
    const got = parse(text.split('')).events
    expect(got.map(({ data }) => data)).toEqual(expected.map(({ data }) => data))
  })
})

test('an id-only block tells the cursor and no event', () => {
  const parsed = parse(['id: e1-7\n\n'])
  expect(parsed).toEqual({ events: [], retries: [], ids: ['e1-7'] })
})

test("an event's own id is told from one that it only inherits", () => {
  const [a, b] = parse(['id: 7\ndata: a\n\ndata: b\n\n']).events
  expect(a).toMatchObject({ id: '7', lastEventId: '7' })
  expect(b).toMatchObject({ id: undefined, lastEventId: '7' })
})

/** Streams made of what matters in the format, so that fields, ends and breaks meet in every way. */
const streams = fc
  .array(
    fc.oneof(
      fc.constantFrom('data', 'event', 'id', 'retry', ':', ': ', '\n', '\r', '\r\n', '\n\n', '\0'),
      fc.constantFrom('data: ', 'id: 5', 'event: x', 'retry: 12', ' ', '\uFEFF', '\u2028', '😀'),
      fc.string({ maxLength: 5, unit: 'binary' }),
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join('').toWellFormed())

test('however a stream is cut, it is the same stream', () => {
  fc.assert(
    fc.property(
      streams,
      fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 50 }),
      (text, cuts) => {
        const bytes = utf8(text)
        const pieces: Uint8Array[] = []
        let at = 0
        for (const size of cuts) {
          pieces.push(bytes.subarray(at, at + size))
          at += size
        }
        pieces.push(bytes.subarray(at))
        expect(parse(pieces)).toEqual(parse([bytes]))
      },
    ),
    { numRuns: 500 },
  )
})

test('it agrees with another parser of the same format', () => {
  fc.assert(
    fc.property(streams, (text) => {
      const theirs: { data: string; type: string }[] = []
      const parser = createParser({
        onEvent: ({ data, event }) => theirs.push({ data, type: event || 'message' }),
      })
      parser.feed(text)
      const ours = parse([text]).events.map(({ data, type }) => ({ data, type }))
      expect(ours).toEqual(theirs)
    }),
    { numRuns: 500 },
  )
})

describe('a sender without measure', () => {
  it.each([
    ['a line without an end', 'data: ' + 'x'.repeat(200)],
    ['a field that is none', 'x'.repeat(200)],
    ['lines without an end of the event', 'data: 1234567890\n'.repeat(20)],
    ['a type', `event: ${'x'.repeat(200)}\n`],
    ['an id', `id: ${'x'.repeat(200)}\n`],
  ])('is refused by name: %s', (_, text) => {
    expect(() => parse(text.split(''), 100)).toThrow(EventTooLargeError)
  })

  it('may send any number of events and comments', () => {
    const parsed = parse([`data: ${'x'.repeat(80)}\n\n: ${'y'.repeat(90)}\n`.repeat(1000)], 100)
    expect(parsed.events).toHaveLength(1000)
  })

  it('may send one event in a million pieces', () => {
    const text = `data: ${'x'.repeat(1_000_000)}\n\n`
    expect(parse(text, 2_000_000).events[0]?.data).toHaveLength(1_000_000)
  })
})
