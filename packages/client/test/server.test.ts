import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import * as client from '../src/calls.ts'
import { joinRoom, type Room } from '../src/chat.ts'
import { Connection } from '../src/connection.ts'
import { EventSource } from '../src/eventsource.ts'
import * as hosting from '../src/hosting.ts'
import { newSecret } from '../src/identity.ts'
import { TestClock } from './clock.ts'
import { RealServer } from './server.ts'
import { until } from './until.ts'

const joined: Room[] = []

function joinAt(base: string, room: string, secret = newSecret()): Room {
  const one = joinRoom(room, { base, secret })
  joined.push(one)
  return one
}

afterEach(() => {
  for (const room of joined.splice(0)) room.leave()
})

const texts = ({ snapshot }: Room): string[] => snapshot.messages.map(({ text }) => text)
const isLive = (room: Room): Promise<void> =>
  until('it is live', () => room.snapshot.loaded && room.snapshot.connection.phase === 'live')

describe('against the server', () => {
  let server: RealServer
  beforeAll(async () => {
    server = await RealServer.start('--memory', '--limits', 'off')
  })
  afterAll(() => server.stop())

  test('two people talk, and see the same', async () => {
    const [ana, ben] = [joinAt(server.url, 'talk'), joinAt(server.url, 'talk')]
    await Promise.all([isLive(ana), isLive(ben)])
    ana.rename('Ana')
    for (let i = 0; i < 20; i++) await (i % 2 ? ana : ben).say(`${i}`)
    const all = (): boolean => [ana, ben].every((room) => texts(room).length === 20)
    await until('both have all', all)
    expect(texts(ana)).toEqual(texts(ben))
    expect(ana.snapshot.me?.name).toBe('Ana')
    expect(ana.snapshot.me?.person).not.toBe(ben.snapshot.me?.person)
    expect(ana.snapshot.pending).toEqual([])
  })

  test('what was refused for its name goes out under the one of now when it is tried again', async () => {
    const ana = joinAt(server.url, 'renamed')
    await isLive(ana)
    ana.rename('Host')
    const key = await ana.say('hello')
    const problem = { status: 400, code: 'reserved-name' }
    await until('it is refused', () => ana.snapshot.pending[0]?.state.phase === 'failed')
    expect(ana.snapshot.pending).toMatchObject([{ name: 'Host', state: { problem } }])
    ana.rename('Ana')
    await ana.retry(key)
    await until('it is said', () => texts(ana).length === 1)
    expect(ana.snapshot.messages).toMatchObject([{ key, from: { name: 'Ana' }, text: 'hello' }])
    expect(ana.snapshot.pending).toEqual([])
  })

  test('who resumes has caught up with the last event that there was, however busy the room is', async () => {
    const first = await client.say({ base: server.url }, 'busy', { text: 'a' }, 'key-of-a')
    await client.say({ base: server.url }, 'busy', { text: 'b' }, 'key-of-b')
    const heard: string[] = []
    // Its time stands still: no quiet moment tells it.
    const connection = new Connection({
      source: `${server.url}/r/busy`,
      after: first.id,
      clock: new TestClock(),
      onEvent: ({ type }) => heard.push(type),
      onState: ({ phase }) => heard.push(phase),
    })
    await until('it is live', () => heard.includes('live'))
    expect(heard.slice(0, 5)).toEqual(['connecting', 'hello', 'catching-up', 'message', 'live'])
    connection.close()
  })

  test('edits, removals and reactions are heard, and are in the history of who comes later', async () => {
    const [ana, ben] = [joinAt(server.url, 'change'), joinAt(server.url, 'change')]
    await Promise.all([isLive(ana), isLive(ben)])
    for (const text of ['one', 'two', 'three']) await ana.say(text)
    await until('they are there', () => texts(ben).length === 3)
    const [one, two, three] = ben.snapshot.messages.map(({ id }) => id) as [string, string, string]
    await ana.edit(one, 'uno')
    await ana.remove(two)
    await ben.react(three, '👍')
    await ana.react(three, '👍')
    await ana.react(three, '👍', false)
    await until('all of it was heard', () => {
      const [first, second, third] = ben.snapshot.messages
      const reacted = third?.reactions?.['👍']?.length === 1
      return first?.text === 'uno' && second?.deleted === true && reacted
    })
    await until('both see the same', () => {
      return JSON.stringify(ana.snapshot.messages) === JSON.stringify(ben.snapshot.messages)
    })
    const late = joinAt(server.url, 'change')
    await isLive(late)
    const seen = ({ snapshot }: Room): unknown =>
      snapshot.messages.map(({ id, text, deleted, reactions }) => ({
        id,
        text,
        deleted,
        reactions,
      }))
    expect(seen(late)).toEqual(seen(ben))
    await expect(ben.edit(one, 'not mine')).rejects.toMatchObject({
      problem: { status: 403, code: 'not-yours' },
    })
  })

  test('history goes back to the start, and opens around a message', async () => {
    const at = { base: server.url, secret: newSecret() }
    for (let i = 0; i < 120; i++) await client.say(at, 'past', { text: `${i}` }, `key-${i}`)
    const room = joinAt(server.url, 'past')
    await isLive(room)
    expect(texts(room)).toHaveLength(50)
    while (room.snapshot.older !== 'end') await room.older()
    expect(texts(room)).toEqual(Array.from({ length: 120 }, (_, i) => `${i}`))
    const { id } = room.snapshot.messages[60]!
    expect(await room.around(id)).toBe(true)
    expect(texts(room)).toContain('60')
    expect(room.snapshot.newer).toBe('more')
    while (room.snapshot.newer !== 'end') await room.newer()
    expect(texts(room).at(-1)).toBe('119')
  })

  test('who is here and who is typing', async () => {
    const secret = newSecret()
    const [ana, ben] = [joinAt(server.url, 'here', secret), joinAt(server.url, 'here')]
    await until('each sees both', () =>
      [ana, ben].every(({ snapshot }) => snapshot.people.list?.length === 2),
    )
    ana.typing()
    await until('she is seen typing', () => ben.snapshot.typing.length === 1)
    await ana.say('done')
    await until('she is not typing any more', () => ben.snapshot.typing.length === 0)
    const anas = ana.snapshot.me?.person
    const isAway = (): boolean =>
      ben.snapshot.people.list?.find(({ person }) => person === anas)?.away === true
    const asAna = { base: server.url, secret }
    await client.away(asAna, 'here')
    await until('she is away', isAway)
    await client.away(asAna, 'here', false)
    await until('she is back', () => !isAway())
  })

  test('a room is made, looked after, and entered by a link', async () => {
    const [host, guest] = [newSecret(), newSecret()].map((secret) => ({
      base: server.url,
      secret,
    })) as [client.Server, client.Server]
    const { room } = await hosting.makeRoom(host)
    await hosting.changeSettings(host, room, { title: 'Choir', speak: 'speakers', listed: true })
    expect((await hosting.rooms(guest)).rooms).toContainEqual(
      expect.objectContaining({ room, title: 'Choir' }),
    )
    const hears = joinAt(server.url, room, guest.secret)
    await isLive(hears)
    await until('the settings are known', () => hears.snapshot.settings.title === 'Choir')
    await hears.say('let me in')
    await until('it is refused', () => hears.snapshot.pending[0]?.state.phase === 'failed')

    const made = await hosting.makeLink(host, room, { role: 'speak', label: 'singers' })
    await hears.accept(made.secret)
    expect(hears.snapshot.role).toBe('speak')
    await hears.retry(hears.snapshot.pending[0]!.key)
    await until('it is said', () => texts(hears).length === 1)
    const [said] = hears.snapshot.messages

    await hosting.report(guest, room, { message: said!.id, reason: 'a trial' })
    expect((await hosting.reports(host, room)).reports).toMatchObject([{ message: said!.id }])
    await hosting.dismissReport(host, room, said!.id)
    const { person } = said!.from
    await hosting.mute(host, room, { person, minutes: 5 })
    expect((await hosting.mutes(host, room)).mutes).toMatchObject([{ person }])
    await hosting.unmute(host, room, person)
    const hidden = await hosting.removeMany(host, room, { person })
    await until('it is hidden', () => hears.snapshot.messages[0]?.deleted === true)
    await hosting.undo(host, room, hidden.act!)
    await until('it is back', () => hears.snapshot.messages[0]?.text === 'let me in')
    expect(hosting.reported(guest, room)).toEqual(new Set([said!.id]))

    await hosting.changeSettings(host, room, { speak: 'everyone', review: 'newcomers' })
    const newcomer = { base: server.url, secret: newSecret() }
    for (const [key, text] of ['may I?', 'or this?'].entries())
      expect(await client.say(newcomer, room, { text }, `k${key}`)).toMatchObject({
        held: true,
        text,
      })
    expect((await hosting.held(newcomer, room)).held).toHaveLength(2)
    const [first, second] = (await hosting.held(host, room)).held
    await hosting.refuse(host, room, second!.id)
    await hosting.approve(host, room, first!.id)
    await until('it is heard', () => texts(hears).at(-1) === 'may I?')

    const words = { patterns: ['owl*'], contacts: false }
    expect(await hosting.changeFilter(host, room, words)).toEqual(words)
    expect(await hosting.filter(host, room)).toEqual(words)
    const owls = await client.say(newcomer, room, { text: 'Owls!' }, 'k2')
    expect(owls).toMatchObject({ held: true })

    const again = await hosting.rotateLink(host, room, made.link.id)
    await hosting.dropLink(host, room, again.link.id)
    expect((await hosting.links(host, room)).links.map(({ role }) => role)).toEqual(['own'])

    await hosting.ban(host, room, { person, reason: 'a trial' })
    await until('it is out', () => hears.snapshot.connection.phase === 'refused')
    expect((await hosting.bans(host, room)).bans).toMatchObject([{ person, reason: 'a trial' }])
    await hosting.unban(host, room, person)
    hears.reconnect()
    await isLive(hears)
    const { acts } = await hosting.log(host, room)
    expect(acts[0]).toMatchObject({ what: 'ban', about: person, done: false })
    await expect(hosting.log(guest, room)).rejects.toMatchObject({ problem: { status: 403 } })
  })

  test('a bad name is refused, with the words of the server', async () => {
    const room = joinAt(server.url, 'No Such Room')
    await until('it is refused', () => room.snapshot.connection.phase === 'refused')
    expect(room.snapshot.connection).toMatchObject({ problem: { code: 'bad-room', status: 404 } })
  })

  test("the EventSource class hears the stream and the tutorial's", async () => {
    const heard: string[] = []
    const room = new EventSource(`${server.url}/r/lobby`)
    const bare = new EventSource(`${server.url}/sse`)
    room.onmessage = ({ data }) => heard.push((JSON.parse(data as string) as { text: string }).text)
    bare.onmessage = ({ data }) => heard.push(`bare ${data}`)
    await until('both are open', () => room.readyState === 1 && bare.readyState === 1)
    await client.say({ base: server.url }, 'lobby', { text: 'hello' }, 'key')
    await until('both heard it', () => heard.length === 2)
    expect(heard.toSorted()).toEqual(['bare hello', 'hello'])
    room.close()
    bare.close()
  })
})

