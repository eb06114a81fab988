/**
 * Ids and cursors. An id is `<epoch>-<seq>`; a cursor is the last id that a listener has.
 *
 * Epochs are as in Kafka (KIP-101): each life of the log's writer begins one, and the log keeps the list of them with
 * the first seq of each. That tells a log that was put back from an old backup from the one that clients knew.
 */

export interface Epoch {
  /** 1-16 of `[a-z0-9]`. */
  readonly epoch: string
  /** The first seq that this epoch could give. */
  readonly first: number
}

/** Why a cursor can't be resumed exactly. */
export type GapReason =
  /** What followed it was removed. */
  | 'expired'
  /** It comes from a life of the log that this log does not know, or left behind. */
  | 'epoch'
  /** It is malformed, or ahead of everything there is. */
  | 'unknown'

const CURSOR = /^([a-z0-9]{1,16})-(0|[1-9][0-9]{0,15})$/

/** @returns the seq to go on after, or why there is none. */
export function resolveCursor(
  cursor: string,
  epochs: readonly Epoch[],
  head: number,
): number | 'epoch' | 'unknown' {
  const parts = CURSOR.exec(cursor)
  if (!parts) return 'unknown'
  const seq = Number(parts[2])
  if (!Number.isSafeInteger(seq)) return 'unknown'
  // Newest first: nearly every cursor is of the epoch that is now.
  for (let i = epochs.length - 1; i >= 0; i--) {
    const { epoch, first } = epochs[i]!
    if (epoch !== parts[1]) continue
    const last = i === epochs.length - 1 ? head : epochs[i + 1]!.first - 1
    // `first - 1` is the place before the epoch's first event: what a listener of a quiet log is given.
    if (seq < first - 1) return 'unknown'
    return seq > last ? (i === epochs.length - 1 ? 'unknown' : 'epoch') : seq
  }
  return 'epoch'
}

/** The id of a seq: its epoch is the last one that began at or before it. */
export function idOf(seq: number, epochs: readonly Epoch[]): string {
  for (let i = epochs.length - 1; i > 0; i--)
    if (epochs[i]!.first <= seq) return `${epochs[i]!.epoch}-${seq}`
  return `${epochs[0]!.epoch}-${seq}`
}

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** 10 characters, 51 bits: two lives of a log do not meet by chance. */
export function newEpoch(): string {
  let epoch = ''
  for (const byte of crypto.getRandomValues(new Uint8Array(10))) epoch += ALPHABET[byte % 36]
  return epoch
}
