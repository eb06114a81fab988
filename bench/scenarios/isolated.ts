import { chainFault } from '../load/transcript.ts'
import type { Scenario, Stage } from '../stage.ts'

const listeners = 1000
const rate = 50
/** Messages a second, for two seconds before anybody listens: a server that has run for a while has compiled what it runs. */
const before = 1000

async function run(stage: Stage): Promise<{ figures: Record<string, number> }> {
  await stage.start()
  const talk = stage.talk({ connections: 16 })
  await talk.run(before, stage.quick ? 0.5 : 2)
  await talk.poster.settled()
  const crowd = stage.crowd({ witnesses: 20 })
  await crowd.open(stage.quick ? 100 : listeners)
  await talk.reach(crowd)
  const warm = stage.said.next
  await talk.run(rate, stage.quick ? 0.5 : 3)
  await crowd.until(crowd.listeners.length * (stage.said.next - warm), 10_000)
  await talk.poster.settled()
  await talk.reach(crowd)

  const first = stage.said.next
  const effort = stage.effort()
  await talk.run(rate, stage.quick ? 2 : 5)
  await crowd.until(crowd.listeners.length * (stage.said.next - first), 20_000)
  const used = effort()
  const fault =
    crowd.fault(stage.said.since(first)) ??
    (stage.peer.name === 'hearsay' ? chains(crowd.listeners) : null)
  if (fault !== null) stage.notes.add(fault)
  talk.check()
  talk.poster.close()
  await crowd.close()
  return {
    figures: {
      cpu: (used.cpu * 1000) / crowd.delivered,
      p50: crowd.latency.at(0.5),
      p99: crowd.latency.at(0.99),
      load: used.load,
      together: crowd.delivered / crowd.reads,
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
  what: `${listeners} listeners in one room, ${rate} messages a second posted one by one for five seconds, five times with every peer once in each round, so that a machine whose speed drifts favours nobody (each figure is the median of its five). Every server has taken 2,000 messages before anybody listens, so that none is charged for compiling its code while it is measured. A quiet room, where no two messages can share a write. Messages to a read tells whether that was so: 1 where each came alone. CPU per delivery is all that the server's process used, kernel time included, divided by the messages that arrived.`,
  bound: 60,
  rounds: 5,
  takes: ({ reference }) => reference !== true,
  run,
}
