import type { RoomSnapshot } from '@hearsay/client'
import { seqOf } from './order.ts'

/** Milliseconds that a device's clock may be off before anybody is told. */
const MUCH = 5 * 60_000
/** Milliseconds after coming back online in which what arrives was said earlier: it tells nothing of clocks. */
const CATCH_UP = 2000

/**
 * How far this device's clock is off the server's, by the messages that arrive as they are said. Give it each snapshot
 * in turn; it answers milliseconds (more than 0: the device is ahead), or 0 while it is not much.
 */
export class Skew {
  #newest: number | undefined
  #liveSince = Infinity
  #off = 0

  hear({ messages, connection, loaded, newer }: RoomSnapshot, now: number): number {
    if (!loaded || newer !== 'end') return this.#off
    const last = messages.at(-1)
    const before = this.#newest
    this.#newest = last ? seqOf(last.id) : 0
    if (connection.phase !== 'live') this.#liveSince = Infinity
    else this.#liveSince = Math.min(this.#liveSince, now)
    const isFresh =
      before !== undefined && this.#newest > before && now - this.#liveSince > CATCH_UP
    if (last && isFresh) {
      const off = now - Date.parse(last.at)
      this.#off = Math.abs(off) < MUCH ? 0 : off
    }
    return this.#off
  }
}
