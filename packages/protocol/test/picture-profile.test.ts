import { constants, crc32, deflateRawSync, deflateSync, inflateSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bareOf } from '../src/picture.ts'

const secret = 'DELL U2720Q of Jane, 0815'

type Bytes = ArrayLike<number> | string

function bytesOf(part: Bytes): Uint8Array {
  if (typeof part === 'string') return Buffer.from(part, 'latin1')
  return part instanceof Uint8Array ? part : Uint8Array.from(part)
}
const join = (...parts: Bytes[]): Uint8Array =>
  new Uint8Array(Buffer.concat(parts.map((part) => bytesOf(part))))
const tells = (bytes: Uint8Array, word: string): boolean => Buffer.from(bytes).includes(word)
const zeros = (length: number): Uint8Array => new Uint8Array(length)
function big(value: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => Math.floor(value / 256 ** (length - 1 - i)))
}

type Tags = readonly (readonly [name: string, data: Uint8Array])[]

/** A profile with such tags; those with the same data have it in common. */
function icc(
  tags: Tags,
  { space = 'RGB XYZ ', version = 4, date = zeros(12), maker = zeros(28), id = zeros(16) } = {},
): Uint8Array {
  const contents = [...new Set(tags.map(([, data]) => data))]
  const before = 132 + 12 * tags.length
  const start = (data: Uint8Array): number =>
    contents.slice(0, contents.indexOf(data)).reduce((sum, { length }) => sum + length, before)
  return join(
    join(big(before + join(...contents).length, 4), zeros(4), [version, 0, 0, 0], 'mntr', space),
    join(date, 'acsp', maker, white.subarray(8), zeros(4), id, zeros(28), big(tags.length, 4)),
    ...tags.map(([name, data]) => join(name, big(start(data), 4), big(data.length, 4))),
    ...contents,
  )
}

/** Numbers with a fraction, in parts of 65536. */
const fixed = (...values: number[]): Uint8Array =>
  join(...values.map((value) => big(Math.round(value * 65_536) >>> 0, 4)))
const xyz = (...values: number[]): Uint8Array => join('XYZ ', zeros(4), fixed(...values))
const white = xyz(0.964_203, 1, 0.824_905)
/** A curve by its formula, and by its points. */
const para = (type: number, ...values: number[]): Uint8Array =>
  join('para', zeros(5), [type, 0, 0], fixed(...values))
const curv = (...points: number[]): Uint8Array =>
  join('curv', zeros(4), big(points.length, 4), ...points.map((point) => big(point, 2)))
const table = (count: number, lightOf: (x: number) => number): Uint8Array =>
  curv(...Array.from({ length: count }, (_, i) => Math.round(65_535 * lightOf(i / (count - 1)))))
/** Text as version 4 has it, and as version 2. */
function mluc(text: string): Uint8Array {
  const letters = Buffer.from(text, 'utf16le').swap16()
  return join('mluc', big(1, 8), big(12, 4), 'enUS', big(letters.length, 4), big(28, 4), letters)
}
const desc = (text: string): Uint8Array =>
  join('desc', zeros(4), big(text.length + 1, 4), text, zeros(79))

type Columns = readonly (readonly number[])[]

/** The tags of a space. */
function spaceTags(columns: Columns, curve: Uint8Array): Tags {
  const [red = [], green = [], blue = []] = columns
  const light: Tags = [
    ['wtpt', white],
    ['rXYZ', xyz(...red)],
    ['gXYZ', xyz(...green)],
    ['bXYZ', xyz(...blue)],
  ]
  return [...light, ['rTRC', curve], ['gTRC', curve], ['bTRC', curve]]
}

const srgbLight = (x: number): number => (x < 0.04 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4)
const srgbCurve = [2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045]

const srgb = [
  [0.436066, 0.222488, 0.013916],
  [0.385147, 0.716873, 0.097076],
  [0.143066, 0.060608, 0.714096],
]
const p3 = [
  [0.515121, 0.241196, -0.001053],
  [0.291977, 0.692245, 0.041885],
  [0.157104, 0.066574, 0.784073],
]
const adobe = [
  [0.609741, 0.311111, 0.01947],
  [0.205276, 0.625671, 0.060867],
  [0.149185, 0.063217, 0.744568],
]
const photo = [
  [0.797668, 0.28804, 0],
  [0.135193, 0.711868, 0],
  [0.031342, 0.000092, 0.824905],
]

