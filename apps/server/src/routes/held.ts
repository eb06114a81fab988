import { resolveCursor } from '@hearsay/engine'
import type { Held } from '@hearsay/protocol'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { hearerOf, keep, note, notTooBusy, notTooOften, type Doer } from '../doer.ts'
import type { Parts } from '../parts.ts'
import { seqParameter } from '../query.ts'
import { Refusal } from '../refusal.ts'
import { atLeast, type Room } from '../rooms/room.ts'
import { checkRoom } from '../room-name.ts'
import { backwards } from './removals.ts'

/** What is held on a page. */
const PAGE = 100
/** Milliseconds after which somebody who spoke is no newcomer. */
const NEW = 10 * 60_000
/** Messages that are looked through for people who are no newcomers, and how many of them are remembered. */
const LOOKED = 2000
const REGULARS = 500

/** All that can be held in a room: what one person's own is looked for in. */
const ALL = 500

const hearer = (parts: Parts, request: FastifyRequest): Promise<Doer> =>
  hearerOf(parts, request, checkRoom((request.params as { room: string }).room))

/** `GET /r/{room}/held?after=`: for who looks after the room all that waits, for anybody else his own. */
export async function getHeld(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const after = seqParameter(parts, request, 'after') ?? 0
  const doer = await hearer(parts, request)
  const { room, from, isGuest } = doer
  const isHost = atLeast(from.role, 'moderate')
  // A guest is whoever is behind his network now: it is not shown to the next one.
  if (!isHost && isGuest) return reply.header('cache-control', 'no-store').send(pageOf([]))
  const lines = await parts.log.held(room.name, after, isHost ? PAGE + 1 : ALL)
  const all = lines.map((line) => JSON.parse(line) as Held)
  const seen = isHost ? all : all.filter((held) => held.from.person === from.person)
  return reply.header('cache-control', 'no-store').send(pageOf(seen))
}

function pageOf(all: readonly Held[]): { held: readonly Held[]; after: string | null } {
  const held = all.slice(0, PAGE)
  return { held, after: all.length > PAGE ? held.at(-1)!.id : null }
}

/** From now on newcomers are held: those who spoke here before are none. */
export async function rememberRegulars(parts: Parts, doer: Doer): Promise<void> {
  const until = parts.clock() - NEW
  const regulars = new Set<string>()
  let looked = 0
  for await (const { at, from, deleted } of backwards(parts, doer.room.name)) {
    if (Date.parse(at) < until && !deleted) regulars.add(from.person)
    if (++looked === LOOKED || regulars.size === REGULARS) break
  }
  if (regulars.size > 0) await keep(parts, doer, 'known', 'before', [...regulars])
}

/** What a call is about. @throws Refusal `not-found` */
async function heldOf({ log }: Parts, request: FastifyRequest, room: Room): Promise<Held> {
  const { id } = request.params as { id: string }
  const seq = resolveCursor(id, log.epochs, log.head)
  const [line] = typeof seq === 'number' ? await log.held(room.name, seq - 1, 1) : []
  const held = line === undefined ? null : (JSON.parse(line) as Held)
  if (held?.id !== id) throw new Refusal('not-found', 'Nothing of this id waits in this room.')
  return held
}

/** `POST /r/{room}/held/{id}`: approves it. It is said now, by its author, who is no newcomer any more. */
export async function approveHeld(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const doer = await hearer(parts, request)
  const { room } = doer
  room.checkRole(doer.from.person, 'moderate', parts.clock())
  notTooBusy(parts, doer, 'penalize')
  const { id, from, text, replyTo, key, files } = await heldOf(parts, request, room)
  const { event } = await parts.log.append({
    kind: 'message',
    room: room.name,
    at: parts.clock(),
    from,
    text,
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(key === undefined ? {} : { key }),
    ...(files === undefined ? {} : { files }),
    held: id,
  })
  parts.counts.said++
  await note(parts, doer, 'held', event.id, true)
  if (!room.knows(from.person)) await keep(parts, doer, 'known', from.person, [from.person])
  return reply
    .code(201)
    .header('content-type', 'application/json; charset=utf-8')
    .header('location', `/r/${room.name}/messages/${event.id}`)
    .send(event.json)
}

/** `DELETE /r/{room}/held/{id}`: refuses it; or its author takes it back. 204 when nothing of it is left on the disk. */
export async function dropHeld(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const doer = await hearer(parts, request)
  notTooOften(parts, 'react', doer)
  const { room, from, isGuest } = doer
  const held = await heldOf(parts, request, room)
  const isOwn = !isGuest && held.from.person === from.person
  // To anybody else it is not there.
  if (!isOwn && !atLeast(from.role, 'moderate'))
    throw new Refusal('not-found', 'Nothing of this id waits in this room.')
  const entry = { room: room.name, at: parts.clock(), from, target: held.id }
  await parts.log.append({ kind: 'drop', ...entry })
  return reply.code(204).send()
}
