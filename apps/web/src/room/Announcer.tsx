import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { t } from '../i18n/translate.ts'
import { mentionsName } from '../text/parse.ts'
import { chosen } from './choices.ts'
import { wordsOf } from './first-line.ts'
import { seqOf } from './order.ts'
import { useRoom, useSnapshot } from './view.ts'

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
  const heard = useRef<number | null>(null)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const { messages, newer, loaded, connection } = useSnapshot(
    view,
    'messages',
    'newer',
    'loaded',
    'connection',
  )
  const me = view.me.value
  useEffect(() => () => clearTimeout(timer.current), [])
  useEffect(() => {
    const newest = messages.at(-1)
    if (!loaded || newer !== 'end') return
    const before = heard.current
    heard.current = newest ? seqOf(newest.id) : 0
    // What was there before, or was missed meanwhile, is not news: the banner tells how much it was.
    if (before === null || connection.phase !== 'live') return
    const which = chosen(view.name, 'announce')
    for (const message of messages.slice(-50)) {
      const { id, from, text } = message
      if (seqOf(id) <= before || from.person === me?.person || which === 'off') continue
      if (view.hidden.value.has(from.person)) continue
      if (which === 'mentions' && !mentionsName(text, view.myName ?? '')) continue
      const words = wordsOf(message).slice(0, 500)
      waiting.current.push(t('announce.message', { name: from.name, text: words }))
    }
    if (waiting.current.length > 0) timer.current ??= setTimeout(speakUp, 100)
  }, [messages])
  const speakUp = (): void => {
    const all = waiting.current.splice(0)
    timer.current = undefined
    if (all.length === 0) return
    setWords(all.length === 1 ? (all[0] as string) : t('room.newMessages', { count: all.length }))
    timer.current = setTimeout(speakUp, PAUSE)
  }
  return (
    <div class="sr announcer" aria-live="polite" aria-atomic="true">
      {words}
    </div>
  )
}
