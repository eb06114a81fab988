import type { RoomSnapshot } from '@hearsay/client'
import type { Message } from '@hearsay/protocol'
import type { JSX } from 'preact'
import { useMemo, useRef, useState } from 'preact/hooks'
import { use } from '../cell.ts'
import { dayOf } from '../i18n/dates.ts'
import { today } from '../clock.ts'
import { midnight } from '../midnight.ts'
import { locale, t } from '../i18n/translate.ts'
import { later } from '../ui/later.tsx'
import { goesOn, seqOf } from './order.ts'
import { Row } from './Row.tsx'
import { useReading } from './reading.ts'
import { skeleton } from './Skeleton.tsx'
import { useRoom, useSnapshot } from './view.ts'

const PendingRow = later(async () => (await import('./soon.ts')).PendingRow)
const Failed = later(async () => (await import('./soon.ts')).Failed)
const Start = later(async () => (await import('./soon.ts')).Start)
const ToEnd = later(async () => (await import('./soon.ts')).ToEnd)
const RowMenu = later(async () => (await import('./menus.ts')).RowMenu)
const Empty = later(async () => (await import('./Empty.tsx')).Empty)

/** The messages, from the oldest that is shown to those that are still to be sent. */
export function Messages(): JSX.Element {
  const view = useRoom()
  const { pending, older, newer, loaded, messages } = useSnapshot(
    view,
    'pending',
    'older',
    'newer',
    'loaded',
    'messages',
  )
  const scroller = useRef<HTMLDivElement>(null)
  const { look, away } = useReading(view, scroller)
  return (
    <div class="reading">
      <div class="scroller" ref={scroller} onScroll={look}>
        <section
          class="column"
          aria-label={t('room.messages', { room: view.name })}
          aria-busy={older === 'loading' || newer === 'loading' || !loaded}
        >
          {loaded ? <Beginning /> : skeleton()}
          <Rows />
          {loaded && messages.length + pending.length === 0 && older === 'end' && <Empty />}
          <Ending />
        </section>
      </div>
      {away && <ToEnd />}
    </div>
  )
}

/** The list itself: one stop for the Tab key, whichever row it was that had the focus last. */
function Rows(): JSX.Element {
  const view = useRoom()
  const { messages, pending, older } = useSnapshot(view, 'messages', 'pending', 'older')
  const [active, setActive] = useState<string | null>(null)
  const [menu, setMenu] = useState<{ readonly id: string; readonly anchor: HTMLElement }>()
  const language = use(locale)
  const marked = use(view.marked)
  const line = use(view.line)
  const hidden = use(view.hidden)
  const reported = use(view.reported)
  const mine = use(view.me)?.person
  const me = view.myName
  const day = use(today)
  const has = active !== null && messages.some(({ id }) => id === active)
  const current = has ? active : messages.at(-1)?.id
  const open = menu && messages.find(({ id }) => id === menu.id)
  // Kept while nothing in it changed: what one says oneself is drawn without a look at the hundreds of rows before it.
  const rows = useMemo(
    () =>
      // One flat list: a row that is within an array of its own loses its key, and with it its place.
      messages.flatMap((message, at) => {
        const before = messages[at - 1]
        const { id, from } = message
        const isNew = startsNew(message, before, line, older)
        const begins = newDay(message, before)
        return [
          begins && (
            <li class="day" key={`day ${id}`}>
              <span>{begins}</span>
            </li>
          ),
          isNew && (
            <li class="new" key="new">
              <span>{t('room.newLine')}</span>
            </li>
          ),
          <Row
            key={id}
            message={message}
            goesOn={!isNew && !begins && goesOn(message, before)}
            isActive={id === current}
            isMarked={id === marked}
            isMine={from.person === mine}
            isHidden={hidden.has(from.person) || reported.has(id)}
            isOpen={id === open?.id}
            me={me}
            language={language}
          />,
        ]
      }),
    [messages, current, marked, line, hidden, reported, mine, open?.id, me, language, day, older],
  )
  const focus = ({ target }: FocusEvent): void => {
    // Whatever in it was clicked: a row that has the focus within is the stop.
    const row = (target as HTMLElement).closest('[data-row][id]')
    if (row) setActive(idOf(row))
  }
  const click = ({ target }: MouseEvent): void => {
    const anchor = (target as Element).closest<HTMLElement>('.row-more')
    const row = anchor?.closest('[data-row]')
    if (anchor && row) setMenu(open?.id === idOf(row) ? undefined : { id: idOf(row), anchor })
  }
  return (
    <>
      <ol class="messages" role="list" onFocusIn={focus} onClick={click}>
        {rows}
        {pending.map((it, at) => (
          <PendingRow key={it.key} pending={it} isFirst={at === 0} />
        ))}
      </ol>
      {menu && open && (
        <RowMenu
          key={open.id}
          message={open}
          anchor={menu.anchor}
          onClose={() => setMenu(undefined)}
        />
      )}
    </>
  )
}

/** The id of the message that a row shows. */
function idOf(row: Element): string {
  return row.id.slice('m-'.length)
}

/** What stands after the last message that is shown. */
function Ending(): JSX.Element | null {
  const view = useRoom()
  const { newer, pending } = useSnapshot(view, 'newer', 'pending')
  return newer === 'failed' && !pending[0] ? <Failed to="newer" /> : null
}

/** What stands before the first message that is shown. */
function Beginning(): JSX.Element | null {
  const view = useRoom()
  const { older, messages } = useSnapshot(view, 'older', 'messages')
  if (older === 'loading') return <p class="aside">{t('room.olderLoading')}</p>
  if (older === 'failed') return <Failed to="older" />
  return older === 'end' && messages.length > 0 ? <Start /> : null
}

function newDay(message: Message, before: Message | undefined): string | null {
  const isSame = before && midnight(before.at) === midnight(message.at)
  return isSame ? null : dayOf(new Date(message.at))
}

function startsNew(
  message: Message,
  before: Message | undefined,
  line: string | null,
  older: RoomSnapshot['older'],
): boolean {
  if (line === null || seqOf(message.id) <= seqOf(line)) return false
  // What stands before the first that is loaded may be new as well.
  return before ? seqOf(before.id) <= seqOf(line) : older === 'end'
}
