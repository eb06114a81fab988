import { limits, type ProblemCode } from '@hearsay/protocol'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Refusal } from '../src/refusal.ts'
import { cleanText } from '../src/text.ts'

function refusedWith(raw: string): ProblemCode | null {
  try {
    cleanText(raw)
    return null
  } catch (error) {
    if (error instanceof Refusal) return error.code
    throw error
  }
}

const directional = '\u202a \u202b \u202c \u202d \u202e \u2066 \u2067 \u2068 \u2069'.split(' ')

const anything = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...directional,
        '\n',
        '\r',
        '\r\n',
        '\u0301',
        '\u20dd',
        '\u200d',
        '\ufe0f',
        '\u0308',
        '\ud800',
        '\0',
      ),
      fc.constantFrom('a', ' ', 'ש', 'ا', '👩‍💻', 'e\u0301', '\u2028'),
      fc.string({ unit: 'binary', maxLength: 3 }),
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(''))

const cleaned = anything.filter((raw) => refusedWith(raw) === null).map(cleanText)

/** Whether directional controls on each line come in pairs, as UAX 9 pairs them (X1 to X8), with no override. */
function balanced(text: string): boolean {
  return text.split('\n').every((line) => {
    const open: string[] = []
    for (const character of line) {
      if ('\u202d\u202e'.includes(character)) return false
      if ('\u202a\u202b'.includes(character)) open.push('\u202c')
      if ('\u2066\u2067\u2068'.includes(character)) open.push('\u2069')
      if ('\u202c\u2069'.includes(character) && open.pop() !== character) return false
    }
    return open.length === 0
  })
}

