import type { From } from '@hearsay/protocol'
import { atLeast, type Room } from './room.ts'

/** Somebody who is about to say something. */
export interface Speaker {
  readonly room: Room
  readonly from: From
  /** A keyed hash. */
  readonly network: string
  readonly isGuest: boolean
}

/** A further reason for which what somebody says waits: true, it does. Asked for each message, so it does no work. */
export type HoldRule = (speaker: Speaker) => boolean

/** Whose messages wait for somebody who looks after the room before others hear them. */
export class Review {
  readonly #rules: HoldRule[] = []

  /** Lets messages wait for another reason than the room's settings, for as long as the rule says so. */
  holdWhere(rule: HoldRule): void {
    this.#rules.push(rule)
  }

  /** Whoever came by a link that lets speak is never held. */
  holds(speaker: Speaker): boolean {
    const { room, from, isGuest } = speaker
    if (atLeast(room.granted(from.person), 'speak')) return false
    const { review } = room.settings
    if (review === 'everyone') return true
    // Guests are whoever is behind their network now: nobody knows them.
    if (review === 'newcomers' && (isGuest || !room.knows(from.person))) return true
    return this.#rules.some((rule) => rule(speaker))
  }
}
