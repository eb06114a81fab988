import { chainFault } from '../load/transcript.ts'
import { resident, residentExact } from '../measure/process.ts'
import type { Scenario, Stage } from '../stage.ts'

const stuck = 100
const healthy = 100
const length = 4000
const rate = 250
const megabytes = 20

async function run(stage: Stage): Promise<{ figures: Record<string, number> }> {
  const seconds = stage.quick ? 2 : (megabytes * 1e6) / length / rate
  await stage.start()
  const well = stage.crowd()
  await well.open(healthy)
  const slow = stage.crowd({ witnesses: 10 })
  await slow.open(stuck)
  const talk = stage.talk({ length })
  // Everyone reads at first, so that what any stream needs at all is in the baseline.
  await talk.reach(slow, well)
  await talk.run(rate, stage.quick ? 0.5 : 2)
  await talk.poster.settled()
  await talk.reach(slow, well)

  const first = stage.said.next
  for (const { socket } of slow.listeners) socket.pause()
  const before = residentExact(stage.server.pid)
  let most = before
  const watch = setInterval(() => {
    most = Math.max(most, resident(stage.server.pid))
  }, 100)
  const effort = stage.effort()
  await talk.run(rate, seconds)
  const total = stage.said.next - first
  await well.until(well.listeners.length * total, 20_000)
  const used = effort()
  clearInterval(watch)
  most = Math.max(most, residentExact(stage.server.pid))
  const p99 = well.latency.at(0.99)
  const expected = stage.said.since(first)
  const fault = well.fault(expected)
  if (fault !== null) stage.notes.add(`those who read: ${fault}`)
  const read = slow.delivered / stuck
  stage.progress(
    `resident memory grew by ${Math.round((most - before) / 1e6)} MB, p99 of the others ${p99.toFixed(1)} ms`,
  )

  const start = performance.now()
  for (const { socket } of slow.listeners) socket.resume()
  const whole = await slow.until(slow.listeners.length * total, 60_000)
  const recovered = (performance.now() - start) / 1000
  let hole = whole
    ? slow.fault(expected)
    : `${slow.delivered} of ${stuck * total} messages came, ${slow.lost} streams were closed`
  if (hole === null && stage.peer.name === 'hearsay') {
    for (const { kept } of slow.listeners) hole ??= kept === null ? null : chainFault(kept, null)
  }
  if (hole !== null) stage.notes.add(`those who had stopped: ${hole}`)
  talk.check()
  talk.poster.close()
  await Promise.all([well.close(), slow.close()])
  stage.progress(
    `read on after ${total - Math.round(read)} messages: ${hole ?? 'no hole'}, at the head in ${recovered.toFixed(1)} s`,
  )
  return {
    figures: {
      growth: (most - before) / 2 ** 20,
      p99,
      recovered: whole ? recovered : NaN,
      whole: hole === null ? 1 : 0,
      load: used.load,
    },
  }
}

export const stalled: Scenario = {
  name: 'stalled',
  title: 'Listeners that stop reading',
  what: `${stuck} listeners stop reading while ${megabytes} MB are said in their room (messages of ${length} characters, ${rate} a second), and ${healthy} others read on. How much the server's resident memory grows at most, and how late the others are. Then the ${stuck} read on, and each must get everything it missed, once and in order, on the stream it has.`,
  bound: 180,
  takes: ({ name }) => ['hearsay', 'engine', 'nchan', 'better-sse', 'ws'].includes(name),
  run,
}
