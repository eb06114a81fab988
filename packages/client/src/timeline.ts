import type { Edit, History, Message } from '@hearsay/protocol'
import { seqOf } from './connection.ts'
import type { LoggedEvent } from './place.ts'

/** Whether there is more in a direction of the history. `failed`: the last try did not get through. */
export type Edge = 'more' | 'loading' | 'failed' | 'end'

/** The place of an id in the log's order; 0: it is none. */
export const seq = (id: string): number => seqOf(id) ?? 0

/**
 * A stretch of a room's messages without holes, ordered by the server's seq, with what happened to them folded in.
 * It touches no network: pages and events come in, and it says how they fit.
 */
export class Timeline {
  #messages: Message[] = []
  /** Someone holds `#messages`: it is copied before the next change. */
  #isShown = false
  /** Messages kept at most. */
  #keep: number
  older: Edge = 'more'
  newer: Edge = 'end'
  /** The seqs of messages that were heard while `newer` was not `end`. */
  #unseen = new Set<number>()
  /** The reader is at the end: what is too much goes at the start. Otherwise nothing moves under their eyes. */
  atEnd = true

  constructor(keep: number) {
    this.#keep = keep
  }

  /** Never changed in place. */
  get messages(): readonly Message[] {
    this.#isShown = true
    return this.#messages
  }

  /** Messages that were heard and are not shown yet. */
  get unseen(): number {
    return this.#unseen.size
  }

  get oldest(): Message | undefined {
    return this.#messages[0]
  }

  get newest(): Message | undefined {
    return this.#messages.at(-1)
  }

  find(id: string): Message | undefined {
    return this.#messages[this.#indexOf(id)]
  }

  /** Something happened in the room, now or (in a replay) earlier. */
  apply(event: LoggedEvent): void {
    if (event.type === 'message') return this.#hear(event.data)
    if (event.type === 'room') return
    const message = this.find(event.data.target)
    if (!message) return
    const folded = fold(message, event)
    if (folded !== message) this.#change()[this.#indexOf(message.id)] = folded
  }

  #hear(message: Message): void {
    const at = this.#place(message.id)
    const known = this.#messages[at]
    if (known?.id === message.id) {
      // A replay gives the text as it is now; what was folded in since is newer than that.
      if (isNewer(message, known)) {
        this.#change()[at] = message.deleted ? message : { ...known, ...message }
      }
      return
    }
    const isInside = at > 0 && at < this.#messages.length
    if (this.newer !== 'end' && !isInside) {
      if (at === this.#messages.length) this.#unseen.add(seq(message.id))
      return
    }
    // Older than all there is: it belongs to a page that was not asked for.
    if (at === 0 && this.#messages.length > 0 && this.older !== 'end') return
    if (this.#messages.length >= this.#keep && at === this.#messages.length && !this.atEnd) {
      this.newer = 'more'
      this.#unseen.add(seq(message.id))
      return
    }
    this.#change().splice(at, 0, message)
    this.#trim('start')
  }

  /** Shows this page and nothing else. */
  replace({ messages, before, after }: History): void {
    this.#messages = [...messages]
    this.#isShown = false
    this.older = before === null ? 'end' : 'more'
    this.newer = after === null ? 'end' : 'more'
    this.#unseen.clear()
  }

  /**
   * The newest page again, over what is there: it has what happened while nobody listened. Messages that it should
   * have and has not are gone. Answers whether it shows another stretch now, as the page does not join on.
   */
  renew(page: History): boolean {
    const first = page.messages[0]
    const newest = this.newest
    const from = first ? seq(first.id) : -1
    const joins = newest && (page.before === null || seq(newest.id) >= from)
    if (!joins || this.newer !== 'end') {
      this.replace(page)
      return newest !== undefined
    }
    const { older } = this
    const before = page.before === null ? [] : this.#messages.filter(({ id }) => seq(id) < from)
    this.replace({ ...page, messages: [...before, ...page.messages] })
    if (before.length > 0) this.older = older
    this.#trim('start')
    return false
  }

  /** Something may be missing after this message: what came since is not shown, until what is missing is there. */
  cut({ id }: Message): void {
    const kept = this.#messages.filter((message) => seq(message.id) <= seq(id))
    for (const { id } of this.#messages.slice(kept.length)) this.#unseen.add(seq(id))
    this.#messages = kept
    this.#isShown = false
    this.newer = 'failed'
  }

  /** The page before the oldest message. */
  prepend({ messages, before }: History): void {
    const first = this.oldest
    const fresh = first ? messages.filter(({ id }) => seq(id) < seq(first.id)) : messages
    this.#messages = [...fresh, ...this.#messages]
    this.#isShown = false
    this.older = before === null ? 'end' : 'more'
    this.#trim('end')
  }

  /** The page after the newest message. */
  append({ messages, after }: History): void {
    const last = this.newest
    const fresh = last ? messages.filter(({ id }) => seq(id) > seq(last.id)) : messages
    this.#messages = [...this.#messages, ...fresh]
    this.#isShown = false
    for (const { id } of fresh) this.#unseen.delete(seq(id))
    if (after === null) this.#unseen.clear()
    this.newer = after === null ? 'end' : 'more'
    this.#trim('start')
  }

  #trim(side: 'start' | 'end'): void {
    const over = this.#messages.length - this.#keep
    if (over <= 0) return
    if (side === 'start') {
      this.#change().splice(0, over)
      this.older = 'more'
    } else {
      this.#change().splice(this.#keep)
      this.newer = 'more'
    }
  }

  #change(): Message[] {
    if (this.#isShown) this.#messages = [...this.#messages]
    this.#isShown = false
    return this.#messages
  }

  #indexOf(id: string): number {
    const at = this.#place(id)
    return this.#messages[at]?.id === id ? at : -1
  }

