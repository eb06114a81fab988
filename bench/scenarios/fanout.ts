import type { Crowd } from '../load/crowd.ts'
import type { Scenario, Stage, Talk } from '../stage.ts'

const listeners = 1000
/** Milliseconds that the 99th percentile may take for a load to count as sustained. */
const bound = 1000
const ladder = [10, 20, 35, 50, 70, 100, 140, 200, 280, 400, 560, 800, 1000, 1400, 2000, 2800, 4000]

interface Point extends Record<string, number> {
  /** Posts a second. */
  offered: number
  /** Deliveries a second. */
  throughput: number
  p50: number
  p99: number
  sustained: 0 | 1
  /** Share of the load generator's core. */
  load: number
  cpu: number
  /** Messages that a read held, on average. */
  together: number
}

async function step(
  stage: Stage,
  crowd: Crowd,
  talk: Talk,
  rate: number,
  seconds: number,
): Promise<Point> {
  const { said } = stage
  const first = said.next
  crowd.begin()
  const effort = stage.effort()
  await talk.run(rate, seconds)
  const inTime = crowd.delivered
  const used = effort()
  const total = crowd.listeners.length * (said.next - first)
  const whole = await crowd.until(total, 3 * bound)
  if (whole) {
    const fault = crowd.fault(said.since(first))
    if (fault !== null) stage.notes.add(fault)
  } else {
    // What has not come yet is at least as late as it is now, and it is the newest of each listener.
    const now = performance.now()
    for (const { count } of crowd.listeners) {
      for (let number = first + count; number < said.next; number++)
        crowd.latency.record(now - said.at(number))
    }
  }
  const p99 = crowd.latency.at(0.99)
  const failed = talk.poster.failed > 0
  const sustained = !failed && inTime >= 0.95 * total && p99 <= bound ? 1 : 0
  const throughput = inTime / seconds
  stage.progress(
    `${rate} posts/s: ${Math.round(throughput)} deliveries/s, p99 ${p99.toFixed(1)} ms${sustained ? '' : ', not sustained'} (load ${Math.round(used.load * 100)} %)`,
  )
  return {
    offered: rate,
    throughput,
    p50: crowd.latency.at(0.5),
    p99,
    sustained,
    load: used.load,
    cpu: (used.cpu * 1000) / Math.max(1, inTime),
    together: crowd.delivered / Math.max(1, crowd.reads),
  }
}

/** A fresh server with its listeners, warmed up. */
async function gather(stage: Stage): Promise<{ crowd: Crowd; talk: Talk }> {
  await stage.start()
  const crowd = stage.crowd()
  await crowd.open(stage.quick ? 200 : listeners)
  const talk = stage.talk()
  await talk.reach(crowd)
  crowd.begin()
  const first = stage.said.next
  await talk.run(20, stage.quick ? 0.5 : 2)
  await crowd.until(crowd.listeners.length * (stage.said.next - first), 10_000)
  await talk.poster.settled()
  return { crowd, talk }
}

async function scatter({ crowd, talk }: { crowd: Crowd; talk: Talk }): Promise<void> {
  talk.poster.drop()
  talk.poster.close()
  await crowd.close()
}

async function run(
  stage: Stage,
): Promise<{ figures: Record<string, number | null>; points: Point[] }> {
  const seconds = stage.quick ? 1.5 : 4
  const points: Point[] = []
  let here = await gather(stage)
  const attempt = (rate: number): Promise<Point> =>
    step(stage, here.crowd, here.talk, rate, seconds)
  const again = async (): Promise<void> => {
    await scatter(here)
    here = await gather(stage)
  }
  for (const rate of stage.quick ? [50, 200, 1000] : ladder) {
    let point = await attempt(rate)
    if (point.sustained === 0) {
      // Once more on a fresh server: it may have been a passing thing on the machine.
      await again()
      point = await attempt(rate)
    }
    points.push(point)
    if (point.sustained === 0) break
  }
  const [good, bad] = points.slice(-2)
  if (!stage.quick && good?.sustained === 1 && bad?.sustained === 0) {
    await again()
    const between = await attempt(Math.round(Math.sqrt(good.offered * bad.offered)))
    points.splice(-1, 0, between)
  }
  await scatter(here)
  const best = points
    .filter(({ sustained }) => sustained === 1)
    .reduce<Point | null>((a, b) => (a === null || b.throughput > a.throughput ? b : a), null)
  const thousand = points.find(({ offered }) => offered === 1000) ?? null
  return {
    points,
    figures: {
      best: best?.throughput ?? null,
      offered: best?.offered ?? null,
      p99: best?.p99 ?? null,
      peak: Math.max(...points.map(({ throughput }) => throughput)),
      load: best?.load ?? null,
      together: best?.together ?? null,
      thousand: thousand?.throughput ?? null,
      thousandP99: thousand?.p99 ?? null,
    },
  }
}

export const fanout: Scenario = {
  name: 'fanout',
  title: 'A hot room',
  what: `${listeners} listeners in one room; the offered rate of posts rises step by step (four seconds each) until one is not sustained, twice, the second time on a fresh server; then a load between the last two is tried. Sustained: at least 95 % of what was offered has been delivered when the step ends, with the 99th percentile at one second at most. A message that never came counts as late as the end of the step's patience.`,
  bound: 240,
  takes: ({ reference }) => reference !== true,
  run,
}
