import { hash, randomBytes, randomInt } from 'node:crypto'
import {
  Join,
  MakeLink,
  MakeRoom,
  SettingsChange,
  type From,
  type MadeLink,
  type Role,
} from '@hearsay/protocol'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Compile } from 'typebox/compile'
import { readJsonBody } from '../body.ts'
import {
  doerOf,
  everywhere,
  hearerOf,
  keep,
  note,
  notTooBusy,
  notTooOften,
  type Doer,
} from '../doer.ts'
import { origin } from '../origin.ts'
import type { Parts } from '../parts.ts'
import { parameter } from '../query.ts'
import { Refusal } from '../refusal.ts'
import { checkRoom } from '../room-name.ts'
import { atLeast, type KeptLink, type Room } from '../rooms/room.ts'
import { rememberRegulars } from './held.ts'
import { cleanLine } from '../text.ts'

const asChange = Compile(SettingsChange)
const asLink = Compile(MakeLink)
const asJoin = Compile(Join)
const asRoom = Compile(MakeRoom)

const roomOf = (request: FastifyRequest): string =>
  checkRoom((request.params as { room: string }).room)

const hashOf = (secret: string): string => hash('sha256', secret, 'hex')

/** `GET /r/{room}/settings` */
export async function getSettings(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { room, from } = await hearerOf(parts, request, roomOf(request))
  const isHost = atLeast(from.role, 'moderate')
  const raid = isHost ? parts.raids.of(room.name, room.settings.guard) : undefined
  return reply.header('cache-control', 'no-cache').send({
    ...room.settings,
    you: from,
    ...(raid && { raid: { since: shown(raid.since), until: raid.until && shown(raid.until) } }),
  })
}

const shown = (at: number): string => new Date(at).toISOString()

/** `PATCH /r/{room}/settings`: by its owner; who moderates may slow, lock and hold for review. */
export async function patchSettings(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const settings = cleanSettings(readJsonBody(request, asChange))
  const doer = await doerOf(parts, request, roomOf(request))
  checkChange(parts, doer, settings)
  notTooBusy(parts, doer)
  await changeSettings(parts, doer, settings)
  return reply.send(doer.room.settings)
}

/** @throws Refusal `not-allowed` */
function checkChange({ clock }: Parts, { room, from }: Doer, settings: SettingsChange): void {
  const isModest = Object.keys(settings).every((key) => moderated.has(key))
  room.checkRole(from.person, isModest ? 'moderate' : 'own', clock())
}

/** Roles have changed: who may not hear any more is put out, and the others are shown as what they are now. */
const reconsider = ({ presence }: Parts, room: Room): void =>
  presence.reconsider(room.name, (person) => room.roleOf(person))

/** What a room is called and is about, as it may be shown. @throws Refusal `bad-utf8`, `bad-body` */
function cleanSettings(settings: SettingsChange): SettingsChange {
  const { title, topic } = settings
  return {
    ...settings,
    ...(title === undefined ? {} : { title: cleanLine(title) }),
    ...(topic === undefined ? {} : { topic: cleanLine(topic) }),
  }
}

/** Changes settings, and notes what they were: it can be taken back for an hour. @throws Refusal `not-allowed` */
export async function changeSettings(
  parts: Parts,
  doer: Doer,
  settings: SettingsChange,
): Promise<void> {
  checkChange(parts, doer, settings)
  const { room, from } = doer
  const keys = Object.keys(settings) as (keyof SettingsChange)[]
  const before = Object.fromEntries(keys.map((key) => [key, room.settings[key]]))
  if (settings.review === 'newcomers' && before['review'] !== 'newcomers')
    await rememberRegulars(parts, doer)
  await parts.log.append({ kind: 'room', room: room.name, at: parts.clock(), from, settings })
  // A guard that was switched begins or ends at once.
  parts.raids.of(room.name, room.settings.guard)
  if (settings.hear || settings.speak) reconsider(parts, room)
  await note(parts, doer, 'settings', keys.join(' '), { before, after: settings })
}

