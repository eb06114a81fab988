import type { Epoch } from './cursor.ts'

/** What the past gives: an event as the log has it. */
export interface PastEvent {
  /** Its place in the log: strictly increasing over all topics. */
  readonly seq: number
  /** `<epoch>-<seq>`. */
  readonly id: string
  /** '' and `message` are the default type. */
  readonly type: string
  readonly data: string
}

/** What a topic has lost of a stretch. */
export interface PastLoss {
  readonly key: string
  /** The oldest event that the topic still has; null: it has none. */
  readonly oldest: string | null
  /** How much of it is gone, in whatever the log counts; undefined: not known. */
  readonly lost?: number | undefined
}

/** A stretch of the past of some topics, oldest first. */
export interface PastStretch {
  readonly events: readonly PastEvent[]
  /** There is more after the last of these: ask again from there. Never true where `events` is empty. */
  readonly more: boolean
  /** Topics in which something between the cursor and these events is gone. */
  readonly expired: readonly PastLoss[]
}

/**
 * Where a hub reads what its windows do not hold: the durable log of the program around it. A rejection ends the stream
 * that asked, which comes back.
 */
export interface Past {
  /** Oldest first; the last one is now. */
  readonly epochs: readonly Epoch[]
  /** The newest seq when the hub begins. */
  readonly head: number
  /** Events of these topics with `after < seq <= upTo`, at most `limit` of them. */
  after(keys: readonly string[], after: number, upTo: number, limit: number): Promise<PastStretch>
  /** The events from the topic's `limit`-newest counted one on, with `seq <= upTo`. */
  newest(key: string, upTo: number, limit: number): Promise<PastStretch>
}
