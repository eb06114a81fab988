import { setTimeout as sleep } from 'node:timers/promises'
import { chainFault, lastId } from '../load/transcript.ts'
import type { Scenario, Stage } from '../stage.ts'

const listeners = 5000
const behind = 200

/** All listeners leave, miss some messages, and come back at once. */
async function comeBack(
  stage: Stage,
  restart: boolean,
): Promise<{ seconds: number; stall: number; load: number }> {
  const count = stage.quick ? 200 : listeners
  await stage.start()
  const before = stage.crowd({ witnesses: 1 })
  await before.open(count)
  let talk = stage.talk()
  await talk.reach(before)
  talk.say(performance.now())
  await before.until(count, 5000)
  const cursor = lastId(before.listeners[0]?.kept ?? [])
  if (cursor === null) throw new Error('no id came with the messages')
  await before.close()
  await sleep(500)

  const first = stage.said.next
  await talk.run(500, behind / 500)
  await talk.poster.settled()
  talk.check()
  talk.poster.close()
  if (restart) await stage.start()
  talk = stage.talk()
  const endProbe = await stage.probe()
  const after = stage.crowd({ cursor, witnesses: 20 })
  const effort = stage.effort()
  const start = performance.now()
  const opened = after.open(count, count)
  const whole = await after.until(count * behind, 60_000)
  await opened
  const seconds = (performance.now() - start) / 1000
  const used = effort()
  const { worst } = await endProbe()
  const expected = { count: behind, sum: stage.said.since(first).sum }
  let fault = whole
    ? after.fault(expected)
    : `after 60 s ${after.delivered} of ${count * behind} messages had come`
  if (fault === null && stage.peer.name === 'hearsay') {
    for (const { kept } of after.listeners)
      fault ??= kept === null ? null : chainFault(kept, cursor)
  }
  if (fault !== null) stage.notes.add(fault)
  // They stand at the head only if they hear what is said now.
  await talk.reach(after)
  talk.poster.close()
  await after.close()
  stage.progress(
    `${restart ? 'after a restart' : 'running'}: all back in ${seconds.toFixed(2)} s, deaf for ${worst.toFixed(0)} ms at worst`,
  )
  return { seconds, stall: worst, load: used.load }
}

async function run(stage: Stage): Promise<{ figures: Record<string, number | null> }> {
  const warm = await comeBack(stage, false)
  const cold = stage.peer.resumes === 'restarted' ? await comeBack(stage, true) : null
  return {
    figures: {
      warm: warm.seconds,
      warmStall: warm.stall,
      cold: cold?.seconds ?? null,
      coldStall: cold?.stall ?? null,
      load: warm.load,
    },
  }
}

export const comeback: Scenario = {
  name: 'comeback',
  title: 'Everyone comes back',
  what: `${listeners} listeners leave; ${behind} messages are said; all come back in the same moment with \`Last-Event-ID\`. Time until each has read all ${behind} (a million messages in all), and the longest that the server left a small request waiting meanwhile, asked every 10 ms by a third process. Running: the server went on in between. Restarted: it was stopped and started, so that nothing of the room was in its memory.`,
  bound: 240,
  takes: ({ resumes }) => resumes !== undefined,
  run,
}
