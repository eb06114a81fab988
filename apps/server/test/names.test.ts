import { cleanName, houseNames } from '@hearsay/protocol'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkName } from '../src/people/names.ts'
import type { Refusal } from '../src/refusal.ts'
import { lookAlikeKey, skeleton } from '../src/people/skeleton.ts'

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** What hostile names are made of, beside any character at all. */
const hostile = fc.constantFrom(
  ...'\u0301 \u20dd \u200b \u200d \u202e \u2066 \u2069 \ufe0f \u{e0101} \u{e0041} \u00ad \u034f \u180e \u3164 \uffa0'.split(
    ' ',
  ),
  ...'\u2800 \u115f \ud83d \udc00 \0 \n \t \u0085 \u2028 \ufeff \ufffe \ue000 \u0378 \u1100 \u1161 \u11a8 \u0903'.split(
    ' ',
  ),
  ...'❤️ 👩🏽‍💻 🏴󠁧󠁢󠁥󠁮󠁧󠁿 🏳️‍🌈 1️⃣ 🇩🇪 👨‍👩‍👧‍👦 🏻 1 # ❤ 🏳 👩 💻'.split(' '),
  ' ',
  '\u00a0',
  '\u3000',
  'e\u0301\u0327',
  'a',
)
const character = fc.oneof(
  hostile,
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
)
const anything = fc.array(character, { maxLength: 40 }).map((parts) => parts.join(''))

/** For what a name is refused. */
function codeOf(raw: string): string | undefined {
  try {
    checkName(raw)
  } catch (error) {
    return (error as Refusal).code
  }
  return undefined
}

const cleaned = anything.map(cleanName).filter((name) => name !== null)

