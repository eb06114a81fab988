const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** The 30 bits of a mark. */
function bitsOf(mark: string): number {
  let bits = 0
  for (const char of mark.toUpperCase())
    bits = (bits * 32 + Math.max(0, alphabet.indexOf(char))) % 2 ** 30
  return bits
}

/** The hue of a person's name and seal, in degrees. */
export function hueOf(mark: string): number {
  // Neighbouring marks get distant hues (multiplication by 2^32 / golden ratio).
  return Math.round(((Math.imul(bitsOf(mark), 0x9e3779b1) >>> 0) / 2 ** 32) * 360)
}

/** A person's seal: the mark as a picture of five by five squares, the same on both sides. A path on a square of 7. */
export function sealPath(mark: string): string {
  const bits = bitsOf(mark)
  let path = ''
  for (let row = 0; row < 5; row++) {
    for (let column = 0; column < 5; column++) {
      const half = Math.min(column, 4 - column)
      if ((bits >> (row * 3 + half)) & 1) path += `M${column + 1} ${row + 1}h1v1h-1z`
    }
  }
  return path
}
