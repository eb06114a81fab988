import type { FastifyRequest } from 'fastify'
import type { Doer } from './doer.ts'
import type { Parts } from './parts.ts'
import { Refusal } from './refusal.ts'
import { atLeast } from './rooms/room.ts'

/** Whether what somebody says waits for who looks after the room before others hear it. Never of whoever a link let speak. */
export function isHeld({ raids }: Parts, { room, from, isGuest }: Doer): boolean {
  if (atLeast(room.granted(from.person), 'speak')) return false
  const { review, guard } = room.settings
  if (review === 'everyone') return true
  // Guests are whoever is behind their network now: nobody knows them.
  if (review === 'newcomers' && (isGuest || !room.knows(from.person))) return true
  return guard === 'review' && raids.isNewcomer(room.name, from.person)
}

/**
 * Who is new in a room that is raided waits, proves some work, or is held for review: before any of his words is looked at.
 * Whoever came by a link is expected.
 *
 * @throws Refusal `newcomers-wait` with a challenge, `bad-proof`, `slow-down`
 */
export async function heedNewcomer(
  parts: Parts,
  request: FastifyRequest,
  doer: Doer,
): Promise<void> {
  const { raids, proofs } = parts
  const { room, from } = doer
  const { person } = from
  const { name, settings } = room
  if (room.granted(person) !== null) return
  const mustWait = settings.guard !== 'review' && !isHeld(parts, doer)
  let held = raids.say(name, person, settings.guard, mustWait)
  const proof = request.raw.headers['proof-of-work']
  if (held?.canProve && typeof proof === 'string') {
    if (proofs.isBusy) throw new Refusal('slow-down', 'Too many proofs came at once.', 1000)
    if (!(await proofs.isGood(proof, { room: name, person }))) throw new Refusal('bad-proof')
    raids.admit(name, person)
    held = raids.say(name, person, settings.guard, mustWait)
  }
  if (held === null) return
  if (!held.canProve)
    throw new Refusal('slow-down', 'Many newcomers speak here at once.', held.wait)
  const challenge = await proofs.challenge({ room: name, person }, raids.proofs(name))
  throw new Refusal('newcomers-wait', undefined, held.wait, { challenge })
}
