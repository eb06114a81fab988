import { resolveCursor } from '@hearsay/engine'
import { limits as sizes, Remove, type Message, type Removed } from '@hearsay/protocol'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Compile } from 'typebox/compile'
import { readJsonBody } from '../body.ts'
import { hostOf, note, type Doer } from '../doer.ts'
import { hiddenFor } from '../log/hidden.ts'
import type { Entry } from '../log/log.ts'
import type { Parts } from '../parts.ts'
import { Refusal } from '../refusal.ts'
import { atLeast } from '../rooms/room.ts'

const asRemove = Compile(Remove)

const MINUTE = 60_000
/** Messages that one act hides at most, and that are looked through for what newcomers said before. */
const MOST = 10_000
/** Entries that are appended at once: what others say meanwhile waits for no more. */
const AT_ONCE = 200

/** `POST /r/{room}/removals`: hides messages from everyone for an hour, in which `undo` brings them back. */
export async function postRemoval(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const what = readJsonBody(request, asRemove)
  const doer = await hostOf(parts, request)
  return reply.code(201).send(await remove(parts, doer, what))
}

/** @throws Refusal `bad-body` */
export async function remove(parts: Parts, doer: Doer, what: Remove): Promise<Removed> {
  const now = parts.clock()
  const doomed = await chosen(parts, doer, what, now)
  const until = new Date(now + hiddenFor).toISOString()
  if (doomed.length === 0) return { act: null, messages: 0, until }
  const about = what.person ?? (what.newcomers ? 'newcomers' : what.messages![0]!)
  const act = await note(parts, doer, 'removal', about, { messages: doomed.length })
  const messages = await appendAll(parts, doer, doomed, (target) => ({
    kind: 'delete',
    target,
    hide: act,
  }))
  return { act, messages, until }
}

/** Changes these messages, some at once. @returns how many it changed: others were changed by somebody else meanwhile */
export async function appendAll(
  { log, clock }: Parts,
  { room, from }: Doer,
  targets: readonly string[],
  change: (
    target: string,
  ) =>
    | { kind: 'delete'; target: string; hide: string }
    | { kind: 'edit'; target: string; text: null },
): Promise<number> {
  let changed = 0
  for (let at = 0; at < targets.length; at += AT_ONCE) {
    const some = targets.slice(at, at + AT_ONCE).map((target): Promise<boolean> => {
      const entry: Entry = { room: room.name, at: clock(), from, ...change(target) }
      return log.append(entry).then(
        ({ first }) => first,
        (error: unknown) => {
          if ((error as { code?: string }).code === 'not-found') return false
          throw error
        },
      )
    })
    changed += (await Promise.all(some)).filter(Boolean).length
  }
  return changed
}

/** The messages that are to be removed, oldest first. */
async function chosen(
  parts: Parts,
  { room, from }: Doer,
  { messages, person, newcomers, minutes }: Remove,
  now: number,
): Promise<string[]> {
  const ways = [messages, person, newcomers].filter((way) => way !== undefined)
  if (ways.length !== 1 || (messages && minutes !== undefined))
    throw new Refusal('bad-body', 'Name either "messages", or a "person" or "newcomers".')
  /** Who looks after the room as the host does is not the host's to remove. */
  const mayGo = ({ from: author, deleted }: Message): boolean =>
    !deleted && (author.person === from.person || !atLeast(room.granted(author.person), from.role))
  if (messages) {
    const found = await Promise.all(messages.map((id) => messageOf(parts, room.name, id)))
    return found.filter((one) => one !== null && mayGo(one)).map((one) => one!.id)
  }
  const since = now - (minutes ?? (person ? 1440 : 10)) * MINUTE
  const age = now - since
  // Who had listened for longer before he said his first word did not come with the newcomers.
  const wasHere = (one: string): boolean =>
    parts.monotonic() - (parts.presence.since(room.name, one) ?? Infinity) > age
  const recent: Message[] = []
  const spokeBefore = new Set<string>()
  let looked = 0
  for await (const message of backwards(parts, room.name)) {
    const isRecent = Date.parse(message.at) >= since
    if (isRecent && recent.length < MOST) recent.push(message)
    else if (person) break
    else if (!isRecent) {
      spokeBefore.add(message.from.person)
      if (++looked >= MOST) break
    }
  }
  const isHis = ({ from: author }: Message): boolean =>
    person
      ? author.person === person
      : !spokeBefore.has(author.person) && author.person !== from.person && !wasHere(author.person)
  const doomed = recent.filter((message) => isHis(message) && mayGo(message))
  return doomed.map(({ id }) => id).toReversed()
}

async function messageOf({ log }: Parts, room: string, id: string): Promise<Message | null> {
  const seq = resolveCursor(id, log.epochs, log.head)
  const json = typeof seq === 'number' ? await log.message(room, seq) : null
  return json === null ? null : (JSON.parse(json) as Message)
}

/** All messages of a room from the newest on, a page at a time: what others ask the log for goes between. */
export async function* backwards({ log }: Parts, room: string): AsyncGenerator<Message> {
  for (let before: number | undefined; ;) {
    const range = { limit: sizes.page, ...(before === undefined ? {} : { before }) }
    const page = await log.page(room, range)
    for (const json of page.messages.toReversed()) yield JSON.parse(json) as Message
    const first = page.before === null ? null : resolveCursor(page.before, log.epochs, log.head)
    if (typeof first !== 'number') return
    before = first
  }
}
