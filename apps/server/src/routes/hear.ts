import type { Form, Listener } from '@hearsay/engine'
import { hear, hearLater } from '@hearsay/engine/node'
import { limits as sizes, type ProblemCode } from '@hearsay/protocol'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { doerOf, type Doer } from '../doer.ts'
import { bareText, forms } from '../forms.ts'
import { origin } from '../origin.ts'
import { networkOf, type Parts } from '../parts.ts'
import type { Stream } from '../presence.ts'
import { warned } from '../people/look-alikes.ts'
import { refusalOf } from '../problem.ts'
import { Refusal } from '../refusal.ts'
import { checkRoom, lowerCased } from '../room-name.ts'
import { atLeast } from '../rooms/room.ts'
import { welcome } from '../welcome.ts'

/** Lines that a reader of plain text begins with. */
const LINES = 20

/** What is refused for now: any status but 200 would end an EventSource for good. */
const passing: ReadonlySet<ProblemCode> = new Set(['slow-down', 'unavailable', 'disk-full'])

interface Hearing {
  readonly form: Form
  readonly last?: number
  readonly follow?: boolean
  /** Who finds nothing said is told how to begin. */
  readonly welcomes?: boolean
}

/** Opens a stream on these rooms: the reply is the engine's from here on. */
async function open(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
  rooms: readonly string[],
  { form, last, follow = true, welcomes = false }: Hearing,
): Promise<void> {
  /** Who only looks is not there. */
  const isPresent = follow && request.method !== 'HEAD'
  const { hub, streams, presence } = parts
  const topics = rooms.map((room) => hub.topic(room))
  const { name } = request.query as { name?: string | string[] }
  if (Array.isArray(name)) throw new Refusal('bad-query', '"name" is given once.')
  const headers = reply.getHeaders() as Record<string, string>
  const doers: Doer[] = []
  /** The log's head while nothing had been said here. */
  let silentAt: number | null = null
  try {
    for (const room of rooms) doers.push(await doerOf(parts, request, room, name || undefined))
    if (welcomes) silentAt = await silentHead(parts, rooms[0]!)
  } catch (error) {
    if (!passing.has(refusalOf(error).code)) throw error
    reply.hijack()
    hearLater(topics[0]!, 'overload', reply.raw, { form, headers })
    return
  }
  // In the turn in which the stream opens: who is put out while it is being asked for is out.
  for (const { room, from } of doers) room.checkHear(from.person, parts.clock())
  const network = networkOf(parts, request)
  reply.hijack()
  const full = streams.full(network, rooms)
  if (full) {
    hearLater(topics[0]!, full, reply.raw, { form, headers })
    return
  }
  // Each room takes of it: in each there may be many who are told of him, and he of them.
  if (doers.some((doer) => isTooOften(parts, doer))) {
    hearLater(topics[0]!, 'overload', reply.raw, { form, headers })
    return
  }
  let listener: Listener | undefined
  const stream: Stream = {
    end: () => listener?.end(),
    tell: (type, data) => listener?.tell(type, data) ?? false,
  }
  // Before the stream opens: it may end in the same turn.
  const closed = streams.open(network, rooms)
  if (isPresent) for (const doer of doers) arrive(parts, request, doer, stream)
  const leave = (): void => {
    closed()
    if (isPresent) for (const doer of doers) presence.depart(doer.room.name, doer, stream)
  }
  // What was said since is to be read, and not to be missed.
  const isEmpty = silentAt === parts.log.head
  listener = hear(topics, request.raw, reply.raw, {
    form,
    headers,
    follow,
    // There is nothing to be read first, which would keep the welcome back.
    ...(last === undefined || isEmpty ? {} : { last }),
    onEnd: leave,
  })
  if (isEmpty && listener) {
    const address = `${origin(parts, request)}/r/${rooms[0]!}`
    const way = `Say something: curl -d 'hello' ${address} (under a name: -u name:password)`
    listener.tell('welcome', { lines: welcome(doers[0]!.room.settings, address, way) })
  }
  // A HEAD request, or a hub that is draining.
  if (!listener) leave()
  else if (isPresent) for (const { room } of doers) presence.greet(room.name, stream)
}

