export type PictureType = 'image/jpeg' | 'image/png' | 'image/gif' | 'image/webp'

export interface Picture {
  readonly type: PictureType
  /** As it is shown, in CSS pixels of its own: a turned JPEG's sides are swapped. */
  readonly width: number
  readonly height: number
  /** The same pixels, and nothing told beside them. */
  readonly bytes: Uint8Array<ArrayBuffer>
}

interface Sides {
  readonly width: number
  readonly height: number
}

/** What a browser has to do for a picture. */
interface Walk extends Sides {
  /** Pictures that are shown one after the other. */
  readonly frames?: number
  /** How often all of it is gone through (T.81 §4.8). */
  readonly scans?: number
  /** A profile that is packed, and where in the copy what becomes of it is to stand. */
  readonly packed?: { readonly bytes: Uint8Array; readonly at: number } | undefined
}

/**
 * Where a picture is too much: pixels, a side of it, scans of a JPEG; and of one that moves its pixels, its frames, and all pixels
 * of all frames. A few kilobytes can hold so much that the browsers of all who look stand still: 1.4 MB of empty
 * scans took Chromium 20 s, a GIF of 69 KB with 3,000 frames of 6,300 by 6,300 a core for as long as it was in sight.
 */
const most = { pixels: 40e6, side: 32_767, scans: 64 } as const
const mostMoving = { pixels: 2.1e6, frames: 2000, shown: 1e9 } as const

function isHeavy({ width, height, frames = 1, scans = 1 }: Walk): boolean {
  const pixels = width * height
  if (pixels > most.pixels || Math.max(width, height) > most.side || scans > most.scans) return true
  const { frames: mostFrames, shown } = mostMoving
  return (
    frames > 1 && (pixels > mostMoving.pixels || frames > mostFrames || pixels * frames > shown)
  )
}

/** What is written, with the room for it. */
interface Copy {
  readonly bytes: Uint8Array<ArrayBuffer>
  length: number
}

/**
 * A picture freed of what it tells beside its pixels: where, when and with what it was taken, who changed it, what it
 * showed before. By its first bytes, never by a name. No pixel is decoded: the blocks of the file are walked, and those
 * are copied that a browser needs to show it. Of a colour profile nothing is copied: for one of a well-known colour space
 * one is written that is the same for everybody, and any other is left out. To tell which, that of a PNG is unpacked, a mebibyte
 * of it at most.
 *
 * What remains: the pixels, with all that is seen or hidden in them; how they are packed, by which one may know a program
 * or a camera (the tables of a JPEG, the filters of a PNG, where blocks begin and end); what is hidden inside of blocks that
 * stay, in packed data behind the last pixel, in colours that no pixel has, behind what a block is read for; the numbers in
 * a PNG's gAMA, cHRM, mDCV and cLLI, which may be those of a screen; and which of a few colour spaces it is in.
 * @param bytes not to be changed before there is an answer
 * @returns `other`: none of the four kinds; `broken`: begins like one of them, but its structure does not hold
 *   (cut off, a length that leads past its end, no size, a side of 0); `heavy`: more than 40 million pixels, 32,767 a side or 64 scans,
 *   or, where it moves, more than 2.1 million pixels, 2,000 frames or a thousand million pixels in all of them
 */
export async function bareOf(bytes: Uint8Array): Promise<Picture | 'other' | 'broken' | 'heavy'> {
  const type = typeOf(bytes)
  if (!type) return 'other'
  // Room for what may be written and was not there: a turn, a trailer, a byte that makes even, what a profile is larger by.
  // That is most in a PNG: one that was packed well becomes a chunk of 436 bytes.
  const copy: Copy = { bytes: new Uint8Array(bytes.length + 500), length: 0 }
  const walk = ifItHolds(() => walks[type](bytes, copy))
  if (!walk || walk.width === 0 || walk.height === 0) return 'broken'
  if (isHeavy(walk)) return 'heavy'
  const { width, height, packed } = walk
  if (packed) insert(copy, packed.at, chunkFor(await unpacked(packed.bytes)))
  return { type, width, height, bytes: copy.bytes.slice(0, copy.length) }
}