describe('a cleaned name', () => {
  it('is as it was when it is cleaned again', () => {
    fc.assert(
      fc.property(cleaned, (name) => {
        expect(cleanName(name)).toBe(name)
      }),
      { numRuns: 3000 },
    )
  })

  it('Homoglyph, zero-width, RTL: holds nothing that is hidden', () => {
    fc.assert(
      fc.property(cleaned, (name) => {
        expect(name).toBe(name.normalize('NFC'))
        expect(name).toBe(name.trim().replace(/\s+/gu, ' '))
        expect(name).not.toMatch(/[\u2800\p{Cc}\p{Cs}\p{Co}\p{Cn}\p{Bidi_Control}\p{Zl}\p{Zp}]/u)
        const withoutEmoji = name.replace(new RegExp(String.raw`\p{RGI_Emoji}`, 'gv'), '')
        expect(withoutEmoji).not.toMatch(
          /[\p{Cf}\p{Default_Ignorable_Code_Point}\p{Variation_Selector}]/u,
        )
        expect(name).toMatch(/^[^\p{M}]/u)
        expect(name).toMatch(/[\p{L}\p{N}\p{P}\p{S}]/u)
        const parts = [...graphemes.segment(name)]
        expect(parts.length).toBeGreaterThan(0)
        expect(parts.length).toBeLessThanOrEqual(32)
      }),
      { numRuns: 3000 },
    )
  })

  it('Zalgo: has at most six marks on a letter, and no letter piled up of parts', () => {
    const zalgo = fc
      .array(
        fc.constantFrom(
          ...'a e \u0301 \u0327 \u0308 \u0489 \u20dd \u200d \u034f \u1100 \u1161'.split(' '),
        ),
        {
          maxLength: 60,
        },
      )
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(
        zalgo.map(cleanName).filter((name) => name !== null),
        (name) => {
          expect(name.normalize('NFD')).not.toMatch(/\p{M}{7}/u)
          for (const { segment } of graphemes.segment(name))
            expect([...segment].length).toBeLessThanOrEqual(10)
        },
      ),
    )
  })

  it.each([
    ['Anna', 'Anna'],
    ['  quiet \t\n  otter ', 'quiet otter'],
    ['a\u200bb\u00adc\ufeffd\u2060', 'abcd'],
    ['\u202eevil\u202c \u2067x\u2069', 'evil x'],
    ['tag\u{e0061}\u{e0062}\u{e007f}', 'tag'],
    ['A\ufe0f\u{e0100}B', 'AB'],
    ['Zoe\u0308', 'Zo\u00eb'],
    ['❤️ 👩🏽‍💻 🏴󠁧󠁢󠁥󠁮󠁧󠁿 1️⃣', '❤️ 👩🏽‍💻 🏴󠁧󠁢󠁥󠁮󠁧󠁿 1️⃣'],
    ['👩\u200b\u200d💻', '👩\u200d💻'],
    ['👩\u200d🦷 b\u200dc', '👩🦷 bc'],
    ['\u0d4e\u200d👩\u200d💻', '\u0d4e👩💻'],
    ['👩\u200d💻\u{e0061}\u{1f3fd}', '👩💻\u{1f3fd}'],
    ['\u0301\u0301Anna', 'Anna'],
    ['Anna\ud83d', 'Anna'],
    ['\0A\u001b[31mnna', 'A[31mnna'],
    // Turned round it would be another name; with the override gone it is one that anyone may have.
    ['\u202enimda', 'nimda'],
    ['名無し', '名無し'],
    ['Владимир', 'Владимир'],
    ['مريم', 'مريم'],
    ['မြွှို့', 'မြွှို့'],
    ['Nguyễn Thị', 'Nguyễn Thị'],
    ['a'.repeat(32), 'a'.repeat(32)],
    ['👨‍👩‍👧‍👦'.repeat(32), '👨‍👩‍👧‍👦'.repeat(32)],
    [
      'e\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308\u030a',
      '\u00e9\u0302\u0303\u0304\u0305\u0306',
    ],
  ])('%j is shown as %j', (raw, name) => {
    expect(cleanName(raw)).toBe(name)
  })

  it.each([
    '',
    ' ',
    '\u200b',
    '\u2800',
    '\u3164',
    '\u115f\u1160',
    '\u0301',
    '\u{e0041}',
    '\u202e',
    '\ud83d',
    'a'.repeat(33),
    'a'.repeat(100_000),
    '👍'.repeat(33),
    '\u1100'.repeat(11),
  ])('%j is none', (raw) => {
    expect(codeOf(raw)).toBe('bad-name')
  })

  it.each(
    (
      'admin Admin ADMIN administrator mod Moderator system SYSTEM server hearsay Hearsay owner root staff support ' +
      'аdmіn аdмin аⅾⅿіn ＡＤＭＩＮ 𝓪𝓭𝓶𝓲𝓷 𝖆𝖉𝖒𝖎𝖓 ⓐⓓⓜⓘⓝ 🅰🅳🅼🅸🅽 🄰🄳🄼🄸🄽 🇦🇩🇲🇮🇳 ᴀᴅᴍɪɴ adrnin Adm1n AdmІn 4dmin @dmin admın ádmïn ѕуѕtеm $y$tem 5y5tem ' +
      'sуstеm m0d mоd моd ⅿod hеаrѕау HEARSАY ᕼearsay rооt sеrver Ꭱoot ꓢtaff оwner 0wner'
    ).split(' '),
  )('Fake system or mod message: %s is taken by the house', (raw) => {
    expect(codeOf(raw)).toBe('reserved-name')
  })

  it.each(['Host', 'ADMIN', '-= Ádm1n =-', 'm0d', 'ＡＤＭＩＮ', '$y$tem'])(
    'a page without the table of letters knows %s for the house’s too',
    (raw) => {
      expect(houseNames()(raw)).toBe(true)
    },
  )

  it.each([
    'a d m i n',
    '-= admin =-',
    '★ System ★',
    'a\u200bd\u200bm\u200bi\u200bn',
    '[mod]',
    'm.o.d',
    'admin\u0336',
    'sys\u00adtem',
    'Admin\u{e0100}',
  ])('Fake system or mod message: %j is taken by the house', (raw) => {
    expect(codeOf(raw)).toBe('reserved-name')
  })

  it.each([
    'adminton',
    'modern',
    'Systema',
    'Serverin',
    'Rooted',
    'Ownerly',
    'Model',
    'Hostess',
    'Bota',
    'hears',
  ])('leaves %s alone', (raw) => {
    expect(checkName(raw)).toBe(raw)
    expect(houseNames()(raw)).toBe(false)
  })
})