/** What becomes of all profiles for a space. */
function bareProfile(name: string, columns: Columns, curve: Uint8Array): Uint8Array {
  const text = mluc(name)
  const tags: Tags = [['desc', text], ['cprt', text], ...spaceTags(columns, curve)]
  return icc(tags, { date: join([7, 208, 0, 1, 0, 1], zeros(6)) })
}
const bareSrgb = bareProfile('sRGB', srgb, para(3, ...srgbCurve))
const bareP3 = bareProfile('Display P3', p3, para(3, ...srgbCurve))
const bareAdobe = bareProfile('Adobe RGB (1998)', adobe, para(0, 563 / 256))
const barePhoto = bareProfile('ProPhoto RGB', photo, para(0, 1.8))
const bareProfiles = [bareSrgb, bareP3, bareAdobe, barePhoto]

const p3Tags = spaceTags(p3, para(3, ...srgbCurve))

/** A profile that tells of its space, and of all else: which screen, whose, since when. */
function telling(tags: Tags, text = mluc, version = 4, space = 'RGB XYZ '): Uint8Array {
  const told: Tags = [
    ['desc', text(secret)],
    ['cprt', text(secret)],
    ['dmnd', text(secret)],
    ['dmdd', text(secret)],
    ['mmod', join('mmod', zeros(4), big(0x10ac, 4), big(0xd0f2, 4), big(815, 4), zeros(20))],
    ['vcgt', join('vcgt', zeros(4), secret)],
    ['meta', join('dict', zeros(4), secret)],
    ['mine', join(secret)],
  ]
  const date = join(big(2026, 2), [0, 11, 0, 29, 0, 20, 0, 56, 0, 1])
  const maker = join('APPL', zeros(4), 'DELLU272', zeros(12))
  return join(
    icc([...told.slice(0, 4), ...tags, ...told.slice(4)], {
      space,
      version,
      date,
      maker,
      id: join('0123456789abcdef'),
    }),
    secret,
  )
}
const given = telling(p3Tags)

const segment = (marker: number, ...data: Bytes[]): Uint8Array => {
  const content = join(...data)
  return join([0xff, marker], big(content.length + 2, 2), content)
}
const piece = (profile: Bytes, number = 1, count = 1): Uint8Array =>
  segment(0xe2, 'ICC_PROFILE\0', [number, count], profile)
const frame = segment(0xc0, [8, 0, 3, 0, 5, 1, 1, 0x11, 0])
const scan = join(segment(0xda, [1, 1, 0, 0, 63, 0]), 'pixels')
const jpeg = (...more: Uint8Array[]): Uint8Array =>
  join('\xff\xd8', ...more, frame, scan, '\xff\xd9')

const riffChunk = (name: string, ...data: Bytes[]): Uint8Array => {
  const content = join(...data)
  const length = big(content.length, 4).toReversed()
  return join(name, length, content, content.length % 2 ? [0] : [])
}
const webp = (...chunks: Bytes[]): Uint8Array => riffChunk('RIFF', 'WEBP', ...chunks)
const header = (flags: number): Uint8Array => riffChunk('VP8X', [flags, 0, 0, 0, 4, 0, 0, 2, 0, 0])
const still = riffChunk('VP8L', '\x2f\x04\x80\0\0pixels')

const chunk = (name: string, ...data: Bytes[]): Uint8Array => {
  const content = join(name, ...data)
  return join(big(content.length - 4, 4), content, big(crc32(content), 4))
}

async function freed(bytes: Uint8Array): Promise<Uint8Array> {
  const picture = await bareOf(bytes)
  if (typeof picture === 'string') throw new Error(picture)
  return picture.bytes
}
async function is(bytes: Uint8Array, expected: Uint8Array): Promise<void> {
  for (const it of await Promise.all([bytes, expected].map(freed)))
    expect(Buffer.from(it).toString('latin1')).toBe(Buffer.from(expected).toString('latin1'))
}

const start = (type: number): Uint8Array =>
  join('\x89PNG\r\n\x1a\n', chunk('IHDR', big(5, 4), big(3, 4), [8, type, 0, 0, 0]))
const [image, end] = [chunk('IDAT', 'pixels'), chunk('IEND')]
const png = (...more: Uint8Array[]): Uint8Array => join(start(3), ...more, image, end)
const iccp = (profile: Uint8Array, name = secret): Uint8Array =>
  chunk('iCCP', name, '\0\0', deflateSync(profile))
