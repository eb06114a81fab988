import type { Scenario, Stage } from '../stage.ts'

const rooms = 10_000
const rate = 2000

const roomOf = (index: number): string => `room-${index}`

interface Measured {
  readonly p50: number
  readonly p99: number
  readonly cpu: number
  readonly load: number
}

/** One listener in each of `count` rooms; posts go to one room after another. */
async function talkIn(stage: Stage, count: number): Promise<Measured> {
  const seconds = stage.quick ? 2 : 8
  await stage.start()
  const crowd = stage.crowd({ room: roomOf })
  await crowd.open(count, 100)
  const talk = stage.talk()
  // Every room is spoken in once before anything is measured: that is what makes a room.
  await talk.run(rate, Math.max(1, count / rate), (index) => roomOf(index % count))
  if (!(await crowd.until(Math.max(rate, count), 20_000))) {
    throw new Error(`${crowd.delivered} of ${Math.max(rate, count)} messages came`)
  }
  await talk.poster.settled()
  crowd.begin()
  const expected = new Float64Array(2 * count)
  let said = 0
  // A prime step spreads neighbours in time over the whole crowd.
  const pick = (index: number): number => (index * 7919) % count
  const effort = stage.effort()
  await talk.run(rate, seconds, (index) => {
    const room = pick(index)
    expected[2 * room]! += 1
    expected[2 * room + 1]! += stage.said.next
    said++
    return roomOf(room)
  })
  const whole = await crowd.until(said, 10_000)
  await talk.poster.settled()
  const used = effort()
  const wrong = crowd.listeners.filter(
    ({ count: heard, sum }, room) => heard !== expected[2 * room] || sum !== expected[2 * room + 1],
  ).length
  if (!whole || wrong > 0)
    stage.notes.add(`${wrong} listeners have not heard exactly what was said in their room`)
  talk.check()
  talk.poster.close()
  await crowd.close()
  const measured = {
    p50: crowd.latency.at(0.5),
    p99: crowd.latency.at(0.99),
    cpu: (used.cpu * 1000) / said,
    load: used.load,
  }
  stage.progress(
    `${count} rooms: p99 ${measured.p99.toFixed(1)} ms, ${measured.cpu.toFixed(0)} us a post`,
  )
  return measured
}

async function run(stage: Stage): Promise<{ figures: Record<string, number> }> {
  const many = await talkIn(stage, stage.quick ? 500 : rooms)
  const one = await talkIn(stage, 1)
  return {
    figures: {
      p50: many.p50,
      p99: many.p99,
      cpu: many.cpu,
      oneP99: one.p99,
      oneCpu: one.cpu,
      ratio: many.cpu / one.cpu,
      load: many.load,
    },
  }
}

export const manyRooms: Scenario = {
  name: 'rooms',
  title: 'Many rooms',
  what: `${rooms} rooms with one listener each, ${rate} posts a second that go to one room after another, for eight seconds. CPU per post is all that the server used, for taking the post, storing it and delivering it once. Compared with the same rate in one room with one listener, on a fresh server: the difference is the price of there being many rooms.`,
  bound: 150,
  takes: ({ rooms: knows }) => knows === true,
  run,
}
