/** Crockford's base32 in lower case: no i, l, o and u, so that a mark can be read out and typed. */
const digits = '0123456789abcdefghjkmnpqrstvwxyz'

/** All 1,024 pairs of digits: ten bits at a time. */
const pairs: readonly string[] = Array.from(
  { length: 1024 },
  (_, bits) => digits.charAt(bits >> 5) + digits.charAt(bits & 31),
)

/** The first 128 bits of a digest (characters U+0000 to U+00FF, at least 16) as 26 digits. */
export function personOf(digest: string): string {
  let text = ''
  let bits = 0
  let held = 0
  for (let i = 0; i < 16; i++) {
    bits = (bits << 8) | digest.charCodeAt(i)
    held += 8
    if (held >= 10) {
      held -= 10
      text += pairs[(bits >> held) & 1023]
      bits &= (1 << held) - 1
    }
  }
  return text + pairs[bits << (10 - held)]
}
