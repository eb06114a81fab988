import type { Attachment, From } from '@hearsay/protocol'

/** What every entry carries. */
interface Common {
  /** The room's name. */
  readonly room: string
  /** When it was said: milliseconds since 1970, by the server's clock. For people to read; nothing is ordered by it. */
  readonly at: number
  /** Who did it, as shown to the room at that time. */
  readonly from: From
  /** Idempotency key: the same key from the same person in the same room is one entry, for ever. */
  readonly key?: string
}

/** One thing that changes a room. Everything that does is an entry. */
export type Entry = Common &
  (
    | {
        readonly kind: 'message'
        readonly text: string
        readonly replyTo?: string
        readonly files?: readonly Attachment[]
        /** The id of what was held and is approved with this: it waits no more. */
        readonly held?: string
      }
    | {
        readonly kind: 'edit'
        readonly target: string
        /** null: what the message said before it was hidden. It is hidden no more. */
        readonly text: string | null
      }
    | {
        readonly kind: 'delete'
        readonly target: string
        /** The act by which the message is only hidden: what it said is kept for an hour, so that it can be put back. */
        readonly hide?: string
      }
    | {
        /** A message that nobody hears before it is approved. It has no place in the stream. */
        readonly kind: 'hold'
        readonly text: string
        readonly replyTo?: string
        readonly files?: readonly Attachment[]
      }
    | {
        /** What was held is refused, or taken back: gone from the disk when this resolves. The acts tell of it. */
        readonly kind: 'drop'
        readonly target: string
      }
    | {
        /** Something done that `recorded` tells of, and which is no state of the room. */
        readonly kind: 'act'
        readonly space: string
        readonly name: string
        readonly value: unknown
      }
    | {
        readonly kind: 'reaction'
        readonly target: string
        readonly emoji: string
        readonly on: boolean
      }
    | { readonly kind: 'room'; readonly settings: Readonly<Record<string, unknown>> }
    | {
        /** Something kept about the room that its listeners are not told: a link, a ban. It has no place in the stream. */
        readonly kind: 'record'
        readonly space: string
        readonly name: string
        /** Anything with a JSON form; null: forget it. */
        readonly value: unknown
      }
  )

export type Kind = Entry['kind']

/** The newest record of a name. */
export interface Kept {
  readonly space: string
  readonly name: string
  readonly value: unknown
}

/** An entry as it stands in the log, ready to be announced. */
export interface Logged {
  /** Its place in the one order of all rooms: a positive integer, strictly increasing. */
  readonly seq: number
  /** `<epoch>-<seq>`. */
  readonly id: string
  readonly room: string
  readonly kind: Kind
  /** The event's data: JSON on one line, with `id`, `prev`, `room`, `at` first. */
  readonly json: string
}

/** What `append` answers. */
export interface Appended {
  readonly event: Logged
  /**
   * false: nothing was added, for `event` had the same effect before. It has the same key; or it is the deletion of a
   * message that is deleted again, or a reaction that stands already.
   */
  readonly first: boolean
}

/** An edit, a deletion or a trim changes what older events say: windows in memory must follow. */
export interface Rewritten {
  readonly seq: number
  readonly room: string
  /** The older event's data as a replay gives it from now on; null: it is no longer there. */
  readonly json: string | null
}

/** What retention removed after a cursor. */
export interface Lost {
  readonly room: string
  /** The oldest event that is still there; null: there is none. */
  readonly oldest: string | null
  /** How many messages it was; undefined: too many to remember, or too long ago. */
  readonly lost: number | undefined
}

/** A stretch of the log, in order. */
export interface Stretch {
  readonly events: readonly Logged[]
  /** There are further events up to `upTo`: ask again after the last one. */
  readonly more: boolean
  /** Rooms in which something between the cursor and these events is no longer there. */
  readonly expired: readonly Lost[]
}

/** A page of messages as they are now: edits, deletions and reactions folded in. Each is one JSON object. */
export interface Page {
  /** Oldest first. */
  readonly messages: readonly string[]
  /** The first message's id, where older ones are there to ask for: the next page's `before`. */
  readonly before: string | null
  /** The last message's id, where there are newer ones. */
  readonly after: string | null
}

/** Messages in which all the words are, as they are now. Each is one JSON object. */
export interface Found {
  /** Newest first. */
  readonly messages: readonly string[]
  /** The last message's id, where older ones have the words too: the next page's `before`. */
  readonly before: string | null
  /** The oldest message that was looked through, where there are older ones; null: all were. */
  readonly since: string | null
}

/** An act that hid messages. */
export interface Hiding {
  readonly act: string
  /** How many of them can be put back. */
  readonly messages: number
}

/** An epoch: one life of the log's writer, and the first seq it could give. */
export interface Epoch {
  readonly epoch: string
  readonly first: number
}

/** Where a page of history lies, in seqs. Nothing given: the newest messages. */
export interface Range {
  /** Messages before it; alone: the newest of those. */
  readonly before?: number
  /** Messages after it; the oldest of those. */
  readonly after?: number
  /** This message in the middle, or where it would stand. */
  readonly around?: number
  /** Messages on the page, at most. */
  readonly limit: number
}

