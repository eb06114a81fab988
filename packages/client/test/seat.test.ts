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
