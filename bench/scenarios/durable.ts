import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { Histogram } from '../load/histogram.ts'
import type { Scenario, Stage, Talk } from '../stage.ts'

const together = 64

/** What the disk can do by itself: one 4 KiB write and one fdatasync after another. */
function syncs(dir: string, seconds: number): { rate: number; p99: number } {
  const file = openSync(join(dir, 'sync-probe'), 'w')
  const block = Buffer.alloc(4096, 1)
  const latency = new Histogram()
  const start = performance.now()
  while (performance.now() - start < seconds * 1000) {
    const before = performance.now()
    writeSync(file, block)
    fdatasyncSync(file)
    latency.record(performance.now() - before)
  }
  closeSync(file)
  return { rate: latency.total / seconds, p99: latency.at(0.99) }
}

/** Keeps `together` posts under way for some seconds. */
async function closedLoop(talk: Talk, seconds: number): Promise<void> {
  const end = performance.now() + seconds * 1000
  const next = (): void => {
    const now = performance.now()
    if (now < end) talk.say(now, 'bench', next)
  }
  for (let i = 0; i < together; i++) next()
  await talk.poster.settled()
}

async function run(stage: Stage): Promise<{ figures: Record<string, number> }> {
  const seconds = stage.quick ? 2 : 10
  const disk = syncs(stage.dir, stage.quick ? 0.5 : 2)
  await stage.start()
  const talk = stage.talk({ connections: together })
  await closedLoop(talk, stage.quick ? 1 : 3)
  talk.check()
  const { poster } = talk
  poster.latency.clear()
  const before = poster.answered
  const effort = stage.effort()
  await closedLoop(talk, seconds)
  const used = effort()
  talk.check()
  const posts = poster.answered - before
  poster.close()
  return {
    figures: {
      rate: posts / seconds,
      p50: poster.latency.at(0.5),
      p99: poster.latency.at(0.99),
      cpu: (used.cpu * 1000) / posts,
      load: used.load,
      syncs: disk.rate,
      syncP99: disk.p99,
    },
  }
}

export const durable: Scenario = {
  name: 'durable',
  title: 'Durable posts',
  what: `Nobody listens; ${together} posts are always under way, each sent when one was answered, for ten seconds. An answer comes when the message is on disk. Beside it, for scale: how many 4 KiB writes with fdatasync the same disk takes one after another.`,
  bound: 60,
  takes: ({ resumes }) => resumes === 'restarted',
  run,
}
