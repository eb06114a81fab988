import { pace } from '../load/pace.ts'
import { textOf } from '../load/text.ts'
import type { Scenario, Stage } from '../stage.ts'

const listeners = 1000

/** What the load generator uses for one delivery when the server puts `copies` messages into each write. */
async function cost(
  stage: Stage,
  copies: number,
  rate: number,
): Promise<{ each: number; rate: number }> {
  const seconds = stage.quick ? 1 : 4
  await stage.start()
  const crowd = stage.crowd()
  await crowd.open(stage.quick ? 100 : listeners)
  const { poster } = stage.talk({ connections: 4 })
  let posted = 0
  const shout = (due: number): void => {
    const texts = Array.from({ length: copies }, () => textOf(stage.said.add(due), 100))
    posted++
    poster.post(stage.peer.say('bench', texts.join('|'), 0), due)
  }
  await pace(rate, 1, shout)
  await crowd.until(crowd.listeners.length * posted * copies, 10_000)
  crowd.begin()
  const first = stage.said.next
  const effort = stage.effort()
  const before = process.cpuUsage()
  posted = 0
  await pace(rate, seconds, shout)
  const own = process.cpuUsage(before)
  const { delivered } = crowd
  const { load } = effort()
  const whole = await crowd.until(crowd.listeners.length * posted * copies, 10_000)
  const fault = whole ? crowd.fault(stage.said.since(first)) : 'not everything came'
  if (fault !== null) stage.notes.add(fault)
  poster.close()
  await crowd.close()
  const each = (own.user + own.system) / delivered
  stage.progress(
    `${copies} to a write: ${each.toFixed(2)} us a delivery, ${Math.round(delivered / seconds)} deliveries/s, load ${Math.round(load * 100)} %`,
  )
  return { each, rate: delivered / seconds }
}

async function run(stage: Stage): Promise<{ figures: Record<string, number> }> {
  const single = await cost(stage, 1, 60)
  const few = await cost(stage, 8, 60)
  const bulk = await cost(stage, 32, 60)
  return {
    figures: { single: single.each, few: few.each, bulk: bulk.each, bulkRate: bulk.rate },
  }
}

export const ceiling: Scenario = {
  name: 'ceiling',
  title: 'What the load generator itself costs',
  what: `Not a peer: the cheapest server Node can be sends to ${listeners} listeners as fast as the generator asks. What the load generator uses of its own core for each delivery, where each comes in a read of its own, and where 8 or 32 come together. Its reciprocal is what one core of load can take; where the column "load generator" of a table below comes near 100 %, the figures beside it are a lower bound.`,
  bound: 90,
  takes: ({ reference }) => reference === true,
  run,
}
