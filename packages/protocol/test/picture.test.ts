import { crc32, deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bareOf, type Picture, type PictureType } from '../src/picture.ts'

const secret = 'at 52.51627 N 13.37770 E, by Jane, camera 0815'

type Bytes = ArrayLike<number> | string

const bytesOf = (part: Bytes): Uint8Array =>
  typeof part === 'string' ? Buffer.from(part, 'latin1') : Uint8Array.from(part)
const join = (...parts: Bytes[]): Uint8Array =>
  new Uint8Array(Buffer.concat(parts.map((part) => bytesOf(part))))
const base64 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'))
const tells = (bytes: Uint8Array, word: string): boolean => Buffer.from(bytes).includes(word)

/** Cut before each of the words. */
function cut(bytes: Uint8Array, ...words: string[]): Uint8Array[] {
  const all = Buffer.from(bytes).toString('latin1')
  const at = [...all].flatMap((_, i) => (words.some((word) => all.startsWith(word, i)) ? [i] : []))
  return [0, ...at].map((from, i) => bytes.subarray(from, at[i]))
}

function big(value: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => Math.floor(value / 256 ** (length - 1 - i)))
}
const little = (value: number, length: number): Uint8Array => big(value, length).toReversed()

/** An Exif block as cameras write them: a maker, the turn and where the rest lies, then a thumbnail. */
function exif(turn: number, number: typeof big = big, type = 3): Uint8Array {
  const entry = (tag: number, type: number, count: number, value: Bytes): Uint8Array =>
    join(number(tag, 2), number(type, 2), number(count, 4), value)
  const value = type === 3 ? join(number(turn, 2), [0, 0]) : number(turn, 4)
  return join(
    number === big ? 'MM' : 'II',
    number(42, 2),
    number(8, 4),
    number(3, 2),
    entry(0x010f, 2, secret.length, number(50, 4)),
    entry(0x0112, type, 1, value),
    entry(0x8825, 4, 1, number(50, 4)),
    number(50, 4),
    secret,
    '\xff\xd8',
    secret,
    '\xff\xd9',
  )
}
/** The same, freed. */
const bareExif = (turn: number): Uint8Array =>
  join('MM\0*\0\0\0\x08\0\x01', '\x01\x12\0\x03\0\0\0\x01\0', [turn], '\0\0', '\0\0\0\0')

const segment = (marker: number, ...data: Bytes[]): Uint8Array => {
  const content = join(...data)
  return join([0xff, marker], big(content.length + 2, 2), content)
}
const chunk = (name: string, ...data: Bytes[]): Uint8Array => {
  const content = join(name, ...data)
  return join(big(content.length - 4, 4), content, big(crc32(content), 4))
}
const riffChunk = (name: string, ...data: Bytes[]): Uint8Array => {
  const content = join(...data)
  return join(name, little(content.length, 4), content, content.length % 2 ? [0] : [])
}
const riff = (...chunks: Bytes[]): Uint8Array => riffChunk('RIFF', 'WEBP', ...chunks)
/** Data in sub-blocks of a GIF. */
const blocks = (...data: Bytes[]): Uint8Array => {
  const content = join(...data)
  const parts: Bytes[] = []
  for (let at = 0; at < content.length; at += 255) {
    const part = content.subarray(at, at + 255)
    parts.push([part.length], part)
  }
  return join(...parts, [0])
}

/** What becomes of any profile for Display P3, see picture-profile.test.ts. */
const profile = base64(
  'AAABkAAAAAAEAAAAbW50clJHQiBYWVogB9AAAQABAAAAAAAAYWNzcAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAPbWAAEAAAAA0y0AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAJZGVzYwAAAPAAAAAwY3BydAAAAPAAAAAwd3RwdAAAASAAAAAUclhZWgAAATQAAAAUZ1hZWgAAAUgAAAAUYlhZWgAAAVwAAAAUclRSQwAAAXAAAAAgZ1RSQwAAAXAAAAAgYlRSQwAAAXAAAAAgbWx1YwAAAAAAAAABAAAADGVuVVMAAAAUAAAAHABEAGkAcwBwAGwAYQB5ACAAUAAzWFlaIAAAAAAAAPbWAAEAAAAA0y1YWVogAAAAAAAAg98AAD2/////u1hZWiAAAAAAAABKvwAAsTcAAAq5WFlaIAAAAAAAACg4AAARCwAAyLlwYXJhAAAAAAADAAAAAmZmAADypwAADVkAABPQAAAKWw==',
)
const colours = segment(0xe2, 'ICC_PROFILE\0\x01\x01', profile)
const adobe = segment(0xee, 'Adobe\0\x64\0\0\0\0\x01')

