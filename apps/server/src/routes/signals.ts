import type { FastifyReply, FastifyRequest } from 'fastify'
import { doerOf, hearerOf, notTooOften } from '../doer.ts'
import type { Parts } from '../parts.ts'
import { checkRoom } from '../room-name.ts'

/** `POST /r/{room}/typing`: tells the room, keeps nothing. */
export async function postTyping(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const room = checkRoom((request.params as { room: string }).room)
  const doer = await doerOf(parts, request, room)
  doer.room.checkSpeak(doer.from.person, parts.clock())
  notTooOften(parts, 'type', doer)
  parts.hub.topic(room).signal('typing', { room, from: doer.from })
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
