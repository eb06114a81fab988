import type {
  Delete,
  Edit,
  Gap,
  Message,
  Presence,
  Reaction,
  RoomChange,
  Typing,
  Waiting,
} from '@hearsay/protocol'
import { seqOf } from './connection.ts'

/** What stands in a room's log. */
export type LoggedEvent =
  | { readonly type: 'message'; readonly data: Message }
  | { readonly type: 'edit'; readonly data: Edit }
  | { readonly type: 'delete'; readonly data: Delete }
  | { readonly type: 'reaction'; readonly data: Reaction }
  | { readonly type: 'room'; readonly data: RoomChange }

/** What is heard in a room. */
export type RoomEvent =
  | LoggedEvent
  | { readonly type: 'presence'; readonly data: Presence }
  | { readonly type: 'typing'; readonly data: Typing }
  | { readonly type: 'waiting'; readonly data: Waiting }
  /** Something is lost for good: what was known of the room may be out of date. */
  | { readonly type: 'gap'; readonly data: Gap }

export function isLogged(event: RoomEvent): event is LoggedEvent {
  return event.type !== 'gap' && !isSignal(event)
}

/** Something of the moment: the next of its kind takes its place. */
export function isSignal({ type }: RoomEvent): boolean {
  return type === 'presence' || type === 'typing' || type === 'waiting'
}

/**
 * How far a room has been heard. Each logged event names the one before it in its room (`prev`), so whether one is
 * the next, was heard already, or comes after a hole is known from the event alone.
 */
export class Place {
  /** The last event of the room that was heard; undefined: none yet. */
  #last: string | undefined
  /** Where hearing began, while nothing was heard: up to here there is nothing to hear. */
  #from: string | undefined
  /** What has come on the stream since, of other rooms: a resume need not begin before it. */
  #upTo: string | undefined

  constructor(from?: string) {
    this.#from = from
  }

  /** The cursor with which to resume; undefined: nothing was heard, and it is not known where hearing began. */
  get cursor(): string | undefined {
    return later(this.#upTo, this.base)
  }

  /** The cursor after which a hole is to be filled. */
  get base(): string | undefined {
    return this.#last ?? this.#from
  }

  /** Nothing was heard yet, and here is where hearing begins. */
  start(from: string | undefined): void {
    this.#from ??= from
  }

  /** The stream is here now. An event of this room that it should have told is noticed by the next one. */
  advance(id: string): void {
    this.#upTo = later(this.#upTo, id)
  }

  /** `next`: it was taken, and this place moved on to it. `old`, `hole`: it was not. */
  take({ id, prev }: LoggedEvent['data']): 'next' | 'old' | 'hole' {
    const from = seqOf(this.base)
    if (from !== undefined && (seqOf(id) ?? Infinity) <= from) return 'old'
    if (prev !== undefined && from !== undefined) {
      // Two of one epoch have nothing of another one between them.
      const isAround = epochOf(prev) !== epochOf(id) || epochOf(prev) === epochOf(this.#from)
      const isNext =
        this.#last === undefined ? (seqOf(prev) ?? 0) <= from && isAround : prev === this.#last
      if (!isNext) {
        this.#upTo = undefined
        return 'hole'
      }
    }
    this.#last = id
    return 'next'
  }

  /** After a gap: whatever comes next is where it goes on. */
  skip(): void {
    this.#last = this.#from = this.#upTo = undefined
  }
}

/** The life of the log in which an id was given. Seqs of different ones may be of different logs: a backup was put back. */
export function epochOf(id: string | null | undefined): string | undefined {
  return id?.split('-')[0]
}

/** Whether a cursor stands after another one, or after none. */
export function isLater(a: string | undefined, b: string | undefined): boolean {
  return (seqOf(a) ?? -1) > (seqOf(b) ?? -1)
}

/** The later of two cursors. */
export function later(a: string | undefined, b: string | undefined): string | undefined {
  return isLater(a, b) ? a : b
}
