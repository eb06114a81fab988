/** Signs between the digits of a telephone number: one or two of them, as in `(030) 123-456`. */
const between = String.raw`[ \u00a0.\-/()\u2010-\u2015]{0,2}`

/** Seven digits or more with little between them, and neither a letter, a sign of money nor a part of a number at either side. */
const digits = new RegExp(
  String.raw`(?<![\p{L}\p{N}\p{Sc}_#]|\p{N}[.,:=/\-])(?:\+ ?)?\(?\d(?:${between}\d){6,17}(?!\p{L}|[\p{N}_%:]|[.,]\d)`,
  'gu',
)

const date = /^(?:\d{4}([.\-/])\d{1,2}\1\d{1,2}|\d{1,2}([.\-/])\d{1,2}\2\d{2,4})(?:\D|$)/

/** Not what copies a repository: that goes on after a colon. */
const mail =
  /(?<![\p{L}\p{N}])[\p{L}\p{N}][\p{L}\p{N}.+_-]{0,63}@(?:[\p{L}\p{N}-]{1,63}\.){1,5}\p{L}{2,24}(?!\p{L}|:\w)/u

/** What the page draws as nothing, and addresses of pages: their numbers are no one's. */
const undrawn =
  /\bhttps?:\/\/[^\s)]+|[*`~]|(?<![\p{L}\p{N}])_+|_+(?![\p{L}\p{N}])|\p{Default_Ignorable_Code_Point}/giu

/** Streets with a number, as they are written where the page's seven languages are spoken. */
const addresses: readonly RegExp[] = [
  // 12 Elm Street; 12b elm st; 221B Upper Baker Street
  /(?<![\p{L}\p{N}])\d{1,5}[a-zA-Z]?,? (?:[A-Z][\p{L}'’.-]{1,30} ){1,4}(?:Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Square|Sq|Terrace|Crescent|Close|Place|Pl|Way)(?!\p{L})/u,
  /(?<![\p{L}\p{N}])\d{1,5}[a-z]? [a-z][a-z'’-]{1,30} (?:street|st|avenue|ave|road|rd|lane|ln|boulevard|blvd|terrace|crescent)(?!\p{L})/iu,
  // Lindenstraße 5, Am Alten Weg 12a, Hauptstr. 7
  /\p{Lu}[\p{L}.-]{2,40}(?:stra(?:ß|ss)e|str\.|weg|allee|gasse|(?<!sitz|steh|park|stell|tabellen)platz) \d{1,4}(?! ?[.:,]?\d)(?! ?(?:Uhr|Euro|€|%))/iu,
  /(?<!\p{L})(?:Am|An der|Auf der|Im|In der|Zum|Zur) (?:\p{Lu}\p{L}{2,30} )?(?:Straße|Strasse|Weg|Allee|Gasse|Platz) \d{1,4}(?!\d)/u,
  // 12 bis, rue de la Paix
  /(?<![\p{L}\p{N}])\d{1,4}(?: ?(?:bis|ter))?,? (?:rue|avenue|av\.|boulevard|bd|place|chemin|impasse|allée|quai) (?:de |du |des |d['’]|la |le |les |l['’])*[\p{L}\d]/iu,
  // Calle de Alcalá, 42; C/ Mayor 3
  /(?<!\p{L})(?:calle|c\/|avenida|avda\.?|plaza|paseo) ?(?:de |del |la |las |los |el )*\p{L}[\p{L} .]{1,40},? ?(?:n[.º°]{0,2} ?)?\d{1,4}(?![\d:])/iu,
  // 東京都千代田区丸の内1-2-3, 西新宿2丁目; 南京路100号
  /[市区町村郡][\p{sc=Han}\p{sc=Hira}\p{sc=Kana}ー]{1,12}\d{1,4}(?:丁目|番地|[-−ー‐]\d{1,4})/u,
  /\p{sc=Han}{2,12}(?:路|街|道|巷|弄|胡同)\d{1,5}(?:号|號|弄)/u,
  // شارع التحرير 12
  /(?<!\p{L})(?:شارع|طريق|حي) [\p{L} ]{2,40}[،,]? ?(?:رقم )?\d{1,4}/u,
]

/**
 * Whether a text looks like it holds a telephone number, an e-mail address or a street with its number: what a stranger
 * could find somebody by. A guess, made to be asked about ("post anyway?") or looked at, never to refuse by. Numbers
 * in addresses of pages do not count. Takes time in proportion to the text's length.
 */
export function hasContact(text: string): boolean {
  if (!/[\p{Nd}@]/u.test(text)) return false
  const plain = text
    .normalize('NFKC')
    .replace(undrawn, '')
    .replace(/(?![0-9])\p{Nd}/gu, (digit) => String(valueOf(digit)))
    .replace(/[^\S\n]+/gu, ' ')
  if (mail.test(plain) || addresses.some((address) => address.test(plain))) return true
  for (const [number] of plain.matchAll(digits)) if (isPhone(number)) return true
  return false
}

/** The digits of a script stand in a row of ten, from the one whose predecessor is no digit. */
function valueOf(digit: string): number {
  const code = digit.codePointAt(0)!
  let value = 0
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(code - value - 1))) value++
  return value
}

/** 7 to 15 digits (ITU-T E.164) that begin as numbers do, rather than as counts, dates and times. */
function isPhone(written: string): boolean {
  const bare = written.replaceAll(/\D/g, '')
  if (bare.length > 15 || date.test(written) || new Set(bare).size < 3) return false
  // A fraction; digits that are counted one by one.
  if (/^0[.,]\d+$/.test(written) || written.split(/\b\d\b/).length > 4) return false
  // From abroad; or with the 0 that most countries dial first.
  if (written.startsWith('+') || /^\(?00/.test(written)) return bare.length >= 8
  if (/^\(?0/.test(written)) {
    // Nothing stands between that 0 and the next digit; and of pairs there are five, more are counted off.
    const pairs = /^\d\d(?:[ .-]\d\d)+$/.test(written)
    return /^\(?0\d/.test(written) && (pairs ? bare.length === 10 : bare.length >= 9)
  }
  // North America; mobile numbers of China; nine digits in groups, as in Spain.
  if (/^1?[2-9]\d{2}[2-9]\d{6}$/.test(bare)) return true
  if (/^1[3-9]\d{9}$/.test(bare)) return true
  return /^[6-9]\d{2}[ .-]?\d{2,3}[ .-]\d{2,3}(?:[ .-]\d{2})?$/.test(written) && bare.length === 9
}
