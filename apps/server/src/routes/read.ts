import { resolveCursor } from '@hearsay/engine'
import { limits as sizes } from '@hearsay/protocol'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { hearerOf } from '../doer.ts'
import type { Parts } from '../parts.ts'
import { Refusal } from '../refusal.ts'
import { checkRoom } from '../room-name.ts'

const roomOf = (request: FastifyRequest): string =>
  checkRoom((request.params as { room: string }).room)

const json = 'application/json; charset=utf-8'

/** `GET /r/{room}` as facts about the room. */
export async function getFacts(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const {
    room: { name: room },
  } = await hearerOf(parts, request, roomOf(request))
  const facts = (await parts.log.facts(room)) ?? {
    room,
    messages: 0,
    newest: null,
    oldest: null,
    settings: {},
  }
  return reply
    .header('cache-control', 'no-cache')
    .send({ ...facts, listeners: parts.hub.topic(room).count })
}

/** `GET /r/{room}/messages?before=&after=&limit=` */
export async function getMessages(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const {
    room: { name: room },
  } = await hearerOf(parts, request, roomOf(request))
  const { before, after, limit } = request.query as Record<string, string | undefined>
  const count = limit === undefined ? sizes.pageDefault : Number(limit)
  if (!/^\d{1,3}$/.test(limit ?? '1') || count < 1 || count > sizes.page)
    throw new Refusal('bad-query', `"limit" takes a number from 1 to ${sizes.page}.`)
  const page = await parts.log.page(room, {
    limit: count,
    ...(before === undefined ? {} : { before: seqOf(parts, 'before', before) }),
    ...(after === undefined ? {} : { after: seqOf(parts, 'after', after) }),
  })
  return reply
    .header('content-type', json)
    .header('cache-control', 'no-cache')
    .send(
      `{"messages":[${page.messages.join(',')}],"before":${JSON.stringify(page.before)},"after":${JSON.stringify(page.after)}}`,
    )
}

/** `GET /r/{room}/messages/{id}` */
export async function getMessage(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const {
    room: { name: room },
  } = await hearerOf(parts, request, roomOf(request))
  const seq = resolveCursor((request.params as { id: string }).id, parts.log.epochs, parts.log.head)
  const message = typeof seq === 'number' ? await parts.log.message(room, seq) : null
  if (message === null) throw new Refusal('not-found', 'There is no such message in this room.')
  return reply.header('content-type', json).header('cache-control', 'no-cache').send(message)
}

function seqOf({ log }: Parts, parameter: string, id: string): number {
  const seq = resolveCursor(id, log.epochs, log.head)
  if (typeof seq !== 'number')
    throw new Refusal('bad-query', `"${parameter}" takes the id of an event of this server.`)
  return seq
}