  /** Where a message with this id is, or would go. */
  #place(id: string): number {
    const wanted = seq(id)
    let low = 0
    let high = this.#messages.length
    // Nearly everything is about the end.
    const last = this.newest
    if (!last || seq(last.id) < wanted) return high
    while (low < high) {
      const middle = (low + high) >> 1
      if (seq((this.#messages[middle] as Message).id) < wanted) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** A message after something happened to it; the same object where nothing changed. */
function fold(
  message: Message,
  event: Exclude<LoggedEvent, { type: 'message' | 'room' }>,
): Message {
  const { type, data } = event
  const { person } = data.from
  if (type === 'edit' && data.restored) return putBack(message, data)
  // Removed is removed: what a replay tells of before does not bring it back.
  if (message.deleted) return message
  if (type !== 'reaction') {
    const { editedBy: _, ...rest } = message
    const isAuthors = person === message.from.person
    if (type === 'delete') {
      delete rest.reactions
      delete rest.files
      return { ...rest, text: '', deletedBy: isAuthors ? 'author' : 'host', deleted: true }
    }
    // Blank: its message was removed since, and may be back.
    if (data.deleted || (message.edited && message.edited > data.at)) return message
    const { text, at: edited } = data
    return { ...rest, text, edited, ...(!isAuthors && { editedBy: 'host' as const }) }
  }
  const persons = message.reactions?.[data.emoji] ?? []
  if (persons.includes(person) === data.on) return message
  const now = data.on ? [...persons, person] : persons.filter((one) => one !== person)
  const { reactions: _, ...rest } = message
  const reactions = { ...message.reactions, [data.emoji]: now }
  if (now.length === 0) delete reactions[data.emoji]
  return Object.keys(reactions).length > 0 ? { ...rest, reactions } : rest
}

/** A message that was removed is back, unless this is a replay and it has gone again since. */
function putBack(message: Message, data: Edit): Message {
  const { text, edited, editedBy, reactions, files, deleted } = data
  if (!message.deleted || deleted) return message
  const { deleted: _, deletedBy: __, ...rest } = message
  return {
    ...rest,
    text,
    ...(edited && { edited }),
    ...(editedBy && { editedBy }),
    ...(reactions && { reactions }),
    ...(files && { files }),
  }
}

/** A message that is heard again says more than the one that is there: it was edited or removed since. */
function isNewer(message: Message, known: Message): boolean {
  if (known.deleted) return false
  return !!message.deleted || (message.edited ?? '') > (known.edited ?? '')
}