/** As one is written: under no name of its own, and as it is. */
const plain = (profile: Uint8Array): Uint8Array =>
  chunk('iCCP', 'ICC Profile\0\0', deflateSync(profile, { level: 0 }))

/** Of the profile the other is left in a picture of each kind that can have one, or none is. */
async function expectLeft(profile: Uint8Array, expected: Uint8Array | undefined): Promise<void> {
  const colours = (bytes: Uint8Array): Uint8Array => riffChunk('ICCP', bytes)
  await is(jpeg(piece(profile)), expected ? jpeg(piece(expected)) : jpeg())
  await is(
    webp(header(0x20), colours(profile), still),
    expected ? webp(header(0x20), colours(expected), still) : webp(header(0), still),
  )
  await is(png(iccp(profile)), expected ? png(plain(expected)) : png())
}

const off = (columns: Columns, by: number): Columns =>
  columns.map((column) => column.map((value) => value + by))

describe('a colour profile', () => {
  const nudged = [[0.515, 0.241, 0], ...p3.slice(1)]
  const adaptation = join('sf32', zeros(40))
  it.each<[title: string, profile: Uint8Array, expected: Uint8Array]>([
    [
      'of a phone',
      icc([['desc', mluc('Display P3')], ['cprt', mluc(secret)], ...p3Tags, ['chad', adaptation]]),
      bareP3,
    ],
    [
      'of few points',
      icc([['desc', desc('uP3C')], ...spaceTags(nudged, table(42, srgbLight))]),
      bareP3,
    ],
    [
      'of a formula with more numbers',
      icc([['desc', mluc('Google/Skia/E3CA')], ...spaceTags(p3, para(4, ...srgbCurve, 0, 0))]),
      bareP3,
    ],
    ['of a screen that is so', given, bareP3],
    ['of one that is all but so', telling(spaceTags(off(p3, 0.009), para(0, 2.2))), bareP3],
    [
      'of one that is so on the other side',
      telling(spaceTags(off(p3, -0.009), para(0, 2.2))),
      bareP3,
    ],
    ['as the first ones', telling(spaceTags(srgb, table(1024, srgbLight)), desc, 2), bareSrgb],
    [
      'of an odd number of points',
      telling(spaceTags(srgb, table(21, srgbLight)), desc, 2),
      bareSrgb,
    ],
    ['of a camera', telling(spaceTags(adobe, curv(563)), desc, 2), bareAdobe],
    ['of a program for photos', telling(spaceTags(photo, curv(461)), desc, 2), barePhoto],
  ])('becomes one that is the same for all: %s', async (_, profile, expected) => {
    await expectLeft(profile, expected)
    expect(tells(given, secret)).toBe(true)
  })

  it('tells no more than its space', async () => {
    expect(bareProfiles.map(({ length }) => length)).toEqual([388, 400, 396, 388])
    for (const bytes of bareProfiles) await expectLeft(bytes, bytes)
    const allPngs = [png(), ...bareProfiles.map((bytes) => png(plain(bytes)))]
    const allJpegs = [jpeg(), ...bareProfiles.map((bytes) => jpeg(piece(bytes)))]
    const change = fc.tuple(fc.nat(given.length - 1), fc.nat(255))
    const changed = fc.array(change, { maxLength: 20 }).map((changes) => {
      const bytes = Uint8Array.from(given)
      for (const [at, value] of changes) bytes[at] = value
      return bytes
    })
    const cut = fc
      .tuple(fc.nat(given.length), fc.uint8Array({ maxLength: 99 }))
      .map(([length, behind]) => join(given.subarray(0, length), behind))
    const anything = fc.uint8Array({ maxLength: 600 })
    await fc.assert(
      fc.asyncProperty(fc.oneof(changed, cut, anything), async (profile) => {
        expect(allJpegs).toContainEqual(await freed(jpeg(piece(profile))))
        expect(allPngs).toContainEqual(await freed(png(iccp(profile))))
      }),
    )
  })

  const put = (name: string, data?: Uint8Array): Uint8Array =>
    telling(p3Tags.flatMap((tag) => (tag[0] === name ? (data ? [[name, data]] : []) : [tag])))
  const places = [0, 1, 2].flatMap((column) => [0, 1, 2].map((at) => [column, at] as const))
  // SMPTE ST 2084.
  const pq = (x: number): number => {
    const power = x ** (1 / 78.84375)
    return (Math.max(power - 0.8359375, 0) / (18.8515625 - 18.6875 * power)) ** 6.277
  }
  /** Where the table tells of red. */
  const red = 132 + 12 * 5
  const withCurve = (curve: Uint8Array): Uint8Array => telling(spaceTags(p3, curve))
  it.each<[title: string, profile: Uint8Array]>([
    ['of a screen', telling(spaceTags(off(p3, 0.011), para(3, ...srgbCurve)))],
    [
      'called like a known one',
      icc([
        ['desc', mluc('sRGB')],
        ['cprt', mluc(secret.repeat(2))],
        ...spaceTags(srgb.toReversed(), para(3, ...srgbCurve)),
      ]),
    ],
    ...places.flatMap(([column, at]) =>
      [0.011, -0.011].map((by): [string, Uint8Array] => {
        const columns = p3.map((it, i) => (i === column ? it.with(at, (it[at] ?? 0) + by) : it))
        return [
          `but for ${column}, ${at} by ${by}`,
          telling(spaceTags(columns, para(3, ...srgbCurve))),
        ]
      }),
    ),
    ...p3Tags.slice(1).map(([name]): [string, Uint8Array] => [`without ${name}`, put(name)]),
    ...p3Tags
      .slice(1)
      .map(([name]): [string, Uint8Array] => [`no ${name} in it`, put(name, zeros(8))]),
    ...p3Tags
      .slice(4)
      .map(([name]): [string, Uint8Array] => [`another ${name}`, put(name, para(0, 2.6))]),
    ['of light as it is', withCurve(curv())],
    ['of light as it is, by two points', withCurve(curv(0, 65_535))],
    ['of light brighter than white', withCurve(table(256, pq))],
    ['of no curve', withCurve(join('none', curv(563).subarray(4)))],
    ['of a curve cut off', withCurve(para(3, 2.4, 1 / 1.055))],
    ['of fewer points than it says', withCurve(join('curv', zeros(4), big(1e9, 4), zeros(99)))],
    ['of a light that is no number', withCurve(para(3, 2.4, -2, 0))],
    ['of greys', telling(p3Tags, mluc, 4, 'GRAYXYZ ')],
    ['of inks', telling(p3Tags, mluc, 4, 'CMYKXYZ ')],
    ['with another space between', telling(p3Tags, mluc, 4, 'RGB Lab ')],
    ['of fewer tags than it says', icc([['desc', mluc(secret.repeat(9))]]).with(128, 255)],
    ['of fewer tags than it has', given.with(131, 10)],
    ['of a tag behind its end', Uint8Array.from(given).fill(127, red + 4, red + 8)],
    ['of a tag that goes on behind its end', Uint8Array.from(given).fill(127, red + 8, red + 12)],
    ['smaller than any', bareSrgb.subarray(0, 373)],
    ['nothing', join()],
  ])('is left out: %s', async (title, profile) => {
    await expectLeft(profile, undefined)
    if (!['smaller than any', 'nothing'].includes(title))
      expect(profile.length).toBeGreaterThan(373)
  })

  it('is hardly larger than before', async () => {
    const small = icc(spaceTags(adobe, curv(563)))
    for (let length = small.length; length < 400; length++) {
      const profile = join(small, zeros(length - small.length))
      await expectLeft(profile, length < 374 ? undefined : bareAdobe)
    }
  })
})

