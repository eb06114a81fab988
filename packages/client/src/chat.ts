import type { From, Gap, Message } from '@hearsay/protocol'
import type { ConnectionState } from './connection.ts'
import type { Pending } from './outbox.ts'

/** Options of `joinRoom`. All have defaults. */
export interface RoomOptions {
  /** The server. Default: the page's own origin; in Node it must be given. */
  readonly base?: string | URL
  /** The person's secret (22 to 128 base64url characters). Default: `identity().secret`. */
  readonly secret?: string
  /** The name to speak under. Default: the one kept by `rename` for this room, else the server makes one. */
  readonly name?: string
  /** One stream for all tabs of this browser. Default: true; where the browser can't, each tab has its own. */
  readonly shareStream?: boolean
  /** Open around this message instead of at the end. */
  readonly around?: string
  /** Messages kept in memory at most, 100 or more. Default 1000. */
  readonly keep?: number
  /** Default: the global one. */
  readonly fetch?: typeof fetch
}

/** Whether there is more in a direction of the history. `failed`: the last try did not get through. */
export type Edge = 'more' | 'loading' | 'failed' | 'end'

/** Who is here. `list` is null in a room of more than a hundred, where only the number is told. */
export interface People {
  readonly count: number
  readonly list: readonly From[] | null
}

/**
 * A room as it is now. Never changed in place: what did not change is the same object as in the snapshot before
 * (each message, `messages`, `pending`, `people`, ...), so `===` tells what to draw anew.
 */
export interface RoomSnapshot {
  readonly room: string
  readonly connection: ConnectionState
  /** A stretch of the room without holes, in the server's order: edits, deletions and reactions folded in. */
  readonly messages: readonly Message[]
  /** Own messages that are not yet confirmed, in the order in which they will be said. */
  readonly pending: readonly Pending[]
  /** Towards the start. `end`: there is nothing older on the server. */
  readonly older: Edge
  /** Towards now. `end`: `messages` reaches the newest one and new ones are added to it. */
  readonly newer: Edge
  /** Messages that came while `newer` was not `end`: they are on the server, not in `messages`. */
  readonly unseen: number
  /** What was lost for good, oldest first: the place to show "messages expired while you were away". */
  readonly gaps: readonly Gap[]
  readonly people: People
  /** Others who are typing now. */
  readonly typing: readonly From[]
  /** Title, topic, slow mode and so on, as last heard. */
  readonly settings: Readonly<Record<string, unknown>>
  /** Who this client is in the room; null until the server has said so. */
  readonly me: From | null
  /** The first page of history has come. */
  readonly loaded: boolean
  /** false: what is written can't be kept over a reload (no IndexedDB, or it is full). */
  readonly durable: boolean
}

/** A room that was joined. */
export interface Room {
  readonly snapshot: RoomSnapshot
  /** Calls the listener after every change, once per turn. Answers how to stop. */
  subscribe(listener: (snapshot: RoomSnapshot) => void): () => void
  /**
   * Puts a message into the outbox; it goes out by itself, in order, exactly once. Resolves with its key as soon
   * as it is kept, and by then it is in `snapshot.pending`.
   */
  say(text: string, options?: { readonly replyTo?: string }): Promise<string>
  /** Sends a failed message again, under the same key. */
  retry(key: string): Promise<void>
  /** Takes a message that was not sent out of the outbox. */
  discard(key: string): Promise<void>
  /** @throws ProblemError */
  edit(id: string, text: string): Promise<void>
  /** @throws ProblemError */
  remove(id: string): Promise<void>
  /** Adds (or takes back) a reaction. @throws ProblemError */
  react(id: string, emoji: string, on?: boolean): Promise<void>
  /** The person is typing. Call it on every key: it is sent at most every 3 s. */
  typing(): void
  /** Speak under another name from now on; kept for this room. null: the one that the server makes. */
  rename(name: string | null): void
  /** Gets the page before `messages`. Does nothing where there is none, or while one is being got. */
  older(): Promise<void>
  /** Gets the page after `messages`. */
  newer(): Promise<void>
  /** Shows the stretch around this message instead. Answers false where the message is no longer there. */
  around(id: string): Promise<boolean>
  /** Shows the newest messages again and follows them. */
  latest(): Promise<void>
  /** What is being written: kept for this room and tab over a reload. */
  draft: string
  /** Try to connect now, whatever the countdown says. */
  reconnect(): void
  /** Stops listening. What is in the outbox stays there and goes out the next time. */
  leave(): void
}
