import fc from 'fast-check'
import { Compile } from 'typebox/compile'
import { describe, expect, it } from 'vitest'
import {
  defaultSettings,
  idPattern,
  limits,
  loggedEvents,
  problems,
  roomPattern,
  Say,
  Settings,
  signals,
} from '../src/index.ts'

const room = new RegExp(roomPattern)
const id = new RegExp(idPattern)

describe('room names', () => {
  it('are 1 to 64 of a-z, 0-9 and -, not at the ends -', () => {
    const letters = 'abcdefghijklmnopqrstuvwxyz0123456789-'
    const names = fc.string({ unit: fc.constantFrom(...letters), maxLength: 70 })
    fc.assert(
      fc.property(names, (name) => {
        const isOne = name.length >= 1 && name.length <= 64 && !/^-|-$/.test(name)
        expect(room.test(name)).toBe(isOne)
      }),
    )
  })

  it('are nothing else, whatever is written', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        if (room.test(name)) expect(name).toMatch(/^[a-z0-9-]{1,64}$/)
      }),
    )
    for (const bad of ['', 'A', 'a\n', 'a/b', '..', 'ı', 'a b', '-a', 'a-'])
      expect(room.test(bad)).toBe(false)
  })
})

describe('ids', () => {
  it('are an epoch and a seq, and fit into what a cursor may be long', () => {
    for (const good of ['a-0', 'abc-1', '0123456789abcdef-9007199254740991']) {
      expect(id.test(good)).toBe(true)
      expect(good.length).toBeLessThanOrEqual(limits.cursor)
    }
    for (const bad of [
      '',
      '-1',
      'a-',
      'a-01',
      'A-1',
      'a-1\n',
      'a--1',
      'a-1-1',
      `${'a'.repeat(17)}-1`,
    ])
      expect(id.test(bad)).toBe(false)
  })
})

describe('schemas', () => {
  it('the default settings are settings', () => {
    expect(Compile(Settings).Check(defaultSettings)).toBe(true)
  })

  it('what is logged carries id, prev, room and at; a signal has no id', () => {
    for (const { properties } of Object.values(loggedEvents))
      expect(Object.keys(properties)).toEqual(expect.arrayContaining(['id', 'prev', 'room', 'at']))
    for (const { properties } of Object.values(signals))
      expect(Object.keys(properties)).not.toContain('id')
  })

  it('a say has a text within its limit, and nothing that is not asked for', () => {
    const say = Compile(Say)
    expect(say.Check({ text: 'x'.repeat(limits.text) })).toBe(true)
    // Code points, not UTF-16 units.
    expect(say.Check({ text: '😀'.repeat(limits.text) })).toBe(true)
    for (const bad of [
      {},
      { text: 'a', files: ['short'] },
      { text: 'x'.repeat(limits.text + 1) },
      { text: 1 },
      { text: 'x', key: 'a b' },
      { text: 'x', more: 1 },
    ])
      expect(say.Check(bad)).toBe(false)
  })

  it('every refusal has a status of its own kind and a sentence', () => {
    for (const [code, [status, sentence]] of Object.entries(problems)) {
      expect(code).toMatch(/^[a-z0-9-]+$/)
      expect(status).toBeGreaterThanOrEqual(400)
      expect(status).toBeLessThan(600)
      expect(sentence).toMatch(/^[A-Z"].*\.$/)
    }
  })
})