/** What `read` reads; `undefined` where it throws a RangeError, as all here does where the structure does not hold. */
function ifItHolds<Read>(read: () => Read): Read | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** Each copies what stays of a picture, and throws a RangeError where the picture's structure does not hold. */
const walks: Readonly<Record<PictureType, (bytes: Uint8Array, copy: Copy) => Walk>> = {
  'image/jpeg': walkJpeg,
  'image/png': walkPng,
  'image/gif': walkGif,
  'image/webp': walkWebp,
}

function typeOf(bytes: Uint8Array): PictureType | undefined {
  if (says(bytes, 0, '\xff\xd8\xff')) return 'image/jpeg'
  if (says(bytes, 0, '\x89PNG\r\n\x1a\n')) return 'image/png'
  if (says(bytes, 0, 'GIF87a') || says(bytes, 0, 'GIF89a')) return 'image/gif'
  return says(bytes, 0, 'RIFF') && says(bytes, 8, 'WEBP') ? 'image/webp' : undefined
}

/**
 * JPEG, ITU-T T.81 Annex B: segments, each a marker, a length and as much; behind the header of a scan its data. What
 * follows the end of the image is not copied: further pictures (MPF) and films hang there.
 */
function walkJpeg(bytes: Uint8Array, copy: Copy): Walk {
  let sides: Sides | undefined
  let turn: number | undefined
  let scans = 0
  const pieces = new Map<number, Uint8Array>()
  let isProfiled = false
  let at = 2
  add(copy, part(bytes, 0, at))
  for (;;) {
    if (byte(bytes, at) !== 0xff) throw new RangeError('no marker')
    // B.1.1.2: any number of fill bytes may precede a marker.
    while (byte(bytes, at + 1) === 0xff) at += 1
    const marker = byte(bytes, at + 1)
    if (marker === 0xd9) break
    const length = big(bytes, at + 2, 2)
    // What is below SOF0, and RST0-7 and SOI, have no length, and none of them may stand here.
    if (marker < 0xc0 || (marker >= 0xd0 && marker <= 0xd8) || length < 2)
      throw new RangeError('no segment')
    const segment = part(bytes, at, at + 2 + length)
    at += segment.length
    if (isFrame(marker)) {
      if (sides) throw new RangeError('a second picture')
      sides = { width: big(segment, 7, 2), height: big(segment, 5, 2) }
    }
    // As Chromium: the first Exif block before the first scan, and no other.
    if (marker === 0xe1 && says(segment, 4, 'Exif\0') && scans === 0 && turn === undefined) {
      turn = turnIn(segment.subarray(10))
      if (turn > 1) add(copy, [0xff, 0xe1, 0, 34, ...ascii('Exif\0\0'), ...exifOf(turn)])
    }
    // A profile comes in pieces, each with its number and with how many they are (ICC.1:2022 Annex B). As Chromium: the first
    // that is whole before the first scan, and no other.
    if (marker === 0xe2 && says(segment, 4, 'ICC_PROFILE\0') && scans === 0 && !isProfiled) {
      pieces.set(segment[16] ?? 0, segment.subarray(18))
      isProfiled = pieces.size === segment[17]
      const profile = isProfiled ? profileFor(joined(pieces)) : []
      const told = [...ascii('ICC_PROFILE\0'), 1, 1, ...profile]
      if (profile.length > 0) add(copy, [0xff, 0xe2, ...four(told.length + 2).slice(2), ...told])
    }
    add(copy, keptOfSegment(marker, segment))
    if (marker === 0xda) {
      const end = endOfScan(bytes, at)
      add(copy, bytes.subarray(at, end))
      at = end
      scans += 1
    }
  }
  if (!sides || scans === 0) throw new RangeError('no picture')
  add(copy, [0xff, 0xd9])
  return { ...turned(sides, turn), scans }
}

/** T.81 table B.1: SOF0-15; among them are DHT, JPG and DAC. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
}

/** Tables and headers; and of what applications add (APPn) JFIF's without its thumbnail, and Adobe's. */
function keptOfSegment(marker: number, segment: Uint8Array): ArrayLike<number> {
  if (isFrame(marker) || [0xc4, 0xcc, 0xda, 0xdb, 0xdd].includes(marker)) return segment
  // ITU-T T.871 §10.1: its last two bytes are the thumbnail's sides.
  if (marker === 0xe0 && says(segment, 4, 'JFIF\0') && segment.length >= 18)
    return [0xff, 0xe0, 0, 16, ...segment.subarray(4, 16), 0, 0]
  // ITU-T T.872 §6.5.3: which colours the numbers stand for.
  if (marker === 0xee && says(segment, 4, 'Adobe') && segment.length >= 16)
    return [0xff, 0xee, 0, 14, ...segment.subarray(4, 16)]
  return []
}

