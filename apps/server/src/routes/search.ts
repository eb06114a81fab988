import { limits as sizes } from '@hearsay/protocol'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { hearerOf, notTooOften } from '../doer.ts'
import type { Parts } from '../parts.ts'
import { countParameter, parameter, seqParameter } from '../query.ts'
import { Refusal } from '../refusal.ts'
import { checkRoom } from '../room-name.ts'

/** What stands between words, for the index too: whatever is no letter, digit or mark on one. */
const between = /[^\p{L}\p{N}\p{M}\p{Co}]+/u

/** `GET /r/{room}/messages?q=&before=&limit=`: messages with all these words, newest first. */
export async function searchMessages(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const words = wordsOf(parameter(request, 'q') ?? '')
  for (const other of ['after', 'around'])
    if (parameter(request, other) !== undefined)
      throw new Refusal('bad-query', `A search is paged with "before", not with "${other}".`)
  const limit = countParameter(request, 'limit', { most: sizes.page, standard: sizes.pageDefault })
  const before = seqParameter(parts, request, 'before')
  const doer = await hearerOf(parts, request, checkRoom((request.params as { room: string }).room))
  notTooOften(parts, 'search', doer)
  const found = await parts.log.search(doer.room.name, words, {
    limit,
    ...(before === undefined ? {} : { before }),
  })
  return reply
    .header('content-type', 'application/json; charset=utf-8')
    .header('cache-control', 'no-cache')
    .send(
      `{"messages":[${found.messages.join(',')}],"before":${JSON.stringify(found.before)},"since":${JSON.stringify(found.since)}}`,
    )
}

/** @throws Refusal `bad-query` */
function wordsOf(query: string): readonly string[] {
  if (query.length > sizes.query)
    throw new Refusal('bad-query', `"q" takes ${sizes.query} characters at most.`)
  const words = [...new Set(query.split(between).filter((word) => word !== ''))]
  if (words.length === 0) throw new Refusal('bad-query', '"q" takes words to look for.')
  return words
}
