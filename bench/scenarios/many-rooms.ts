import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Histogram } from '../load/histogram.ts'
import { residentExact } from '../measure/process.ts'
import type { Scenario, Stage, Talk } from '../stage.ts'

const rooms = 200_000
const together = 64
const rate = 200
const MB = 2 ** 20

const roomOf = (index: number): string => `room-${index}`

/** Says one message in each of the rooms from `first` on, as fast as they are taken. */
async function sayOnce(talk: Talk, first: number, count: number): Promise<void> {
  let next = first
  const again = (): void => {
    if (next < first + count) talk.say(performance.now(), roomOf(next++), again)
  }
  for (let i = 0; i < together; i++) again()
  await talk.poster.settled()
}

/** What the server holds once it has nothing to do: the least of some looks, a garbage collection apart. */
async function atRest(stage: Stage): Promise<number> {
  let least = Infinity
  for (let look = 0; look < 10; look++) {
    await sleep(stage.quick ? 50 : 500)
    least = Math.min(least, residentExact(stage.server.pid))
  }
  return least
}

/** Writes 4 KiB with fdatasync now and then, from here: how long the disk itself makes everyone wait. */
async function watchDisk(stage: Stage): Promise<() => Promise<number>> {
  const file = await open(join(stage.dir, 'disk-probe'), 'w')
  const block = Buffer.alloc(4096, 1)
  const latency = new Histogram()
  let isOn = true
  const watch = async (): Promise<void> => {
    while (isOn) {
      const before = performance.now()
      await file.write(block, 0, block.length, 0)
      await file.datasync()
      latency.record(performance.now() - before)
      await sleep(20)
    }
    await file.close()
  }
  const watched = watch()
  return async () => {
    isOn = false
    await watched
    return latency.at(0.99)
  }
}

/** Time from when a message was due in a room that nobody spoke in lately to its answer. */
async function sayInCold(
  stage: Stage,
  count: number,
): Promise<{ p50: number; p99: number; disk: number }> {
  const talk = stage.talk()
  const seconds = stage.quick ? 1 : 10
  // The connections, and the server's code, are warm: the rooms are not.
  await sayOnce(talk, rooms, together)
  talk.check()
  talk.poster.latency.clear()
  const disk = await watchDisk(stage)
  const effort = stage.effort()
  // A prime step: none twice, and none of those that were spoken in last.
  await talk.run(rate, seconds, (index) => roomOf((index * 7919) % Math.floor(count / 2)))
  await talk.poster.settled()
  // What other processes took of the core is noted with it.
  effort()
  talk.check()
  talk.poster.close()
  const { latency } = talk.poster
  return { p50: latency.at(0.5), p99: latency.at(0.99), disk: await disk() }
}

async function run(stage: Stage): Promise<{ figures: Record<string, number> }> {
  const count = stage.quick ? 2000 : rooms
  await stage.start()
  const talk = stage.talk({ connections: together })
  // A server that was used: what its code and its buffers take is not the rooms'.
  for (let i = 0; i < (stage.quick ? 500 : 20_000); i++) talk.say(performance.now())
  await talk.poster.settled()
  talk.check()
  const base = await atRest(stage)
  const start = performance.now()
  const effort = stage.effort()
  let most = 0
  const watch = setInterval(() => (most = Math.max(most, residentExact(stage.server.pid))), 500)
  await sayOnce(talk, 0, count)
  clearInterval(watch)
  const { cpu, load } = effort()
  talk.check()
  talk.poster.close()
  const took = (performance.now() - start) / 1000
  const all = await atRest(stage)
  stage.progress(`${count} rooms made in ${took.toFixed(0)} s, ${Math.round((all - base) / MB)} MB`)
  const cold = await sayInCold(stage, count)
  await stage.start()
  const restarted = await sayInCold(stage, count)
  const again = await atRest(stage)
  return {
    figures: {
      growth: (all - base) / MB,
      most: (Math.max(most, all) - base) / MB,
      p50: cold.p50,
      p99: cold.p99,
      disk: cold.disk,
      restartedP99: restarted.p99,
      restarted: again / MB,
      cpu: (cpu * 1000) / count,
      load,
    },
  }
}

export const coldRooms: Scenario = {
  name: 'many-rooms',
  title: 'Rooms nobody is in',
  what: `One message is said in each of ${rooms} rooms, in which nobody listens. Memory is what the server holds afterwards, at rest, more than before, when it had taken 20000 messages in one room; and the most that was seen on the way. Then ${rate} messages a second are said for ten seconds in rooms of the first half, each in another one, and once more after a restart: the time from when each was due to its answer. Beside it, how long a bare write with fdatasync took at the same time, from another process: what no answer that waits for the disk can be quicker than.`,
  bound: 600,
  takes: ({ rooms: knows, resumes }) => knows === true && resumes === 'restarted',
  run,
}
