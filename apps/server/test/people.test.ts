import { createHmac, randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KeyedHash } from '../src/keyed-hash.ts'
import { checkName } from '../src/people/names.ts'
import { Credential, People } from '../src/people/people.ts'
import { Refusal } from '../src/refusal.ts'

const day = 24 * 60 * 60 * 1000
const key = randomBytes(32)

function people(options: { key?: Uint8Array; clock?: () => number } = {}): People {
  return new People({ key, clock: () => 0, ...options })
}

function bearer(): string {
  return `Bearer ${randomBytes(24).toString('base64url')}`
}

function basic(pair: string): string {
  return `Basic ${Buffer.from(pair).toString('base64')}`
}

/** What needs no stretching is answered at once, without a promise. */
function atOnce(who: Credential | Promise<Credential>): Credential {
  expect(who).toBeInstanceOf(Credential)
  return who as Credential
}

/** What is refused, and never another error. */
function refusal(house: People, authorization: string, network = ''): Refusal {
  const refused = answer(house, authorization, network)
  expect(refused).toBeInstanceOf(Refusal)
  return refused as Refusal
}

function answer(
  house: People,
  authorization: string,
  network: string,
): Credential | Promise<Credential> | Refusal {
  try {
    return house.identify(authorization, network)
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
}

describe('a person', () => {
  it('is HMAC-SHA-256(key, room, 0, secret), cut to 128 bits, in Crockford base32', () => {
    const house = people()
    fc.assert(
      fc.property(
        fc.stringMatching(/^[A-Za-z0-9_-]{22,128}$/),
        fc.stringMatching(/^[a-z0-9]{1,64}$/),
        (secret, room) => {
          const { person, mark } = house.inRoom(
            atOnce(house.identify(`Bearer ${secret}`, '')),
            room,
          )
          const digest = createHmac('sha256', key).update(`${room}\0${secret}`).digest('hex')
          let number = BigInt(`0x${digest.slice(0, 32)}`) << 2n
          let expected = ''
          for (let i = 0; i < 26; i++, number >>= 5n) {
            expected = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'[Number(number & 31n)] + expected
          }
          expect(person).toBe(expected.toLowerCase())
          expect(mark).toBe(expected.slice(0, 6))
        },
      ),
    )
  })

  it('is the same with the same secret and key, for another server someone else', () => {
    const secret = bearer()
    const here = people().inRoom(atOnce(people().identify(secret, 'a')), 'lobby')
    const later = people().inRoom(atOnce(people().identify(secret, 'b')), 'lobby')
    const other = people({ key: randomBytes(32) })
    expect(later).toEqual(here)
    expect(other.inRoom(atOnce(other.identify(secret, 'a')), 'lobby').person).not.toBe(here.person)
  })

  it('stays itself while it goes from room to room and back', () => {
    const house = people()
    const who = atOnce(house.identify(bearer(), ''))
    const [a, b] = [house.inRoom(who, 'a'), house.inRoom(who, 'b')]
    expect(house.inRoom(who, 'a')).toEqual(a)
    expect(house.inRoom(who, 'b')).toEqual(b)
    expect([a.room, b.room]).toEqual(['a', 'b'])
  })

  it('Stalking across rooms: nothing in one room is found in another', () => {
    const house = people()
    const who = atOnce(house.identify(bearer(), ''))
    const seen = Array.from({ length: 2000 }, (_, i) => house.inRoom(who, `room-${i}`))
    expect(new Set(seen.map(({ person }) => person)).size).toBe(2000)
    expect(new Set(seen.map(({ mark }) => mark)).size).toBeGreaterThan(1990)
    expect(new Set(seen.map(({ name }) => name)).size).toBeGreaterThan(1900)
  })

  it('Impersonation by same nick: two who take one name have two marks', async () => {
    const house = people()
    const one = house.inRoom(await house.identify(basic('otter:one'), ''), 'lobby')
    const two = house.inRoom(await house.identify(basic('otter:two'), ''), 'lobby')
    expect([one.name, two.name]).toEqual(['otter', 'otter'])
    expect(one.mark).not.toBe(two.mark)
  })
})

describe('Authorization: Bearer', () => {
  it.each([
    '',
    'Bearer',
    'Bearer ',
    `Bearer ${'a'.repeat(21)}`,
    `Bearer ${'a'.repeat(129)}`,
    `Bearer ${'a'.repeat(30)}=`,
    `Bearer ${'a'.repeat(30)} `,
    `Bearer ${'a'.repeat(30)}\n`,
    `Bearer guest:${'a'.repeat(30)}`,
    `Bearer ${'é'.repeat(30)}`,
    `Token ${'a'.repeat(30)}`,
    `Digest username="otter"`,
    'a'.repeat(10_000),
    `Bearer ${' '.repeat(10_000)}${'a'.repeat(30)}`,
    `Basic ${'a'.repeat(10_000)}`,
    'Basic !!!',
    'Basic ',
  ])('refuses %j with bad-auth', (header) => {
    expect(refusal(people(), header).code).toBe('bad-auth')
  })

  it('takes 22 to 128 characters, the scheme in any case (RFC 9110, 11.1)', () => {
    const secret = randomBytes(16).toString('base64url')
    expect(secret.length).toBe(22)
    const house = people()
    const persons = ['Bearer', 'bearer', 'BEARER'].map(
      (scheme) => house.inRoom(atOnce(house.identify(`${scheme} ${secret}`, '')), 'lobby').person,
    )
    expect(new Set(persons).size).toBe(1)
    expect(atOnce(house.identify(`Bearer ${'-'.repeat(128)}`, '')).kind).toBe('bearer')
  })

  it('answers any other header with a refusal, and never with another error', async () => {
    const house = people({ clock: () => 1e12 })
    const header = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string().map((tail) => `Bearer ${tail}`),
      fc
        .uint8Array({ maxLength: 40 })
        .map((bytes) => `Basic ${Buffer.from(bytes).toString('base64')}`),
    )
    await fc.assert(
      fc.asyncProperty(header, async (authorization) => {
        const who = await answer(house, authorization, '')
        expect(who instanceof Credential || who instanceof Refusal).toBe(true)
      }),
    )
  })
})

