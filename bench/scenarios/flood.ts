import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Poster } from '../load/poster.ts'
import { pace } from '../load/pace.ts'
import { textOf } from '../load/text.ts'
import { lastId } from '../load/transcript.ts'
import { resident, residentExact } from '../measure/process.ts'
import type { Scenario, Stage } from '../stage.ts'

const people = 50
const flooders = 200
const each = 20
const MB = 2 ** 20

/** Seconds between two messages of one of those who were there. */
const pause = 5

/** Somebody with a secret, from a network of his own. */
const from = (who: string, network: string): string[] => [
  `Authorization: Bearer ${who.padEnd(32, '-')}`,
  `X-Forwarded-For: ${network}`,
]
const guest = (index: number, there: number): string[] =>
  from(`there-${there}-${index}`, `10.${there + 1}.0.${index}`)
const flooder = (index: number): string[] =>
  from(`flood-${index}`, `10.9.${index >> 8}.${index & 255}`)
const asText = ['Accept: application/json', 'Content-Type: text/plain']

/** Bytes of the log's files. */
const kept = (dir: string): number =>
  readdirSync(dir).reduce((sum, file) => sum + statSync(join(dir, file)).size, 0)

async function run(stage: Stage): Promise<{ figures: Record<string, number> }> {
  const seconds = stage.quick ? 2 : 40
  const rooms = ['bench', 'elsewhere']
  // Everyone is back after a restart, as after an update: from then on they are those who were there.
  await stage.start('guarded')
  const before = stage.crowd({ witnesses: 1, headers: () => guest(0, 0) })
  await before.open(1)
  const talker = new Poster(stage.server.port, 16)
  let turn = 0
  const say = (due: number): void => {
    const [there, index] = [turn % 2, (turn >> 1) % people]
    turn++
    const number = stage.said.add(due)
    const headers = [...asText, ...guest(index, there)]
    talker.post({ path: `/r/${rooms[there]!}`, headers, body: textOf(number, 100) }, due)
  }
  say(performance.now())
  await before.until(1, 5000)
  await talker.settled()
  const cursor = lastId(before.listeners[0]!.kept!)!
  await before.close()
  await stage.start('guarded')
  const [near, far] = rooms.map((room, there) =>
    stage.crowd({ room: () => room, cursor, headers: (index) => guest(index, there) }),
  ) as [ReturnType<Stage['crowd']>, ReturnType<Stage['crowd']>]
  await Promise.all([near.open(people), far.open(people)])
  turn = 0

  /** Those who were there talk; answers how late their words came to each of the others. */
  const talk = async (): Promise<{ near: number; far: number; cpu: number; load: number }> => {
    for (const crowd of [near, far]) crowd.begin()
    const effort = stage.effort()
    const said = stage.said.next
    await pace((2 * people) / pause, seconds, say)
    await talker.settled()
    const used = effort()
    const heard = ((stage.said.next - said) / 2) * people
    const whole = await Promise.all([near.until(heard, 5000), far.until(heard, 5000)])
    if (whole.includes(false) || near.delivered + far.delivered !== 2 * heard)
      stage.notes.add(`${near.delivered} and ${far.delivered} of ${heard} messages came`)
    return { near: near.latency.at(0.99), far: far.latency.at(0.99), ...used }
  }

  const calm = await talk()
  stage.progress(`calm: p99 ${calm.near.toFixed(1)} ms, elsewhere ${calm.far.toFixed(1)} ms`)
  const flood = new Poster(stage.server.port, flooders)
  const dir = join(stage.dir, 'data')
  const start = { memory: residentExact(stage.server.pid), kept: kept(dir) }
  let most = start.memory
  const watch = setInterval(() => (most = Math.max(most, resident(stage.server.pid))), 100)
  let sent = 0
  const stormed = pace(flooders * each, seconds, (due) => {
    const headers = [...asText, ...flooder(sent % flooders)]
    flood.post({ path: '/r/bench', headers, body: `flood ${sent++}` }, due)
  })
  const storm = await talk()
  const late = await stormed
  await flood.settled()
  clearInterval(watch)
  most = Math.max(most, residentExact(stage.server.pid))
  const refused = flood.statuses.get('429') ?? 0
  const others = [...flood.statuses].filter(([status]) => status !== '429' && status[0] !== '2')
  if (others.length > 0) stage.notes.add(`the flood was also answered ${JSON.stringify(others)}`)
  if (talker.failed > 0)
    stage.notes.add(`somebody who was there was refused: ${talker.firstFailure}`)
  stage.progress(
    `flood: ${sent} sent (at worst ${late.toFixed(0)} ms late), ${flood.answered} taken, ${refused} refused`,
  )
  talker.close()
  flood.close()
  await Promise.all([near.close(), far.close()])
  return {
    figures: {
      p99: storm.near,
      elsewhere: storm.far,
      calm: Math.max(calm.near, calm.far),
      errors: talker.failed,
      heeded: 1 - talker.failed / (talker.failed + talker.answered),
      offered: sent / seconds,
      taken: flood.answered,
      cpu: ((storm.cpu - calm.cpu) * 1000) / sent,
      growth: (most - start.memory) / MB,
      kept: (kept(dir) - start.kept) / MB,
      load: storm.load,
    },
  }
}

export const flood: Scenario = {
  name: 'flood',
  title: 'A flood',
  what: `${flooders} people who have just come, each from a network of his own, say ${each} things a second each into a room for 40 seconds, with the server's limits on. ${people} who were there say a word every ${pause} seconds and listen, and so do ${people} in another room: how late their words come to one another, from when each was due, and how many of them are refused. The price is what the server used more than in the 40 seconds before, for each thing that the flood sent; and what its memory and its files grew by.`,
  bound: 150,
  takes: (peer) => 'guarded' in peer,
  run,
}
