import { systemClock } from '@hearsay/client'
import type { Message } from '@hearsay/protocol'
import type { RoomView } from './view.ts'

/** Milliseconds after coming back online in which what arrives was said earlier. */
const CATCH_UP = 2000

/** What was heard after a message; all of it where that is no longer there. */
export function since(last: Message | undefined, heard: readonly Message[]): readonly Message[] {
  return last === heard.at(-1) ? [] : heard.slice(last ? heard.indexOf(last) + 1 : 0)
}

/**
 * Tells of the messages that come on the stream from now on, each once and in order, wherever the reader is: not of what they say themselves, nor of
 * persons that they do not want to see. What was missed meanwhile is no news. Answers how to stop.
 */
export function watchHeard(
  view: RoomView,
  tell: (fresh: readonly Message[], isNews: boolean) => void,
): () => void {
  let last = view.snapshot.value.heard.at(-1)
  let wasLive = view.snapshot.value.connection.phase === 'live'
  /** Before the stream was there for the first time, nothing was missed. */
  let missedUntil: number | undefined = wasLive ? -Infinity : undefined
  return view.snapshot.watch(() => {
    const { heard, connection } = view.snapshot.value
    const isLive = connection.phase === 'live'
    if (isLive && !wasLive) {
      missedUntil = missedUntil === undefined ? -Infinity : systemClock.now() + CATCH_UP
    }
    wasLive = isLive
    const others = since(last, heard).filter(
      ({ from }) => !view.isMine(from) && !view.hidden.value.has(from.person),
    )
    last = heard.at(-1)
    const isNews = isLive && systemClock.now() >= (missedUntil ?? Infinity)
    if (others.length > 0) tell(others, isNews)
  })
}