/** The log's head at which nothing was ever said in a room, as far as it is kept; null: something was. */
async function silentHead({ log }: Parts, room: string): Promise<number | null> {
  const { head } = log
  const { messages } = await log.page(room, { before: head + 1, limit: 1 })
  return messages.length === 0 ? head : null
}

/** Streams opened too fast are told to come back: any other status would end an EventSource for good. */
function isTooOften({ limits, monotonic }: Parts, { room, from, network, isGuest }: Doer): boolean {
  if (atLeast(from.role, 'moderate')) return false
  const person = isGuest ? null : from.person
  return limits.take('join', { person, network, room: room.name }, monotonic()) > 0
}

function arrive(
  { presence, raids, waiting }: Parts,
  request: FastifyRequest,
  { room, from, isGuest, network }: Doer,
  stream: Stream,
): void {
  // Guests are not shown among those who are here.
  const shown = isGuest ? from : warned(presence, room, from)
  room.meet(shown)
  const { after = request.raw.headers['last-event-id'] } = request.query as { after?: string }
  if (room.granted(from.person) === null)
    raids.arrived(room.name, from.person, room.settings.guard, after !== undefined)
  presence.arrive(room.name, { from: shown, isGuest, network }, stream)
  if (atLeast(from.role, 'moderate')) waiting.changed(room.name)
}

/** The query of a stream. @throws Refusal `bad-query` */
function readQuery(request: FastifyRequest): { last?: number; follow: boolean } {
  const { last, follow } = request.query as Record<string, string | string[] | undefined>
  if (follow !== undefined && follow !== '0' && follow !== '1')
    throw new Refusal('bad-query', '"follow" takes 0 or 1.')
  if (last === undefined) return { follow: follow !== '0' }
  if (typeof last !== 'string' || !/^\d{1,4}$/.test(last))
    throw new Refusal('bad-query', `"last" takes a number from 0 to ${sizes.last}.`)
  return { follow: follow !== '0', last: Math.min(Number(last), sizes.last) }
}

/** `GET /r/{room}` as a stream of one of the forms. */
export function getStream(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
  kind: keyof typeof forms,
): Promise<void> {
  const room = checkRoom((request.params as { room: string }).room)
  const { last, follow } = readQuery(request)
  const form = forms[kind]
  const isText = kind === 'text/plain'
  const newest = last ?? (isText ? LINES : undefined)
  const { after = request.raw.headers['last-event-id'] } = request.query as { after?: string }
  return open(parts, request, reply, [room], {
    form,
    // An EventSource would come back at once: its stream always follows.
    follow: follow || kind === 'text/event-stream',
    // A person sits in front of it: not where it ends at once, nor where it goes on from somewhere.
    welcomes: isText && follow && after === undefined,
    ...(newest === undefined ? {} : { last: newest }),
  })
}

/** `GET /events?room=a&room=b` */
export function getEvents(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> | FastifyReply {
  const { room } = request.query as { room?: string | string[] }
  const named = room === undefined ? [] : [room].flat()
  if (named.some((name) => lowerCased(name) !== null)) return inLowerCase(request, reply)
  const asked = [...new Set(named)]
  if (asked.length === 0 || asked.length > sizes.roomsPerStream)
    throw new Refusal('bad-query', `Name 1 to ${sizes.roomsPerStream} rooms, as ?room=a&room=b.`)
  const { last } = readQuery(request)
  return open(parts, request, reply, asked.map(checkRoom), {
    form: forms['text/event-stream'],
    ...(last === undefined ? {} : { last }),
  })
}

/** Upper case leads to where the rooms are, as it does on every path of a room. */
function inLowerCase(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { searchParams } = new URL(request.raw.url!, 'http://localhost')
  const query = [...searchParams].map(([key, value]) => [
    key,
    key === 'room' ? (lowerCased(value) ?? value) : value,
  ])
  const location = `/events?${new URLSearchParams(query as [string, string][]).toString()}`
  return reply.code(308).header('location', location).send()
}

/** `GET /sse`: the tutorial's stream. */
export function getSse(parts: Parts, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const { last } = readQuery(request)
  return open(parts, request, reply, ['lobby'], {
    form: bareText,
    ...(last === undefined ? {} : { last }),
  })
}
