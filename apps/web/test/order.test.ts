import type { Message } from '@hearsay/protocol'
import { expect, test } from 'vitest'
import { firstLine } from '../src/room/first-line.ts'
import { goesOn, seqOf } from '../src/room/order.ts'

const said = (at: string, person = 'p', rest: object = {}): Message => ({
  ...{ id: 'e-1', prev: null, room: 'r', at, text: 'x' },
  from: { person, name: 'Ada', mark: 'ABCDEF', role: 'speak' },
  ...rest,
})

test("an author's messages stand under one name for five minutes of one day", () => {
  const first = said(new Date(2026, 10, 23, 12, 0).toISOString())
  const at = (hour: number, minute: number): string =>
    new Date(2026, 10, 23, hour, minute).toISOString()
  expect(goesOn(said(at(12, 4)), first)).toBe(true)
  expect(goesOn(said(at(12, 5)), first)).toBe(false)
  expect(goesOn(said(at(12, 1), 'q'), first)).toBe(false)
  expect(goesOn(said(at(12, 1), 'p', { replyTo: 'e-1' }), first)).toBe(false)
  expect(goesOn(first, undefined)).toBe(false)
  const late = said(new Date(2026, 10, 23, 23, 59).toISOString())
  expect(goesOn(said(new Date(2026, 10, 24, 0, 1).toISOString()), late)).toBe(false)
})

test('ids are ordered by their seq alone, whatever their epoch', () => {
  expect(seqOf('zz9-12')).toBe(12)
  expect(seqOf('a-9007199254740991')).toBe(9007199254740991)
})

test('a quoted text is cut to its first line', () => {
  expect(firstLine({ text: 'one\ntwo' })).toBe('one')
  expect(firstLine({ text: 'x'.repeat(200) })).toHaveLength(120)
})