// Made with Pillow: 24 x 16 pixels; the first with a restart after each block, the second with ten scans.
const baseline = base64(
  '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmBanGQc1tdhbWGkJ6jq62rZ4C8ybqmx5moq6T/2wBDARweHigjKE4rK06kbl1upKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKT/wAARCAAQABgDASIAAhEBAxEB/8QAFwAAAwEAAAAAAAAAAAAAAAAAAAQFA//EAB0QAAICAgMBAAAAAAAAAAAAAAABAgQRQQMhUYH/xAAWAQEBAQAAAAAAAAAAAAAAAAADAQT/xAAdEQACAgEFAAAAAAAAAAAAAAABAgADBBESIdHw/90ABAAB/9oADAMBAAIRAxEAPwCPx1s6GYVFjLQ9w1+stG8K+2uyKy7QTCqyJ//QXhWWotgVoV/V8AM2Lr7ozcmRxP/Z',
)
const progressive = base64(
  '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmBanGQc1tdhbWGkJ6jq62rZ4C8ybqmx5moq6T/2wBDARweHigjKE4rK06kbl1upKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKT/wgARCAAQABgDAREAAhEBAxEB/8QAFgABAQEAAAAAAAAAAAAAAAAAAwIE/8QAGAEAAwEBAAAAAAAAAAAAAAAAAQIDAAX/2gAMAwEAAhADEAAAAcYCPVFra81NVFt//8QAFxABAQEBAAAAAAAAAAAAAAAAABIBAv/aAAgBAQABBQLOUpZylL//xAAWEQADAAAAAAAAAAAAAAAAAAAAAQL/2gAIAQMBAT8BVCoVCoVCo//EABwRAAICAgMAAAAAAAAAAAAAAAABEUECIRIiUf/aAAgBAgEBPwFbOKs60YPUk2xv0//EABQQAQAAAAAAAAAAAAAAAAAAACD/2gAIAQEABj8CX//EABcQAQEBAQAAAAAAAAAAAAAAAAABEGH/2gAIAQEAAT8hEZxlCH//2gAMAwEAAgADAAAAEFHiv//EABYRAQEBAAAAAAAAAAAAAAAAAABBQf/aAAgBAwEBPxAuwZQv/8QAHBEAAwABBQAAAAAAAAAAAAAAAAERITFBUYGR/9oACAECAQE/EAkqGm0UUqGXONs8bdn/xAAaEAEAAwEBAQAAAAAAAAAAAAABABFBIVGB/9oACAEBAAE/ELch1aQ8TOFpNk7PY+T/2Q==',
)

const head = join('\x89PNG\r\n\x1a\n', chunk('IHDR', big(5, 4), big(3, 4), [8, 2, 0, 0, 0]))
const rows = Uint8Array.from({ length: 48 }, (_, i) => (i % 16 ? i * 5 : 0))
const others = rows.map((value, i) => (i % 16 ? 255 - value : 0))
const pixels = deflateSync(rows)
const end = chunk('IEND')
/** The profile, packed in one block as it is. */
const stored = chunk('iCCP', 'ICC Profile\0\0', deflateSync(profile, { level: 0 }))
const png = [
  head,
  chunk('gAMA', big(45_455, 4)),
  chunk('cHRM', big(31_270, 4), big(32_900, 4), big(64_000, 4), big(33_000, 4), big(30_000, 16)),
  chunk('sRGB', [0]),
  chunk('cICP', [1, 13, 0, 1]),
  chunk('mDCV', big(1, 24)),
  chunk('cLLI', big(1, 8)),
  chunk('sBIT', [8, 8, 8]),
  chunk('PLTE', [1, 2, 3]),
  chunk('bKGD', [0, 1, 0, 2, 0, 3]),
  chunk('tRNS', [0, 1, 0, 2, 0, 3]),
  chunk('IDAT', pixels.subarray(0, 9)),
  chunk('IDAT', pixels.subarray(9)),
  end,
]
const frame = join(big(5, 4), big(3, 4), big(0, 8), big(1, 2), big(10, 2), [0, 0])
const apng = [
  head,
  chunk('acTL', big(2, 4), big(0, 4)),
  chunk('fcTL', big(0, 4), frame),
  chunk('IDAT', pixels),
  chunk('fcTL', big(1, 4), frame),
  chunk('fdAT', big(2, 4), deflateSync(others)),
  end,
]