describe('Authorization: Basic', () => {
  it('is the same person tomorrow, after a restart and from elsewhere', async () => {
    const today = people()
    const tomorrow = people({ clock: () => 5 * day })
    const one = await today.identify(basic('otter:secret'), 'home')
    const two = await tomorrow.identify(basic('otter:secret'), 'train')
    expect(one.kind).toBe('basic')
    expect(tomorrow.inRoom(two, 'lobby')).toEqual(today.inRoom(one, 'lobby'))
    expect(today.inRoom(one, 'lobby').name).toBe('otter')
  })

  it('is answered at once when the password is known, and stretched once for many at a time', async () => {
    const house = people()
    const many = Array.from({ length: 50 }, () => house.identify(basic('otter:secret'), 'net'))
    const persons = await Promise.all(
      many.map(async (who) => house.inRoom(await who, 'lobby').person),
    )
    expect(new Set(persons).size).toBe(1)
    expect(house.inRoom(atOnce(house.identify(basic('otter:secret'), 'net')), 'lobby').person).toBe(
      persons[0],
    )
  })

  it('tells the password, the name and the server apart', async () => {
    const [house, other] = [people(), people({ key: randomBytes(32) })]
    const persons = await Promise.all([
      ...['otter:secret', 'otter:secrex', 'seal:secret', 'otter:secret:', 'otter: secret'].map(
        async (pair) => house.inRoom(await house.identify(basic(pair), ''), 'lobby').person,
      ),
      (async () => other.inRoom(await other.identify(basic('otter:secret'), ''), 'lobby').person)(),
    ])
    expect(new Set(persons).size).toBe(6)
  })

  it('reads UTF-8 (RFC 7617, 2.1), and one spelling of it as the other', async () => {
    const house = people()
    const composed = await house.identify(basic('Zoë:caf\u00e9'), '')
    const decomposed = await house.identify(basic('Zoe\u0308:cafe\u0301'), '')
    expect(house.inRoom(decomposed, 'lobby')).toEqual(house.inRoom(composed, 'lobby'))
    expect(composed.name).toBe('Zoë')
  })

  it.each([
    ['no colon', Buffer.from('otter'), 'bad-auth'],
    ['no password', Buffer.from('otter:'), 'bad-auth'],
    ['not UTF-8', Buffer.from([0x61, 0x3a, 0xff]), 'bad-auth'],
    ['no name', Buffer.from(':secret'), 'bad-name'],
    ['nothing visible in the name', Buffer.from('\u200b:secret'), 'bad-name'],
    ['a long name', Buffer.from(`${'a'.repeat(33)}:secret`), 'bad-name'],
    [
      'Fake system or mod message: the name of the house',
      Buffer.from('Admin:secret'),
      'reserved-name',
    ],
  ])('%s: refused', (_, pair, code) => {
    expect(refusal(people(), `Basic ${pair.toString('base64')}`).code).toBe(code)
  })

  it('event-loop stalls: guessing passwords is cut off before it costs, and holds up nobody else', async () => {
    const house = people()
    const secret = bearer()
    const asked = Array.from({ length: 200 }, (_, i) =>
      answer(house, basic(`otter:${i}`), 'one network'),
    )
    const granted = asked.filter((who) => who instanceof Promise)
    const refused = asked.filter((who) => who instanceof Refusal)
    expect([granted.length, refused.length]).toEqual([20, 180])
    for (const { code, wait } of refused) expect([code, wait]).toEqual(['slow-down', 2000])
    expect(atOnce(house.identify(secret, 'one network')).kind).toBe('bearer')
    expect(house.identify(basic('seal:1'), 'another network')).toBeInstanceOf(Promise)
    await Promise.all(granted)
    expect(atOnce(house.identify(basic('otter:3'), 'one network')).name).toBe('otter')
  })

  it('event-loop stalls: a thousand networks together get no more than the server can bear', async () => {
    let now = 0
    const house = people({ clock: () => now })
    const stretched: Promise<Credential>[] = []
    const grantedOfThousand = (from: number): number => {
      const asked = Array.from({ length: 1000 }, (_, i) =>
        answer(house, basic(`otter:${from + i}`), `network ${from + i}`),
      )
      const granted = asked.filter((who) => who instanceof Promise)
      expect(asked.filter((who) => who instanceof Refusal)).toHaveLength(1000 - granted.length)
      stretched.push(...granted)
      return granted.length
    }
    expect(grantedOfThousand(0)).toBe(40)
    now = 1000
    expect(grantedOfThousand(1000)).toBe(8)
    await Promise.all(stretched)
  })
})

