import { resolveCursor } from '@hearsay/engine'
import type { Message } from '@hearsay/protocol'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { readText } from '../body.ts'
import { checkAbove, doerOf, note, notTooOften, type Doer } from '../doer.ts'
import type { ActName } from '../limits.ts'
import type { Entry } from '../log/log.ts'
import { heedNewcomer, isHeld } from '../newcomers.ts'
import type { Parts } from '../parts.ts'
import { Refusal } from '../refusal.ts'
import { atLeast } from '../rooms/room.ts'
import { checkRoom } from '../room-name.ts'
import { cleanText } from '../text.ts'

interface Target {
  readonly doer: Doer
  readonly message: Message
}

/** Who calls, where he is not too fast: before any work is put into what he wants. @throws Refusal */
async function callerOf(
  parts: Parts,
  request: FastifyRequest,
  act: ActName,
  bytes = 0,
): Promise<Doer> {
  const doer = await doerOf(parts, request, checkRoom((request.params as { room: string }).room))
  notTooOften(parts, act, doer, bytes)
  return doer
}

/** The message that a call is about. @throws Refusal `not-found` */
async function targetOf(parts: Parts, request: FastifyRequest, doer: Doer): Promise<Target> {
  const { id } = request.params as { id: string }
  const seq = resolveCursor(id, parts.log.epochs, parts.log.head)
  const json = typeof seq === 'number' ? await parts.log.message(doer.room.name, seq) : null
  if (json === null) throw new Refusal('not-found', 'There is no such message in this room.')
  return { doer, message: JSON.parse(json) as Message }
}

/** @throws Refusal `not-yours` */
function checkOwn({ doer, message }: Target): void {
  // A guest is everyone behind one address: what one of them said is not the others' to change.
  if (doer.isGuest || doer.from.person !== message.from.person) throw new Refusal('not-yours')
}

/**
 * His own, which he may take back even where he is out; or another's, where he looks after the room, and the other does not
 * as he does.
 *
 * @returns whether it is another's
 * @throws Refusal `not-yours`, `not-allowed`, `banned`, `removed`
 */
function checkMine({ clock }: Parts, target: Target): boolean {
  const { room, from } = target.doer
  const author = target.message.from.person
  if (author === from.person || !atLeast(from.role, 'moderate')) {
    checkOwn(target)
    return false
  }
  room.checkNotOut(from.person, clock())
  checkAbove(target.doer, author)
  return true
}

async function append(
  { log, clock }: Parts,
  { doer, message }: Target,
  change:
    | { kind: 'edit'; text: string }
    | { kind: 'delete' }
    | { kind: 'reaction'; emoji: string; on: boolean },
): Promise<string> {
  const { room, from } = doer
  const entry = { room: room.name, at: clock(), from, target: message.id, ...change } as Entry
  return (await log.append(entry)).event.json
}

const json = 'application/json; charset=utf-8'

/** `PATCH /r/{room}/messages/{id}`: one's own, or another's as a moderator, which everyone sees. */
export async function patchMessage(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { headers } = request.raw
  const bytes = (request.body as Uint8Array | undefined) ?? new Uint8Array()
  const doer = await callerOf(parts, request, 'say', bytes.length)
  doer.room.checkSpeak(doer.from.person, parts.clock())
  // Else what was approved could say anything a moment later.
  if (isHeld(parts, doer)) throw new Refusal('in-review')
  const text = cleanText(readText(headers['content-type'], bytes))
  const target = await targetOf(parts, request, doer)
  const isOthers = checkMine(parts, target)
  if (doer.room.isFiltered(text, doer.from.person))
    throw new Refusal('in-review', 'In these words it would wait for review: say it anew.')
  const event = await append(parts, target, { kind: 'edit', text })
  if (isOthers) await note(parts, doer, 'edit', target.message.id, {})
  return reply.header('content-type', json).send(event)
}

/** `DELETE /r/{room}/messages/{id}`: 200 when nothing of the text is left on the disk. */
export async function deleteMessage(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const doer = await callerOf(parts, request, 'react')
  const target = await targetOf(parts, request, doer)
  const isOthers = checkMine(parts, target)
  const { message } = target
  const event = await append(parts, target, { kind: 'delete' })
  if (isOthers && !message.deleted) await note(parts, doer, 'removal', message.id, { messages: 1 })
  return reply.header('content-type', json).send(event)
}

/** One emoji: a grapheme that is drawn as a picture (UTS 51). */
const emojiPattern = /^(?:\p{RGI_Emoji}|\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F?)$/v

/** `PUT` and `DELETE /r/{room}/messages/{id}/reactions/{emoji}` */
export function react(
  on: boolean,
): (parts: Parts, request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply> {
  return async (parts, request, reply) => {
    const { emoji } = request.params as { emoji: string }
    if (!emojiPattern.test(emoji)) throw new Refusal('bad-emoji')
    const doer = await callerOf(parts, request, 'react')
    if (doer.isGuest) throw new Refusal('not-a-guest')
    doer.room.checkSpeak(doer.from.person, parts.clock())
    if (on) await heedNewcomer(parts, request, doer)
    const target = await targetOf(parts, request, doer)
    return reply
      .header('content-type', json)
      .send(await append(parts, target, { kind: 'reaction', emoji, on }))
  }
}
