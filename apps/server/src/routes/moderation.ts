import { resolveCursor } from '@hearsay/engine'
import {
  Kick,
  MakeReport,
  Penalize,
  type Message,
  type Penalty as Shown,
  type Report,
} from '@hearsay/protocol'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Compile } from 'typebox/compile'
import { readJsonBody } from '../body.ts'
import {
  checkAbove,
  hearerOf,
  keep,
  moderatorOf,
  notTooBusy,
  notTooOften,
  type Doer,
} from '../doer.ts'
import type { Parts } from '../parts.ts'
import { reviewTakes } from '../problem.ts'
import { Refusal } from '../refusal.ts'
import { checkRoom } from '../room-name.ts'
import type { Penalty } from '../rooms/room.ts'
import type { Sparse } from '../rooms/sparse.ts'
import { cleanLine } from '../text.ts'
import { remove } from './removals.ts'

const asKick = Compile(Kick)
const asPenalty = Compile(Penalize)
const asReport = Compile(MakeReport)

type Kind = 'ban' | 'mute'
type Route = (parts: Parts, request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>

const DAY = 1440

/** Milliseconds for which a kick lasts: long enough that nobody is back before he has read why. */
const KICK = 60_000

/** Reports that wait in a room, and networks that one of them counts. */
const REPORTS = 500
const REPORTERS = 100

const kept = ({ room }: Doer, kind: Kind): Sparse<Penalty> =>
  kind === 'ban' ? room.bans : room.mutes

/** `GET /r/{room}/bans` and `/mutes`: those that are in force. */
export function getPenalties(kind: Kind): Route {
  return async (parts, request, reply) => {
    const doer = await moderatorOf(parts, request)
    const now = parts.clock()
    const all = [...kept(doer, kind)]
      .filter(([, { until }]) => until > now)
      .map(([person, penalty]) => shown(person, penalty))
    return reply.header('cache-control', 'no-store').send({ [`${kind}s`]: all })
  }
}

/**
 * `POST /r/{room}/bans` and `/mutes`. A ban holds for the person, and as long as the server's daily key lasts for the network
 * he is here from; his streams end. With `remove` what he said in the last day is hidden too.
 */
export function postPenalty(kind: Kind): Route {
  return async (parts, request, reply) => {
    const body = readJsonBody(request, asPenalty)
    const { person, minutes = DAY } = body
    const reason = cleanLine(body.reason ?? '')
    const doer = await moderatorOf(parts, request)
    const { room } = doer
    const penalty = await penalize(parts, doer, kind, person, minutes * 60_000, reason)
    if (kind === 'ban') {
      const here = parts.presence.expel(room.name, person)
      const network = here ?? parts.spokeFrom.get(`${room.name} ${person}`)
      if (network !== undefined) room.banNetwork(network, person, penalty.until)
    }
    const removal = body.remove ? { removal: await remove(parts, doer, { person }) } : {}
    return reply.code(201).send({ ...shown(person, penalty), ...removal })
  }
}

/** `POST /r/{room}/kicks`: a minute without the room, for the person alone. */
export async function postKick(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { person, reason: why = '' } = readJsonBody(request, asKick)
  const reason = cleanLine(why)
  const doer = await moderatorOf(parts, request)
  const penalty = await penalize(parts, doer, 'kick', person, KICK, reason)
  parts.presence.expel(doer.room.name, person)
  return reply.code(201).send(shown(person, penalty))
}

/** @param lasts milliseconds @throws Refusal `not-allowed`, `slow-down` */
async function penalize(
  parts: Parts,
  doer: Doer,
  kind: Kind | 'kick',
  person: string,
  lasts: number,
  reason: string,
): Promise<Penalty> {
  checkAbove(doer, person)
  notTooBusy(parts, doer, 'penalize')
  const penalty: Penalty = { until: parts.clock() + lasts, reason, by: doer.from.name }
  await keep(parts, doer, kind, person, penalty)
  return penalty
}

const shown = (person: string, { until, reason, by }: Penalty): Shown => ({
  person,
  until: new Date(until).toISOString(),
  reason,
  by,
})

/** Nobody takes back what was done to himself. @throws Refusal `not-allowed` */
export function checkOther({ from }: Doer, person: string): void {
  if (person === from.person)
    throw new Refusal('not-allowed', 'It was done to you: somebody else has to take it back.')
}

/** `DELETE /r/{room}/bans/{person}` and `/mutes/{person}` */
export function deletePenalty(kind: Kind): Route {
  return async (parts, request, reply) => {
    const { person } = request.params as { person: string }
    const doer = await moderatorOf(parts, request)
    if (!kept(doer, kind).has(person))
      throw new Refusal('not-found', 'There is nothing to take back.')
    checkOther(doer, person)
    notTooBusy(parts, doer, 'penalize')
    await keep(parts, doer, kind, person, null)
    if (kind === 'ban') doer.room.readmitNetworkOf(person)
    return reply.code(204).send()
  }
}

/** `POST /r/{room}/reports`: says to those who look after the room that something should go. It does nothing by itself. */
export async function postReport(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { message: target, reason: why = '' } = readJsonBody(request, asReport)
  const reason = cleanLine(why)
  const doer = await hearerOf(parts, request, checkRoom((request.params as { room: string }).room))
  notTooOften(parts, 'react', doer)
  const { log, clock } = parts
  const seq = resolveCursor(target, log.epochs, log.head)
  const json = typeof seq === 'number' ? await log.message(doer.room.name, seq) : null
  if (json === null || (JSON.parse(json) as Message).deleted)
    throw new Refusal('not-found', 'There is no such message in this room.')
  const { reports } = doer.room
  const before = reports.get(target)
  if (!before && reports.size >= REPORTS) throw new Refusal('review-full', undefined, reviewTakes)
  const networks = new Set(before?.networks)
  if (networks.size < REPORTERS) networks.add(doer.network)
  const report = {
    at: before?.at ?? clock(),
    reason: before?.reason || reason,
    networks: [...networks],
  }
  // What tells nothing new is not written once more.
  const isNews =
    report.networks.length !== before?.networks.length || report.reason !== before.reason
  if (isNews) await keep(parts, doer, 'report', target, report)
  return reply.code(204).send()
}

/** `GET /r/{room}/reports` */
export async function getReports(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { room } = await moderatorOf(parts, request)
  const reports: Report[] = [...room.reports].map(([target, { at, reason, networks }]) => ({
    id: target,
    message: target,
    reason,
    at: new Date(at).toISOString(),
    reporters: networks.length,
  }))
  return reply.header('cache-control', 'no-store').send({ reports })
}

/** `DELETE /r/{room}/reports/{id}`: it was looked at. */
export async function deleteReport(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { id } = request.params as { id: string }
  const doer = await moderatorOf(parts, request)
  if (!doer.room.reports.has(id)) throw new Refusal('not-found', 'There is no such report.')
  notTooBusy(parts, doer, 'penalize')
  await keep(parts, doer, 'report', id, null)
  return reply.code(204).send()
}
