import { limits as sizes } from '@hearsay/protocol'
import type { Say } from '@hearsay/protocol'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { preferred } from '../accept.ts'
import { readSay, textOf } from '../body.ts'
import { doerOf, notTooOften } from '../doer.ts'
import type { Appended } from '../log/log.ts'
import type { Parts } from '../parts.ts'
import { Refusal } from '../refusal.ts'
import { checkRoom } from '../room-name.ts'
import { cleanText } from '../text.ts'
import { refuseUnasked } from '../trust.ts'

const keyPattern = /^[!-~]{1,128}$/

/** Says something in a room, for whoever sent this request. */
async function say(
  parts: Parts,
  request: FastifyRequest,
  room: string,
  said: Say,
): Promise<Appended> {
  const doer = await doerOf(parts, request, room, said.name)
  doer.room.checkSpeak(doer.from.person, parts.clock())
  const text = cleanText(said.text)
  notTooOften(parts, 'say', doer, said.text.length)
  parts.presence.rename(room, doer.from)
  return parts.log.append({
    kind: 'message',
    room,
    at: parts.clock(),
    from: doer.from,
    text,
    ...(said.replyTo === undefined ? {} : { replyTo: said.replyTo }),
    ...(said.key === undefined ? {} : { key: said.key }),
  })
}

/** `POST /r/{room}` */
export async function postMessage(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const room = checkRoom((request.params as { room: string }).room)
  const { headers } = request.raw
  const body = readSay(
    headers['content-type'],
    (request.body as Uint8Array | undefined) ?? new Uint8Array(),
  )
  const key = headers['idempotency-key'] ?? body.key
  if (key !== undefined && (typeof key !== 'string' || !keyPattern.test(key)))
    throw new Refusal('bad-key')
  const { event, first } = await say(
    parts,
    request,
    room,
    key === undefined ? body : { ...body, key },
  )
  // A page without JavaScript sent its form: it shows the room again.
  if (preferred(headers.accept) === 'text/html')
    return reply.code(303).header('location', `/r/${room}`).send()
  return reply
    .code(first ? 201 : 200)
    .header('content-type', 'application/json; charset=utf-8')
    .header('location', `/r/${room}/messages/${event.id}`)
    .send(event.json)
}

/** `GET /chat?message=`: the tutorial's way of saying something, in its one room. */
export async function getChat(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { headers, url = '' } = request.raw
  refuseUnasked(headers)
  const text = queryText(url)
  if (text.length > sizes.body) throw new Refusal('too-large')
  const { event } = await say(parts, request, 'lobby', { text })
  return reply
    .code(201)
    .header('content-type', 'application/json; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(event.json)
}

/**
 * The text after `message=`. The tutorial's page puts what was typed into the URL as it is, so the text goes on to the
 * end: an `&` in it ends nothing. A `+` is a space only where a form's encoding (WHATWG URL, section 5.2) wrote the
 * whole of it, and a `%` that begins no byte is a percent sign.
 */
function queryText(url: string): string {
  const at = url.search(/[?&]message=/)
  if (at < 0) throw new Refusal('empty-text', 'Send what you say as ?message=.')
  let raw = url.slice(at + '?message='.length)
  if (/^(?:[\w*.+-]|%[0-9a-f]{2})*$/i.test(raw) && !raw.includes('%20'))
    raw = raw.replaceAll('+', ' ')
  const bytes = raw.replace(/%(?![0-9a-f]{2})/gi, '%25')
  try {
    return decodeURIComponent(bytes)
  } catch {
    // Let the one place that judges UTF-8 say it.
    return textOf(Uint8Array.of(0xff))
  }
}
