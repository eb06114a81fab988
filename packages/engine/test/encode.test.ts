import { createParser, type EventSourceMessage } from 'eventsource-parser'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encode, type Fields } from '../src/index.ts'
import { hostile } from './hostile.ts'

/** What a client makes of these bytes, and which fields it saw in them. */
function parse(text: string): {
  events: EventSourceMessage[]
  retries: number[]
  unknown: string[]
} {
  const [events, retries, unknown]: [EventSourceMessage[], number[], string[]] = [[], [], []]
  const parser = createParser({
    onEvent: (event) => void events.push(event),
    onRetry: (retry) => void retries.push(retry),
    onError: (error) => void unknown.push(error.message),
  })
  parser.feed(text)
  return { events, retries, unknown }
}

const toLf = (text: string): string => text.replaceAll(/\r\n|\r/g, '\n')
/** Strings of any code units, hostile ones more often than chance would have them. */
const strings = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.array(fc.constantFrom(...hostile.alphabet), { maxLength: 12 }).map((all) => all.join('')),
)

describe('encode', () => {
  it('brings any string back as JSON, exactly', () => {
    fc.assert(
      fc.property(strings, (text) => {
        const { events, unknown } = parse(encode({ data: JSON.stringify(text), id: 'e-1' }))
        expect(unknown).toEqual([])
        expect(events).toEqual([{ id: 'e-1', event: undefined, data: JSON.stringify(text) }])
        expect(JSON.parse(events[0]!.data)).toBe(text)
      }),
      { numRuns: 5000 },
    )
  })

  it('brings any string back as it is, with each CR and CRLF as LF', () => {
    fc.assert(
      fc.property(strings, (text) => {
        const { events, unknown } = parse(encode({ data: text }))
        expect([events.map(({ data }) => data), unknown]).toEqual([[toLf(text)], []])
      }),
      { numRuns: 5000 },
    )
  })

  it('lets no field be forged, by any three hostile characters in any field', () => {
    const whole: Required<Fields> = { comment: 'c', retry: 5, id: 'e-1', type: 't', data: 'd' }
    for (const text of hostile.triples) {
      for (const field of ['comment', 'id', 'type', 'data'] as const) {
        let encoded: string
        try {
          encoded = encode({ ...whole, [field]: text })
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError)
          expect(['id', 'type']).toContain(field)
          continue
        }
        const { events, retries, unknown } = parse(encoded)
        const expected = {
          id: field === 'id' ? text : 'e-1',
          event: field === 'type' ? text || undefined : 't',
          data: field === 'data' ? toLf(text) : 'd',
        }
        expect([events, retries, unknown], JSON.stringify([field, text])).toEqual([
          [expected],
          [5],
          [],
        ])
      }
    }
  })

  it('refuses what an id, a type or a retry can not be', () => {
    for (const id of ['a b', 'ü', '\0', 'a\n', '\u{1f600}', '\x7f'])
      expect(() => encode({ id }), id).toThrow(/id takes printable ASCII/)
    for (const type of ['a\rb', 'a\nb', 'a\0'])
      expect(() => encode({ type })).toThrow(/no line break and no NUL/)
    for (const type of ['error', 'open']) expect(() => encode({ type })).toThrow(/by itself/)
    for (const retry of [-1, 1.5, Number.NaN, Infinity, 2 ** 60])
      expect(() => encode({ retry })).toThrow(/milliseconds as an integer/)
  })

  it('writes the least that says it', () => {
    expect(encode({ data: 'x' })).toBe('data: x\n\n')
    expect(encode({ type: 'message', data: '' })).toBe('data: \n\n')
    expect(encode({ type: '', id: '', data: 'x' })).toBe('id: \ndata: x\n\n')
    expect(encode({ retry: 0, id: 'e-1' })).toBe('retry: 0\nid: e-1\n\n')
    expect(encode({ comment: 'two\nlines' })).toBe(': two\n: lines\n\n')
    expect(encode({})).toBe('')
  })
})