const moderated: ReadonlySet<string> = new Set(['slow', 'locked', 'review', 'guard', 'files'])

/** `GET /r/{room}/links` */
export async function getLinks(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { room, from } = await doerOf(parts, request, roomOf(request))
  room.checkRole(from.person, 'own', parts.clock())
  return reply.header('cache-control', 'no-store').send({ links: room.links() })
}

/** Links of a room, expired ones too. */
const LINKS = 100

/** `POST /r/{room}/links`: answers the link's secret, this once. */
export async function postLink(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { role, label = '', hours, uses } = readJsonBody(request, asLink)
  const shownLabel = cleanLine(label)
  const doer = await doerOf(parts, request, roomOf(request))
  const now = parts.clock()
  doer.room.checkRole(doer.from.person, 'own', now)
  if (doer.room.links().length >= LINKS)
    throw new Refusal('not-allowed', `A room has ${LINKS} links at most: revoke some.`)
  notTooBusy(parts, doer)
  const made = await makeLink(parts, request, doer, {
    role,
    label: shownLabel,
    made: now,
    expires: hours === undefined ? null : now + hours * 3_600_000,
    uses: uses ?? null,
  })
  return reply.code(201).header('cache-control', 'no-store').send(made)
}

/** `POST /r/{room}/links/{id}/rotate`: a new secret for the same role. Who came by the old one is out, but for who rotates. */
export async function rotateLink(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { id } = request.params as { id: string }
  const doer = await doerOf(parts, request, roomOf(request))
  const { room, from } = doer
  room.checkRole(from.person, 'own', parts.clock())
  const old = room.link(id)
  if (!old) throw new Refusal('not-found', 'The room has no such link.')
  notTooBusy(parts, doer)
  const { hash: _, ...rest } = old
  const made = await makeLink(parts, request, doer, { ...rest, made: parts.clock() })
  if (room.grant(from.person) === id)
    await keep(parts, doer, 'grant', from.person, { link: made.link.id })
  await keep(parts, doer, 'link', id, null)
  reconsider(parts, room)
  return reply.code(201).header('cache-control', 'no-store').send(made)
}

/** `DELETE /r/{room}/links/{id}`: the link, and every role that came by it. */
export async function deleteLink(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { id } = request.params as { id: string }
  const doer = await doerOf(parts, request, roomOf(request))
  const { room, from } = doer
  room.checkRole(from.person, 'own', parts.clock())
  const link = room.link(id)
  if (!link) throw new Refusal('not-found', 'The room has no such link.')
  const owners = room.links().filter(({ role }) => role === 'own')
  if (link.role === 'own' && owners.length === 1)
    throw new Refusal('not-allowed', 'This is the only link of the owner. Rotate it instead.')
  notTooBusy(parts, doer)
  await keep(parts, doer, 'link', id, null)
  reconsider(parts, room)
  return reply.code(204).send()
}

/** `POST /r/{room}/join`: a link's secret for its role. */
export async function postJoin(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { secret } = readJsonBody(request, asJoin)
  const doer = await doerOf(parts, request, roomOf(request))
  if (doer.isGuest) throw new Refusal('not-a-guest')
  notTooOften(parts, 'join', doer)
  const { room, from } = doer
  room.checkNotOut(from.person, parts.clock())
  const link = linkOf(parts, doer, secret)
  if (room.link(link)?.uses === null) await enter(parts, doer, link)
  else await inTurn(room, () => enter(parts, doer, linkOf(parts, doer, secret)))
  const role: Role = room.roleOf(from.person) ?? 'read'
  return reply.header('cache-control', 'no-store').send({ from: { ...from, role } })
}

/** @throws Refusal `bad-link` */
function linkOf({ clock }: Parts, { room, from }: Doer, secret: string): string {
  const id = room.linkOf(hashOf(secret), clock(), from.person)
  if (id === undefined) throw new Refusal('bad-link')
  return id
}

