import type { Message } from '@hearsay/protocol'
import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { t } from '../i18n/translate.ts'
import { mentionsName } from '../text/parse.ts'
import { chosen } from './choices.ts'
import { wordsOf } from './first-line.ts'
import { watchHeard } from './heard.ts'
import { useRoom } from './view.ts'

/** Milliseconds between two announcements, at least. */
const PAUSE = 1000

/**
 * Reads new messages to a screen reader: one by one while they come slowly, as a number when they come fast. The list
 * itself is no live region: readers would read history as it is loaded, and some the whole list.
 */
export function Announcer(): JSX.Element {
  const view = useRoom()
  const [words, setWords] = useState('')
  const waiting = useRef<string[]>([])
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const hear = (fresh: readonly Message[], isNews: boolean): void => {
    const which = chosen(view.name, 'announce')
    // How much was missed, the banner tells.
    if (!isNews || which === 'off') return
    for (const message of fresh) {
      const { from, text } = message
      if (which === 'mentions' && !mentionsName(text, view.myName ?? '')) continue
      const words = wordsOf(message).slice(0, 500)
      waiting.current.push(t('announce.message', { name: from.name, text: words }))
    }
    if (waiting.current.length > 0) timer.current ??= setTimeout(speakUp, 100)
  }
  const speakUp = (): void => {
    const all = waiting.current.splice(0)
    timer.current = undefined
    if (all.length === 0) return
    const next =
      all.length === 1 ? (all[0] as string) : t('room.newMessages', { count: all.length })
    // The same once more is to be read once more.
    setWords((before) => (before === next ? `${next}\u00a0` : next))
    timer.current = setTimeout(speakUp, PAUSE)
  }
  useEffect(() => {
    const stop = watchHeard(view, hear)
    return () => {
      stop()
      clearTimeout(timer.current)
    }
  }, [view])
  return (
    <div class="sr announcer" aria-live="polite" aria-atomic="true">
      {words}
    </div>
  )
}