// Made with Pillow: 6 x 4 pixels; the first with two images, two tables of colours and a loop.
const moving = base64(
  'R0lGODlhBgAEAIEAAP8AAAD/AAAA/////yH/C05FVFNDQVBFMi4wAwEAAAAh+QQACgAAACwAAAAABgAEAAAIEAABBBAwQCBBgwUHJjyoMCAAIfkEAQoABAAsAAAAAAYABACB/wAAAP8AAAD/////CBAAAwgYAEAgQYMFByY8qDAgADs=',
)
const gif = base64('R0lGODdhBgAEAIEAAP8AAAD/AAAA/////ywAAAAABgAEAAAIEAABBBAwQCBBgwUHJjyoMCAAOw==')

// Made with Pillow: 24 x 16 pixels.
const lossy = base64(
  'UklGRn4AAABXRUJQVlA4IHIAAACwBACdASoYABAAPzmOvlOvKqcisAgB4CcJbACdMoR4PoHh/2ROE0JenkLa8gYQAP75UnldSRkq6yRPJDEZfFVWI+xaNQ0V8kbxpntzUwD2Ge6MBzKpV8SWoPvp6oT0EYIRMEPjfDsUcNgK4fhddsgAAAA=',
)
const lossless = base64(
  'UklGRogAAABXRUJQVlA4THwAAAAvF8ADAC9AEECSUBQjzDnCngKBJKbpxifItlGZwCDu7/Jc4Mn8h7kijnEzBQcB2EZKDxDQWCgOLieAJwL44l9MyzRE9H8CYn7Z9vTyildeS+5qibck2xEJ3PWzpUgAuqgHAFxuQ7bUiFEHJVUVqkiJrL7zSfL4Mw68Lu0D',
)
const alpha = base64(
  'UklGRrIAAABXRUJQVlA4WAoAAAAQAAAAFwAADwAAQUxQSBkAAAABINK2MTb/toaes59GhIKAABBxhtTmrZmzAFZQOCByAAAAsAQAnQEqGAAQAD85jr5TryqnIrAIAeAnCWwAnTKEeD6B4f9kThNCXp5C2vIGEAD++VJ5XUkZKuskTyQxGXxVViPsWjUNFfJG8aZ7c1MA9hnujAcyqVfElqD76eqE9BGCETBD43w7FHDYCuH4XXbIAAAA',
)
const frames = base64(
  'UklGRpABAABXRUJQVlA4WAoAAAASAAAAFwAADwAAQU5JTQYAAAAAAAAAAABBTk1GrAAAAAAAAAAAABcAAA8AAGQAAAJBTFBIGQAAAAEg0rYxNv+2hp6zn0aEgoAAEHGG1OatmbMAVlA4IHIAAACwBACdASoYABAAPzmOvlOvKqcisAgB4CcJbACdMoR4PoHh/2ROE0JenkLa8gYQAP75UnldSRkq6yRPJDEZfFVWI+xaNQ0V8kbxpntzUwD2Ge6MBzKpV8SWoPvp6oT0EYIRMEPjfDsUcNgK4fhddsgAAABBTk1GsAAAAAAAAAAAABcAAA8AAGQAAAJBTFBIGQAAAAEg0rYxNv+2hp6z4YhQEBAAIs4w+uyfzAUAVlA4IHYAAACQBACdASoYABAAPzmGulOvKSWisAgA4CcJbACdMoRwJoADTjJQ9B2ppfryxUAA/uQhqVhK02230ITZH9uHxkhWKtJITRnkYzqX7WRXJ+DGfVVtfAuq3xO7wzf4mfkZgEXXWL1I0bN4Iv8G+HCA4wSqUBbAAAAA',
)

interface Sample {
  readonly name: string
  readonly sides: readonly [width: number, height: number]
  /** The picture with nothing told beside it: between any two of these something may be told. */
  readonly parts: readonly Uint8Array[]
}

interface Kind {
  readonly type: PictureType
  readonly samples: readonly Sample[]
  /** Each way to tell something in it. */
  readonly ways: readonly ((data: Bytes) => Uint8Array)[]
  readonly whole: (parts: readonly Uint8Array[]) => Uint8Array
}

const markers = ['\xff\xdb', '\xff\xc0', '\xff\xc2', '\xff\xc4', '\xff\xda', '\xff\xd9']
const applications = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]

