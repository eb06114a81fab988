import type { Problem } from '@hearsay/protocol'

/** Where a message that is not yet confirmed stands. None of these means "sent". */
export type PendingState =
  /** In the queue: behind another message, or no connection. It goes by itself. */
  | { readonly phase: 'waiting' }
  /** On its way. */
  | { readonly phase: 'sending' }
  /** The server asked to slow down; it goes by itself at `until` (milliseconds since 1970). */
  | { readonly phase: 'held'; readonly until: number }
  /** Refused. It stays until `retry` or `discard`. */
  | { readonly phase: 'failed'; readonly problem: Problem }

/** A message that was written and is not yet known to be stored by the server. */
export interface Pending {
  /** Idempotency key: unique per message, and found again on the echo. */
  readonly key: string
  readonly room: string
  readonly text: string
  readonly replyTo?: string
  /** The name that it goes out under, where one was chosen. */
  readonly name?: string
  /** When it was written, by this machine's clock: milliseconds since 1970. */
  readonly at: number
  readonly state: PendingState
}
