import type { Message } from '@hearsay/protocol'
import type { JSX } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { Icon, icons } from '../ui/Icon.tsx'
import { use } from '../cell.ts'
import { dayOf, lengthOf } from '../i18n/dates.ts'
import { today } from '../clock.ts'
import { locale, t } from '../i18n/translate.ts'
import { later } from '../ui/later.tsx'
import { goesOn, retention, seqOf } from './order.ts'
import { Row } from './Row.tsx'
import { ScrollKeeper } from './scroll.ts'
import { Skeleton } from './Skeleton.tsx'
import { useRoom } from './view.ts'

const PendingRow = later(async () => (await import('./PendingRow.tsx')).PendingRow)
const Empty = later(async () => (await import('./Empty.tsx')).Empty)

/** Pixels from an edge at which the next page is asked for. */
const AHEAD = 800

/** The messages, and everything about where the reader is in them. */
export function Messages(): JSX.Element {
  const view = useRoom()
  const { snapshot, marked, unread, endWanted } = view
  const { messages, pending, older, newer, loaded, unseen, gaps } = use(snapshot)
  const ends = use(endWanted)
  const language = use(locale)
  use(today)
  const scroller = useRef<HTMLDivElement>(null)
  const keeper = useRef<ScrollKeeper>(null)
  const [away, setAway] = useState(false)
  const [leftAt, setLeftAt] = useState<string | null>(null)
  const [active, setActive] = useState<string | null>(null)

  useLayoutEffect(() => {
    const box = scroller.current
    if (!box) return
    const it = (keeper.current = new ScrollKeeper(box))
    const sizes = new ResizeObserver(() => it.resized())
    sizes.observe(box)
    if (box.firstElementChild) sizes.observe(box.firstElementChild)
    return () => sizes.disconnect()
  }, [])
  useLayoutEffect(() => keeper.current?.restore())
  useLayoutEffect(() => {
    if (ends) keeper.current?.toEnd()
    setAway(false)
  }, [ends])

  const wanted = use(marked)
  const isHere = wanted !== null && messages.some(({ id }) => id === wanted)
  useEffect(() => {
    if (!wanted || !isHere) return
    const row = document.getElementById(`m-${wanted}`)
    if (row) keeper.current?.show(row)
    look()
    const timer = setTimeout(() => (marked.value = null), 2000)
    return () => clearTimeout(timer)
  }, [wanted, isHere])

  const look = (): void => {
    const box = scroller.current
    const it = keeper.current
    if (!box || !it) return
    it.scrolled()
    const isAway = !it.isAtEnd || snapshot.value.newer !== 'end'
    if (isAway && !away) setLeftAt(snapshot.value.messages.at(-1)?.id ?? null)
    if (isAway !== away) setAway(isAway)
    if (box.scrollTop < AHEAD) void view.room.older()
    if (box.scrollHeight - box.scrollTop - box.clientHeight < AHEAD) void view.room.newer()
  }
  // A page that does not fill the window leaves nothing to scroll by.
  useEffect(() => {
    if (loaded && older === 'more' && (scroller.current?.scrollTop ?? 0) < AHEAD)
      void view.room.older()
  }, [loaded, older, messages])

  const last = messages.at(-1)?.id
  const current = active && messages.some(({ id }) => id === active) ? active : last
  const move = (event: KeyboardEvent): void => {
    const row = (event.target as Element).closest('[data-row]')
    if (!row || row !== event.target) return
    const rows = [...(scroller.current?.querySelectorAll<HTMLElement>('[data-row]') ?? [])]
    const at = rows.indexOf(row as HTMLElement)
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key]
    if (event.key === 'Enter') row.querySelector<HTMLElement>('.row-more')?.click()
    else if (to !== undefined) rows[Math.min(Math.max(to, 0), rows.length - 1)]?.focus()
    else return
    event.preventDefault()
  }

  const fresh = leftAt === null ? 0 : messages.filter(({ id }) => seqOf(id) > seqOf(leftAt)).length
  const count = away ? fresh + unseen : 0
  const line = use(unread.line)
  return (
    <>
      <div class="scroller" ref={scroller} onScroll={look} onKeyDown={move}>
        <section
          class="column"
          aria-label={t('room.messages', { room: view.name })}
          aria-busy={older === 'loading' || newer === 'loading' || !loaded}
        >
          {!loaded && <Skeleton />}
          {loaded && <Beginning />}
          <ol class="messages" role="list">
            {messages.map((message, at) => {
              const before = messages[at - 1]
              const isNew = startsNew(message, before, line)
              const day = newDay(message, before)
              return [
                day && (
                  <li class="day" key={`day ${day}`}>
                    <time dateTime={message.at.slice(0, 10)}>{day}</time>
                  </li>
                ),
                isNew && (
                  <li class="new" key="new">
                    <span>{t('room.newLine')}</span>
                  </li>
                ),
                <Row
                  key={message.key ?? message.id}
                  message={message}
                  goesOn={!isNew && !day && goesOn(message, before)}
                  isActive={message.id === current}
                  isMarked={message.id === wanted}
                  onActive={setActive}
                  language={language}
                />,
              ]
            })}
            {newer === 'end' &&
              pending.map((it, at) => <PendingRow key={it.key} pending={it} isFirst={at === 0} />)}
          </ol>
          {loaded && messages.length + pending.length === 0 && older === 'end' && <Empty />}
          {gaps.length > 0 && newer === 'end' && (
            <p class="aside" role="status">
              {t('room.gap')}
            </p>
          )}
          {newer === 'failed' && (
            <p class="aside">
              {t('room.newerFailed')}{' '}
              <button type="button" class="link" onClick={() => void view.room.newer()}>
                {t('app.tryAgain')}
              </button>
            </p>
          )}
        </section>
      </div>
      {away && (
        <button type="button" class="to-end" onClick={() => void view.toEnd()}>
          <Icon path={icons.down} />
          {count > 0 ? t('room.newMessages', { count }) : t('room.toEnd')}
        </button>
      )}
    </>
  )
}

/** What stands before the first message that is shown. */
function Beginning(): JSX.Element | null {
  const view = useRoom()
  const { older, messages, settings } = use(view.snapshot)
  if (older === 'loading') return <p class="aside">{t('room.olderLoading')}</p>
  if (older === 'failed') {
    return (
      <p class="aside">
        {t('room.olderFailed')}{' '}
        <button type="button" class="link" onClick={() => void view.room.older()}>
          {t('app.tryAgain')}
        </button>
      </p>
    )
  }
  if (older !== 'end' || messages.length === 0) return null
  const age = retention(settings)
  const isStart = messages[0]?.prev === null || age === undefined
  return (
    <p class="aside">
      {isStart
        ? t('room.startOf', { room: view.name })
        : t('room.trimmed', { time: lengthOf(age) })}
    </p>
  )
}

function newDay(message: Message, before: Message | undefined): string | null {
  const at = new Date(message.at)
  if (before && new Date(before.at).toDateString() === at.toDateString()) return null
  return dayOf(at)
}

function startsNew(message: Message, before: Message | undefined, line: string | null): boolean {
  if (line === null || seqOf(message.id) <= seqOf(line)) return false
  return !before || seqOf(before.id) <= seqOf(line)
}