const kinds: readonly Kind[] = [
  {
    type: 'image/jpeg',
    samples: [
      { name: 'baseline', sides: [24, 16], parts: cut(baseline, ...markers) },
      { name: 'progressive', sides: [24, 16], parts: cut(progressive, ...markers) },
      {
        name: 'with colours',
        sides: [24, 16],
        parts: cut(baseline, ...markers).toSpliced(1, 0, colours, adobe),
      },
    ],
    ways: [
      (data) => segment(0xfe, data),
      (data) => segment(0xc8, data),
      (data) => segment(0xe0, 'JFXX\0\x10', data),
      (data) => segment(0xe1, 'Exif\0\0', exif(1), data),
      (data) => segment(0xe1, 'http://ns.adobe.com/xap/1.0/\0', data),
      (data) => segment(0xe2, 'MPF\0', data),
      (data) => segment(0xe2, 'ICC_PROFILE\0\x01\x02', data),
      (data) => segment(0xed, 'Photoshop 3.0\x008BIM\x04\x04', data),
      ...applications.map((n) => (data: Bytes) => segment(0xe0 + n, ' ', data)),
    ],
    whole: (parts) => join(...parts),
  },
  {
    type: 'image/png',
    samples: [
      { name: 'still', sides: [5, 3], parts: png },
      { name: 'animated', sides: [5, 3], parts: apng },
      {
        name: 'with colours',
        sides: [5, 3],
        parts: [join(head, stored), chunk('IDAT', pixels), end],
      },
    ],
    ways: [
      (data) => chunk('tEXt', 'Author\0', data),
      (data) => chunk('zTXt', 'Raw profile type exif\0\0', data),
      (data) => chunk('iTXt', 'XML:com.adobe.xmp\0\0\0\0\0', data),
      (data) => chunk('eXIf', exif(1), data),
      (data) => chunk('tIME', big(2026, 2), [11, 29, 20, 56, 0], data),
      (data) => chunk('pHYs', big(2835, 4), big(2835, 4), [1], data),
      (data) => chunk('caBX', data),
      (data) => chunk('iCCP', 'ICC Profile\0\0', deflateSync(join(data), { level: 0 })),
      (data) => chunk('vpAg', data),
    ],
    whole: (parts) => join(...parts),
  },
  {
    type: 'image/gif',
    samples: [
      { name: 'still', sides: [6, 4], parts: cut(gif, ',\0\0\0\0', ';') },
      { name: 'animated', sides: [6, 4], parts: cut(moving, '!\xff', '!\xf9', ',\0\0\0\0', ';') },
    ],
    ways: [
      (data) => join('!\xfe', blocks(data)),
      (data) => join('!\x01\x0c', big(0, 12), blocks(data)),
      (data) => join('!\xff\x0bXMP DataXMP', blocks(data)),
      (data) => join('!\xff\x0bICCRGBG1012', blocks(data)),
      (data) => join('!\xff\x0bNETSCAPE2.0', blocks('\x02', data)),
      (data) => join('!\x99', blocks(data)),
    ],
    whole: (parts) => join(...parts),
  },
  {
    type: 'image/webp',
    samples: [
      { name: 'lossy', sides: [24, 16], parts: cut(lossy, 'VP8 ').slice(1) },
      { name: 'lossless', sides: [24, 16], parts: cut(lossless, 'VP8L').slice(1) },
      { name: 'with alpha', sides: [24, 16], parts: cut(alpha, 'VP8X', 'ALPH', 'VP8 ').slice(1) },
      { name: 'animated', sides: [24, 16], parts: cut(frames, 'VP8X', 'ANIM', 'ANMF').slice(1) },
      {
        name: 'with colours',
        sides: [24, 16],
        parts: [
          riffChunk('VP8X', [0x20, 0, 0, 0, 23, 0, 0, 15, 0, 0]),
          riffChunk('ICCP', profile),
          ...cut(lossy, 'VP8 ').slice(1),
        ],
      },
    ],
    ways: [
      (data) => riffChunk('EXIF', exif(6), data),
      (data) => riffChunk('XMP ', data),
      (data) => riffChunk('C2PA', data),
    ],
    whole: (parts) => riff(...parts),
  },
]

const samples = kinds.flatMap(({ samples, ...kind }) =>
  samples.map((sample) => ({ ...kind, ...sample, title: `${sample.name} ${kind.type}` })),
)
const bareSamples = samples.map(({ title, whole, parts }) => [title, whole(parts)] as const)

/** With this told in every way behind its first part, in one behind the others, and behind its end. */
const toldEverywhere = samples.map(({ title, whole, parts, ways }) => {
  const told = ways.map((way) => way(secret))
  const all = parts.flatMap((part, i) => [part, ...(i > 0 ? told.slice(i, i + 1) : told)])
  return [title, join(whole(all), secret)] as const
})

async function pictureOf(bytes: Uint8Array): Promise<Picture> {
  const picture = await bareOf(bytes)
  if (typeof picture === 'string') throw new Error(picture)
  return picture
}
async function is(bytes: Uint8Array, expected: Uint8Array): Promise<void> {
  const picture = await pictureOf(bytes)
  expect(Buffer.from(picture.bytes).toString('latin1')).toBe(
    Buffer.from(expected).toString('latin1'),
  )
}