/** The pieces one behind the other, by their numbers from 1 on. */
function joined(pieces: ReadonlyMap<number, Uint8Array>): Uint8Array {
  const parts = Array.from({ length: pieces.size }, (_, i) => pieces.get(i + 1) ?? [])
  const size = parts.reduce((size, { length }) => size + length, 0)
  const copy: Copy = { bytes: new Uint8Array(size), length: 0 }
  for (const part of parts) add(copy, part)
  return copy.bytes
}

/** Where the data of a scan ends: at a marker, which neither a stuffed 0xff nor RST0-7 is (T.81 B.1.1.5, B.2.1). */
function endOfScan(bytes: Uint8Array, from: number): number {
  for (let at = from; ; at++) {
    if (byte(bytes, at) !== 0xff) continue
    const next = byte(bytes, at + 1)
    if (next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at
  }
}

/** What a PNG needs to be shown, animated ones too (PNG, 3rd edition, §11.2 and §11.3); but for its profile. */
const keptChunks =
  'IHDR PLTE IDAT tRNS gAMA cHRM sRGB cICP mDCV cLLI sBIT bKGD acTL fcTL fdAT'.split(' ')

/**
 * PNG, 3rd edition, §5: chunks, each a length, a name, as much, and a checksum. What follows the last is not copied: what
 * was cut off from a picture may still hang there (CVE-2023-21036).
 */
function walkPng(bytes: Uint8Array, copy: Copy): Walk {
  const sides = { width: big(bytes, 16, 4), height: big(bytes, 20, 4) }
  let turn: number | undefined
  let pixels = false
  let isProfiled = false
  let packed: Walk['packed']
  let frames = 0
  add(copy, part(bytes, 0, 8))
  for (let at = 8; ;) {
    const length = big(bytes, at, 4)
    const chunk = part(bytes, at, at + 12 + length)
    const name = text(chunk, 4, 4)
    if ((name === 'IHDR' && length === 13) !== (at === 8)) throw new RangeError('no header')
    if (name === 'IEND') {
      if (length > 0 || !pixels) throw new RangeError('no picture')
      add(copy, chunk)
      return { ...turned(sides, turn), frames, packed }
    }
    if (name === 'fcTL') frames += 1
    // §11.3.2.3: of colours, not of greys. §5.6, and as Chromium: the first, and none behind the other two.
    if (name === 'iCCP' && !isProfiled && byte(bytes, 25) & 2)
      packed = { bytes: packedIn(chunk), at: copy.length }
    isProfiled ||= ['iCCP', 'PLTE', 'IDAT'].includes(name)
    pixels ||= name === 'IDAT'
    // §11.3.4.5; as Chromium: the first, and none behind the pixels.
    if (name === 'eXIf' && !pixels && turn === undefined) {
      turn = turnIn(chunk.subarray(8, -4))
      if (turn > 1) add(copy, chunkOf(name, exifOf(turn)))
    }
    if (keptChunks.includes(name)) add(copy, chunk)
    at += chunk.length
  }
}

function chunkOf(name: string, data: readonly number[]): number[] {
  const told = [...ascii(name), ...data]
  return [...four(data.length), ...told, ...checksum(told)]
}

/** CRC-32 (PNG §5.5), the highest byte first. */
function checksum(bytes: readonly number[]): number[] {
  let sum = ~0
  for (const byte of bytes) {
    sum ^= byte
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0)
  }
  return four(~sum)
}

/** The profile in an iCCP, behind its name, a 0, and the one way to pack it (§11.3.2.3); nothing, where these are not there. */
function packedIn(chunk: Uint8Array): Uint8Array {
  const data = chunk.subarray(8, -4)
  const end = data.indexOf(0)
  return end >= 1 && end <= 79 && data[end + 1] === 0 ? data.subarray(end + 2) : new Uint8Array()
}

/** Bytes of a profile, packed or not: one for a well-known space has a few thousand. */
const MOST_OF_PROFILE = 2 ** 20
/** Bytes that are unpacked at a time: browsers make all of it that they become, up to a thousand times as many, before any is taken. */
const SLICE = 4096

