import { setTimeout as sleep } from 'node:timers/promises'
import { residentExact } from '../measure/process.ts'
import type { Scenario, Stage } from '../stage.ts'

const few = 1000
const many = 10_000

/** The least memory that the server holds within some seconds: collections of garbage come when they like. */
async function settled(stage: Stage, seconds: number): Promise<number> {
  let least = Infinity
  for (let waited = 0; waited < seconds; waited += 0.5) {
    await sleep(500)
    least = Math.min(least, residentExact(stage.server.pid))
  }
  return least
}

async function run(stage: Stage): Promise<{ figures: Record<string, number> }> {
  const [low, high] = stage.quick ? [100, 1000] : [few, many]
  await stage.start()
  const base = residentExact(stage.server.pid)
  const crowd = stage.crowd()
  const talk = stage.talk({ connections: 1 })
  await crowd.open(low, 100)
  await talk.reach(crowd)
  const withFew = await settled(stage, stage.quick ? 1 : 8)
  stage.progress(`${low} listeners: ${Math.round(withFew / 1e6)} MB`)
  await crowd.open(high - low, 100)
  await talk.reach(crowd)
  const withMany = await settled(stage, stage.quick ? 1 : 12)
  stage.progress(`${high} listeners: ${Math.round(withMany / 1e6)} MB`)
  if (crowd.lost > 0) stage.notes.add(`${crowd.lost} streams were closed by the server`)
  talk.check()
  talk.poster.close()
  await crowd.close()
  return {
    figures: {
      each: (withMany - withFew) / (high - low) / 1024,
      base: base / 2 ** 20,
      all: withMany / 2 ** 20,
    },
  }
}

export const idle: Scenario = {
  name: 'idle',
  title: 'Idle listeners',
  what: `${many} listeners who hear one message, which proves that they are there, and then nothing. Memory per listener is the slope of the server's resident memory between ${few} and ${many} of them, each the least seen within some seconds of quiet; nobody's garbage is collected by force. Sockets' buffers in the kernel are not in it, for nobody.`,
  bound: 180,
  takes: ({ name, reference }) => name !== 'tutorial' && reference !== true,
  run,
}
