import { limits } from '@hearsay/protocol'
import { Refusal } from './refusal.ts'

/** Combining marks on one letter. Burmese needs six, Hebrew with points and cantillation five. */
const marksMax = 8

const plain = /^[\t\n -~]*$/
const control = /[^\P{Cc}\t\n]/u
const bidi = /[\u202a-\u202e\u2066-\u2069]/
const allBidi = new RegExp(bidi, 'g')
const pile = new RegExp(`[\\p{M}\\p{Default_Ignorable_Code_Point}]{${marksMax + 1}}`, 'u')
const mark = /\p{M}/u
const hidden = /\p{Default_Ignorable_Code_Point}/u
const visible = /[^\p{White_Space}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{M}\u2800]/u

const pdf = '\u202c'
const pdi = '\u2069'

/** What closes what: embeddings (LRE, RLE), overrides (LRO, RLO: left out, and so are their ends), isolates (LRI, RLI, FSI). */
const closers: Readonly<Record<string, string>> = {
  '\u202a': pdf,
  '\u202b': pdf,
  '\u202d': '',
  '\u202e': '',
  '\u2066': pdi,
  '\u2067': pdi,
  '\u2068': pdi,
}

/**
 * The text of a message as it is stored and shown: what was written, but for three things that would reach beyond it. Line
 * ends become LF, piled-up combining marks are cut, and directional controls are closed within their line.
 * Cleaning what was cleaned changes nothing. Takes time in proportion to the text's length.
 * @throws Refusal `bad-utf8` (lone surrogates), `bad-body` (control characters), `empty-text`, `too-long`
 */
export function cleanText(raw: string): string {
  // Nothing that is taken out below brings this many down to what is allowed, unless it was put in for that.
  if (raw.length > 4 * limits.text) throw new Refusal('too-long')
  const text = plain.test(raw) ? raw : cleaned(raw)
  if (!visible.test(text)) throw new Refusal('empty-text')
  if (text.length > limits.text && codePoints(text) > limits.text) throw new Refusal('too-long')
  if (moreLines(text)) throw new Refusal('too-long')
  return text
}

/**
 * Other words that are shown: a title, a reason. They are one line, in which nothing turns letters round.
 * @throws Refusal `bad-utf8`, `bad-body`
 */
export function cleanLine(raw: string): string {
  return cleaned(raw.replace(allBidi, '')).replace(/\s+/gu, ' ').trim()
}

function cleaned(raw: string): string {
  if (!raw.isWellFormed())
    throw new Refusal('bad-utf8', 'The text has half a surrogate pair in it.')
  let text = raw.replace(/\r\n?/g, '\n')
  const forbidden = control.exec(text)?.[0]
  if (forbidden !== undefined) {
    const number = forbidden.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')
    throw new Refusal('bad-body', `The text has the control character U+${number} in it.`)
  }
  if (bidi.test(text)) text = text.split('\n').map(enclosed).join('\n')
  if (pile.test(text)) text = withoutPiles(text)
  return text
}

/**
 * One line in which every embedding and isolate that is opened is closed, nothing is closed that was not opened, and no
 * override turns letters round ("Trojan Source", CVE-2021-42574): whatever stands beside the text keeps its order.
 */
function enclosed(line: string): string {
  /** What closes each open one, innermost last; the empty string closes an override, which is left out. */
  const open: string[] = []
  let isolates = 0
  let out = ''
  for (const character of line) {
    const closer = closers[character]
    if (closer !== undefined) {
      open.push(closer)
      if (closer !== '') out += character
      if (closer === pdi) isolates += 1
    } else if (character === pdf) {
      if (open.at(-1) !== pdi) out += open.pop() ?? ''
    } else if (character === pdi) {
      // It closes the innermost isolate, and with it all that was opened inside (UAX 9, X6a).
      if (isolates === 0) continue
      isolates -= 1
      for (let inner = ''; inner !== pdi; out += inner) inner = open.pop()!
    } else out += character
  }
  return out + open.toReversed().join('')
}

function withoutPiles(text: string): string {
  let out = ''
  let marks = 0
  for (const character of text) {
    if (hidden.test(character)) out += character
    else if (!mark.test(character)) {
      marks = 0
      out += character
    } else if (++marks <= marksMax) out += character
  }
  return out
}

function codePoints(text: string): number {
  let count = text.length
  for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xfc00) === 0xdc00) count -= 1
  return count
}

/** U+2028 and U+2029 break lines on the screen as LF does. */
function moreLines(text: string): boolean {
  if (text.length < limits.lines) return false
  let lines = 1
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if ((code === 10 || code === 0x2028 || code === 0x2029) && ++lines > limits.lines) return true
  }
  return false
}