/** What is packed (RFC 1950); nothing, where it does not hold, or is too much. */
async function unpacked(packed: Uint8Array): Promise<Uint8Array> {
  const nothing = new Uint8Array()
  if (packed.length > MOST_OF_PROFILE) return nothing
  let at = 0
  const slices = new ReadableStream<BufferSource>({
    pull(controller) {
      if (at < packed.length) controller.enqueue(Uint8Array.from(packed.subarray(at, at + SLICE)))
      else controller.close()
      at += SLICE
    },
  })
  const pieces = new Map<number, Uint8Array>()
  let size = 0
  try {
    // Safari can't go through a stream with `for await`.
    const reader = slices.pipeThrough(new DecompressionStream('deflate')).getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return joined(pieces)
      size += value.length
      if (size > MOST_OF_PROFILE) {
        await reader.cancel()
        return nothing
      }
      pieces.set(pieces.size + 1, value)
    }
  } catch {
    return nothing
  }
}

/** An iCCP for the space that the profile is for, or nothing. */
function chunkFor(profile: Uint8Array): readonly number[] {
  const bare = profileFor(profile)
  return bare.length > 0 ? chunkOf('iCCP', [...ascii('ICC Profile\0'), 0, ...stored(bare)]) : []
}

/**
 * Packed without being made smaller, in one block (RFC 1950 §2.2 and §8.2, RFC 1951 §3.2.4): so it is the same wherever
 * that is done.
 */
function stored(bytes: readonly number[]): number[] {
  const [high = 0, low = 0] = four(bytes.length).slice(2)
  let [a, b] = [1, 0]
  for (const byte of bytes) {
    a = (a + byte) % 65_521
    b = (b + a) % 65_521
  }
  return [0x78, 1, 1, low, high, 0xff - low, 0xff - high, ...bytes, ...four(b * 65_536 + a)]
}

/** GIF89a, its sections in brackets: a screen (18), then images (20) and extensions (23-26). */
function walkGif(bytes: Uint8Array, copy: Copy): Walk {
  let at = 13 + coloursIn(byte(bytes, 10))
  add(copy, part(bytes, 0, at))
  let width = little(bytes, 6, 2)
  let height = little(bytes, 8, 2)
  let images = 0
  while (bytes[at] === 0x2c || bytes[at] === 0x21) {
    const isImage = bytes[at] === 0x2c
    const blocks = isImage ? at + 11 + coloursIn(byte(bytes, at + 9)) : at + 2
    const block = part(bytes, at, behindBlocks(bytes, blocks))
    if (isImage && images++ === 0) {
      // In Chromium the screen grows to its first image.
      width = Math.max(width, little(block, 1, 2) + little(block, 5, 2))
      height = Math.max(height, little(block, 3, 2) + little(block, 7, 2))
    }
    add(copy, isImage ? block : keptOfExtension(block))
    at += block.length
  }
  if (images === 0) throw new RangeError('no picture')
  // Many have no trailer (27), and whatever else stands there ends the picture as well.
  add(copy, [0x3b])
  return { width, height, frames: images }
}

/** How many bytes the table of colours has that the flags tell of (19, 21). */
function coloursIn(flags: number): number {
  return flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0
}

/** Behind the sub-blocks that begin at `at`: each tells its length in its first byte, and the last is empty (15, 16). */
function behindBlocks(bytes: Uint8Array, at: number): number {
  for (let length = byte(bytes, at); length > 0; length = byte(bytes, at)) at += 1 + length
  return at + 1
}

/** Of the graphic control (23) its one sub-block; of Netscape's application extension (26) the one that tells of loops. */
function keptOfExtension(block: Uint8Array): ArrayLike<number> {
  if (says(block, 1, '\xf9\x04')) return [...block.subarray(0, 7), 0]
  if (!says(block, 1, '\xff\x0bNETSCAPE2.0') && !says(block, 1, '\xff\x0bANIMEXTS1.0')) return []
  for (let at = 14; at < block.length; at += 1 + byte(block, at))
    if (says(block, at, '\x03\x01'))
      return [...block.subarray(0, 14), ...block.subarray(at, at + 4), 0]
  return []
}

