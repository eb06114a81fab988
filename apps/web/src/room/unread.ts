import type { RoomSnapshot } from '@hearsay/client'
import { Cell } from '../cell.ts'
import { mentionsName } from '../text/parse.ts'
import { keep, recall } from '../storage.ts'
import { seqOf } from './order.ts'
import type { RoomView } from './view.ts'

/** Milliseconds after which it is kept how far the reader has seen. */
const KEEP = 500

/** Who reads, and whose messages they do not want to see: these do not count. */
type Reader = Pick<RoomView, 'name' | 'myName' | 'hidden'>

/** What has come that was not seen yet: the "New" line in the list, and the number in the title. */
export class Unread {
  /** The id of the last message that was seen when the line was drawn: the line stands after it. */
  readonly line: Cell<string | null> = new Cell(null)
  readonly count: Cell<number> = new Cell(0)
  readonly mentioned: Cell<boolean> = new Cell(false)
  #key: string
  /** The last message that was seen, here or in another tab. */
  #seen: string | null
  #newest: string | null = null
  #last: RoomSnapshot | undefined
  #looking: boolean
  #keeping: ReturnType<typeof setTimeout> | undefined
  #stopped = new AbortController()

  #view: Reader

  constructor(view: Reader) {
    this.#view = view
    this.#key = `hearsay:seen:${view.name}`
    this.#seen = recall(this.#key)
    this.#looking = isLooking()
    const { signal } = this.#stopped
    const look = (): void => {
      const looking = isLooking()
      if (looking === this.#looking) return
      // Away: what comes from here on is new.
      if (!looking && !this.line.value) this.#see(this.#newest)
      this.#looking = looking
      if (looking) this.#look()
    }
    addEventListener('focus', look, { signal })
    addEventListener('blur', look, { signal })
    document.addEventListener('visibilitychange', look, { signal })
    addEventListener('pagehide', this.#keep, { signal })
    addEventListener(
      'storage',
      (event) => {
        if (event.key !== this.#key || !event.newValue) return
        this.#seen = event.newValue
        if (this.#last) this.#tally(this.#last)
      },
      { signal },
    )
  }

  /** The room has changed. */
  hear(snapshot: RoomSnapshot): void {
    const isFirst = !this.#last?.loaded && snapshot.loaded
    this.#last = snapshot
    const newest = snapshot.messages.at(-1)?.id ?? null
    if (!snapshot.loaded || newest === null || snapshot.newer !== 'end') return
    if (newest === this.#newest) return
    this.#newest = newest
    const behind = this.#seen !== null && seqOf(newest) > seqOf(this.#seen)
    // Either the reader was away, or the page was: after a reload too the line stands where they stopped.
    if (behind && (isFirst || !this.#looking) && !this.line.value) this.line.value = this.#seen
    if (this.#looking) this.#see(newest)
    else this.#tally(snapshot)
  }

  /** The reader is done with the "New" line. */
  clear(): void {
    this.line.value = null
    this.#see(this.#newest)
  }

  stop(): void {
    this.#see(this.#looking ? this.#newest : null)
    this.#keep()
    this.#stopped.abort()
  }

  #look(): void {
    this.#see(this.#newest)
    this.count.value = 0
    this.mentioned.value = false
  }

  #see(id: string | null): void {
    if (id === null || (this.#seen !== null && seqOf(id) <= seqOf(this.#seen))) return
    this.#seen = id
    // Not for every message: each of the other tabs is told of each write.
    this.#keeping ??= setTimeout(this.#keep, KEEP)
  }

  #keep = (): void => {
    clearTimeout(this.#keeping)
    this.#keeping = undefined
    const kept = recall(this.#key)
    if (this.#seen !== null && (kept === null || seqOf(this.#seen) > seqOf(kept))) {
      keep(this.#key, this.#seen)
    }
  }

  #tally({ messages, me, unseen }: RoomSnapshot): void {
    const seen = this.#seen === null ? -1 : seqOf(this.#seen)
    const { myName, hidden } = this.#view
    const fresh = messages.filter(
      ({ id, from: { person } }) =>
        seqOf(id) > seen && person !== me?.person && !hidden.value.has(person),
    )
    this.mentioned.value = !!myName && fresh.some(({ text }) => mentionsName(text, myName))
    this.count.value = this.#looking ? 0 : fresh.length + unseen
  }
}

function isLooking(): boolean {
  return document.visibilityState === 'visible' && document.hasFocus()
}
