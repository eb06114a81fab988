import type { Listener } from './listener.ts'

/** Turns of one round, at most: at 15 s a round, a turn each 100 ms. */
const SLOTS = 150
/** Milliseconds of a turn, at least. */
const TURN = 10

/**
 * One timer for the beats of all listeners. Each listener sits in a slot by chance, and a turn calls one slot: the beats
 * of 10,000 listeners are spread over the round instead of stopping everything each 15 seconds.
 */
export class Wheel {
  readonly #slots: Listener[][]
  readonly #turn: number
  readonly #visit: (listener: Listener, time: number) => void
  #next = 0
  #count = 0
  #timer: ReturnType<typeof setInterval> | undefined

  /** @param round milliseconds in which each listener is visited once */
  constructor(round: number, visit: (listener: Listener, time: number) => void) {
    const slots = Math.max(1, Math.min(SLOTS, Math.floor(round / TURN)))
    this.#slots = Array.from({ length: slots }, () => [])
    this.#turn = round / slots
    this.#visit = visit
  }

  add(listener: Listener): void {
    listener.slot = Math.floor(Math.random() * this.#slots.length)
    const slot = this.#slots[listener.slot]!
    listener.slotIndex = slot.length
    slot.push(listener)
    if (++this.#count === 1) this.#start()
  }

  remove(listener: Listener): void {
    if (listener.slot < 0) return
    const slot = this.#slots[listener.slot]!
    const last = slot.pop()!
    if (last !== listener) {
      slot[listener.slotIndex] = last
      last.slotIndex = listener.slotIndex
    }
    listener.slot = -1
    if (--this.#count === 0) this.stop()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #start(): void {
    this.#timer = setInterval(() => {
      const time = performance.now()
      const slot = this.#slots[this.#next]!
      this.#next = (this.#next + 1) % this.#slots.length
      // From the end: a visit can end its listener, which puts the last one in its place.
      for (let i = slot.length - 1; i >= 0; i--) if (slot[i]) this.#visit(slot[i]!, time)
    }, this.#turn)
    // A server that stops listening may exit though a stream is open.
    const timer = this.#timer as { unref?: () => void }
    timer.unref?.()
  }
}