/** WebP, RFC 9649 §2.3-2.7. No turn is kept, as Chromium heeds none in it. */
function walkWebp(bytes: Uint8Array, copy: Copy): Walk {
  let sides: Sides | undefined
  let pixels = false
  let frames = 0
  let still = false
  let flags = 0
  let flagsAt = 0
  const whole = part(bytes, 0, 8 + little(bytes, 4, 4))
  add(copy, part(whole, 0, 12))
  for (const chunk of chunksIn(whole, 12)) {
    const name = text(chunk, 0, 4)
    const start = copy.length
    // Nothing that is needed follows a still picture.
    if (still) continue
    if (name === 'VP8X' && !sides) {
      sides = { width: little(chunk, 12, 3) + 1, height: little(chunk, 15, 3) + 1 }
      flags = byte(chunk, 8)
      flagsAt = start + 8
      // Those (§2.7) for alpha and for frames; not those for Exif and XMP, nor yet that for a profile.
      add(copy, [...ascii(name), 10, 0, 0, 0, flags & 0x12, 0, 0, 0, ...chunk.subarray(12, 18)])
    } else if (name === 'VP8 ' || name === 'VP8L') {
      sides ??= name === 'VP8 ' ? sidesOfLossy(chunk) : sidesOfLossless(chunk)
      addChunk(copy, chunk)
      still = pixels = true
    } else if (name === 'ANMF') {
      add(copy, part(chunk, 0, 24))
      for (const inner of chunksIn(chunk, 24))
        if (['ALPH', 'VP8 ', 'VP8L'].includes(text(inner, 0, 4))) addChunk(copy, inner)
      writeLength(copy, start)
      pixels = true
      frames += 1
    } else if (name === 'ICCP' && flags & 0x20 && !pixels) {
      const profile = profileFor(chunk.subarray(8))
      if (profile.length > 0) {
        add(copy, [...ascii(name), 0, 0, 0, 0, ...profile])
        writeLength(copy, start)
        copy.bytes.set([flags & 0x32], flagsAt)
      }
      // §2.7: the first, and no other.
      flags = 0
    } else if (['ANIM', 'ALPH'].includes(name)) addChunk(copy, chunk)
  }
  if (!sides || !pixels) throw new RangeError('no picture')
  writeLength(copy, 0)
  return { ...sides, frames }
}

/** From `at` on, each a name, a length and as much (§2.3), without the byte that follows where the length is odd. */
function* chunksIn(bytes: Uint8Array, at: number): Generator<Uint8Array> {
  while (at < bytes.length) {
    const length = little(bytes, at + 4, 4)
    yield part(bytes, at, at + 8 + length)
    at += 8 + length + (length % 2)
  }
}

function addChunk(copy: Copy, chunk: Uint8Array): void {
  add(copy, chunk)
  if (chunk.length % 2 === 1) add(copy, [0])
}

/** Writes into the chunk from `start` to where the copy ends how long it is. */
function writeLength(copy: Copy, start: number): void {
  new DataView(copy.bytes.buffer).setUint32(start + 4, copy.length - start - 8, true)
}

/** RFC 6386 §9.1: a tag, a start code, and sides of 14 bits. */
function sidesOfLossy(chunk: Uint8Array): Sides {
  if (!says(chunk, 11, '\x9d\x01\x2a')) throw new RangeError('no key frame')
  return { width: little(chunk, 14, 2) & 0x3fff, height: little(chunk, 16, 2) & 0x3fff }
}

/** RFC 9649 §3.4: a signature, and sides of 14 bits, each less by one. */
function sidesOfLossless(chunk: Uint8Array): Sides {
  if (byte(chunk, 8) !== 0x2f) throw new RangeError('no signature')
  const both = little(chunk, 9, 4)
  return { width: (both & 0x3fff) + 1, height: ((both >>> 14) & 0x3fff) + 1 }
}

/** A colour space, its numbers in parts of 65536, as they are in a profile. */
interface Space {
  /** With an even number of letters, so that all in a profile begins at a multiple of four. */
  readonly name: string
  /** X, Y and Z of its red, then of its green and its blue, where D50 is white. */
  readonly primaries: readonly number[]
  /** Which light a number x stands for. Of γ alone: x^γ; of γ, a, b, c, d: (ax + b)^γ, and cx below d. */
  readonly curve: readonly number[]
}

const curveOfSrgb = [157_286, 62_119, 3417, 5072, 2651]

