import type {
  Delete,
  Edit,
  Gap,
  Message,
  Presence,
  Reaction,
  RoomChange,
  Typing,
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
  /** Something is lost for good: what was known of the room may be out of date. */
  | { readonly type: 'gap'; readonly data: Gap }

export function isLogged(event: RoomEvent): event is LoggedEvent {
  return event.type !== 'presence' && event.type !== 'typing' && event.type !== 'gap'
}

/**
 * How far a room has been heard. Each logged event names the one before it in its room (`prev`), so whether one is
 * the next, was heard already, or comes after a hole is known from the event alone.
 */
export class Place {
  /** The last event of the room that was heard; undefined: none yet. */
  last: string | undefined
  /** A cursor that may belong to another room: up to it there is nothing to hear. */
  #from: string | undefined

  constructor(from?: string) {
    this.#from = from
  }

  /** The cursor after which the room's events are still to come; undefined: from wherever they begin. */
  get cursor(): string | undefined {
    return this.last ?? this.#from
  }

  /** Nothing was heard yet, and here is where hearing begins. */
  start(from: string | undefined): void {
    this.#from ??= from
  }

  /** `next`: it was taken, and this place moved on to it. `old`, `hole`: it was not. */
  take({ id, prev }: LoggedEvent['data']): 'next' | 'old' | 'hole' {
    const from = seqOf(this.cursor)
    if (from !== undefined && (seqOf(id) ?? Infinity) <= from) return 'old'
    if (prev !== undefined && from !== undefined) {
      const isNext = this.last === undefined ? (seqOf(prev) ?? 0) <= from : prev === this.last
      if (!isNext) return 'hole'
    }
    this.last = id
    return 'next'
  }

  /** After a gap: whatever comes next is where it goes on. */
  skip(): void {
    this.last = undefined
    this.#from = undefined
  }
}
