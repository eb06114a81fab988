import { inspect } from 'node:util'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Networks } from '../src/network.ts'

const day = 24 * 60 * 60 * 1000

function networks(trusted: readonly string[] = [], clock: () => number = () => 0): Networks {
  return new Networks(trusted, clock)
}

const ipv4 = fc.ipV4().filter((address) => !address.startsWith('10.'))

/** An IPv6 address in one of the ways in which it may be written, and its first 64 bits. */
const ipv6 = fc
  .array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff })), {
    minLength: 8,
    maxLength: 8,
  })
  .filter((groups) => groups.slice(0, 5).some((group) => group !== 0))
  .chain((groups) =>
    fc.constantFrom('short', 'long', 'upper', 'zone', 'dotted').map((form) => {
      const long = groups.map((group) => group.toString(16).padStart(4, '0')).join(':')
      // The URL parser writes an address in the shortest form, and knows nothing of ours.
      const short = new URL(`http://[${long}]`).hostname.slice(1, -1)
      const last = groups.slice(6).flatMap((group) => [group >> 8, group & 255])
      const forms = new Map([
        ['short', short],
        ['long', long],
        ['upper', short.toUpperCase()],
        ['zone', `${short}%eth0`],
        ['dotted', `${long.split(':').slice(0, 6).join(':')}:${last.join('.')}`],
      ])
      const text = forms.get(form) ?? ''
      return { text, first64: groups.slice(0, 4).join(), groups }
    }),
  )

describe('a network', () => {
  it('is an IPv4 address', () => {
    const nets = networks()
    fc.assert(
      fc.property(fc.ipV4(), fc.ipV4(), (one, two) => {
        expect(nets.of(one) === nets.of(two)).toBe(one === two)
      }),
    )
  })

  it('is the first 64 bits of an IPv6 address, however it is written', () => {
    const nets = networks()
    fc.assert(
      fc.property(ipv6, ipv6, (one, two) => {
        expect(nets.of(one.text) === nets.of(two.text)).toBe(one.first64 === two.first64)
        const sibling = [...one.groups.slice(0, 4), 1, 2, 3, 4]
          .map((group) => group.toString(16))
          .join(':')
        expect(nets.of(sibling)).toBe(nets.of(one.text))
      }),
    )
  })

  it('is the same for an IPv4 address and that address in IPv6 (::ffff:0:0/96)', () => {
    const nets = networks()
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number)
        const hex = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
        for (const text of [`::ffff:${address}`, `::FFFF:${hex}`, `0:0:0:0:0:ffff:${address}`]) {
          expect(nets.of(text)).toBe(nets.of(address))
        }
        expect(nets.of(`::${hex}`)).not.toBe(nets.of(address))
      }),
    )
  })

  it('is one for all that have no address', () => {
    const nets = networks()
    for (const peer of ['', 'unknown', '1.2.3', '1.2.3.4.5', '::g', '/run/hearsay.sock']) {
      expect(nets.of(peer)).toBe(nets.of(undefined))
    }
    expect(nets.of(undefined)).not.toBe(nets.of('110.111.110.101'))
  })

  it('is written as 22 characters that say nothing of the address, and differs from server to server', () => {
    const nets = networks()
    expect(nets.of('192.0.2.77')).toMatch(/^[A-Za-z0-9_-]{22}$/)
    expect(nets.of('192.0.2.77')).not.toBe(networks().of('192.0.2.77'))
  })

  it('anonymity: the object shows no address when it is printed', () => {
    const nets = networks(['10.0.0.0/8'])
    nets.of('192.0.2.77')
    nets.of('10.0.0.1', '198.51.100.9')
    const printed = inspect(nets, { depth: 20, showHidden: true }) + JSON.stringify(nets)
    expect(printed).not.toMatch(/192|198|51/)
  })
})

describe('its key', () => {
  it('is renewed each day, and no earlier', () => {
    let now = 5000
    const nets = networks([], () => now)
    const first = nets.of('192.0.2.1')
    expect(nets.before('192.0.2.1')).toBeNull()
    now += day - 1
    expect(nets.of('192.0.2.1')).toBe(first)
    now += 1
    expect(nets.of('192.0.2.1')).not.toBe(first)
  })

  it('Ban evasion: a ban holds over the renewal, and ends with its key at the latest', () => {
    let now = 0
    const nets = networks([], () => now)
    const banned = (peer: string): boolean => [nets.of(peer), nets.before(peer)].includes(ban)
    now = day - 1
    const ban = nets.of('2001:db8:1:2::3')
    expect(banned('2001:db8:1:2::3')).toBe(true)
    // Another address of the same /64, and a name or secret that is new, do not help.
    expect(banned('2001:db8:1:2:ffff::9')).toBe(true)
    expect(banned('2001:db8:1:3::3')).toBe(false)
    for (const later of [day, 2 * day - 1]) {
      now = later
      expect(banned('2001:db8:1:2::3')).toBe(true)
    }
    now = 2 * day
    expect(banned('2001:db8:1:2::3')).toBe(false)
  })

  it('is forgotten with the one before it where nobody came for long', () => {
    let now = 0
    const nets = networks([], () => now)
    const first = nets.of('192.0.2.1')
    now = 2 * day
    expect(nets.before('192.0.2.1')).toBeNull()
    expect(nets.of('192.0.2.1')).not.toBe(first)
  })

  it('is renewed at the same time of day, whenever somebody came', () => {
    let now = 0
    const nets = networks([], () => now)
    now = 1.5 * day
    const first = nets.of('192.0.2.1')
    now = 2 * day - 1
    expect(nets.of('192.0.2.1')).toBe(first)
    now = 2 * day
    expect(nets.of('192.0.2.1')).not.toBe(first)
    expect(nets.before('192.0.2.1')).toBe(first)
  })

  it('is renewed alike by whichever call comes first', () => {
    let now = 0
    const nets = networks([], () => now)
    const first = nets.of('192.0.2.1')
    now = day
    expect(nets.before('192.0.2.1')).toBe(first)
    expect(nets.of('192.0.2.1')).not.toBe(first)
    expect(nets.before('192.0.2.1')).toBe(first)
  })
})

