import { expect, test } from 'vitest'
import { bareOf } from '../src/picture.ts'

const bytesOf = (hex: string): Uint8Array => Buffer.from(hex.replaceAll(' ', ''), 'hex')
const hex = (value: number, bytes: number): string => value.toString(16).padStart(2 * bytes, '0')
/** The lowest byte first. */
const little = (value: number, bytes: number): string =>
  Buffer.from(hex(value, bytes), 'hex').reverse().toString('hex')
async function kindOf(bytes: Uint8Array): Promise<string> {
  const answer = await bareOf(bytes)
  return typeof answer === 'string' ? answer : answer.type
}
const kindsOf = (all: readonly Uint8Array[]): Promise<string[]> => Promise.all(all.map(kindOf))

/** A JPEG of one pixel that is gone through so often. */
const jpeg = (scans: number): Uint8Array =>
  bytesOf(
    'ffd8 ffc0 0011 08 0001 0001 03 011100 021101 031101' +
      'ffda 000c 03 0100 0211 0311 00 3f 00'.repeat(scans) +
      'ffd9',
  )

/** A GIF with so many images of one pixel on a screen. */
const gif = (width: number, height: number, frames: number): Uint8Array =>
  bytesOf(
    `474946383961 ${little(width, 2)} ${little(height, 2)} 00 00 00` +
      '2c 0000 0000 0100 0100 00 02 02 4401 00'.repeat(frames) +
      '3b',
  )

const chunk = (name: string, data: string): string =>
  `${hex(data.replaceAll(' ', '').length / 2, 4)} ${Buffer.from(name).toString('hex')} ${data} 00000000`
/** A PNG with so many frames, in which no checksum holds. */
const png = (width: number, height: number, frames: number): Uint8Array =>
  bytesOf(
    '89504e470d0a1a0a' +
      chunk('IHDR', `${hex(width, 4)} ${hex(height, 4)} 08 06 00 00 00`) +
      chunk('fcTL', '00'.repeat(26)).repeat(frames) +
      chunk('IDAT', '00') +
      chunk('IEND', ''),
  )

const inside = (name: string, data: string): string =>
  `${Buffer.from(name).toString('hex')} ${little(data.replaceAll(' ', '').length / 2, 4)} ${data}`
/** A WebP with so many frames. */
function webp(width: number, height: number, frames: number): Uint8Array {
  const frame = inside('ANMF', `${'00'.repeat(16)} ${inside('VP8L', '2f00000000 00')}`)
  const sides = `${little(width - 1, 3)} ${little(height - 1, 3)}`
  const all = `57454250 ${inside('VP8X', `02 000000 ${sides}`)} ${frame.repeat(frames)}`
  return bytesOf(inside('RIFF', all))
}

test('a JPEG is gone through 64 times at most', async () => {
  expect(await kindsOf([64, 65, 5000].map(jpeg))).toEqual(['image/jpeg', 'heavy', 'heavy'])
})

test('a picture has 40 million pixels at most, and 32,767 a side', async () => {
  for (const make of [gif, png]) {
    const sizes = [
      [6400, 6250],
      [6400, 6251],
      [32_767, 1],
      [32_768, 1],
      [1, 40_000],
    ] as const
    const kinds = await kindsOf(sizes.map(([width, height]) => make(width, height, 1)))
    const { 0: type } = kinds
    expect(kinds).toEqual([type, 'heavy', type, 'heavy', 'heavy'])
    expect(type).toMatch(/^image/)
  }
})

test('one that moves has fewer: 2.1 million, 2,000 frames, and a thousand million pixels in all of them', async () => {
  for (const [make, type] of [
    [gif, 'image/gif'],
    [png, 'image/png'],
    [webp, 'image/webp'],
  ] as const) {
    const sizes = [
      [1920, 1080, 400],
      [1920, 1100, 2],
      [10, 10, 2000],
      [10, 10, 2001],
      [1000, 1000, 1000],
      [1000, 1000, 1001],
    ] as const
    const kinds = await kindsOf(sizes.map(([width, height, frames]) => make(width, height, frames)))
    expect(kinds).toEqual([type, 'heavy', type, 'heavy', type, 'heavy'])
  }
})
