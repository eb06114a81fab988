import type { Message } from '@hearsay/protocol'
import type { JSX } from 'preact'
import { useRef, useState } from 'preact/hooks'
import { use } from '../cell.ts'
import { dayOf } from '../i18n/dates.ts'
import { today } from '../clock.ts'
import { locale, t } from '../i18n/translate.ts'
import { later } from '../ui/later.tsx'
import { goesOn, seqOf } from './order.ts'
import { Row } from './Row.tsx'
import { useReading } from './reading.ts'
import { Skeleton } from './Skeleton.tsx'
import { useRoom } from './view.ts'

const PendingRow = later(async () => (await import('./soon.ts')).PendingRow)
const Failed = later(async () => (await import('./soon.ts')).Failed)
const Gap = later(async () => (await import('./soon.ts')).Gap)
const Start = later(async () => (await import('./soon.ts')).Start)
const ToEnd = later(async () => (await import('./soon.ts')).ToEnd)
const Empty = later(async () => (await import('./Empty.tsx')).Empty)

/** The messages, from the oldest that is shown to those that are still to be sent. */
export function Messages(): JSX.Element {
  const view = useRoom()
  const { pending, older, newer, loaded, messages } = use(view.snapshot)
  const scroller = useRef<HTMLDivElement>(null)
  const { look, away, count } = useReading(view, scroller)
  const onKey = (event: KeyboardEvent): void => moveRow(event, scroller.current)
  return (
    <div class="reading">
      <div class="scroller" ref={scroller} onScroll={look} onKeyDown={onKey}>
        <section
          class="column"
          aria-label={t('room.messages', { room: view.name })}
          aria-busy={older === 'loading' || newer === 'loading' || !loaded}
        >
          {loaded ? <Beginning /> : <Skeleton />}
          <Rows />
          {loaded && messages.length + pending.length === 0 && older === 'end' && <Empty />}
          <Ending />
        </section>
      </div>
      {away && <ToEnd count={count} />}
    </div>
  )
}

/** The list itself: one stop for the Tab key, whichever row it was that had the focus last. */
function Rows(): JSX.Element {
  const view = useRoom()
  const { messages, pending, newer } = use(view.snapshot)
  const [active, setActive] = useState<string | null>(null)
  const language = use(locale)
  const marked = use(view.marked)
  const line = use(view.unread.line)
  use(today)
  const has = active !== null && messages.some(({ id }) => id === active)
  const current = has ? active : messages.at(-1)?.id
  return (
    <ol class="messages" role="list">
      {/* One flat list: a row that is within an array of its own loses its key, and with it its place. */}
      {messages.flatMap((message, at) => {
        const before = messages[at - 1]
        const isNew = startsNew(message, before, line)
        const day = newDay(message, before)
        return [
          day && (
            <li class="day" key={`day ${message.id}`}>
              <time dateTime={message.at.slice(0, 10)}>{day}</time>
            </li>
          ),
          isNew && (
            <li class="new" key="new">
              <span>{t('room.newLine')}</span>
            </li>
          ),
          <Row
            key={message.id}
            message={message}
            goesOn={!isNew && !day && goesOn(message, before)}
            isActive={message.id === current}
            isMarked={message.id === marked}
            onActive={setActive}
            language={language}
          />,
        ]
      })}
      {newer === 'end' &&
        pending.map((it, at) => <PendingRow key={it.key} pending={it} isFirst={at === 0} />)}
    </ol>
  )
}

/** Arrows move from message to message, Enter opens what can be done with one. */
function moveRow(event: KeyboardEvent, scroller: HTMLElement | null): void {
  const row = event.target
  if (!(row instanceof HTMLElement) || !row.matches('[data-row]')) return
  const rows = [...(scroller?.querySelectorAll<HTMLElement>('[data-row]') ?? [])]
  const at = rows.indexOf(row)
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key]
  if (event.key === 'Enter') row.querySelector<HTMLElement>('.row-more')?.click()
  else if (to !== undefined) rows[Math.min(Math.max(to, 0), rows.length - 1)]?.focus()
  else return
  event.preventDefault()
}

/** What stands after the last message that is shown. */
function Ending(): JSX.Element | null {
  const view = useRoom()
  const { gaps, newer } = use(view.snapshot)
  if (newer === 'failed') return <Failed to="newer" />
  return gaps.length > 0 && newer === 'end' ? <Gap /> : null
}

/** What stands before the first message that is shown. */
function Beginning(): JSX.Element | null {
  const view = useRoom()
  const { older, messages } = use(view.snapshot)
  if (older === 'loading') return <p class="aside">{t('room.olderLoading')}</p>
  if (older === 'failed') return <Failed to="older" />
  return older === 'end' && messages.length > 0 ? <Start /> : null
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