async function enter(parts: Parts, doer: Doer, link: string): Promise<void> {
  const { room, from } = doer
  const has = room.granted(from.person)
  if (room.grant(from.person) === link) return
  // A host who tries the link that he made for others stays what he is.
  if (has !== null && !atLeast(room.link(link)!.role, has)) return
  await keep(parts, doer, 'grant', from.person, { link })
  parts.presence.become(room.name, from.person, room.roleOf(from.person))
}

/** Who comes by links that let in so many: of two who come at once for the last place, one is too late. */
const entering = new WeakMap<Room, Promise<unknown>>()

function inTurn(room: Room, work: () => Promise<void>): Promise<void> {
  const turn = (entering.get(room) ?? Promise.resolve()).then(work)
  entering.set(
    room,
    turn.catch(() => {}),
  )
  return turn
}

/** Rooms that are being made: of two who ask at once for one name, the second comes too late. */
const making = new WeakSet<Room>()

/** Makes somebody the owner of a room in which nothing was ever said or done. @throws Refusal `room-taken` */
async function own(
  parts: Parts,
  request: FastifyRequest,
  doer: Doer,
  settings: SettingsChange | undefined,
): Promise<MadeLink> {
  const { room, from } = doer
  if ((await parts.log.facts(room.name)) !== null) throw new Refusal('room-taken')
  const now = parts.clock()
  const link = { role: 'own', label: '', made: now, expires: null, uses: null } as const
  const owner = await makeLink(parts, request, doer, link)
  await keep(parts, doer, 'grant', from.person, { link: owner.link.id })
  const owning: From = { ...from, role: 'own' }
  if (settings)
    await parts.log.append({ kind: 'room', room: room.name, at: now, from: owning, settings })
  return owner
}

/** `POST /rooms`: a room with an owner. Its owner's link is in the answer, and nowhere else. */
export async function postRoom(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { room: wanted, settings: asked } = readJsonBody(request, asRoom)
  const settings = asked && cleanSettings(asked)
  const name = wanted ?? madeUp()
  const doer = await doerOf(parts, request, name)
  if (doer.isGuest) throw new Refusal('not-a-guest')
  notTooOften(parts, 'create', await everywhere(parts, request, doer))
  const { room } = doer
  if (room.isOwned || making.has(room)) throw new Refusal('room-taken')
  making.add(room)
  const owner = await own(parts, request, doer, settings).finally(() => making.delete(room))
  const url = new URL(`/r/${name}`, origin(parts, request)).href
  return reply
    .code(201)
    .header('cache-control', 'no-store')
    .header('location', `/r/${name}`)
    .send({ room: name, url, owner })
}

/** Rooms of one page of the list. */
const LISTED = 100

/** `GET /rooms?after=`: the rooms whose owners want them to be found. */
export async function getRooms(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const after = parameter(request, 'after') ?? ''
  const names = await parts.log.listed(after, LISTED)
  const rooms = []
  for (const name of names) {
    const { title, topic } = (await parts.rooms.open(name)).settings
    rooms.push({ room: name, title, topic, count: parts.presence.of(name).count })
  }
  return reply
    .header('cache-control', 'no-cache')
    .send({ rooms, after: names.length === LISTED ? names.at(-1) : null })
}

async function makeLink(
  parts: Parts,
  request: FastifyRequest,
  doer: Doer,
  link: Omit<KeptLink, 'hash'>,
): Promise<MadeLink> {
  const id = randomBytes(6).toString('base64url')
  const secret = randomBytes(24).toString('base64url')
  const kept: KeptLink = { hash: hashOf(secret), ...link }
  await keep(parts, doer, 'link', id, kept)
  const url = new URL(`/r/${doer.room.name}#k=${secret}`, origin(parts, request)).href
  return { link: doer.room.links().find((one) => one.id === id)!, secret, url }
}

/** A name that nobody guesses by trying words: 10 characters of 32, 50 bits. */
function madeUp(): string {
  const letters = 'abcdefghijkmnpqrstuvwxyz23456789'
  let name = ''
  for (let i = 0; i < 10; i++) name += letters[randomInt(letters.length)]
  return name
}