test('killed and restarted in mid-conversation: everything once, in one order, for all', async () => {
  const data = await mkdtemp(join(tmpdir(), 'hearsay-client-'))
  const server = await RealServer.start('--data', data, '--limits', 'off')
  try {
    const people = [1, 2, 3].map(() => joinAt(server.url, 'lobby'))
    await Promise.all(people.map(isLive))
    const wanted: string[] = []
    for (let round = 0; round < 4; round++) {
      const writing = people.map(async (room, person) => {
        for (let i = 0; i < 10; i++) {
          const text = `${person} says ${round}.${i}`
          wanted.push(text)
          await room.say(text)
        }
      })
      // In the middle of it, wherever that is.
      await until('something is said', () => texts(people[0]!).length > round * 30 + 3)
      await server.kill()
      await Promise.all(writing)
      await server.start()
      for (const room of people) room.reconnect()
      await until('all is said', () => people.every((room) => texts(room).length === wanted.length))
    }
    for (const room of people) {
      expect(texts(room)).toEqual(texts(people[0]!))
      expect(room.snapshot.gaps).toEqual([])
      expect(room.snapshot.pending).toEqual([])
    }
    expect(texts(people[0]!).toSorted()).toEqual(wanted.toSorted())
    for (const person of [0, 1, 2]) {
      const own = texts(people[0]!).filter((text) => text.startsWith(`${person} `))
      expect(own).toEqual(wanted.filter((text) => text.startsWith(`${person} `)))
    }
  } finally {
    for (const room of joined.splice(0)) room.leave()
    await server.stop()
    await rm(data, { recursive: true })
  }
}, 60_000)