describe('a picture', () => {
  it.each(samples)('is freed of all it tells, and of nothing else: $title', async (sample) => {
    const { type, sides, whole, parts, ways } = sample
    const bare = whole(parts)
    await is(bare, bare)
    const way = fc.tuple(
      fc.integer({ min: 1, max: parts.length - 1 + Number(type === 'image/webp') }),
      fc.constantFrom(...ways),
      fc.uint8Array({ maxLength: 600 }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(way, { maxLength: 9 }), fc.uint8Array(), async (told, behind) => {
        const all: Uint8Array[] = [...parts]
        for (const [at, way, data] of told.toSorted(([a], [b]) => b - a))
          all.splice(at, 0, way(join(data, secret, data)))
        const given = join(whole(all), behind)
        const before = Uint8Array.from(given)
        await is(given, bare)
        const { width, height, ...picture } = await pictureOf(given)
        expect([picture.type, width, height]).toEqual([type, ...sides])
        expect(tells(picture.bytes, secret)).toBe(false)
        expect(given).toEqual(before)
      }),
    )
  })

  it.each(toldEverywhere)('is bare once it is freed: %s', async (_, told) => {
    expect(tells(told, secret)).toBe(true)
    const { bytes } = await pictureOf(told)
    expect(tells(bytes, secret)).toBe(false)
    await is(bytes, bytes)
  })

  it('is read wherever it lies, and its bytes are its own', async () => {
    const given = join('before', baseline, 'behind').subarray(6, 6 + baseline.length)
    await is(given, baseline)
    await is(Buffer.from(baseline), baseline)
    const { bytes } = await pictureOf(baseline)
    expect(bytes.buffer.byteLength).toBe(bytes.length)
    expect(bytes.buffer).not.toBe(baseline.buffer)
  })

  it.each(samples)('is none where its end is missing: $title', async ({ type, whole, parts }) => {
    const bytes = whole(parts)
    for (let length = 0; length < bytes.length; length++) {
      const answer = await bareOf(bytes.subarray(0, length))
      // A GIF needs no trailer, and not all of its images.
      if (typeof answer !== 'string') expect(type).toBe('image/gif')
      else expect(length < 12 ? ['other', 'broken'] : ['broken']).toContain(answer)
    }
  })
})

describe('whatever the bytes are', () => {
  /** Throws nothing, adds next to nothing, and what is freed is bare. */
  const holds = async (bytes: Uint8Array): Promise<void> => {
    const answer = await bareOf(bytes)
    if (typeof answer === 'string') expect(['other', 'broken', 'heavy']).toContain(answer)
    else {
      expect(answer.bytes.length).toBeLessThanOrEqual(bytes.length + 500)
      expect(Math.min(answer.width, answer.height)).toBeGreaterThan(0)
      expect(await bareOf(answer.bytes)).toEqual(answer)
    }
  }
  const change = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(9), fc.uint8Array())

  it.each([...toldEverywhere, ...bareSamples])(
    'there is an answer, and it holds: %s',
    async (_, told) => {
      await Promise.all(Array.from(told, (_, length) => holds(told.subarray(0, length))))
      await fc.assert(
        fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 5 }), async (changes) => {
          let bytes = told
          for (const [share, gone, put] of changes) {
            const at = Math.floor(share * bytes.length)
            bytes = join(bytes.subarray(0, at), put, bytes.subarray(at + gone))
          }
          await holds(bytes)
        }),
      )
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(fc.nat(told.length - 1), fc.nat(255))),
          async (changes) => {
            const bytes = Uint8Array.from(told)
            for (const [at, value] of changes) bytes[at] = value
            await holds(bytes)
          },
        ),
      )
    },
  )

  it('there is an answer to what only begins like a picture', async () => {
    const starts = bareSamples.map(([, bytes]) => fc.constant(bytes.subarray(0, 30)))
    const start = fc.oneof(...starts, fc.uint8Array())
    const bytes = fc.oneof(fc.uint8Array(), fc.array(fc.constantFrom(0, 1, 0x21, 0x2c, 0xd8, 0xff)))
    await fc.assert(
      fc.asyncProperty(start, bytes, async (start, rest) => {
        await holds(join(start, rest))
      }),
    )
  })

  it.each(['', 'GIF88a', 'BM', '<svg>', '\0\0\0\x20ftypavif', 'RIFF\x04\0\0\0WAVE', '%PDF-1.7'])(
    'there is none of the four kinds in %j',
    async (start) => expect(await bareOf(bytesOf(start))).toBe('other'),
  )
})

