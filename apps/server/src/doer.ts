import type { From } from '@hearsay/protocol'
import type { FastifyRequest } from 'fastify'
import { credentialOf, networkOf, type Parts } from './parts.ts'
import { cleanName } from './people/names.ts'
import { Refusal } from './refusal.ts'
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
 * @throws Refusal `bad-auth`, `bad-name`
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
  const { person, mark, name: ownName } = parts.people.inRoom(credential, room)
  const name = chosen === undefined ? ownName : cleanName(chosen)
  if (name === null) throw new Refusal('bad-name')
  const opened = parts.rooms.open(room)
  const state = opened instanceof Room ? opened : await opened
  const isGuest = credential.kind === 'guest'
  const role = state.roleOf(person) ?? 'read'
  return { room: state, from: { person, name, mark, role }, network, isGuest }
}

/** Who reads a room, where he may. @throws Refusal `bad-auth`, `banned`, `by-invitation` */
export async function hearerOf(parts: Parts, request: FastifyRequest, room: string): Promise<Doer> {
  const doer = await doerOf(parts, request, room)
  doer.room.checkHear(doer.from.person, parts.clock())
  return doer
}

/** @throws Refusal `slow-down` where this was done too often */
export function notTooOften(
  { limits, monotonic, said }: Parts,
  act: ActName,
  { room, from, network, isGuest }: Doer,
  bytes = 0,
): void {
  if (act === 'say') notTooFast(said, room, from.person, monotonic())
  const person = isGuest ? null : from.person
  if (atLeast(from.role, 'moderate')) return
  const wait = limits.take(act, { person, network, room: room.name }, monotonic(), bytes)
  if (wait > 0) throw new Refusal('slow-down', undefined, wait)
}

/** Slow mode. @throws Refusal `slow-down` */
function notTooFast(
  said: Parts['said'],
  { name, settings }: Room,
  person: string,
  now: number,
): void {
  if (settings.slow === 0) return
  const key = `${name} ${person}`
  const wait = (said.get(key) ?? -Infinity) + settings.slow * 1000 - now
  if (wait > 0)
    throw new Refusal('slow-down', `This room is slow: one message in ${settings.slow} s.`, wait)
  said.set(key, now)
}