/** Those that phones, cameras and programs for photos write. */
const spaces: readonly Space[] = [
  {
    name: 'sRGB',
    primaries: [28_578, 14_581, 912, 25_241, 46_981, 6362, 9376, 3972, 46_799],
    curve: curveOfSrgb,
  },
  {
    name: 'Display P3',
    primaries: [33_759, 15_807, -69, 19_135, 45_367, 2745, 10_296, 4363, 51_385],
    curve: curveOfSrgb,
  },
  {
    name: 'Adobe RGB (1998)',
    primaries: [39_960, 20_389, 1276, 13_453, 41_004, 3989, 9777, 4143, 48_796],
    curve: [144_128],
  },
  {
    name: 'ProPhoto RGB',
    primaries: [52_276, 18_877, 0, 8860, 46_653, 0, 2054, 6, 54_061],
    curve: [117_965],
  },
]

/** A hundredth, in parts of 65536: what is that far off is by a few steps of 255 another colour. */
const NEAR = 655

/**
 * A profile for the space that the other one is for. That is told by its numbers alone: what the same space is called, and
 * what stands beside them, is another thing in each program. Nothing is taken over from it.
 * @returns nothing, where it is for none that is well known, or its structure does not hold
 */
function profileFor(other: Uint8Array): readonly number[] {
  // No real one is smaller, and none that is written is much larger.
  const space = other.length < 374 ? undefined : ifItHolds(() => spaceOf(other))
  return space ? profileOf(space) : []
}

/** ICC.1:2022 §7.2 and §9.2. Whose space is all but a well-known one, a screen's for example, is taken to have that. */
function spaceOf(profile: Uint8Array): Space | undefined {
  if (!says(profile, 16, 'RGB XYZ ')) return undefined
  const primaries = ['rXYZ', 'gXYZ', 'bXYZ'].flatMap((name) => {
    const tag = tagOf(profile, name)
    return [8, 12, 16].map((at) => signed(tag, at))
  })
  const halves = ['rTRC', 'gTRC', 'bTRC'].map((name) => halfBy(tagOf(profile, name)))
  return spaces.find((space) => {
    const half = power(space.curve)
    const isNear = primaries.every((it, i) => Math.abs(it - (space.primaries[i] ?? 0)) <= NEAR)
    return isNear && halves.every((it) => Math.abs(it - half) <= NEAR)
  })
}

/** §7.3: behind their number a name of each, where it is and how long. */
function tagOf(profile: Uint8Array, name: string): Uint8Array {
  const end = 132 + 12 * big(profile, 128, 4)
  for (let at = 132; at < end; at += 12) {
    const from = big(profile, at + 4, 4)
    if (says(profile, at, name)) return part(profile, from, from + big(profile, at + 8, 4))
  }
  throw new RangeError('no such tag')
}

/** Which light a half stands for, by a formula (§10.18) or by points, of which a single one is γ in parts of 256 (§10.6). */
function halfBy(curve: Uint8Array): number {
  if (says(curve, 0, 'para')) {
    const isGamma = byte(curve, 9) === 0
    return power((isGamma ? [12] : [12, 16, 20]).map((at) => signed(curve, at)))
  }
  if (!says(curve, 0, 'curv')) throw new RangeError('no curve')
  const last = big(curve, 8, 4) - 1
  if (last === 0) return power([256 * big(curve, 12, 2)])
  const below = big(curve, 12 + 2 * Math.floor(last / 2), 2)
  return (below + big(curve, 12 + 2 * Math.ceil(last / 2), 2)) / 2
}

/** (a/2 + b)^γ, in parts of 65536 as they are. */
function power([gamma = 0, a = 65_536, b = 0]: readonly number[]): number {
  return 65_536 * ((a / 2 + b) / 65_536) ** (gamma / 65_536)
}