describe('the profile of a JPEG', () => {
  it('comes in pieces', async () => {
    const places = fc.array(fc.nat(given.length), { maxLength: 20 })
    const between = fc.constantFrom(join(), segment(0xfe, secret), segment(0xe2, 'ICC_', secret))
    const all = [places, between, fc.boolean(), fc.nat()] as const
    await fc.assert(
      fc.asyncProperty(...all, async (places, between, backwards, gone) => {
        const ends = [0, ...places.toSorted((a, b) => a - b), given.length]
        const count = ends.length - 1
        const pieces = ends
          .slice(1)
          .map((end, i) => join(piece(given.subarray(ends[i], end), i + 1, count), between))
        await is(jpeg(...(backwards ? pieces.toReversed() : pieces)), jpeg(piece(bareP3)))
        await is(jpeg(...pieces.toSpliced(gone % count, 1)), jpeg())
      }),
    )
  })

  it('is one of 255 pieces at most', async () => {
    const pieces = Array.from({ length: 255 }, (_, i) =>
      piece(given.subarray(i, i + 1), i + 1, 255),
    )
    const rest = piece(given.subarray(254), 255, 255)
    await is(jpeg(...pieces.with(254, rest)), jpeg(piece(bareP3)))
  })

  const [start, rest] = [given.subarray(0, 300), given.subarray(300)]
  it.each<[title: string, pieces: Uint8Array[]]>([
    ['a piece is missing', [piece(start, 1, 2)]],
    ['one is there twice', [piece(start, 1, 2), piece(start, 1, 2)]],
    ['they count from 0', [piece(start, 0, 2), piece(rest, 1, 2)]],
    ['a number is too high', [piece(start, 1, 2), piece(rest, 3, 2)]],
    ['they are the other way round', [piece(start, 2, 2), piece(rest, 1, 2)]],
    ['they are none', [piece(start, 1, 0), piece(rest, 2, 0)]],
    ['there is no number', [segment(0xe2, 'ICC_PROFILE\0')]],
    ['there is no count', [segment(0xe2, 'ICC_PROFILE\0\x01')]],
    ['it is called otherwise', [segment(0xe2, 'ICC_PROFILF\0\x01\x01', given)]],
    ['it is in another segment', [segment(0xe3, 'ICC_PROFILE\0\x01\x01', given)]],
    ['another comes before', [piece(secret), piece(given)]],
  ])('is left out where %s', (_, pieces) => is(jpeg(...pieces), jpeg()))

  it('is the first before the first scan, as in Chromium', async () => {
    await is(jpeg(piece(given), piece(bareSrgb)), jpeg(piece(bareP3)))
    await is(join(jpeg().subarray(0, -2), piece(given), '\xff\xd9'), jpeg())
    await is(
      join('\xff\xd8', frame, piece(given), scan, '\xff\xd9'),
      join('\xff\xd8', frame, piece(bareP3), scan, '\xff\xd9'),
    )
  })
})

