import type { Message } from '@hearsay/protocol'
import { Cell } from '../cell.ts'
import { mentionsName } from '../text/parse.ts'
import { keep, recall } from '../storage.ts'
import { seqOf } from './order.ts'
import type { RoomView } from './view.ts'

/** Milliseconds after which it is kept how far the reader has seen. */
const KEEP = 500

/** What has come that was not seen yet: the "New" line in the list, and the number in the title. */
export class Unread {
  readonly count: Cell<number> = new Cell(0)
  readonly mentioned: Cell<boolean> = new Cell(false)
  #key: string
  /** The last message that was seen, here or in another tab. */
  #seen: string | null
  #newest: string | null = null
  /** What was the newest when the reader last looked. */
  #lookedAt: string | null = null
  #isFirst = true
  /** What is kept of the reader's place is of a life of the log that is over. */
  #isAnew = false
  #looking: boolean
  #keeping: ReturnType<typeof setTimeout> | undefined
  #stopped = new AbortController()
  #unwatch: () => void

  #view: RoomView

  constructor(view: RoomView) {
    this.#view = view
    this.#key = `hearsay:seen:${view.name}`
    this.#seen = recall(this.#key)
    this.#looking = isLooking()
    const { signal } = this.#stopped
    const look = (): void => {
      const looking = isLooking()
      if (looking === this.#looking) return
      // Away: what comes from here on is new.
      this.#lookedAt = this.#newest
      if (!looking && !view.line.value) this.#seeAll()
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
        this.#tally()
      },
      { signal },
    )
    this.#hear()
    this.#unwatch = view.snapshot.watch(this.#hear)
  }

  /** The room has changed. */
  #hear = (): void => {
    const { loaded, newer, messages, heard } = this.#view.snapshot.value
    // What is said while older messages are shown comes on the stream alone.
    const newest = (newer === 'end' ? messages : heard).at(-1)?.id
    if (!loaded || newest === undefined || newest === this.#newest) return
    const isFirst = this.#isFirst
    this.#isFirst = false
    this.#newest = newest
    const seen = this.#seen
    if (seen !== null && lifeOf(newest) !== lifeOf(seen) && seqOf(newest) <= seqOf(seen)) {
      // The server began anew, with less than there was: what was seen then is nothing of this.
      this.#seen = `${lifeOf(newest)}-0`
      this.#isAnew = true
      this.#lookedAt = null
      this.#view.line.value = null
    }
    // Either the reader was away, or the page was: after a reload too the line stands where they stopped.
    if (isFirst || !this.#looking) this.#draw()
    if (this.#looking) this.#seeAll()
    else this.#tally()
  }

  /** The line stands before the first that is new to the reader, and not before what they said themselves. */
  #draw(): void {
    const { line, snapshot } = this.#view
    const [first] = this.#fresh(this.#seen)
    if (line.value || this.#seen === null || !first) return
    const { messages } = snapshot.value
    line.value = messages[messages.indexOf(first) - 1]?.id ?? this.#seen
  }

  /** The reader is done with the "New" line. */
  clear(): void {
    this.#view.line.value = null
    this.#seeAll()
  }

  stop(): void {
    this.#unwatch()
    if (this.#looking) this.#seeAll()
    this.#keep()
    this.#stopped.abort()
  }

  #look(): void {
    this.#seeAll()
    this.count.value = 0
    this.mentioned.value = false
  }

  /** All that there is; who reads the past has not seen what lies between. */
  #seeAll(): void {
    const id = this.#newest
    if (this.#view.snapshot.value.newer !== 'end') return
    if (id === null || (this.#seen !== null && seqOf(id) <= seqOf(this.#seen))) return
    this.#seen = id
    // Not for every message: each of the other tabs is told of each write.
    this.#keeping ??= setTimeout(this.#keep, KEEP)
  }

  #keep = (): void => {
    clearTimeout(this.#keeping)
    this.#keeping = undefined
    const kept = recall(this.#key)
    if (this.#seen === null) return
    if (kept === null || this.#isAnew || seqOf(this.#seen) > seqOf(kept)) {
      keep(this.#key, this.#seen)
      this.#isAnew = false
    }
  }

  /** What others said after a message, in order. */
  #fresh(seen: string | null): Message[] {
    const { hidden, snapshot } = this.#view
    const { messages, heard } = snapshot.value
    // Who was never here has missed nothing that was said before.
    const known = seen === null ? heard : [...heard, ...messages]
    return [...new Map(known.map((message) => [message.id, message])).values()]
      .filter(({ id, from: { person } }) => {
        const isNew = seen === null || seqOf(id) > seqOf(seen)
        return isNew && person !== this.#view.me.value?.person && !hidden.value.has(person)
      })
      .toSorted((one, other) => seqOf(one.id) - seqOf(other.id))
  }

  #tally(): void {
    const { myName } = this.#view
    const [seen, looked] = [this.#seen, this.#lookedAt]
    const isLooked = seen === null || (looked !== null && seqOf(looked) > seqOf(seen))
    const fresh = this.#fresh(isLooked ? looked : seen)
    this.mentioned.value = !!myName && fresh.some(({ text }) => mentionsName(text, myName))
    this.count.value = this.#looking ? 0 : fresh.length
  }
}

/** The life of the server's log in which an id was given. */
const lifeOf = (id: string): string => id.slice(0, id.lastIndexOf('-'))

function isLooking(): boolean {
  return document.visibilityState === 'visible' && document.hasFocus()
}
