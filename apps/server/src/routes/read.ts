import { resolveCursor } from '@hearsay/engine'
import { limits as sizes } from '@hearsay/protocol'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { hearerOf } from '../doer.ts'
import type { Parts } from '../parts.ts'
import { countParameter, parameter, seqParameter } from '../query.ts'
import { Refusal } from '../refusal.ts'
import { checkRoom } from '../room-name.ts'
import { searchMessages } from './search.ts'

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
    expired: false,
    settings: {},
  }
  return reply
    .header('cache-control', 'no-cache')
    .send({ ...facts, listeners: parts.hub.topic(room).count })
}

/** `GET /r/{room}/messages?before=&after=&around=&limit=`, or with `q=` a search. */
export async function getMessages(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (parameter(request, 'q') !== undefined) return searchMessages(parts, request, reply)
  const {
    room: { name: room },
  } = await hearerOf(parts, request, roomOf(request))
  const limit = countParameter(request, 'limit', { most: sizes.page, standard: sizes.pageDefault })
  const before = seqParameter(parts, request, 'before')
  const after = seqParameter(parts, request, 'after')
  const around = seqParameter(parts, request, 'around')
  if (around !== undefined && (before !== undefined || after !== undefined))
    throw new Refusal('bad-query', '"around" stands alone.')
  const page = await parts.log.page(room, {
    limit,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
    ...(around === undefined ? {} : { around }),
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
