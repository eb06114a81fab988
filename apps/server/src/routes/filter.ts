import { Filter } from '@hearsay/protocol'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Compile } from 'typebox/compile'
import { readJsonBody } from '../body.ts'
import { keep, moderatorOf, notTooBusy } from '../doer.ts'
import type { Parts } from '../parts.ts'
import { Refusal } from '../refusal.ts'
import { isPattern } from '../rooms/filter.ts'
import type { Room } from '../rooms/room.ts'
import { cleanLine } from '../text.ts'

const asFilter = Compile(Filter)

const none: Filter = { patterns: [], contacts: false }

/** `GET /r/{room}/filter` */
export async function getFilter(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { room } = await moderatorOf(parts, request)
  return reply.header('cache-control', 'no-store').send(room.filter?.kept ?? none)
}

/** `PUT /r/{room}/filter`: from now on; what was said before stays. */
export async function putFilter(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { patterns: sent, contacts } = readJsonBody(request, asFilter)
  const doer = await moderatorOf(parts, request)
  // Nobody is told of it; but it is kept, also as it was before, so that it can be taken back.
  notTooBusy(parts, doer, 'penalize', (request.body as Uint8Array).length)
  const patterns = [...new Set(sent.map((pattern) => cleanLine(pattern)))]
  const empty = patterns.find((pattern) => !isPattern(pattern))
  if (empty !== undefined)
    throw new Refusal('bad-body', `A pattern has a letter or a digit in it, unlike "${empty}".`)
  const filter = patterns.length > 0 || contacts ? { patterns, contacts } : null
  if (JSON.stringify(filter) !== JSON.stringify(doer.room.filter?.kept ?? null))
    await keep(parts, doer, 'filter', 'room', filter)
  hideNames(parts, doer.room)
  return reply.header('cache-control', 'no-store').send(filter ?? none)
}

/** Who is here under a name that is filtered now is shown by his mark, until he takes another one. */
export function hideNames({ presence }: Parts, room: Room): void {
  for (const from of presence.of(room.name).people ?? [])
    if (room.isFiltered(from.name, from.person))
      presence.rename(room.name, { ...from, name: from.mark })
}
