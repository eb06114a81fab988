import type { JSX } from 'preact'
import { useEffect, useMemo } from 'preact/hooks'
import { use } from '../cell.ts'
import { t } from '../i18n/translate.ts'
import { preferences } from '../preferences.ts'
import { fetchLater, later, whenIdle } from '../ui/later.tsx'
import { Header } from './Header.tsx'
import { Messages } from './Messages.tsx'
import { Notices } from './Notices.tsx'
import { TypingLine } from './TypingLine.tsx'
import { Writing } from './Writing.tsx'
import { RoomProvider, RoomView } from './view.ts'

const Banner = later(async () => (await import('./Banner.tsx')).Banner, whenIdle)
const Announcer = later(async () => (await import('./Announcer.tsx')).Announcer, whenIdle)
const Panels = later(async () => (await import('./Panels.tsx')).Panels)
const Refused = later(async () => (await import('./Refused.tsx')).Refused)

/** A room: header, messages, composer. */
export function RoomPage({
  room,
  around,
}: {
  readonly room: string
  readonly around?: string | undefined
}): JSX.Element {
  const view = useMemo(() => new RoomView(room, around), [room])
  useEffect(() => () => view.leave(), [view])
  useEffect(() => callForAttention(view), [view])
  useEffect(fetchLater, [])
  useEffect(() => {
    const go = (): void => {
      const id = new URLSearchParams(location.hash.slice(1)).get('m')
      if (id) void view.show(id).then((found) => found || view.tell(t('room.notFound')))
    }
    addEventListener('hashchange', go)
    return () => removeEventListener('hashchange', go)
  }, [view])
  useEffect(() => warnOfUnsent(view), [view])
  useEffect(() => watchKeys(view), [view])
  const { connection } = use(view.snapshot)
  const panel = use(view.panel)
  const isRefused = connection.phase === 'refused'
  return (
    <RoomProvider value={view}>
      <div class="room">
        <a class="skip" href="#composer" onClick={focusComposer}>
          {t('room.skip')}
        </a>
        <Header />
        <div class="room-body">
          <main class="talk">
            <Banner />
            {isRefused ? <Refused problem={connection.problem} /> : <Messages />}
            {!isRefused && (
              <div class="foot">
                <Notices />
                <TypingLine />
                <Writing />
              </div>
            )}
          </main>
          {panel && <Panels panel={panel} />}
        </div>
        <Announcer />
      </div>
    </RoomProvider>
  )
}

/** Titles and badges matter to those who look elsewhere: their code comes after what is in sight. */
function callForAttention(view: RoomView): () => void {
  let stop: (() => void) | undefined
  let isOver = false
  whenIdle(async () => {
    const { watchAttention } = await import('./attention.ts')
    if (!isOver) stop = watchAttention(view)
  })
  return () => {
    isOver = true
    stop?.()
  }
}

function focusComposer(event?: Event): void {
  event?.preventDefault()
  document.querySelector<HTMLElement>('#composer, #join-name')?.focus()
}

/** Closing the page loses nothing that is kept, but a person wants to know that it has not been said yet. */
function warnOfUnsent(view: RoomView): () => void {
  const ask = (event: BeforeUnloadEvent): void => {
    if (view.snapshot.value.pending.some(({ state }) => state.phase !== 'failed')) {
      event.preventDefault()
    }
  }
  addEventListener('beforeunload', ask)
  return () => removeEventListener('beforeunload', ask)
}

function watchKeys(view: RoomView): () => void {
  const key = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing) return
    if (event.key === 'Escape') {
      if (view.panel.value) view.panel.value = null
      else view.unread.clear()
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const isWriting = (event.target as Element).matches('input, textarea, select, [role=menuitem]')
    if (isWriting || !preferences.value.shortcuts || document.querySelector('dialog[open]')) return
    if (event.key === '/') focusComposer(event)
    else if (event.key === '?') view.panel.value = 'shortcuts'
  }
  addEventListener('keydown', key)
  return () => removeEventListener('keydown', key)
}
