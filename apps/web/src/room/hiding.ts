import type { Message } from '@hearsay/protocol'
import { keep } from '../storage.ts'
import type { RoomView } from './view.ts'

/** From now on this reader does not see (or sees again) what a person says here. */
export function hide({ name, hidden }: RoomView, person: string, isHidden = true): void {
  const next = new Set(hidden.value)
  if (isHidden) next.add(person)
  else next.delete(person)
  hidden.value = next
  keep(`hearsay:hidden:${name}`, next.size ? [...next].join(' ') : null)
}

/** Reported messages of a room that are kept on the device. */
const MOST = 200

/** What was reported stays out of sight after a reload: the newest of it. Answers how to stop. */
export function keepReported({ name, reported }: RoomView): () => void {
  return reported.watch(() => {
    const ids = [...reported.value].slice(-MOST).join(' ')
    keep(`hearsay:reported:${name}`, ids || null)
  })
}

/** Shows what was hidden by `hide`, or because it was reported. */
export function reveal(view: RoomView, { id, from }: Message): void {
  hide(view, from.person, false)
  const reported = new Set(view.reported.value)
  reported.delete(id)
  view.reported.value = reported
}
