import type { Epoch } from './log.ts'

const cursor = /^([a-z0-9]{1,16})-(0|[1-9][0-9]{0,15})$/

/** Position in `epochs` of the one that gave `seq`. What stands before the first seq counts to the first epoch. */
function indexOf(epochs: readonly Epoch[], seq: number): number {
  // From the end: nearly every question is about the newest entries.
  let at = epochs.length - 1
  while (at > 0 && epochs[at]!.first > seq) at -= 1
  return at
}

/** The id of an entry, which is also the cursor that stands right after it. `<first epoch>-0` is the very start. */
export function idOf(epochs: readonly Epoch[], seq: number): string {
  return `${epochs[indexOf(epochs, seq)]!.epoch}-${seq}`
}

/**
 * The seq an id stands for, or why it stands for none: `unknown` is malformed, or lies in the future;
 * `epoch` was given by a life of the log that this one does not descend from (a backup was put back).
 */
export function seqOf(
  epochs: readonly Epoch[],
  head: number,
  id: string,
): number | 'unknown' | 'epoch' {
  const parts = cursor.exec(id)
  if (parts === null) return 'unknown'
  const seq = Number(parts[2])
  if (!Number.isSafeInteger(seq)) return 'unknown'
  const named = epochs.findLastIndex((one) => one.epoch === parts[1])
  if (named === -1) return 'epoch'
  if (indexOf(epochs, seq) !== named) return 'epoch'
  return seq > head ? 'unknown' : seq
}