describe('X-Forwarded-For', () => {
  it('is ignored unless the peer is a listed proxy: 1,000 headers are one client', () => {
    const seen = new Set<string>()
    const nets = [networks(), networks(['10.0.0.0/8', '2001:db8::/32'])]
    for (const of of nets) {
      fc.assert(
        fc.property(fc.oneof(fc.string(), ipv4, fc.array(ipv4).map(String)), (header) => {
          seen.add(of.of('192.0.2.1', header))
        }),
        { numRuns: 1000 },
      )
    }
    expect(seen.size).toBe(2)
  })

  it('names the rightmost address that is no proxy of ours, whatever was claimed before', () => {
    const nets = networks(['10.0.0.0/8', '2001:db8:f::/48', '192.0.2.9'])
    const proxy = fc.constantFrom('10.1.2.3', '::ffff:10.0.0.1', '2001:db8:f::1', '192.0.2.9')
    const client = fc.oneof(
      ipv4.filter((address) => address !== '192.0.2.9'),
      fc.constant('2001:db8:e::1'),
    )
    const claimed = fc.oneof(fc.string(), proxy, ipv4, fc.constant(','))
    fc.assert(
      fc.property(
        proxy,
        client,
        fc.array(proxy, { maxLength: 4 }),
        fc.array(claimed),
        (peer, from, hops, before) => {
          const header = [...before, from, ...hops].join(', ')
          expect(nets.of(peer, header)).toBe(nets.of(from))
          expect(nets.of(peer, [[...before, from].join(','), ...hops])).toBe(nets.of(from))
        },
      ),
    )
  })

  it.each([
    ['no header', undefined, '10.0.0.1'],
    ['an empty header', '', '10.0.0.1'],
    ['proxies alone', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['a port', '192.0.2.1:4711', '192.0.2.1'],
    ['brackets and a port', '[2001:db8::1]:4711', '2001:db8::1'],
    ['brackets', '[2001:db8::1]', '2001:db8::1'],
    ['IPv4 in IPv6', '::ffff:192.0.2.1', '192.0.2.1'],
    ['an unknown one (RFC 7239, 6.2)', '192.0.2.1, unknown', '10.0.0.1'],
    ['an unknown one before a proxy', '192.0.2.1, unknown, 10.0.0.2', '10.0.0.2'],
    ['a hidden one', '_hidden', '10.0.0.1'],
    ['a comma at the end', '192.0.2.1,', '10.0.0.1'],
    ['a comma at the start', ',192.0.2.1', '192.0.2.1'],
    ['tabs and spaces', ' \t192.0.2.1\t ', '192.0.2.1'],
  ])('%s', (_, header, client) => {
    const nets = networks(['10.0.0.0/8'])
    expect(nets.of('10.0.0.1', header)).toBe(nets.of(client))
    expect(nets.before('10.0.0.1', header)).toBeNull()
  })

  it('is remembered no better than it is read: the same answer the second time', () => {
    let now = 0
    const nets = networks(['10.0.0.1'], () => now)
    const first = nets.of('10.0.0.1', '192.0.2.1')
    expect(nets.of('10.0.0.1', '192.0.2.1')).toBe(first)
    expect(nets.of('10.0.0.1', '192.0.2.2')).not.toBe(first)
    expect(nets.of('10.0.0.2', '192.0.2.1')).not.toBe(first)
    now = day
    expect(nets.before('10.0.0.1', '192.0.2.1')).toBe(first)
    expect(nets.of('10.0.0.1', '192.0.2.1')).not.toBe(first)
  })

  it('is taken from a range to the bit', () => {
    const inside = (range: string, address: string): boolean => {
      const nets = networks([range])
      return nets.of(address, '192.0.2.1') === nets.of('192.0.2.1')
    }
    expect(inside('172.16.0.0/12', '172.31.255.255')).toBe(true)
    expect(inside('172.16.0.0/12', '172.32.0.0')).toBe(false)
    expect(inside('172.16.0.0/12', '::ffff:172.16.0.1')).toBe(true)
    expect(inside('::ffff:172.16.0.0/108', '172.31.0.1')).toBe(true)
    expect(inside('::ffff:172.16.0.0/108', '172.32.0.1')).toBe(false)
    expect(inside('127.0.0.1', '127.0.0.1')).toBe(true)
    expect(inside('127.0.0.1', '127.0.0.2')).toBe(false)
    expect(inside('0.0.0.0/0', '203.0.113.5')).toBe(true)
    expect(inside('0.0.0.0/0', '2001:db8::1')).toBe(false)
    expect(inside('fc00::/7', 'fdff::1')).toBe(true)
    expect(inside('fc00::/7', 'fe00::1')).toBe(false)
    expect(inside('::1', '::1')).toBe(true)
  })

  it.each([
    '',
    'proxy',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0/8',
    '::/129',
    '::ffff:1.2.3.4/95',
    '/8',
    '10.0.0.0/-1',
  ])('refuses %j as a range of proxies', (range) => {
    expect(() => networks([range])).toThrow(TypeError)
  })
})