export interface RoomFacts {
  readonly room: string
  /** Messages kept, those removed by retention not counted. */
  readonly messages: number
  /** Ids of the newest and the oldest event that is still there. */
  readonly newest: string | null
  readonly oldest: string | null
  /** Retention removed messages of it, or may have: before they were counted. */
  readonly expired: boolean
  readonly settings: Readonly<Record<string, unknown>>
}

/** Keep at most this much of a room. */
export interface Retention {
  /** Newest messages kept. */
  readonly count?: number
  /** Milliseconds. */
  readonly age?: number
}

/** What one step of a trim did. */
export interface Trimming {
  /** Events that went. */
  readonly removed: number
  /** There is more to do now. */
  readonly more: boolean
}

/**
 * The durable past of all rooms: order and store together. Whatever keeps it (a file, memory, later a broker)
 * passes the same conformance suite.
 */
export interface Log {
  /** All epochs, oldest first; the last one is now. */
  readonly epochs: readonly Epoch[]
  /** The highest seq that `follow` has announced; 0 where the log is empty. */
  readonly head: number

  /**
   * Adds one entry. Resolves when it is durable (fsynced, where there is a disk) and has been announced; a deletion,
   * when nothing of the text is left on the disk.
   * @throws LogError `disk-full`, `closed`, `failed`; `not-found`: what an edit, deletion or reaction is about is not a
   * message of this room, or is deleted; what is put back is not hidden; what is decided on is not held; `too-many`: more
   * than may be held. After `disk-full` and `failed` it is not known whether the entry was added:
   * append it again with the same key.
   */
  append(entry: Entry): Promise<Appended>

  /**
   * Announces each entry once, in order, in batches as they become durable. One follower: the fan-out. It is called
   * in the same turn for a whole batch, before the batch's appends resolve. First the new events, then what they
   * (or a trim) changed in older ones, of which some may be new in the same batch.
   */
  follow(announce: (events: readonly Logged[], rewritten: readonly Rewritten[]) => void): void

  /** Events of these rooms with `after < seq <= upTo`, oldest first, at most `limit`. */
  after(rooms: readonly string[], after: number, upTo: number, limit: number): Promise<Stretch>

  /**
   * The newest events of a room with `seq <= upTo`: those that hold its newest `limit` messages. Oldest first; all the
   * room has where it has fewer messages.
   */
  newest(room: string, upTo: number, limit: number): Promise<Stretch>

  /** History: messages before, after or around a seq. */
  page(room: string, range: Range): Promise<Page>

  /** One message as it is now (JSON), or null. */
  message(room: string, seq: number): Promise<string | null>

  /**
   * The newest messages of a room that have all these words, whatever their case and accents. Of a large room only the newest
   * messages are looked through: `since` says so.
   * @param words Of letters and digits; at least one.
   */
  search(
    room: string,
    words: readonly string[],
    range: { readonly before?: number; readonly limit: number },
  ): Promise<Found>

  facts(room: string): Promise<RoomFacts | null>

  /** Names of rooms whose settings say `listed`, in order, from after a name. */
  listed(after: string, limit: number): Promise<readonly string[]>

  /** What is kept about a room beside its stream. */
  records(room: string): Promise<readonly Kept[]>

  /** Records as they were made, newest first, from before a seq: who did what. Each is the JSON of its entry, with what was kept `before`. */
  recorded(room: string, before: number, limit: number): Promise<readonly string[]>

  /** What is held in a room, oldest first, from after a seq. Each is the JSON of its entry. */
  held(room: string, after: number, limit: number): Promise<readonly string[]>

  /** How much is held in a room. */
  heldCount(room: string): Promise<number>

  /** The acts that hid messages of a room which can still be put back, and how many each. */
  hidden(room: string): Promise<readonly Hiding[]>

  /** Ids of the messages that an act hid and that can be put back, oldest first. */
  hiddenBy(room: string, act: string): Promise<readonly string[]>

  /** What was said or held in a room by this person under this key, as it stands; null: nothing. */
  keyed(room: string, from: From, key: string): Promise<Logged | null>

  /** Is a file, by the name of `fileName`, in a message of this room that is there to be read, or is held? */
  hasFile(room: string, name: string): Promise<boolean>

  /** Those of these names whose files messages have, hidden ones too: the others nobody can ask for any more. */
  filesKept(names: readonly string[]): Promise<readonly string[]>

  /**
   * Removes what was hidden an hour ago and what was held for a day, from the disk too.
   * @param released told of each room in which less is held now
   * @returns when there will be something again, in ms since 1970; null: there is nothing hidden or held
   */
  expire(now: number, released?: (room: string) => void): Promise<number | null>

  /**
   * Removes what rooms no longer keep, from the disk too: one bounded step of it, over rooms in which something is to go. A
   * room keeps what its settings `keepCount` and `keepHours` say.
   * @param standard of rooms that have not set it
   */
  trim(standard: Retention, now: number): Promise<Trimming>

  /** Waits for what was appended, then lets go of the file. */
  close(): Promise<void>
}

/** Why the log refused, as a code that callers tell apart. */
export class LogError extends Error {
  readonly code:
    | ('disk-full' | 'closed' | 'not-found' | 'too-many' | 'failed')
    | ('locked' | 'newer' | 'unusable')

  constructor(code: LogError['code'], sentence: string, cause?: unknown) {
    super(sentence, cause === undefined ? undefined : { cause })
    this.name = 'LogError'
    this.code = code
  }
}