/** Where a picture's parts are `parts`: with `more` before the second. */
const withMore = (parts: readonly Uint8Array[], ...more: Uint8Array[]): Uint8Array =>
  join(...parts.toSpliced(1, 0, ...more))

const turns = [2, 3, 4, 5, 6, 7, 8]
const noTurns: [name: string, block: Uint8Array][] = [
  ['1', exif(1)],
  ['0', exif(0)],
  ['9', exif(9)],
  ['one of four bytes', exif(6, little, 4)],
  ['two of them', exif(6).with(29, 2)],
  ['another tag', exif(6).with(23, 0x13)],
  ['one behind its directory', exif(6).with(9, 1)],
  ['cut off', exif(6).subarray(0, 33)],
  ['behind the end', join('MM\0*', big(1e9, 4), exif(6))],
  ['no directory', join('II*\0', little(8, 4))],
  ['another order', join('IM\0*', exif(6).subarray(4))],
  ['no more than a beginning', join('II*\0')],
  ['nothing', join()],
]

describe('JPEG', () => {
  const parts = cut(baseline, ...markers)
  const [start = join(), ...rest] = parts
  const told = (block: Uint8Array): Uint8Array => segment(0xe1, 'Exif\0\0', block)
  const withMarker = (marker: number, become: (part: Uint8Array) => Uint8Array): Uint8Array =>
    join(...parts.map((part) => (part[1] === marker ? become(part) : part)))

  it.each(turns)('keeps how it is turned, and no more of Exif: %i', async (turn) => {
    const bare = withMore(parts, told(bareExif(turn)))
    for (const number of [big, little]) await is(withMore(parts, told(exif(turn, number))), bare)
    await is(bare, bare)
    const { width, height } = await pictureOf(bare)
    expect([width, height]).toEqual(turn < 5 ? [24, 16] : [16, 24])
  })

  it.each(noTurns)('is not turned by: %s', (_, block) => is(withMore(parts, told(block)), baseline))

  it('is turned by the first Exif block before its scan', async () => {
    const [six, three] = [told(bareExif(6)), told(bareExif(3))]
    await is(withMore(parts, six, three), withMore(parts, six))
    await is(withMore(parts, told(exif(1)), six), baseline)
    await is(join(baseline.subarray(0, -2), six, '\xff\xd9'), baseline)
  })

  it('loses the thumbnail of JFIF, and keeps the rest of it', async () => {
    const jfif = (thumbnail: Bytes): Uint8Array =>
      segment(0xe0, 'JFIF\0\x01\x02\x01\0\x48\0\x47', thumbnail)
    await is(join('\xff\xd8', jfif('\x04\x04'), ...rest), join('\xff\xd8', jfif('\0\0'), ...rest))
    await is(
      join('\xff\xd8', jfif(join('\x04\x04', secret)), ...rest),
      join('\xff\xd8', jfif('\0\0'), ...rest),
    )
    await is(join('\xff\xd8', jfif('\x04'), ...rest), join('\xff\xd8', ...rest))
  })

  it("loses what follows Adobe's colours", async () => {
    const more = segment(0xee, 'Adobe\0\x64\0\0\0\0\x01', secret)
    await is(withMore(parts, more), withMore(parts, adobe))
    await is(withMore(parts, segment(0xee, 'Adobe\0\x64\0\0\0\0')), baseline)
  })

  it('may have a frame of another kind, and what that needs', async () => {
    const bytes = withMarker(0xc0, (part) => join(segment(0xcc, '\0\x10'), part.with(1, 0xc9)))
    await is(bytes, bytes)
  })

  it('may have bytes that fill before each marker', async () => {
    const last = rest.at(-2) ?? join()
    const filled = [start, ...rest].flatMap((part) =>
      part === last ? [part] : [part, join('\xff\xff')],
    )
    await is(join(...filled.slice(0, -1)), baseline)
    // Behind a scan they may be of its data: they stay.
    const longer = join(baseline.subarray(0, -2), '\xff\xff\xff\xd9')
    await is(longer, longer)
  })

  it('keeps the data of its scans, with stuffed bytes and restarts', async () => {
    const longer = join(
      baseline.subarray(0, -2),
      '\xff\0\xff\xd0\x01\xff\xff\0\xff\xd7\xff\0\xff\xd9',
    )
    await is(longer, longer)
    await is(join(longer, baseline), longer)
  })

  it.each<[string, Uint8Array]>([
    ['no end', baseline.subarray(0, -2)],
    ['no frame', withMarker(0xc0, () => join())],
    ['no scan', withMarker(0xda, () => join())],
    ['two frames', withMarker(0xc0, (part) => join(part, part))],
    ['a picture in it', withMore(parts, join('\xff\xd8\0\x02'))],
    ['no marker', withMore(parts, join('\0'))],
    ['a restart outside of a scan', withMore(parts, join('\xff\xd0\0\x02'))],
    ['a marker of no segment', withMore(parts, join('\xff\x01\0\x02'))],
    ['a header shorter than its length', withMarker(0xda, (part) => part.with(3, 1))],
    ['a segment longer than the file', withMore(parts, join('\xff\xfe\xff\xff'))],
    ['no height', withMarker(0xc0, (part) => part.with(6, 0))],
  ])('is broken: %s', async (_, bytes) => expect(await bareOf(bytes)).toBe('broken'))
})

