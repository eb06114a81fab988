import type { Problem } from '@hearsay/protocol'

/** Why nothing is being heard at the moment, where a later try may well succeed. */
export type WaitReason =
  /** The browser says that this machine has no network. */
  | 'offline'
  /** The server did not answer, answered 5xx, or fell silent. */
  | 'unreachable'
  /** The server answered that it is overloaded, draining, or that there are too many streams. */
  | 'busy'
  /** The server ended the stream, as it does after its lifetime or before a restart. */
  | 'closed'
  /** The page is hidden and this browser stops streams of hidden pages (iOS). */
  | 'hidden'

/**
 * What is true of the connection now. `downSince` is when it was last live (or when it was opened), in
 * milliseconds since 1970: it stays the same from try to try, so "down for more than 5 s" is one subtraction.
 */
export type ConnectionState =
  /** A request is under way. `tries` counts the failed ones before it. */
  | { readonly phase: 'connecting'; readonly downSince: number; readonly tries: number }
  /** The stream is open and what was missed is coming in. */
  | { readonly phase: 'catching-up'; readonly downSince: number; readonly caughtUp: number }
  /** Everything that was said has been heard. `caughtUp` counts the logged events that had been missed. */
  | { readonly phase: 'live'; readonly caughtUp: number }
  /** The next try is at `until` (milliseconds since 1970), `seconds` after this state began. */
  | {
      readonly phase: 'waiting'
      readonly reason: WaitReason
      readonly until: number
      readonly seconds: number
      readonly downSince: number
      readonly tries: number
    }
  /** The server said no, for good (4xx). Only `retry()` asks again. */
  | { readonly phase: 'refused'; readonly problem: Problem }
  /** Closed by this side. */
  | { readonly phase: 'closed' }
