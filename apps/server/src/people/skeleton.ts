import confusables from 'unhomoglyph/data.json' with { type: 'json' }

/** UTS 39's table of characters that look like others (confusables.txt), as the package that follows it gives it. */
const prototypes: ReadonlyMap<string, string> = closed(new Map(Object.entries(confusables)))

const ignorable = /\p{Default_Ignorable_Code_Point}/gu

/**
 * The skeleton of UTS 39, section 4: two texts with one skeleton look alike. For comparing, never for showing.
 * Order of writing is not looked at: names have no bidi controls.
 */
export function skeleton(text: string): string {
  return mapped(text.normalize('NFD').replace(ignorable, ''), prototypes).normalize('NFD')
}

/**
 * A stricter key than the skeleton: also without regard to case, spaces, width and font, and with i, l, I and 1 as one.
 * A name whose key is another's is shown with a warning, so it may well find too much.
 */
export function lookAlikeKey(name: string): string {
  const letters = mapped(name.normalize('NFKC'), disguises)
  // Before lower case, because I is an l to the eye; and after, because there M becomes m, which is rn.
  const lower = skeleton(mapped(skeleton(letters).toLowerCase(), disguises))
  return lower
    .replaceAll(/[\s\u2800]/gu, '')
    .replaceAll('i', 'l')
    .replaceAll('vv', 'w')
}

/** Letters in disguise that UTS 39 holds to be no letters, or others: small capitals, and letters in squares and circles. */
export const disguises: ReadonlyMap<string, string> = new Map([
  ...Array.from('ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢĸʍ', (small, i): [string, string] => [
    small,
    'abcdefghijklmnoprstuvwyzkm'.charAt(i),
  ]),
  ...[0x1f130, 0x1f150, 0x1f170, 0x1f1e6].flatMap((start) =>
    Array.from('abcdefghijklmnopqrstuvwxyz', (letter, i): [string, string] => [
      String.fromCodePoint(start + i),
      letter,
    ]),
  ),
])

function mapped(text: string, table: ReadonlyMap<string, string>): string {
  let out = ''
  for (const character of text) out += table.get(character) ?? character
  return out
}

/** Maps each prototype on, as far as it goes: the table holds some whose parts are mapped themselves once decomposed. */
function closed(table: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const all = new Map<string, string>()
  for (const [character, prototype] of table) {
    let end = prototype.normalize('NFD')
    for (let step = 0; step < 4; step++) {
      const next = mapped(end, table).normalize('NFD')
      if (next === end) break
      end = next
    }
    all.set(character, end)
  }
  return all
}