describe('PNG', () => {
  it.each(turns)('keeps how it is turned, and no more of Exif: %i', async (turn) => {
    const bare = withMore(png, chunk('eXIf', bareExif(turn)))
    for (const number of [big, little])
      await is(withMore(png, chunk('eXIf', exif(turn, number))), bare)
    await is(bare, bare)
    const { width, height } = await pictureOf(bare)
    expect([width, height]).toEqual(turn < 5 ? [5, 3] : [3, 5])
  })

  it.each(noTurns)('is not turned by: %s', (_, block) =>
    is(withMore(png, chunk('eXIf', block)), join(...png)),
  )

  it('is turned by the first Exif block before its pixels', async () => {
    const [six, three] = [chunk('eXIf', bareExif(6)), chunk('eXIf', bareExif(3))]
    await is(withMore(png, six, three), withMore(png, six))
    await is(withMore(png, chunk('eXIf', exif(1)), six), join(...png))
    await is(join(...png.slice(0, -1), six, end), join(...png))
  })

  const [first = join(), ...chunks] = png
  const sides = join(big(5, 4), big(3, 4))
  const withHeader = (header: Bytes = ''): Uint8Array =>
    join(first.subarray(0, 8), header, ...chunks)
  it.each<[string, Uint8Array]>([
    ['no header', withHeader()],
    ['a header too long', withHeader(chunk('IHDR', sides, [8, 2, 0, 0, 0, 0]))],
    ['a header too short', withHeader(chunk('IHDR', sides, [8, 2, 0, 0]))],
    ['two headers', withMore(png, first.subarray(8))],
    ['no pixels', join(first, end)],
    ['no end', join(...png.slice(0, -1))],
    ['an end that tells something', join(...png.slice(0, -1), chunk('IEND', secret))],
    ['a chunk longer than the file', withMore(png, join('\x7f\xff\xff\xfftEXt'))],
    ['no width', withHeader(chunk('IHDR', big(0, 4), big(3, 4), [8, 2, 0, 0, 0]))],
  ])('is broken: %s', async (_, bytes) => expect(await bareOf(bytes)).toBe('broken'))
})

describe('GIF', () => {
  const screen = moving.subarray(0, 25)
  const rest = moving.subarray(44)
  const loops = (...data: Bytes[]): Uint8Array => join('!\xff\x0bNETSCAPE2.0', ...data)

  it('keeps how often it is shown, and nothing beside it', async () => {
    const five = join('\x03\x01\x05\0')
    await is(
      join(screen, loops('\x03\x02ab', '\x02\x01a', five, blocks(secret)), rest),
      join(screen, loops(five, '\0'), rest),
    )
    const other = join('!\xff\x0bANIMEXTS1.0', five, '\0')
    await is(join(screen, other, rest), join(screen, other, rest))
  })

  it('keeps of what controls an image no more than its four bytes', async () => {
    const control = rest.subarray(0, 7)
    await is(join(screen, control, blocks(secret), rest.subarray(8)), join(screen, rest))
    await is(join(screen, '!\xf9', blocks(secret), rest), join(screen, rest))
  })

  it('gets a trailer where it has none, and where something else stands there', async () => {
    await is(moving.subarray(0, -1), moving)
    await is(join(moving.subarray(0, -1), '\0', secret), moving)
  })

  it('is as large as Chromium shows it: no smaller than its first image', async () => {
    const small = Uint8Array.from(gif)
    small.set([3, 0, 0, 0], 6)
    small.set([5, 0, 1, 0], 26)
    const { width, height } = await pictureOf(small)
    expect([width, height]).toEqual([11, 5])
    const grown = await pictureOf(moving.with(94, 9))
    expect([grown.width, grown.height]).toEqual([6, 4])
  })

  it.each<[string, Uint8Array]>([
    ['no image', join(screen, ';')],
    ['something else where an image should be', join(screen, secret)],
    ['cut off in an image', moving.subarray(0, -2)],
    ['cut off in an extension', join(moving.subarray(0, -1), '!\xfe\x09abc')],
    ['cut off in its colours', moving.subarray(0, 20)],
  ])('is broken: %s', async (_, bytes) => expect(await bareOf(bytes)).toBe('broken'))

  it('is broken: an empty image on an empty screen', async () => {
    const empty = Uint8Array.from(gif)
    empty.set([0, 0], 6)
    empty.set([0, 0], 30)
    expect(await bareOf(empty)).toBe('broken')
  })
})

