import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RoomEvent } from '../src/place.ts'
import { RoomStream } from '../src/rooms.ts'
import { Seat } from '../src/seat.ts'
import { systemClock } from '../src/connection.ts'
import { Fixture } from './fixture.ts'
import { until } from './until.ts'

const room = 'lobby'

/** A leader with its stream, a follower behind a channel that loses and repeats what it likes. */
async function open(server: Fixture): Promise<{
  heard: string[]
  gaps: () => number
  channel: (acts: readonly string[]) => void
  leaderAt: () => string | undefined
  /** As when another one begins to lead. */
  ask: () => void
  close: () => void
}> {
  const heard: string[] = []
  let gaps = 0
  let acts: readonly string[] = []
  let at = 0
  let told: RoomEvent | undefined
  const at_ = { base: server.url }
  const seat: Seat = new Seat(
    room,
    {
      onEvent: (event) => {
        if (event.type === 'message') heard.push(event.data.text)
        else if (event.type === 'gap') gaps++
      },
      onState: () => {},
      onOpen: () => {},
    },
    { server: at_, clock: systemClock, onHole: () => answer(), onWhole: () => {} },
  )
  const stream = new RoomStream({
    server: at_,
    onEvent: (_room, event) => {
      const act = acts[at++ % Math.max(1, acts.length)]
      if (act === 'lose') return
      seat.hear(event)
      if (act === 'twice') seat.hear(event)
      if (act === 'stale' && told) seat.hear(told)
      told = event
    },
    onState: () => {},
  })
  // As over a channel: the answer comes in a later turn.
  const answer = (): void => {
    seat.wait()
    const after = seat.place.cursor
    setImmediate(() =>
      seat.join({
        at: stream.cursor(room),
        events: stream.since(room, after),
        people: undefined,
        waiting: undefined,
      }),
    )
  }
  stream.add([[room, undefined]])
  await until('the leader is live', () => stream.state?.phase === 'live')
  answer()
  await until('the follower is whole', () => seat.isWhole)
  return {
    heard,
    gaps: () => gaps,
    channel: (next) => {
      acts = next
      at = 0
    },
    leaderAt: () => stream.cursor(room),
    ask: answer,
    close: () => {
      seat.stop()
      stream.close()
    },
  }
}

test('whatever is lost, repeated or late on the way to it, a follower hears each event once, in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('tell', 'tell', 'tell', 'lose', 'twice', 'stale'), {
        minLength: 1,
        maxLength: 20,
      }),
      fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 5 }),
      async (acts, bursts) => {
        const server = await new Fixture().listen()
        const follower = await open(server)
        follower.channel(acts)
        for (const burst of bursts) {
          for (let i = 0; i < burst; i++) server.say(room, `${server.log.length + 1}`)
          await new Promise(setImmediate)
        }
        await until('the leader has all', () => follower.leaderAt() === server.log.at(-1)!.id)
        // The next thing that gets through shows what did not.
        follower.channel(['tell'])
        server.say(room, 'end')
        await until('the end came', () => follower.heard.at(-1) === 'end')
        expect(follower.heard).toEqual(server.texts(room))
        expect(follower.gaps()).toBe(0)
        follower.close()
        await server.stop()
      },
    ),
    { numRuns: 40 },
  )
}, 60_000)

/** One event that both have, then more than a leader keeps, of which the follower gets nothing; then it hears again. */
async function missMany(
  server: Fixture,
  follower: Awaited<ReturnType<typeof open>>,
): Promise<void> {
  server.say(room, '1')
  await until('it came', () => follower.heard.length === 1)
  follower.channel(['lose'])
  for (let i = 2; i <= 300; i++) server.say(room, `${i}`)
  await until('the leader has all', () => follower.leaderAt() === 'e1-300')
  expect(follower.heard).toEqual(['1'])
  follower.channel(['tell'])
  server.say(room, 'end')
  await until('the end came', () => follower.heard.at(-1) === 'end')
}

test('what the leader no longer has is fetched from the server, and what comes meanwhile waits behind it', async () => {
  const server = await new Fixture().listen()
  const follower = await open(server)
  await missMany(server, follower)
  expect(follower.heard).toEqual(server.texts(room))
  expect(follower.gaps()).toBe(0)
  follower.close()
  await server.stop()
})

test('what nobody has any more is told as a gap, once, and the rest is heard', async () => {
  const server = await new Fixture().listen()
  const follower = await open(server)
  server.leavesOut = ({ text }, isReplay) => isReplay && text === '7'
  await missMany(server, follower)
  expect(follower.heard).toEqual(server.texts(room).filter((text) => text !== '7'))
  expect(follower.gaps()).toBe(1)
  follower.close()
  await server.stop()
})

test.each([
  ['had heard it', 20],
  ['had heard nothing', 0],
])(
  'a log put back from a backup is a gap for a follower that was told nothing and %s',
  async (_name, count) => {
    const server = await new Fixture().listen()
    if (count === 0) for (let i = 1; i <= 20; i++) server.say('other', `${i}`)
    const follower = await open(server)
    for (let i = 1; i <= count; i++) server.say(room, `${i}`)
    await until('it came', () => follower.heard.length === count)
    follower.channel(['lose'])
    const { opened } = server
    server.restore(5)
    await until('the leader is back', () => server.opened > opened)
    server.say(room, 'lost on the way')
    if (count === 0) for (let i = 1; i <= 20; i++) server.say('other', `${i}`)
    await until('it came', () => follower.leaderAt() === 'e2-6')
    expect(follower.heard).toHaveLength(count)
    follower.channel(['tell'])
    // The seventh, which by its number had come long ago; or the twenty-seventh, which is the next one by its number.
    server.say(room, 'new')
    await until('it came', () => follower.heard.at(-1) === 'new')
    expect(follower.heard.slice(count)).toEqual(server.texts(room))
    expect(follower.gaps()).toBe(1)
    follower.close()
    await server.stop()
  },
)

test('a stream that is cut again and again before it tells of the gap ends in one all the same', async () => {
  const server = await new Fixture().listen()
  const follower = await open(server)
  for (let i = 1; i <= 20; i++) server.say(room, `${i}`)
  await until('it came', () => follower.heard.length === 20)
  // The new place, and no word of what is missing before it.
  server.intercept = ({ headers }, response) => {
    if (headers['last-event-id'] !== 'e1-20') return false
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.end('retry: 0\nid: e2-6\n\n')
    return true
  }
  const { opened } = server
  server.restore(5)
  server.say(room, 'not heard')
  await until('the leader is back', () => server.opened > opened)
  for (const text of ['new', 'newer']) server.say(room, text)
  await until('it came', () => follower.heard.at(-1) === 'newer')
  expect(follower.heard.slice(20)).toEqual(['new', 'newer'])
  expect(follower.gaps()).toBe(1)
  follower.close()
  await server.stop()
})

test('a gap after which nothing is left is told to who fetches what he missed', async () => {
  const server = await new Fixture().listen()
  const follower = await open(server)
  for (let i = 1; i <= 20; i++) server.say(room, `${i}`)
  await until('it came', () => follower.heard.length === 20)
  follower.channel(['lose'])
  const { opened } = server
  server.restore(0)
  await until('the leader is back', () => server.opened > opened)
  server.say('other', 'x')
  server.say(room, 'lost on the way')
  await until('it came', () => follower.leaderAt() === 'e2-2')
  // The stream that is opened for it has the gap, and nothing else.
  server.log.length = 0
  follower.ask()
  await until('it was told', () => follower.gaps() === 1)
  follower.close()
  await server.stop()
})