describe('the text of a message', () => {
  it('stays as it was written', () => {
    const honest = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 300 })
      .filter((text) => !/[^\P{Cc}\t\n]/u.test(text) && /[\p{L}\p{N}\p{P}\p{S}]/u.test(text))
    fc.assert(
      fc.property(honest, (text) => {
        expect(cleanText(text)).toBe(text)
      }),
    )
  })

  it.each([
    ' two  spaces, and some at the end  \n\n',
    '\tcode {\n\t\treturn 1\n\t}',
    'مرحبا بالعالم',
    'می‌خواهم',
    'a\u200fb\u200e',
    'a \u2067שלום\u2069 b',
    'Z\u0308 e\u0301 \u00e9 \u2126',
    'မြွှို့ שָׁ֣לוֹם བརྒྱུད',
    '👩🏽‍💻 🏴󠁧󠁢󠁥󠁮󠁧󠁿 1️⃣',
    'a\u2028b',
    `a${'\u0301\u034f'.repeat(8)}\ufe0f\ufe0f!`,
    '<script>alert(1)</script> & "\\u0000"',
  ])('stays as it was: %j', (text) => {
    expect(cleanText(text)).toBe(text)
  })

  it('has LF at the end of its lines', () => {
    expect(cleanText('a\r\nb\rc\n\r\nd\r')).toBe('a\nb\nc\n\nd\n')
  })

  it('is as it was when it is cleaned again', () => {
    fc.assert(
      fc.property(cleaned, (text) => {
        expect(cleanText(text)).toBe(text)
      }),
      { numRuns: 3000 },
    )
  })

  it.each([
    ['', 'empty-text'],
    [' \n\t ', 'empty-text'],
    ['\u200b\u2060\u00ad', 'empty-text'],
    ['\u3164\u2800\u3000', 'empty-text'],
    ['\u0301', 'empty-text'],
    ['\u202e\u202c', 'empty-text'],
    ['a\ud83d', 'bad-utf8'],
    ['\udc00a', 'bad-utf8'],
    ['a\0', 'bad-body'],
    ['a\u001b[31mb', 'bad-body'],
    ['a\u0007', 'bad-body'],
    ['a\u007f', 'bad-body'],
    ['a\u0085b', 'bad-body'],
    ['a\u000bb', 'bad-body'],
  ] as const)('%j is refused with %s', (raw, code) => {
    expect(refusedWith(raw)).toBe(code)
  })

  it('says which control character it was, without repeating it', () => {
    expect(() => cleanText('a\u001bb')).toThrow('The text has the control character U+001B in it.')
  })

  it('has 4,000 code points and 200 lines at most', () => {
    expect(cleanText('a'.repeat(limits.text))).toHaveLength(limits.text)
    expect(cleanText('👍'.repeat(limits.text))).toHaveLength(2 * limits.text)
    expect(cleanText(`a${'\r\n'.repeat(limits.lines - 1)}`)).toHaveLength(limits.lines)
    expect(refusedWith('a'.repeat(limits.text + 1))).toBe('too-long')
    expect(refusedWith('👍'.repeat(limits.text + 1))).toBe('too-long')
    expect(refusedWith('é'.repeat(limits.text + 1))).toBe('too-long')
    expect(refusedWith('a'.repeat(100_000))).toBe('too-long')
  })

  it('Zalgo, giant headings, emoji walls, 10,000 lines: too many lines are refused, of whatever kind', () => {
    for (const end of ['\n', '\r', '\r\n', '\u2028', '\u2029']) {
      expect(refusedWith(`a${end.repeat(limits.lines)}`)).toBe('too-long')
      expect(refusedWith(`a${end.repeat(limits.lines - 1)}`)).toBeNull()
    }
    expect(refusedWith('a\n'.repeat(10_000))).toBe('too-long')
  })

  it('Zalgo: no letter has more than eight marks, also with joiners between them', () => {
    const zalgo = fc
      .array(
        fc.constantFrom(
          'a',
          'ש',
          '\u0301',
          '\u0489',
          '\u20dd',
          '\u0327',
          '\u200d',
          '\u034f',
          '\ufe0f',
        ),
        { maxLength: 200 },
      )
      .map((parts) => `x${parts.join('')}`)
    fc.assert(
      fc.property(zalgo, (raw) => {
        const shown = cleanText(raw).replace(/\p{Default_Ignorable_Code_Point}/gu, '')
        expect(shown).not.toMatch(/\p{M}{9}/u)
        expect(shown.replace(/\p{M}/gu, '')).toBe(
          raw.replace(/[\p{M}\p{Default_Ignorable_Code_Point}]/gu, ''),
        )
      }),
    )
    expect(cleanText(`Z${'\u0301\u0302'.repeat(500)}!`)).toBe(`Z${'\u0301\u0302'.repeat(4)}!`)
  })

  it('Homoglyph, zero-width, RTL: an override never turns what stands beside the text', () => {
    fc.assert(
      fc.property(cleaned, (text) => {
        expect(balanced(text)).toBe(true)
      }),
      { numRuns: 3000 },
    )
  })

  it('takes nothing but directional controls out of a line, and adds no others', () => {
    const bare = (text: string): string =>
      text.replace(new RegExp(`[${directional.join('')}]`, 'gu'), '')
    const line = fc
      .array(fc.constantFrom(...directional, 'a', 'ש', ' '), { maxLength: 60 })
      .map((parts) => `x${parts.join('')}`)
    fc.assert(
      fc.property(line, (raw) => {
        expect(bare(cleanText(raw))).toBe(bare(raw))
      }),
    )
  })

  it.each([
    ['harmless \u202egnp.exe', 'harmless gnp.exe'],
    ['a \u202dleft\u202c b', 'a left b'],
    ['a \u202bopen', 'a \u202bopen\u202c'],
    ['a \u2067open\nb', 'a \u2067open\u2069\nb'],
    ['stray \u2069 and \u202c', 'stray  and '],
    ['\u2067a\u202bb\u2069c', '\u2067a\u202bb\u202c\u2069c'],
    ['\u202ba\u2067b\u202cc\u2069d\u202c', '\u202ba\u2067bc\u2069d\u202c'],
    ['\u202ba\u202eb\u202cc\u202cd', '\u202babc\u202cd'],
  ])('%j becomes %j', (raw, text) => {
    expect(cleanText(raw)).toBe(text)
  })
})
