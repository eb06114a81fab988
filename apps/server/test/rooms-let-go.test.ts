import type { From } from '@hearsay/protocol'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { openLog } from '../src/log/local.ts'
import type { Log } from '../src/log/log.ts'
import { lookOf } from '../src/people/look.ts'
import type { Room } from '../src/rooms/room.ts'
import { Rooms } from '../src/rooms/rooms.ts'

const people = ['ann', 'ben', 'cid']
const places = ['a', 'b', 'c', 'd', 'e']
const fromOf = (person: string, name = person): From => ({
  person,
  name,
  mark: 'AAAAAA',
  role: 'speak',
})
const at = 1_700_000_000_000

/** Rooms that are let go of at once, and rooms that stay, over one log. */
async function both(): Promise<{ log: Log; few: Rooms; all: Rooms }> {
  const log = await openLog({ dir: null })
  const few = new Rooms(log, 2, 2)
  const all = new Rooms(log, 10_000, 10_000)
  log.follow((events) => {
    for (const event of events) for (const rooms of [few, all]) rooms.apply(event)
  })
  return { log, few, all }
}

/** All that a room answers to the rules. */
function shown(room: Room): unknown {
  const judged = (check: () => void): unknown => {
    try {
      return check()
    } catch (error) {
      return (error as Error).message
    }
  }
  return {
    settings: room.settings,
    filter: room.filter?.kept,
    links: room.links(),
    isOwned: room.isOwned,
    isHosted: room.isHosted,
    reports: [...room.reports],
    bans: [...room.bans],
    mutes: [...room.mutes],
    of: people.map((person) => [
      room.roleOf(person),
      room.granted(person),
      room.grant(person),
      room.knows(person),
      room.isNetworkOut(`of ${person}`, at),
      judged(() => room.checkSpeak(person, at)),
      judged(() => room.checkHear(person, at)),
      room.linkOf('hash', at, person),
    ]),
  }
}

const someone = fc.constantFrom(...people)
const penalty = fc.record({
  until: fc.constantFrom(at - 1, at + 60_000),
  reason: fc.constantFrom('', 'spam'),
  by: someone,
})
const link = fc.record({
  hash: fc.constantFrom('hash', 'other'),
  role: fc.constantFrom('read', 'speak', 'moderate', 'own'),
  label: fc.constant(''),
  made: fc.constant(at),
  expires: fc.constantFrom(null, at - 1, at + 1),
  uses: fc.constantFrom(null, 1),
})
const kept = fc.oneof(
  ...(['ban', 'mute', 'kick'] as const).map((space) =>
    fc.tuple(fc.constant(space), someone, fc.option(penalty)),
  ),
  fc.tuple(fc.constant('link'), fc.constantFrom('l', 'm'), fc.option(link)),
  fc.tuple(
    fc.constant('grant'),
    someone,
    fc.option(fc.record({ link: fc.constantFrom('l', 'm') })),
  ),
  fc.tuple(
    fc.constant('filter'),
    fc.constant('room'),
    fc.option(fc.record({ patterns: fc.array(someone), contacts: fc.boolean() })),
  ),
  fc.tuple(
    fc.constant('known'),
    fc.constantFrom('before', ...people),
    fc.option(fc.array(someone)),
  ),
)
const step = fc.oneof(
  fc.record({ what: fc.constant('record' as const), kept }),
  fc.record({
    what: fc.constant('room' as const),
    settings: fc.record(
      { locked: fc.boolean(), slow: fc.nat(9), hear: fc.constantFrom('everyone', 'invited') },
      { requiredKeys: [] },
    ),
  }),
  fc.record({ what: fc.constant('network' as const), person: someone, isOut: fc.boolean() }),
  fc.record({ what: fc.constant('look' as const) }),
)

it('a room that was let go of is the same in everything when it is asked for again', async () => {
  const { log, few, all } = await both()
  let run = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom(...places), step), { maxLength: 40 }),
      async (steps) => {
        run++
        for (const [place, does] of steps) {
          const room = `${place}-${run}`
          const entry = { room, at, from: fromOf('host') }
          if (does.what === 'record') {
            const [space, name, value] = does.kept
            await log.append({ kind: 'record', ...entry, space, name, value })
          } else if (does.what === 'room')
            await log.append({ kind: 'room', ...entry, settings: { ...does.settings } })
          else if (does.what === 'network')
            for (const rooms of [few, all]) {
              const state = await rooms.open(room)
              const { person, isOut } = does
              if (isOut) state.banNetwork(`of ${person}`, person, at + 1)
              else state.readmitNetworkOf(person)
            }
          else expect(shown(await few.open(room))).toEqual(shown(await all.open(room)))
        }
        for (const place of places) {
          const room = `${place}-${run}`
          expect(shown(await few.open(room))).toEqual(shown(await all.open(room)))
        }
      },
    ),
    { numRuns: 60 },
  )
  await log.close()
})

it('knows the names of those who look after it again', async () => {
  const { log, few } = await both()
  const entry = { room: 'hosted', at, from: fromOf('host', 'Otter') }
  const own = { hash: 'hash', role: 'own', label: '', made: at, expires: null, uses: null }
  await log.append({ kind: 'record', ...entry, space: 'link', name: 'l', value: own })
  await log.append({ kind: 'record', ...entry, space: 'grant', name: 'host', value: { link: 'l' } })
  await log.append({ kind: 'message', ...entry, text: 'hello' })
  const first = await few.open('hosted')
  for (const place of places) for (let i = 0; i < 2; i++) await few.open(place)
  const again = await few.open('hosted')
  expect(again).not.toBe(first)
  expect(again.isHostsLook(lookOf('0tter'), fromOf('ben', '0tter'))).toBe(true)
  expect(again.isHostsLook(lookOf('Otter'), fromOf('host', 'Otter'))).toBe(false)
  await log.close()
})

it('keeps a bare room that is asked for twice, and one that something was set in', async () => {
  const log = await openLog({ dir: null })
  const rooms = new Rooms(log, 100, 2)
  log.follow((events) => {
    for (const event of events) rooms.apply(event)
  })
  const twice = await rooms.open('twice')
  expect(rooms.open('twice')).toBe(twice)
  const set = await rooms.open('set')
  await log.append({ kind: 'room', room: 'set', at, from: fromOf('ann'), settings: { slow: 5 } })
  const once = await rooms.open('once')
  for (const place of places) await rooms.open(place)
  expect(rooms.open('twice')).toBe(twice)
  expect(rooms.open('set')).toBe(set)
  expect(set.settings.slow).toBe(5)
  const again = await rooms.open('once')
  expect(again).not.toBe(once)
  // Else many rooms in which people talk by turns would be read for each word.
  for (const place of ['p', 'q', 'r', 's']) await rooms.open(place)
  expect(rooms.open('once')).toBe(again)
  await log.close()
})
