import type { Attachment, Say } from '@hearsay/protocol'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { preferred } from '../accept.ts'
import { readSay, textOf } from '../body.ts'
import {
  checkFiles,
  doerOf,
  everywhere,
  notTooFast,
  notTooOften,
  notTooOftenTogether,
  type Doer,
} from '../doer.ts'
import type { Appended, Logged } from '../log/log.ts'
import { isTombstone } from '../log/wire.ts'
import { heedNewcomer, isHeld } from '../newcomers.ts'
import type { Parts } from '../parts.ts'
import { warned } from '../people/look-alikes.ts'
import { Refusal } from '../refusal.ts'
import { checkRoom } from '../room-name.ts'
import { cleanText } from '../text.ts'
import { refuseUnasked } from '../trust.ts'

const keyPattern = /^[!-~]{1,128}$/

/** Says something in a room, for whoever sent this request in so many bytes. */
async function say(
  parts: Parts,
  request: FastifyRequest,
  room: string,
  said: Say,
  bytes: number,
): Promise<Appended> {
  const doer = await doerOf(parts, request, room, said.name)
  doer.room.checkSpeak(doer.from.person, parts.clock())
  // Before any work is put into what was sent.
  notTooOften(parts, 'say', doer, bytes, false)
  await heedNewcomer(parts, request, doer)
  // A crowd that is made to wait leaves the room's share to those who were there.
  notTooOftenTogether(parts, 'say', doer, bytes)
  const files = await filesOf(parts, doer, said)
  // Said long ago, when there were its files.
  if (!Array.isArray(files)) return files
  const text = files.length > 0 && said.text.trim() === '' ? '' : cleanText(said.text)
  if (doer.room.isNew) notTooOften(parts, 'found', await everywhere(parts, request, doer))
  // Everyone here is told of it.
  if (parts.presence.isNewName(room, doer.from)) notTooOften(parts, 'rename', doer)
  notTooFast(parts, doer)
  const from = warned(parts.presence, doer.room, doer.from)
  doer.room.meet(from)
  if (doer.room.isOwned) parts.spokeFrom.set(`${room} ${from.person}`, doer.network)
  parts.presence.rename(room, from)
  const waits = isHeld(parts, doer) || doer.room.isFiltered(wordsOf(text, files), from.person)
  const kind = waits ? 'hold' : 'message'
  const appended = await parts.log.append({
    kind,
    room,
    at: parts.clock(),
    from,
    text,
    ...(said.replyTo === undefined ? {} : { replyTo: said.replyTo }),
    ...(said.key === undefined ? {} : { key: said.key }),
    ...(files.length === 0 ? {} : { files }),
  })
  doer.room.isNew = false
  // A key that was known said nothing.
  if (appended.first && kind === 'message') parts.counts.said++
  return appended
}

/**
 * The files that it names; or, where they are not there any more or not wanted any more, what was said before under its key.
 * @throws Refusal `no-files`, `not-a-guest`, `file-gone`
 */
async function filesOf(
  parts: Parts,
  doer: Doer,
  { files = [], key }: Say,
): Promise<Attachment[] | Appended> {
  if (files.length === 0) return []
  try {
    checkFiles(parts, doer)
    return await parts.files.of(files, { room: doer.room.name, person: doer.from.person })
  } catch (error) {
    const known = key === undefined ? null : await parts.log.keyed(doer.room.name, doer.from, key)
    if (known === null) throw error
    return { event: known, first: false }
  }
}

/** All of it that can be read: names of files, too. */
const wordsOf = (text: string, files: readonly Attachment[]): string =>
  [text, ...files.flatMap(({ name }) => name ?? [])].join('\n')

/** `POST /r/{room}` */
export async function postMessage(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const room = checkRoom((request.params as { room: string }).room)
  const { headers } = request.raw
  const bytes = (request.body as Uint8Array | undefined) ?? new Uint8Array()
  const body = readSay(headers['content-type'], bytes)
  const key = headers['idempotency-key'] ?? body.key
  if (key !== undefined && (typeof key !== 'string' || !keyPattern.test(key)))
    throw new Refusal('bad-key')
  const { event, first } = await say(
    parts,
    request,
    room,
    key === undefined ? body : { ...body, key },
    bytes.length,
  )
  // A page without JavaScript sent its form: it shows the room again.
  if (preferred(headers.accept) === 'text/html')
    return reply.code(303).header('location', `/r/${room}`).send()
  return sent(reply, event, first)
}

/** What was said; or with 202 what waits for review, and has no address yet. */
function sent(reply: FastifyReply, { kind, json, room, id }: Logged, first: boolean): FastifyReply {
  void reply.header('content-type', 'application/json; charset=utf-8')
  // Refused since, it is a tombstone like any other.
  if (kind === 'hold' && !isTombstone(json)) return reply.code(202).send(json)
  return reply
    .code(first ? 201 : 200)
    .header('location', `/r/${room}/messages/${id}`)
    .send(json)
}

/** `GET /chat?message=`: the tutorial's way of saying something, in its one room. */
export async function getChat(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { headers, url = '' } = request.raw
  refuseUnasked(headers)
  const text = queryText(url, headers['sec-fetch-site'] ?? headers.origin)
  const { event } = await say(parts, request, 'lobby', { text }, Buffer.byteLength(text))
  return sent(reply.header('cache-control', 'no-store'), event, true)
}

/**
 * The text after `message=`. The tutorial's page puts what was typed into the URL as it is, so the text goes on to the
 * end: an `&` in it ends nothing, a `+` is a plus, and a `%` that begins no byte is a percent sign. Programs that are no page
 * write a form's encoding (WHATWG URL, section 5.2), in which a `+` is a space.
 */
function queryText(url: string, page: string | undefined): string {
  const at = url.search(/[?&]message=/)
  if (at < 0) throw new Refusal('empty-text', 'Send what you say as ?message=.')
  let raw = url.slice(at + '?message='.length)
  const isForm = /^(?:[\w*.+-]|%[0-9a-f]{2})*$/i.test(raw) && !raw.includes('%20')
  if (page === undefined && isForm) raw = raw.replaceAll('+', ' ')
  const bytes = raw.replace(/%(?![0-9a-f]{2})/gi, '%25')
  try {
    return decodeURIComponent(bytes)
  } catch {
    // Let the one place that judges UTF-8 say it.
    return textOf(Uint8Array.of(0xff))
  }
}
