import { chainFault } from '../load/transcript.ts'
import type { Scenario, Stage } from '../stage.ts'

const listeners = 1000
const rate = 50

/** The middle one of an odd number of measurements. */
function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN
}

async function run(stage: Stage): Promise<{ figures: Record<string, number> }> {
  const windows = stage.quick ? 1 : 3
  const seconds = stage.quick ? 2 : 5
  await stage.start()
  const crowd = stage.crowd({ witnesses: 20 })
  await crowd.open(stage.quick ? 100 : listeners)
  const talk = stage.talk({ connections: 16 })
  await talk.reach(crowd)
  const warm = stage.said.next
  await talk.run(rate, stage.quick ? 0.5 : 3)
  await crowd.until(crowd.listeners.length * (stage.said.next - warm), 10_000)
  await talk.poster.settled()
  await talk.reach(crowd)

  const cpu: number[] = []
  const p50: number[] = []
  const p99: number[] = []
  const load: number[] = []
  const together: number[] = []
  for (let window = 0; window < windows; window++) {
    crowd.begin()
    const first = stage.said.next
    const effort = stage.effort()
    await talk.run(rate, seconds)
    await crowd.until(crowd.listeners.length * (stage.said.next - first), 20_000)
    const used = effort()
    const fault =
      crowd.fault(stage.said.since(first)) ??
      (stage.peer.name === 'hearsay' ? chains(crowd.listeners) : null)
    if (fault !== null) stage.notes.add(fault)
    cpu.push((used.cpu * 1000) / crowd.delivered)
    p50.push(crowd.latency.at(0.5))
    p99.push(crowd.latency.at(0.99))
    load.push(used.load)
    together.push(crowd.delivered / crowd.reads)
    stage.progress(`${cpu.at(-1)!.toFixed(1)} us a delivery`)
  }
  talk.check()
  talk.poster.close()
  await crowd.close()
  return {
    figures: {
      cpu: median(cpu),
      p50: median(p50),
      p99: median(p99),
      load: median(load),
      together: median(together),
    },
  }
}

function chains(listeners: readonly { readonly kept: readonly Buffer[] | null }[]): string | null {
  for (const { kept } of listeners) {
    const fault = kept === null ? null : chainFault(kept, null)
    if (fault !== null) return fault
  }
  return null
}

export const isolated: Scenario = {
  name: 'isolated',
  title: 'Isolated messages',
  what: `${listeners} listeners in one room, ${rate} messages a second posted one by one for three times five seconds (the median of the three is given): a quiet room, where no two messages can share a write. Messages to a read tells whether that was so: 1 where each came alone. CPU per delivery is all that the server's process used, kernel time included, divided by the messages that arrived.`,
  bound: 120,
  takes: ({ reference }) => reference !== true,
  run,
}