describe('a guest', () => {
  it('is its network, for a day', () => {
    let now = 0
    const house = people({ clock: () => now })
    const person = (network: string): string =>
      house.inRoom(atOnce(house.identify(undefined, network)), 'lobby').person
    const first = person('a')
    expect(person('a')).toBe(first)
    expect(person('b')).not.toBe(first)
    now = day - 1
    expect(person('a')).toBe(first)
    now = day
    expect(person('a')).not.toBe(first)
    expect(atOnce(house.identify(undefined, 'a'))).toMatchObject({ kind: 'guest', name: null })
  })

  it('is not known again by a server that was started anew', () => {
    const [one, two] = [people(), people()]
    expect(one.inRoom(atOnce(one.identify(undefined, 'a')), 'lobby').person).not.toBe(
      two.inRoom(atOnce(two.identify(undefined, 'a')), 'lobby').person,
    )
  })
})

describe('anonymity', () => {
  it('shows no secret, password or network when a credential or the house is printed', async () => {
    const house = people()
    const secret = 'sentinel-0123456789abcdefgh'
    const all = [
      await house.identify(`Bearer ${secret}`, 'sentinel-network'),
      await house.identify(basic('otter:sentinel-password'), 'sentinel-network'),
      await house.identify(undefined, 'sentinel-network'),
    ]
    for (const it of [...all, house]) {
      const printed = inspect(it, { depth: 20, showHidden: true }) + JSON.stringify(it)
      expect(printed).not.toContain('sentinel')
      expect(printed).not.toContain(Buffer.from(key).toString('hex'))
    }
  })

  it('shows nothing of the header in a refusal', () => {
    const { message, stack } = refusal(people(), 'Bearer sentinel')
    expect(message + stack).not.toContain('sentinel')
  })
})

describe('a made name', () => {
  const house = people()
  const names = Array.from(
    { length: 20_000 },
    (_, i) =>
      house.inRoom(atOnce(house.identify(`Bearer ${String(i).padStart(22, '0')}`, '')), 'lobby')
        .name,
  )

  it('is an adjective and an animal out of 256 or more each, told apart by sight', () => {
    for (const name of names) expect(name).toMatch(/^[a-z]{3,13} [a-z]{2,13}$/)
    for (const part of [0, 1]) {
      expect(new Set(names.map((name) => name.split(' ')[part])).size).toBeGreaterThanOrEqual(256)
    }
  })

  it('is a name that anyone could have chosen', () => {
    for (const name of new Set(names)) expect(checkName(name)).toBe(name)
  })

  it('is the same each time, and seldom that of someone else in the room', () => {
    expect(new Set(names.slice(0, 30)).size).toBeGreaterThanOrEqual(29)
    expect(new Set(names).size).toBeGreaterThan(18_000)
  })
})

describe('the keyed hash', () => {
  it('is HMAC-SHA-256', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 64 }),
        fc.oneof(
          fc.string({ unit: 'grapheme' }),
          fc.string({
            unit: fc.constantFrom('a', 'é', '名', '👍'),
            minLength: 100,
            maxLength: 600,
          }),
        ),
        (bytes, text) => {
          const ours = Buffer.from(new KeyedHash(bytes).of(text), 'latin1').toString('hex')
          expect(ours).toBe(createHmac('sha256', bytes).update(text).digest('hex'))
        },
      ),
    )
  })

  it('keeps no trace of a longer text in the next', () => {
    const hash = new KeyedHash(key)
    const short = hash.of('a')
    hash.of('b'.repeat(400))
    expect(hash.of('a')).toBe(short)
  })

  it.each([0, 31, 65])('refuses a key of %i bytes', (size) => {
    expect(() => new KeyedHash(new Uint8Array(size))).toThrow(RangeError)
  })
})
