import { Name } from '@hearsay/protocol'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Compile } from 'typebox/compile'
import { readJsonBody } from '../body.ts'
import { doerOf, hearerOf, notTooOften } from '../doer.ts'
import type { Parts } from '../parts.ts'
import { warned } from '../people/look-alikes.ts'
import { checkRoom } from '../room-name.ts'

const asName = Compile(Name)

type Route = (parts: Parts, request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>

/** `POST` and `DELETE /r/{room}/typing`: tells the room, keeps nothing. */
export const setTyping =
  (isTyping: boolean): Route =>
  async (parts, request, reply) => {
    const room = checkRoom((request.params as { room: string }).room)
    const doer = await doerOf(parts, request, room)
    doer.room.checkSpeak(doer.from.person, parts.clock())
    notTooOften(parts, 'type', doer)
    // By the name that the others know: what is asked here has none.
    const from = parts.presence.known(room, doer.from.person) ?? doer.from
    parts.hub.topic(room).signal('typing', { room, from, ...(isTyping ? {} : { over: true }) })
    return reply.code(204).send()
  }

/** `PUT` and `DELETE /r/{room}/name`: goes by another name among those who are here. */
export const setName =
  (isChosen: boolean): Route =>
  async (parts, request, reply) => {
    const room = checkRoom((request.params as { room: string }).room)
    const own = await doerOf(parts, request, room)
    const doer = isChosen
      ? await doerOf(parts, request, room, readJsonBody(request, asName).name)
      : own
    doer.room.checkSpeak(doer.from.person, parts.clock())
    const { presence } = parts
    // Who came without a name takes his first one as if he had come with it.
    const isFirst = presence.known(room, own.from.person)?.name === own.from.name
    notTooOften(parts, presence.isNewName(room, doer.from) && !isFirst ? 'rename' : 'join', doer)
    const from = warned(presence, doer.room, doer.from)
    doer.room.meet(from)
    presence.rename(room, from)
    return reply.header('cache-control', 'no-cache').send(from)
  }

/** `PUT` and `DELETE /r/{room}/away`: no page of somebody who is here is in sight, or one is again. */
export const setAway =
  (isAway: boolean): Route =>
  async (parts, request, reply) => {
    const room = checkRoom((request.params as { room: string }).room)
    const doer = await hearerOf(parts, request, room)
    notTooOften(parts, 'type', doer)
    parts.presence.setAway(room, doer.from.person, isAway)
    return reply.code(204).send()
  }

/** `GET /r/{room}/people` */
export async function getPeople(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const room = checkRoom((request.params as { room: string }).room)
  await hearerOf(parts, request, room)
  return reply.header('cache-control', 'no-cache').send(parts.presence.of(room))
}