describe('the profile of a WebP', () => {
  const [colours, p3] = [riffChunk('ICCP', given), riffChunk('ICCP', bareP3)]
  const images = [
    riffChunk('ANIM', zeros(6)),
    riffChunk('ANMF', zeros(6), [4, 0, 0, 2, 0, 0], zeros(4), still),
  ]

  it('is told of in its header, and the rest of that stays', async () => {
    await is(webp(header(0xff), colours, still), webp(header(0x32), p3, still))
    await is(webp(header(0x32), colours, ...images), webp(header(0x32), p3, ...images))
    await is(
      webp(header(0x32), riffChunk('ICCP', secret), ...images),
      webp(header(0x12), ...images),
    )
    await is(
      webp(header(0x20), riffChunk('ICCP', given, '\x07'), still),
      webp(header(0x20), p3, still),
    )
    const before = riffChunk('ALPH', zeros(20))
    await is(webp(before, header(0x20), colours, still), webp(before, header(0x20), p3, still))
  })

  it('is the first behind its header and before its pixels', async () => {
    const other = riffChunk('ICCP', bareSrgb)
    await is(webp(header(0x20), colours, other, still), webp(header(0x20), p3, still))
    await is(webp(header(0x20), riffChunk('ICCP', secret), colours, still), webp(header(0), still))
    await is(webp(header(0), colours, still), webp(header(0), still))
    await is(webp(colours, header(0x20), still), webp(header(0), still))
    await is(webp(header(0x20), still, colours), webp(header(0), still))
    await is(webp(header(0x32), ...images, colours), webp(header(0x12), ...images))
    await is(webp(header(0x20), still), webp(header(0), still))
    await is(webp(colours, still), webp(still))
  })
})