/** With no more than a decoder asks for (ICC.1:2022 §7.2, §8.4), no ID, and the same date for all. */
function profileOf({ name, primaries, curve }: Space): readonly number[] {
  const white = [63_190, 65_536, 54_061]
  const nothing = (length: number): number[] => Array<number>(length).fill(0)
  const xyz = (values: readonly number[]): number[] => [
    ...ascii('XYZ '),
    ...[0, ...values].flatMap(four),
  ]
  const letters = ascii(name).flatMap((letter) => [0, letter])
  const content: [names: string[], data: number[]][] = [
    [
      ['desc', 'cprt'],
      [
        ...[ascii('mluc'), ...[0, 1, 12].map(four), ascii('enUS')].flat(),
        ...[four(letters.length), four(28), letters].flat(),
      ],
    ],
    [['wtpt'], xyz(white)],
    [['rXYZ'], xyz(primaries.slice(0, 3))],
    [['gXYZ'], xyz(primaries.slice(3, 6))],
    [['bXYZ'], xyz(primaries.slice(6))],
    [
      ['rTRC', 'gTRC', 'bTRC'],
      [ascii('para'), four(0), [0, curve.length > 1 ? 3 : 0, 0, 0], ...curve.map(four)].flat(),
    ],
  ]
  let at = 128 + 4 + 9 * 12
  const tags = content.flatMap(([names, data]) => {
    const where = [...four(at), ...four(data.length)]
    at += data.length
    return names.flatMap((name) => [...ascii(name), ...where])
  })
  return [
    [four(at), four(0), [4, 0, 0, 0], ascii('mntrRGB XYZ '), [7, 208, 0, 1, 0, 1], nothing(6)],
    [ascii('acsp'), nothing(28), ...white.map(four), nothing(48)],
    [four(9), tags, ...content.map(([, data]) => data)],
  ].flat(2)
}

/**
 * How the picture must be turned to be shown: Orientation in the first directory of an Exif block (CIPA DC-008 §4.6.4).
 * @returns 2 to 8; 1: it stands as it is, or nothing can be made of the block
 */
function turnIn(exif: Uint8Array): number {
  const read = says(exif, 0, 'MM\0*') ? big : says(exif, 0, 'II*\0') ? little : undefined
  if (!read || exif.length < 8) return 1
  const first = read(exif, 4, 4) + 2
  if (first > exif.length) return 1
  const end = Math.min(exif.length, first + 12 * read(exif, first - 2, 2))
  for (let at = first; at + 12 <= end; at += 12) {
    const isShort = read(exif, at + 2, 2) === 3 && read(exif, at + 4, 4) === 1
    const turn = read(exif, at + 8, 2)
    if (read(exif, at, 2) === 0x0112 && isShort) return turn >= 1 && turn <= 8 ? turn : 1
  }
  return 1
}

/** An Exif block that tells of a turn and of nothing else: a directory of one entry, a short (TIFF 6.0 §2). */
function exifOf(turn: number): number[] {
  const entry = [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, turn, 0, 0]
  return [...ascii('MM\0*'), 0, 0, 0, 8, 0, 1, ...entry, 0, 0, 0, 0]
}

/** From 5 on a turn is by a quarter. */
function turned({ width, height }: Sides, turn = 1): Sides {
  return turn < 5 ? { width, height } : { width: height, height: width }
}

function add(copy: Copy, bytes: ArrayLike<number>): void {
  copy.bytes.set(bytes, copy.length)
  copy.length += bytes.length
}

function insert(copy: Copy, at: number, bytes: ArrayLike<number>): void {
  copy.bytes.copyWithin(at + bytes.length, at, copy.length)
  copy.bytes.set(bytes, at)
  copy.length += bytes.length
}

/** The bytes from `from` up to `to`; a RangeError where that leads past the end, as in all that read here. */
function part(bytes: Uint8Array, from: number, to: number): Uint8Array {
  if (to > bytes.length) throw new RangeError('cut off')
  return bytes.subarray(from, to)
}

function byte(bytes: Uint8Array, at: number): number {
  const value = bytes[at]
  if (value === undefined) throw new RangeError('cut off')
  return value
}

/** The number of `length` bytes at `at`, the highest first. */
function big(bytes: Uint8Array, at: number, length: number): number {
  let value = 0
  for (let i = 0; i < length; i++) value = value * 256 + byte(bytes, at + i)
  return value
}

/** The number of four bytes at `at`, the highest first, that may be below 0. */
function signed(bytes: Uint8Array, at: number): number {
  return big(bytes, at, 4) | 0
}

/** The number of `length` bytes at `at`, the lowest first. */
function little(bytes: Uint8Array, at: number, length: number): number {
  let value = 0
  for (let i = length - 1; i >= 0; i--) value = value * 256 + byte(bytes, at + i)
  return value
}

/** The number in four bytes, the highest first. */
function four(value: number): number[] {
  return [24, 16, 8, 0].map((bits) => (value >>> bits) & 0xff)
}

function ascii(word: string): number[] {
  return Array.from(word, (letter) => letter.charCodeAt(0))
}

function text(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length))
}

function says(bytes: Uint8Array, at: number, word: string): boolean {
  for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word.charCodeAt(i)) return false
  return true
}