describe('the skeleton of UTS 39', () => {
  it('is as it was when it is made again', () => {
    fc.assert(
      fc.property(anything, (raw) => {
        const once = skeleton(raw.toWellFormed())
        expect(skeleton(once)).toBe(once)
      }),
      { numRuns: 3000 },
    )
  })

  it('is as it was when it is made again, for each character there is', () => {
    const changed: string[] = []
    for (let point = 0; point < 0x110000; point++) {
      if (point >= 0xd800 && point < 0xe000) continue
      const once = skeleton(String.fromCodePoint(point))
      if (skeleton(once) !== once) changed.push(point.toString(16))
    }
    expect(changed).toEqual([])
  })

  it('does not care how the text was composed, nor for what is hidden in it', () => {
    fc.assert(
      fc.property(anything, (raw) => {
        const text = raw.toWellFormed()
        expect(skeleton(text.normalize('NFD'))).toBe(skeleton(text.normalize('NFC')))
        expect(skeleton([...text].join('\u200b'))).toBe(skeleton(text))
      }),
    )
  })

  it.each([
    ['paypal', 'раураl'],
    ['scope', 'ѕсоре'],
    ['Michael', 'Michae1'],
    ['0', 'O'],
    ['l', 'I'],
    ['1', 'l'],
    ['modern', 'rnodern'],
    ['Anna', 'Аnnа'],
    ['Ruby', 'ℜ𝘂ᖯʏ'.replace('ʏ', 'y')],
    ['SSS', 'ᏚᏚᏚ'],
    ['ou', 'օս'],
    ['HOT', 'ΗΟΤ'],
    ['xyz', 'ⅹ\u0443z'],
  ])('finds %s and %s alike', (one, two) => {
    expect(skeleton(one)).toBe(skeleton(two))
  })

  it.each([
    ['Anna', 'Hanna'],
    ['otter', 'utter'],
    ['a', 'b'],
    ['Müller', 'Muller'],
    ['名', '各'],
  ])('tells %s and %s apart', (one, two) => {
    expect(skeleton(one)).not.toBe(skeleton(two))
    expect(lookAlikeKey(one)).not.toBe(lookAlikeKey(two))
  })
})

describe('the key by which names look alike', () => {
  it.each([
    ['Alice', 'AIice'],
    ['Alice', 'alice'],
    ['Alice', 'ALICE'],
    ['Alice', 'A l i c e'],
    ['Alice', 'Ａｌｉｃｅ'],
    ['Alice', '𝐀𝐥𝐢𝐜𝐞'],
    ['Alice', 'Аlісе'],
    ['Alice', 'Al1ce'],
    ['Alice', 'ᴀʟɪᴄᴇ'],
    ['Alice', '🅰🅻🅸🅲🅴'],
    ['Will', 'VVill'],
    ['quiet otter', 'Quiet  0tter'],
    ['Tom', 'Torn'],
    ['BOB', 'bоb'],
    ['ﬁnn', 'finn'],
  ])('Impersonation by same nick: is one for %s and %s', (one, two) => {
    expect(lookAlikeKey(one)).toBe(lookAlikeKey(two))
  })

  it('is one for a name in whatever case, width and font, with or without spaces', () => {
    const font = (name: string, first: number): string =>
      name.replace(/[a-z]/g, (letter) => String.fromCodePoint(first + letter.charCodeAt(0) - 97))
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z]{1,8}$/),
        fc.stringMatching(/^[a-z]{1,8}$/),
        (one, two) => {
          const key = lookAlikeKey(one + two)
          expect(lookAlikeKey((one + two).toUpperCase())).toBe(key)
          expect(lookAlikeKey(`${one} ${two}`)).toBe(key)
          for (const first of [0xff41, 0x1d41a, 0x1d4ea, 0x1d68a, 0x24d0]) {
            expect(lookAlikeKey(font(one + two, first))).toBe(key)
          }
        },
      ),
    )
  })

  it('is seldom one for two made names', () => {
    const some =
      'amber otter|quiet otter|quiet eagle|calm crane|warm wren|witty heron|bold bear|kind kea'.split(
        '|',
      )
    expect(new Set(some.map(lookAlikeKey)).size).toBe(some.length)
  })
})
