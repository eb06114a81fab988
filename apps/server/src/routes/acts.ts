import { resolveCursor } from '@hearsay/engine'
import { Undo, type Act, type SettingsChange } from '@hearsay/protocol'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Compile } from 'typebox/compile'
import { readJsonBody } from '../body.ts'
import { hostOf, keep, moderatorOf, note, type Doer } from '../doer.ts'
import { hiddenFor } from '../log/hidden.ts'
import type { Parts } from '../parts.ts'
import { parameter } from '../query.ts'
import { Refusal } from '../refusal.ts'
import type { Penalty, Room } from '../rooms/room.ts'
import { hideNames } from './filter.ts'
import { checkOther } from './moderation.ts'
import { appendAll } from './removals.ts'
import { changeSettings } from './rooms.ts'

const asUndo = Compile(Undo)

/** Lines of the host's log on a page. */
const ACTS = 100
/** What the log keeps that is no act of anybody: who is no newcomer. */
const silent: ReadonlySet<string> = new Set(['known'])

/** A line of the log, as it is kept. */
interface Line {
  readonly id: string
  readonly at: string
  readonly from: Act['from']
  readonly space: Act['what']
  readonly name: string
  readonly value: unknown
  /** Of a record: what was kept under its name before. */
  readonly before?: unknown
}

/** What was changed, and from what. */
interface Settled {
  readonly before: SettingsChange
  readonly after: SettingsChange
}

/** `GET /r/{room}/log?before=`: what was done by whom, newest first. */
export async function getLog(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { room } = await moderatorOf(parts, request)
  const before = parameter(request, 'before')
  const { log } = parts
  const from = before === undefined ? log.head + 1 : resolveCursor(before, log.epochs, log.head)
  if (typeof from !== 'number') throw new Refusal('bad-query', '"before" takes the id of an act.')
  const hidden = new Map((await log.hidden(room.name)).map(({ act, messages }) => [act, messages]))
  const now = parts.clock()
  const acts: Act[] = []
  for await (const line of lines(parts, room, from)) {
    if (silent.has(line.space)) continue
    const { id, at, from: by, space, name, value } = line
    const messages = hidden.get(id) ?? 0
    const until = Date.parse(at) + hiddenFor
    acts.push({
      id,
      at,
      from: by,
      what: space,
      about: name,
      done: value !== null,
      ...(until > now && canUndo(room, line, messages)
        ? { until: new Date(until).toISOString() }
        : {}),
      ...(space === 'removal' ? { messages } : {}),
    })
    if (acts.length === ACTS) break
  }
  return reply.header('cache-control', 'no-store').send({ acts })
}

/** Lines before a seq, newest first. */
async function* lines({ log }: Parts, room: Room, from: number): AsyncGenerator<Line> {
  for (let before = from; ;) {
    const page = await log.recorded(room.name, before, ACTS)
    const all = page.map((line) => JSON.parse(line) as Line)
    yield* all
    const last = all.length === ACTS && resolveCursor(all.at(-1)!.id, log.epochs, log.head)
    if (typeof last !== 'number') return
    before = last
  }
}

/** Whether what an act did still stands as it left it. @param messages of a removal: how many can be put back */
function canUndo(room: Room, { space, name, value }: Line, messages: number): boolean {
  switch (space) {
    case 'removal':
      return messages > 0
    case 'ban':
      return isStill(room.bans.get(name), value)
    case 'mute':
      return isStill(room.mutes.get(name), value)
    case 'report':
      // That something was reported is not for the host to take back, that it was looked at is.
      return value === null && !room.reports.has(name)
    case 'filter':
      return isStill(room.filter?.kept, value)
    case 'settings': {
      const { after } = value as Settled
      return Object.entries(after).every(
        ([key, set]) => room.settings[key as keyof SettingsChange] === set,
      )
    }
    case 'link':
    case 'grant':
    case 'kick':
    case 'raid':
    case 'held':
    case 'edit':
    case 'undo':
      return false
  }
}

const isStill = (kept: unknown, set: unknown): boolean =>
  JSON.stringify(kept ?? null) === JSON.stringify(set)

/** `POST /r/{room}/undo`: takes back an act of the last hour. */
export async function postUndo(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { act } = readJsonBody(request, asUndo)
  const doer = await hostOf(parts, request)
  const { room } = doer
  const { log } = parts
  const seq = resolveCursor(act, log.epochs, log.head)
  const [json] = typeof seq === 'number' ? await log.recorded(room.name, seq + 1, 1) : []
  const line = json === undefined ? null : (JSON.parse(json) as Line)
  if (line?.id !== act || typeof seq !== 'number' || silent.has(line.space))
    throw new Refusal('not-found', 'The log of this room has no such act.')
  const now = parts.clock()
  if (Date.parse(line.at) + hiddenFor <= now) throw new Refusal('too-late')
  const hidden = line.space === 'removal' ? await log.hiddenBy(room.name, act) : []
  if (!canUndo(room, line, hidden.length)) throw new Refusal('not-undoable')
  if (line.space === 'ban' || line.space === 'mute') checkOther(doer, line.name)
  const messages = await takeBack(parts, doer, line, hidden)
  await note(parts, doer, 'undo', act, { messages })
  return reply.send({ act, messages })
}

/** @returns how many messages are back */
async function takeBack(
  parts: Parts,
  doer: Doer,
  line: Line,
  hidden: readonly string[],
): Promise<number> {
  const { space, name } = line
  if (space === 'removal')
    return appendAll(parts, doer, hidden, (target) => ({ kind: 'edit', target, text: null }))
  if (space === 'settings') await changeSettings(parts, doer, (line.value as Settled).before)
  else {
    // A penalty that is over is none.
    const { until = Infinity } = (line.before ?? {}) as Partial<Penalty>
    const before = until > parts.clock() ? line.before : null
    await keep(parts, doer, space, name, before)
    if (space === 'filter') hideNames(parts, doer.room)
    if (space === 'ban' && before === null) doer.room.readmitNetworkOf(name)
    if (space === 'ban' && before !== null) parts.presence.expel(doer.room.name, name)
  }
  return 0
}
