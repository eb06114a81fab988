import type { From } from '@hearsay/protocol'
import type { FastifyRequest } from 'fastify'
import { credentialOf, networkOf, type Parts } from './parts.ts'
import { checkName } from './people/names.ts'
import { Refusal } from './refusal.ts'
import { checkRoom } from './room-name.ts'
import { atLeast, Room } from './rooms/room.ts'
import type { ActName } from './limits.ts'

/** Who does something in a room, as far as rules may know. */
export interface Doer {
  readonly room: Room
  readonly from: From
  /** A keyed hash. */
  readonly network: string
  /** One of all who came from this network without a secret. */
  readonly isGuest: boolean
}

/**
 * @param chosen the name that came with the request, as it came
 * @throws Refusal `bad-auth`, `bad-name`, `reserved-name`
 */
export async function doerOf(
  parts: Parts,
  request: FastifyRequest,
  room: string,
  chosen?: string,
): Promise<Doer> {
  const network = networkOf(parts, request)
  const identified = credentialOf(parts, request, network)
  const credential = 'kind' in identified ? identified : await identified
  const { person, mark, name: own, made } = parts.people.inRoom(credential, room)
  const called = chosen === undefined ? own : checkName(chosen)
  const opened = parts.rooms.open(room)
  const state = opened instanceof Room ? opened : await opened
  const isGuest = credential.kind === 'guest'
  // Who was there when his neighbour was banned stays, and so does whom a link let in. Who is banned himself is told why.
  if (
    isNetworkOut(parts, request, state, network) &&
    state.granted(person) === null &&
    (state.bans.get(person)?.until ?? 0) <= parts.clock() &&
    !parts.presence.has(room, person)
  )
    throw new Refusal('banned')
  // A name can say what a message may not, and can't wait: it is not taken.
  const name = state.isFiltered(called, person) ? made : called
  const role = state.roleOf(person) ?? 'read'
  return { room: state, from: { person, name, mark, role }, network, isGuest }
}

/** Was this network banned from the room, by the hash that it has now or by the one it had before that? */
function isNetworkOut(
  { networks, clock }: Parts,
  { raw }: FastifyRequest,
  room: Room,
  network: string,
): boolean {
  if (!room.hasNetworksOut) return false
  if (room.isNetworkOut(network, clock())) return true
  const before = networks.before(raw.socket.remoteAddress, raw.headers['x-forwarded-for'])
  return before !== null && room.isNetworkOut(before, clock())
}

/** The same for what is counted over all rooms: in each new one he is somebody else, who has made none. */
export async function everywhere(parts: Parts, request: FastifyRequest, doer: Doer): Promise<Doer> {
  const credential = await credentialOf(parts, request, doer.network)
  const { person } = parts.people.inRoom(credential, '')
  return { ...doer, from: { ...doer.from, person } }
}

/** Who reads a room, where he may. @throws Refusal `bad-auth`, `banned`, `by-invitation` */
export async function hearerOf(parts: Parts, request: FastifyRequest, room: string): Promise<Doer> {
  const doer = await doerOf(parts, request, room)
  doer.room.checkHear(doer.from.person, parts.clock())
  return doer
}

/** @throws Refusal `slow-down` where this was done too often */
export function notTooOften(
  { limits, monotonic }: Parts,
  act: ActName,
  { room, from, network, isGuest }: Doer,
  bytes = 0,
  isWhole = true,
): void {
  const person = isGuest ? null : from.person
  if (atLeast(from.role, 'moderate')) return
  const doer = { person, network, room: room.name }
  const wait = limits.take(act, doer, monotonic(), bytes, isWhole)
  if (wait > 0) throw new Refusal('slow-down', undefined, wait)
}

/** May files be sent here? @throws Refusal `no-files`, `not-a-guest` */
export function checkFiles({ files }: Parts, { room, from, isGuest }: Doer): void {
  if (!files.isOpen) throw new Refusal('no-files')
  if (isGuest) throw new Refusal('not-a-guest')
  if (!room.settings.files && !atLeast(from.role, 'moderate'))
    throw new Refusal('no-files', 'Whoever looks after this room wants no files in it.')
}

/** What all in the room share of it: only who gets this far takes from it. @throws Refusal `slow-down` */
export function notTooOftenTogether(
  { limits, monotonic }: Parts,
  act: ActName,
  { room, from }: Doer,
  bytes: number,
): void {
  if (atLeast(from.role, 'moderate')) return
  const wait = limits.takeOfRoom(act, room.name, monotonic(), bytes)
  if (wait > 0) throw new Refusal('slow-down', undefined, wait)
}

/** Somebody who may look after this room. @throws Refusal `not-allowed`, `banned`, `removed` */
export async function moderatorOf(parts: Parts, request: FastifyRequest): Promise<Doer> {
  const doer = await doerOf(parts, request, checkRoom((request.params as { room: string }).room))
  doer.room.checkRole(doer.from.person, 'moderate', parts.clock())
  return doer
}

/** The same, where he does not change too much at once. @throws Refusal `not-allowed`, `slow-down` */
export async function hostOf(parts: Parts, request: FastifyRequest): Promise<Doer> {
  const doer = await moderatorOf(parts, request)
  notTooBusy(parts, doer)
  return doer
}

/** Nobody acts on who looks after the room as he does, or may do more. @throws Refusal `not-allowed` */
export function checkAbove({ room, from }: Doer, person: string): void {
  if (atLeast(room.granted(person), from.role))
    throw new Refusal('not-allowed', 'He looks after this room as you do.')
}

/** The limits that hold for who looks after a room too. @throws Refusal `slow-down` */
export function notTooBusy(
  { limits, monotonic }: Parts,
  { room, from, network }: Doer,
  act: 'host' | 'penalize' | 'attach' = 'host',
  bytes = 0,
): void {
  const { person } = from
  const wait = limits.take(act, { person, network, room: room.name }, monotonic(), bytes)
  if (wait > 0) throw new Refusal('slow-down', undefined, wait)
}

/** Keeps something about a room; its state has it when this resolves. */
export async function keep(
  { log, clock }: Parts,
  { room, from }: Doer,
  space: string,
  name: string,
  value: unknown,
): Promise<void> {
  await log.append({ kind: 'record', room: room.name, at: clock(), from, space, name, value })
}

/** Adds a line to the host's log, of which the room's state knows nothing. @returns its id */
export async function note(
  { log, clock }: Parts,
  { room, from }: Doer,
  space: string,
  name: string,
  value: unknown,
): Promise<string> {
  const entry = { kind: 'act', room: room.name, at: clock(), from, space, name, value } as const
  return (await log.append(entry)).event.id
}

/** Slow mode: what is said now counts. @throws Refusal `slow-down` */
export function notTooFast({ said, monotonic }: Parts, { room, from }: Doer): void {
  const { name, settings } = room
  if (settings.slow === 0 || atLeast(from.role, 'moderate')) return
  const now = monotonic()
  const key = `${name} ${from.person}`
  const wait = (said.get(key) ?? -Infinity) + settings.slow * 1000 - now
  if (wait > 0)
    throw new Refusal('slow-down', `This room is slow: one message in ${settings.slow} s.`, wait)
  said.set(key, now)
}
