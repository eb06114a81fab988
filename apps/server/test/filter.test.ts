import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Filter, isPattern } from '../src/rooms/filter.ts'

const matches = (pattern: string, text: string): boolean =>
  new Filter({ patterns: [pattern], contacts: false }).matches(text)

it.each<[string, string]>([
  ['jane doe', 'it is Jane Doe!'],
  ['jane doe', 'JANE\n  DOE'],
  ['Jane Doe', '(jane doe)'],
  ['jane', 'jаne, with a Cyrillic а'],
  ['jane', 'ｊａｎｅ in wide letters'],
  ['jane', '𝐣𝐚𝐧𝐞 in bold ones'],
  ['jane', 'ja\u200bne'],
  ['вор', 'ВОР'],
  ['bop', 'ВОР in Cyrillic'],
  ['spam*', 'spammers'],
  ['*spam', 'antispam'],
  ['*spam*', 'antispammers'],
  ['12 elm', 'at 12 Elm.'],
  ['住所', 'あの人の住所は'],
  ['straße', 'in der STRAßE'],
  ['c++', 'c++ or nothing'],
  ['a.b', 'a.b'],
  ['cafe', 'CAFÉ'],
  ['straße', 'STRASSE'],
  ['jane', 'ᴊᴀɴᴇ'],
  ['jane', '🅹🅰🅽🅴'],
  ...[
    '_jane doe_',
    '__jane doe__',
    'jane **doe**',
    'ja**n**e doe',
    'jane `doe`',
    '[jane](https://x.example/y) doe',
    '[here](https://x.example/jane-doe)',
    '> jane\n> doe',
    'jane-doe',
    'jane_doe',
    'jane__doe',
    'jane, doe',
    'jane\u3164doe',
    'jane\u2800doe',
    'jane doe\u0332',
    'jane\u00ad doe',
  ].map((text): [string, string] => ['jane doe', text]),
  ['jane \u200b', 'jane'],
])('%s stands in: %s', (pattern, text) => {
  expect(matches(pattern, text)).toBe(true)
})

it.each([
  ['jane', 'janet'],
  ['jane', 'marijane'],
  ['spam*', 'antispam'],
  ['12 elm', '112 elm'],
  ['a.b', 'axb'],
  ['נה', 'בנה'],
  ['jane doe', 'jane did'],
])('%s does not stand in: %s', (pattern, text) => {
  expect(matches(pattern, text)).toBe(false)
})

it('takes every sign that stands in a pattern for itself, wherever it stands', () => {
  const text = fc.string({ unit: 'binary', maxLength: 20 })
  fc.assert(
    fc.property(text.filter(isPattern), text, text, (pattern, before, after) => {
      expect(matches(pattern, `${before} ${pattern} ${after}`)).toBe(true)
    }),
  )
})

it('what unfolds into far more than it was waits unread: it is nothing that people write', () => {
  expect(matches('jane', '\ufdfa'.repeat(4000))).toBe(true)
  expect(matches('jane', 'ﷺ and ½ of ﬁve')).toBe(false)
})

it.each(['*', ' ', '**', '!?', '\u200b', '👍', '\ufe0f', '\u3164', '\u034f', '\u{e0100}'])(
  '%j is no pattern',
  (pattern) => {
    expect(isPattern(pattern)).toBe(false)
  },
)

it('finds nothing where there is nothing to find, and contacts only where it is asked to', () => {
  const none = new Filter({ patterns: [], contacts: false })
  expect(none.matches('+49 171 1234567')).toBe(false)
  expect(new Filter({ patterns: [], contacts: true }).matches('+49 171 1234567')).toBe(true)
})
