import type { FastifyReply, FastifyRequest } from 'fastify'
import { doerOf, hearerOf, notTooOften } from '../doer.ts'
import type { Parts } from '../parts.ts'
import { checkRoom } from '../room-name.ts'

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
