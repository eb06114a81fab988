import { fileIdPattern, limits as sizes, type Attachment } from '@hearsay/protocol'
import type { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { checkFiles, doerOf, notTooBusy, type Doer } from '../doer.ts'
import type { Progress, Sender } from '../files/files.ts'
import { networkOf, type Parts } from '../parts.ts'
import { parameter } from '../query.ts'
import { Refusal } from '../refusal.ts'
import { checkRoom } from '../room-name.ts'
import { cleanLine } from '../text.ts'

/** Bytes that a file costs at least, of what may be sent in a time. */
const COST = 64 * 1024

/** Milliseconds in which a reader takes something of what he asked for. */
const STALLED = 60_000

const isFileId = new RegExp(fileIdPattern)

/** Who sends a file, or a piece of it. */
async function senderOf(parts: Parts, request: FastifyRequest): Promise<Doer> {
  const room = checkRoom((request.params as { room: string }).room)
  const doer = await doerOf(parts, request, room)
  checkFiles(parts, doer)
  doer.room.checkSpeak(doer.from.person, parts.clock())
  return doer
}

const whose = ({ room, from, network }: Doer): Sender => ({
  room: room.name,
  person: from.person,
  network,
})

const bytesOf = ({ body }: FastifyRequest): Uint8Array =>
  (body as Uint8Array | undefined) ?? new Uint8Array()

/** `POST /r/{room}/files?size=&name=`: a file, or its first piece. */
export async function postFile(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const piece = bytesOf(request)
  const size = numberOf(request, 'size') ?? piece.length
  const name = nameOf(parameter(request, 'name') ?? '')
  const doer = await senderOf(parts, request)
  // What newcomers say while there are too many of them waits; what they send would lie there.
  if (
    doer.room.granted(doer.from.person) === null &&
    parts.raids.isNewcomer(doer.room.name, doer.from.person)
  )
    throw new Refusal('newcomers-wait', undefined, 30_000)
  // For all of it, as all of it may come. Anybody can own a room, so its host is measured too.
  notTooBusy(parts, doer, 'attach', Math.max(COST, Math.min(size, sizes.file)))
  return answer(reply, parts.files.begin(whose(doer), name, size, piece))
}

/** `PATCH /r/{room}/files/{file}?at=`: the next piece. */
export async function patchFile(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { file } = request.params as { file: string }
  const at = numberOf(request, 'at')
  if (at === undefined) throw new Refusal('bad-query', '"at" says where the piece begins.')
  const piece = bytesOf(request)
  const doer = await senderOf(parts, request)
  return answer(reply, parts.files.goOn(file, whose(doer), at, piece))
}

/** 201 with what it is, once it is whole and durable; 202 with how far it has come. */
async function answer(reply: FastifyReply, { id, at, whole }: Progress): Promise<FastifyReply> {
  void reply.header('cache-control', 'no-store')
  return whole === null ? reply.code(202).send({ id, at }) : reply.code(201).send(await whole)
}

/** A number of bytes. @throws Refusal `bad-query` */
function numberOf(request: FastifyRequest, name: string): number | undefined {
  const text = parameter(request, name)
  if (text !== undefined && !/^\d{1,12}$/.test(text))
    throw new Refusal('bad-query', `"${name}" takes a number of bytes.`)
  return text === undefined ? undefined : Number(text)
}

/** What is not seen, or turns letters round, or is a space that is no space to look at. */
const unseen = /[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\u2800]/gu

/** A name that leads to no folder, says what kind of file it is, and hides nothing; the empty one where nothing is left of it. */
function nameOf(raw: string): string {
  const name = cleanLine(cleanLine(raw).replace(unseen, '')).replace(/^.*[/\\]/, '')
  const dot = name.lastIndexOf('.')
  const end = dot > 0 && name.length - dot <= 12 ? name.slice(dot) : ''
  const fits = name.length <= sizes.fileName
  return fits ? name : name.slice(0, sizes.fileName - end.length).toWellFormed() + end
}

/**
 * `GET /r/{room}/files/{file}`: whoever knows its id may have it. A picture is shown, anything else is kept as a file: a
 * browser neither guesses what it is nor runs anything in it.
 */
export async function getFile(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { room, file } = request.params as { room: string; file: string }
  const reader = { room: checkRoom(room), network: networkOf(parts, request) }
  const found = isFileId.test(file) ? await parts.files.open(file, reader) : null
  if (found === null) throw new Refusal('not-found', 'There is no such file in this room.')
  const { facts, read } = found
  const isHead = request.method === 'HEAD'
  const content = isHead ? null : read()
  void reply.headers({
    'content-type': facts.type,
    'content-length': facts.size,
    'content-disposition': dispositionOf(facts),
    'content-security-policy': "default-src 'none'; sandbox",
    // Pages of other origins may show what they may read.
    'cross-origin-resource-policy': 'cross-origin',
    'cache-control': 'private, max-age=3600, immutable',
  })
  if (content === null) return reply.send()
  cutStalled(reply.raw, content)
  return reply.send(content)
}

/** Ends an answer of which nothing was taken for a minute. */
function cutStalled(raw: FastifyReply['raw'], content: Readable): void {
  const cut = (): void => {
    content.destroy()
    raw.destroy()
  }
  let timer = setTimeout(cut, STALLED)
  const go = (): void => {
    clearTimeout(timer)
    timer = setTimeout(cut, STALLED)
  }
  raw.on('drain', go)
  raw.once('close', () => clearTimeout(timer))
}

/** RFC 6266, with the name as RFC 8187 writes it. */
function dispositionOf({ type, name }: Attachment): string {
  const how = type.startsWith('image/') ? 'inline' : 'attachment'
  if (name === undefined) return how
  const safe = /['()*]/g
  const percent = (each: string): string => `%${each.charCodeAt(0).toString(16)}`
  return `${how}; filename*=UTF-8''${encodeURIComponent(name).replace(safe, percent)}`
}
