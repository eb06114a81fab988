import type { From } from '@hearsay/protocol'
import type { Presence } from '../presence.ts'
import { atLeast, type Room } from '../rooms/room.ts'
import { lookOf } from './look.ts'

/**
 * Who it is, with a warning where his name looks like that of somebody who looks after the room or is here. The name is his
 * who came with it first, and always theirs who look after the room: nobody can put the warning on them.
 */
export function warned(presence: Presence, room: Room, from: From): From {
  const look = lookOf(from.name)
  const isAnothers =
    room.isHostsLook(look, from) ||
    (!atLeast(from.role, 'moderate') && presence.isAnothersLook(room.name, look, from.person))
  return isAnothers ? { ...from, lookalike: true } : from
}