describe('WebP', () => {
  const size = join(little(23, 3), little(15, 3))
  const still = cut(lossy, 'VP8 ')[1] ?? join()
  const extended = (flags: number, ...more: Bytes[]): Uint8Array =>
    riffChunk('VP8X', [flags], ...more)

  it('says no longer that it has Exif and XMP', async () => {
    const colours = riffChunk('ICCP', profile)
    const told = riff(
      extended(0xff, '\xff\xff\xff', size, secret),
      colours,
      still,
      riffChunk('EXIF', exif(6)),
    )
    await is(told, riff(extended(0x32, '\0\0\0', size), colours, still))
  })

  it('is not turned, as Chromium heeds no Exif in it', async () => {
    const { width, height } = await pictureOf(
      riff(extended(8, '\0\0\0', size), still, riffChunk('EXIF', exif(6))),
    )
    expect([width, height]).toEqual([24, 16])
  })

  it('keeps nothing that follows a still picture', async () => {
    await is(riff(still, still, riffChunk('ICCP', secret)), lossy)
  })

  it('says once how large it is', async () => {
    const header = extended(0, '\0\0\0', size)
    const { width, height, bytes } = await pictureOf(riff(header, extended(0, big(0, 9)), still))
    expect([width, height]).toEqual([24, 16])
    await is(bytes, riff(header, still))
    // Two bits of scale stand above each side of a lossy picture, four others above those of a lossless one.
    const scaled = [lossy.with(27, 0x40).with(29, 0xc0), lossless.with(24, 0x30)]
    const alone = await Promise.all(scaled.map(pictureOf))
    expect(alone.map(({ width, height }) => [width, height])).toEqual([
      [24, 16],
      [24, 16],
    ])
  })

  it('keeps of a frame no more than its pixels', async () => {
    const [header = join(), animation = join()] = cut(frames, 'VP8X', 'ANIM', 'ANMF').slice(1)
    const at = join(big(0, 6), size, little(100, 3), [2])
    const alone = cut(alpha, 'ALPH', 'VP8 ').slice(1)
    const junk = riffChunk('JUNK', secret)
    const told = riff(header, animation, riffChunk('ANMF', at, junk, ...alone, junk), junk)
    await is(told, riff(header, animation, riffChunk('ANMF', at, ...alone)))
    const exact = riff(header, animation, riffChunk('ANMF', at, lossless.subarray(12)))
    await is(exact, exact)
  })

  it('is made even, and the byte for that is 0', async () => {
    const { bytes } = await pictureOf(
      join(riff(riffChunk('VP8L', lossless.subarray(20, -1))).subarray(0, -1), '\x07'),
    )
    expect(bytes.length % 2).toBe(0)
    expect(bytes.at(-1)).toBe(0)
  })

  it.each<[string, Uint8Array]>([
    ['shorter than it says', lossy.with(4, 0x80)],
    ['nothing in it', riff()],
    ['no pixels', riff(extended(0, '\0\0\0', size))],
    ['no size', riff(riffChunk('ANMF', big(0, 16)))],
    ['a header too short', riff(extended(0, '\0\0\0', size.subarray(1)), still)],
    ['a chunk longer than the file', riff('XMP \xff\xff\xff\xff', still)],
    ['a frame too short', riff(extended(2, '\0\0\0', size), riffChunk('ANMF', big(0, 15)), still)],
    [
      'a chunk longer than its frame',
      riff(extended(2, '\0\0\0', size), riffChunk('ANMF', big(0, 16), 'ALPH\x09\0\0\0'), still),
    ],
    ['no key frame', lossy.with(23, 0)],
    ['no signature', lossless.with(20, 0)],
    ['no width', riff(riffChunk('VP8 ', '\0\0\0\x9d\x01\x2a\0\0\x09\0'))],
  ])('is broken: %s', async (_, bytes) => expect(await bareOf(bytes)).toBe('broken'))
})