describe('the profile of a PNG', () => {
  const left = plain(bareP3)
  const code = chunk('cICP', [1, 13, 0, 1])
  const palette = chunk('PLTE', zeros(6))
  const gamma = chunk('gAMA', big(45_455, 4))
  const primaries = chunk('cHRM', zeros(32))
  const rendering = chunk('sRGB', [0])
  const packed = deflateSync(given)
  const named = (name: Bytes, data: Uint8Array = packed): Uint8Array => chunk('iCCP', name, data)

  it.each(['ICC Profile', 'Display P3', 'sRGB', secret, 'a', 'a'.repeat(79), '\xe9 \n'])(
    'is known by its numbers, whatever it is called: %j',
    async (name) => {
      await is(png(named(`${name}\0\0`), palette), png(left, palette))
    },
  )

  it('stands where the first one stood, and all else stays', async () => {
    const around = (...profile: Uint8Array[]): Uint8Array =>
      png(gamma, ...profile, primaries, rendering, palette)
    await is(around(iccp(given)), around(left))
    await is(around(iccp(given), iccp(bareSrgb)), around(left))
    await is(around(named(secret), iccp(given)), around())
    await is(png(rendering, iccp(given), code), png(rendering, left, code))
    await is(png(code, iccp(given), palette), png(code, left, palette))
  })

  it.each<[title: string, profile: Uint8Array]>([
    ['nothing is in it', chunk('iCCP')],
    ['there is no more than a name', named('a', zeros(0))],
    ['nothing follows its name', named('a\0', zeros(0))],
    ['nothing is packed', named('a\0\0', zeros(0))],
    ['it has no name', named('\0\0')],
    ['its name is too long', named(`${'a'.repeat(80)}\0\0`)],
    ['it is packed in another way', named('a\0\x01')],
    ['it is not packed', named('a\0\0', given)],
    ['it is packed without a header', named('a\0\0', packed.subarray(2))],
    ['it is cut off', named('a\0\0', packed.subarray(0, -5))],
    ['its checksum is cut off', named('a\0\0', packed.subarray(0, -1))],
    [
      'its checksum is wrong',
      named(
        'a\0\0',
        packed.map((it, i) => (i === packed.length - 1 ? it ^ 1 : it)),
      ),
    ],
    ['it needs a dictionary', named('a\0\0', deflateSync(given, { dictionary: given }))],
    ['it is anything', named('a\0\0', join(secret.repeat(20)))],
  ])('is left out where %s', async (_, profile) => {
    await is(png(gamma, profile, palette), png(gamma, palette))
  })

  it('is left out behind what it must precede', async () => {
    await is(png(palette, iccp(given)), png(palette))
    await is(png(image, iccp(given)), png(image))
    await is(join(start(2), image, iccp(given), end), join(start(2), image, end))
  })

  it.each<[number, boolean]>([
    [0, false],
    [2, true],
    [3, true],
    [4, false],
    [6, true],
  ])('is of colours where the picture is: of type %i', async (type, isColoured) => {
    const told = join(start(type), iccp(given), image, end)
    await is(told, join(start(type), isColoured ? left : '', image, end))
  })

  it('is written as any program reads it', async () => {
    for (const profile of bareProfiles) {
      const bytes = Buffer.from(await freed(png(iccp(profile))))
      const at = bytes.indexOf('iCCP')
      const length = bytes.readUInt32BE(at - 4)
      const data = bytes.subarray(at, at + 4 + length)
      expect(data.subarray(0, 17).toString('latin1')).toBe('iCCPICC Profile\0\0')
      expect(new Uint8Array(inflateSync(data.subarray(17)))).toEqual(profile)
      expect(bytes.readUInt32BE(at + 4 + length)).toBe(crc32(data))
      expect(bytes.length).toBe(png().length + 12 + length)
    }
  })

  it('may be far larger before, and far smaller', async () => {
    const noise = Uint8Array.from({ length: 300_000 }, (_, i) => (i * i * 2_654_435_761) >>> 13)
    await is(png(iccp(join(given, noise))), png(left))
    const [all, more] = [2 ** 20, 2 ** 20 + 1].map((size) =>
      join(given, zeros(size - given.length)),
    )
    await is(png(iccp(all!)), png(left))
    await is(png(iccp(more!)), png())
    const tight = iccp(join(icc(p3Tags), zeros(99)), 'a')
    expect(plain(bareP3).length - tight.length).toBeGreaterThan(200)
    await is(png(tight), png(left))
  })

  it('is unpacked no further than to a mebibyte', async () => {
    /** Nothing in it leads back to what was before: it can be repeated. */
    const some = deflateRawSync(zeros(2 ** 20), { finishFlush: constants.Z_FULL_FLUSH })
    const again = (size: number, block: Bytes): Uint8Array =>
      named('a\0\0', join('\x78\x01', Buffer.alloc(size, bytesOf(block))))
    // A gigabyte, eight of them, and nothing without an end.
    const bombs = [again(1e6, some), again(8e6, some), again(1e6, '\0\0\0\xff\xff')]
    const before = process.resourceUsage().maxRSS
    for (const bomb of bombs) await is(png(bomb), png())
    expect(process.resourceUsage().maxRSS - before).toBeLessThan(100_000)
  })
})
