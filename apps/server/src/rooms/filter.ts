import { hasContact, type Filter as Kept } from '@hearsay/protocol'
import { skeleton } from '../people/skeleton.ts'

/** Scripts that put no space between words: there a pattern is found wherever it stands. */
const unspaced =
  /[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}]/u

/** What words are made of. */
const letters = String.raw`\p{L}\p{M}\p{N}_`
const letter = new RegExp(`[${letters}]`, 'u')

/** What a text is compared as, in two ways, as a capital in disguise (В) is another letter than a small one (в). */
const folds: readonly ((text: string) => string)[] = [
  (text) => disguised(spaced(text).toLowerCase()),
  (text) => disguised(spaced(text)).toLowerCase(),
]

/** In the form that fonts and widths have no part in, its lines and spaces each one space. */
const spaced = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .replace(/\s+/gu, ' ')

/** Letters of other scripts that look like Latin ones become these; Latin and digits stay as they are. */
const disguised = (text: string): string => text.replace(/[^\0-\x7f]+/g, skeleton)

/** What a room's host wants to see before others do. */
export class Filter {
  readonly kept: Kept
  /** One for each way to compare, made when first something is said. */
  #patterns: readonly RegExp[] | undefined

  constructor(kept: Kept) {
    this.kept = kept
  }

  /** Whether any of it is in a text. Takes time in proportion to the text's length and to the number of patterns. */
  matches(text: string): boolean {
    const { patterns, contacts } = this.kept
    if (patterns.length > 0) {
      this.#patterns ??= folds.map((fold) => anyOf(patterns, fold))
      if (this.#patterns.some((pattern, way) => pattern.test(folds[way]!(text)))) return true
    }
    return contacts && hasContact(text)
  }
}

/** Is there anything in a pattern beside the signs that stand for more? */
export const isPattern = (pattern: string): boolean => letter.test(bare(pattern))

const bare = (pattern: string): string => pattern.replaceAll(/^[\s*]+|[\s*]+$/gu, '')

/**
 * One expression for all patterns: literals by what has to stand beside them, which V8 compiles into one tree. None of
 * them repeats anything, so nothing is looked at more than once for each pattern.
 */
function anyOf(patterns: readonly string[], fold: (text: string) => string): RegExp {
  const literals = new Map<string, string[]>()
  for (const pattern of patterns) {
    const literal = fold(bare(pattern))
    const isOpen = (end: string | undefined, star: boolean): boolean =>
      star || end === undefined || unspaced.test(end) || !letter.test(end)
    const before = isOpen([...literal][0], pattern.trimStart().startsWith('*'))
    const after = isOpen([...literal].at(-1), pattern.trimEnd().endsWith('*'))
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
