import { hasContact, limits, type Filter as Kept } from '@hearsay/protocol'
import { disguises, skeleton } from '../people/skeleton.ts'

/** Scripts that put no space between words: there a pattern is found wherever it stands. */
const unspaced =
  /[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}]/u

/** What words are made of. */
const letters = String.raw`\p{L}\p{M}\p{N}`
const letter = new RegExp(`[${letters}]`, 'u')

/** Drawn as nothing between letters: a space to whoever reads it. */
const blanks = /[\s\u115f\u1160\u2800]/u

/** Accents, which are put on letters and can be left out of them. Vowel signs of other scripts are none. */
const accents = /[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]/gu

/** Characters of which it is remembered what they are compared as: more than any one language has. */
const KNOWN = 20_000

/** Characters that a text may become once it is taken apart: honest ones become few more than they were. */
const longest = 2 * limits.text

/** What a character is compared as, in two ways, as a capital in disguise (В) is another letter than a small one (в). */
const folds: readonly {
  readonly of: (character: string) => string
  readonly known: Map<string, string>
}[] = [
  { of: (character) => plainly(character.toLowerCase()), known: new Map() },
  { of: (character) => plainly(character).toLowerCase(), known: new Map() },
]

function plainly(character: string): string {
  if (character <= '\x7f') return character
  const bare = (disguises.get(character) ?? character).normalize('NFD').replace(accents, '')
  return bare === 'ß' ? 'ss' : skeleton(bare).replace(accents, '')
}

/** What a text says to whoever reads it, once the page has drawn it: without its markup, with the addresses of links at the end. */
function drawn(text: string): string {
  const ends: string[] = []
  const lines = text
    .normalize('NFKC')
    .replace(/\]\(([^()\s]*)\)/g, (_, address: string) => (ends.push(address), ''))
    .replace(/^[\s>]+/gmu, '')
    .replace(/[*`~]|(?<![\p{L}\p{N}_])_+|(?<!_)_+(?![\p{L}\p{N}_])/gu, '')
  return [lines, ...ends].join(' ')
}

/** Words with one space between them, in whatever the punctuation was; the hidden and the accents are left out. */
function folded(text: string, { of, known }: (typeof folds)[number]): string {
  let out = ''
  for (const character of text) {
    let plain = known.get(character)
    if (plain === undefined) {
      const isSpace = blanks.test(character) || /\p{P}/u.test(character)
      plain = isSpace
        ? ' '
        : /\p{Default_Ignorable_Code_Point}/u.test(character)
          ? ''
          : of(character)
      if (known.size < KNOWN) known.set(character, plain)
    }
    if (plain !== ' ' || !out.endsWith(' ')) out += plain
  }
  return out.trim()
}

/** What a room's host wants to see before others do. */
export class Filter {
  readonly kept: Kept
  /** One for each way to compare, made when first something is said. */
  #patterns: readonly RegExp[] | undefined

  constructor(kept: Kept) {
    this.kept = kept
  }

  /**
   * Whether any of it is in a text, or the text is such that this can't be told. Takes time in proportion to the text's length
   * and to the number of patterns.
   */
  matches(text: string): boolean {
    const { patterns, contacts } = this.kept
    if (patterns.length > 0) {
      const plain = drawn(text)
      if (plain.length > longest) return true
      this.#patterns ??= folds.map((fold) => anyOf(patterns, fold))
      if (this.#patterns.some((any, way) => any.test(folded(plain, folds[way]!)))) return true
    }
    return contacts && hasContact(text)
  }
}

/** Is there anything in a pattern beside the signs that stand for more? */
export const isPattern = (pattern: string): boolean =>
  folds.every((fold) => letter.test(folded(drawn(pattern), fold)))

/**
 * One expression for all patterns: literals by what has to stand beside them, which V8 compiles into one tree. None of
 * them repeats anything, so nothing is looked at more than once for each pattern.
 */
function anyOf(patterns: readonly string[], fold: (typeof folds)[number]): RegExp {
  const literals = new Map<string, string[]>()
  for (const pattern of patterns) {
    const literal = folded(drawn(pattern), fold)
    const isOpen = (end: string, star: boolean): boolean =>
      star || unspaced.test(end) || !letter.test(end)
    const before = isOpen([...literal][0]!, /^\s*\*/u.test(pattern))
    const after = isOpen([...literal].at(-1)!, /\*\s*$/u.test(pattern))
    const around = `${before ? '' : `(?<![${letters}])`}|${after ? '' : `(?![${letters}])`}`
    literals.set(around, [
      ...(literals.get(around) ?? []),
      literal.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&'),
    ])
  }
  const groups = [...literals].map(([around, all]) => {
    const [before, after] = around.split('|') as [string, string]
    return `${before}(?:${all.join('|')})${after}`
  })
  return new RegExp(groups.join('|'), 'u')
}
