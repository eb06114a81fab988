import { limits } from '@hearsay/protocol'
import { lookAlikeKey } from './skeleton.ts'

/** Longer input is refused unread. The longest emoji have ten code points, so nothing honest is. */
const longest = limits.name * 11

/** Code points in one grapheme: as many as the longest emoji have. Only a made-up pile has more. */
const graphemeMax = 10

/** Combining marks on one letter: Vietnamese, Hebrew with points and Tibetan need up to three or four. */
const marksMax = 4

const plain = /^[!-~]+(?: [!-~]+)*$/

/**
 * Emoji are left as they are, with the joiners, selectors and tags that make them; everywhere else these go, and with them
 * controls, bidi controls, lone surrogates, private and unassigned code points: all that is not seen, or not by everyone.
 */
const emojiOrHidden = new RegExp(
  String.raw`(\p{RGI_Emoji})|[\p{C}\p{Default_Ignorable_Code_Point}]`,
  'gv',
)

/** The blank Braille pattern is drawn as nothing, and is no space to Unicode. */
const spaces = /[\p{White_Space}\u2800]+/gu

const pile = new RegExp(`(\\p{M}{${marksMax}})\\p{M}+`, 'gu')

const visible = /[\p{L}\p{N}\p{P}\p{S}]/u

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** Names that claim to be the house, in any script that looks like it. */
const reserved: ReadonlySet<string> = new Set(
  (
    'admin administrator administration anonymous bot console everyone guest hearsay help helpdesk here host me mod moderation moderator ' +
    'mods official operator owner root room security server service staff superuser support sysop system team you'
  )
    .split(' ')
    .map(bare),
)

/**
 * A name as it may be shown: NFC, nothing hidden in it, single spaces, 1 to 32 graphemes of which one is visible.
 * null: there is no such name in it, or it claims to be the house's. Cleaning what was cleaned changes nothing.
 */
export function cleanName(raw: string): string | null {
  if (raw.length > longest) return null
  const name = plain.test(raw) ? raw : cleaned(raw)
  if (name === '' || !visible.test(name) || !fits(name)) return null
  return reserved.has(bare(name)) ? null : name
}

function cleaned(raw: string): string {
  return (
    raw
      .replace(spaces, ' ')
      .replace(emojiOrHidden, '$1')
      .normalize('NFD')
      .replace(pile, '$1')
      .normalize('NFC')
      .replace(spaces, ' ')
      // A mark at the start would be put upon whatever stands before the name.
      .replace(/^[\p{M} ]+/u, '')
      .trimEnd()
  )
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

/** The look of the letters and digits alone: "-= Ádm1n =-" is "admin" to whoever reads it. */
function bare(name: string): string {
  return lookAlikeKey(name.normalize('NFD').replace(/[^\p{L}\p{N}]/gu, ''))
}
