import * as limits from './limits.ts'

/** Longer input is refused unread. The longest emoji have ten code points, so nothing honest is. */
const longest = limits.name * 11

/** Code points in one grapheme: as many as the longest emoji have. Only a made-up pile has more. */
const graphemeMax = 10

/** Combining marks on one letter, decomposed. Burmese needs six. */
const marksMax = 6

const plain = /^[!-~]+(?: [!-~]+)*$/

/** Joiners, selectors and tags: hidden, but what emoji are made with. */
const joiner = /\u200d|\ufe0f|[\u{e0020}-\u{e007f}]/u
const joiners = new RegExp(joiner.source, 'gu')

/**
 * Controls, bidi controls, default-ignorables, lone surrogates, private and unassigned code points: all that is not
 * seen, or not by everyone.
 */
const hidden = new RegExp(
  String.raw`[[\p{C}\p{Default_Ignorable_Code_Point}]--[\u200d\ufe0f\u{e0020}-\u{e007f}]]`,
  'gv',
)

const emoji = new RegExp(String.raw`^\p{RGI_Emoji}$`, 'v')

/** The blank Braille pattern is drawn as nothing, and is no space to Unicode. */
const spaces = /[\p{White_Space}\u2800]+/gu

const pile = new RegExp(`(\\p{M}{${marksMax}})\\p{M}+`, 'gu')

const visible = /[\p{L}\p{N}\p{P}\p{S}]/u

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/**
 * A name as it may be shown: NFC, nothing hidden in it, single spaces, 1 to 32 graphemes of which one is visible.
 * null: there is no such name in it. Cleaning what was cleaned changes nothing.
 */
export function cleanName(raw: string): string | null {
  if (raw.length > longest) return null
  const name = plain.test(raw) ? raw : cleaned(raw)
  return visible.test(name) && fits(name) ? name : null
}

function cleaned(raw: string): string {
  return (
    withoutHidden(raw.replace(spaces, ' '))
      .normalize('NFD')
      .replace(pile, '$1')
      .normalize('NFC')
      .replace(spaces, ' ')
      // A mark at the start would be put upon whatever stands before the name.
      .replace(/^[\p{M} ]+/u, '')
      .trimEnd()
  )
}

/** Emoji keep what they are made with; nothing else keeps anything hidden. */
function withoutHidden(text: string): string {
  const seen = text.replace(hidden, '')
  if (!joiner.test(seen)) return seen
  const once = joinedInEmoji(seen)
  // What was parted by something hidden can be one grapheme now, and then it is no emoji any more.
  return joinedInEmoji(once) === once ? once : once.replace(joiners, '')
}

function joinedInEmoji(text: string): string {
  let out = ''
  // Looking an emoji up takes microseconds, and a name has no place for more of them.
  let looks = limits.name
  for (const { segment } of graphemes.segment(text)) {
    const kept = !joiner.test(segment) || (looks-- > 0 && emoji.test(segment))
    out += kept ? segment : segment.replace(joiners, '')
  }
  return out
}

function fits(name: string): boolean {
  if (plain.test(name)) return name.length <= limits.name
  let count = 0
  for (const { segment } of graphemes.segment(name)) {
    count += 1
    if (count > limits.name || (segment.length > graphemeMax && [...segment].length > graphemeMax))
      return false
  }
  return true
}

/** Signs that are read as letters in "4dm1n" and "$y$tem". */
const leet: Readonly<Record<string, string>> = {
  '@': 'a',
  '4': 'a',
  '3': 'e',
  $: 's',
  '5': 's',
  '7': 't',
}

/** Names that claim to be the house. */
const house =
  'admin administrator administration bot console everyone hearsay helpdesk here host mod moderation moderator mods ' +
  'official operator owner root security server service staff superuser support sysop system'

/**
 * Tells the names that claim to be the house, in whatever looks like them.
 * @param look the same for all that look alike
 */
export function houseNames(look: (text: string) => string = plainLook): (name: string) => boolean {
  // The letters and digits alone: "-= Ádm1n =-" is "admin" to whoever reads it.
  const bare = (name: string): string =>
    look(name.normalize('NFKC').replace(/[@43$57]/g, (sign) => leet[sign]!)).replace(
      /[^\p{L}\p{N}]/gu,
      '',
    )
  const reserved: ReadonlySet<string> = new Set(house.split(' ').map(bare))
  return (name) => reserved.has(bare(name))
}

/** What is alike to whoever means no harm: the server knows the rest, which is a table of thousands of letters. */
function plainLook(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[1i]/g, 'l')
    .replaceAll('0', 'o')
}
