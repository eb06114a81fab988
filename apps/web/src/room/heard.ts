import type { Message } from '@hearsay/protocol'
import type { RoomView } from './view.ts'

/**
 * Tells of the messages that come on the stream from now on, each once and in order, wherever the reader is: not of what they say themselves, nor of
 * persons that they do not want to see. Answers how to stop.
 */
export function watchHeard(view: RoomView, tell: (fresh: readonly Message[]) => void): () => void {
  let last = view.snapshot.value.heard.at(-1)
  return view.snapshot.watch(() => {
    const { heard } = view.snapshot.value
    const newest = heard.at(-1)
    if (newest === last) return
    const fresh = heard.slice(last ? heard.indexOf(last) + 1 : 0)
    last = newest
    const others = fresh.filter(
      ({ from }) => !view.isMine(from) && !view.hidden.value.has(from.person),
    )
    if (others.length > 0) tell(others)
  })
}
