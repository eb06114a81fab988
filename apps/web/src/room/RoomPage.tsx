import type { JSX } from 'preact'
import { useEffect, useMemo } from 'preact/hooks'
import { t } from '../i18n/translate.ts'
import { preferences } from '../preferences.ts'
import { Announcer } from './Announcer.tsx'
import { watchAttention } from './attention.ts'
import { Banner } from './Banner.tsx'
import { Composer } from './Composer.tsx'
import { Header } from './Header.tsx'
import { JoinCard } from './JoinCard.tsx'
import { Messages } from './Messages.tsx'
import { Notices } from './Notices.tsx'
import { Panels } from './Panels.tsx'
import { Refused } from './Refused.tsx'
import { TypingLine } from './TypingLine.tsx'
import { RoomProvider, RoomView } from './view.ts'

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
  useEffect(() => watchAttention(view), [view])
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
  const { connection } = view.snapshot.value
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
                {view.joined.value ? <Composer /> : <JoinCard />}
              </div>
            )}
          </main>
          <Panels />
        </div>
        <Announcer />
      </div>
    </RoomProvider>
  )
}

function focusComposer(event?: Event): void {
  event?.preventDefault()
  document.querySelector<HTMLElement>('#composer, #join-name')?.focus()
}

/** Closing the page loses nothing that is kept, but a person wants to know that it has not been said yet. */
function warnOfUnsent(view: RoomView): () => void {
  const ask = (event: BeforeUnloadEvent): void => {
    if (view.snapshot.peek().pending.some(({ state }) => state.phase !== 'failed')) {
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
