import type { JSX } from 'preact'
import { useEffect, useMemo } from 'preact/hooks'
import { use } from '../cell.ts'
import { t, withWords } from '../i18n/translate.ts'
import { fetchLater, later, whenIdle } from '../ui/later.tsx'
import { focusComposer } from './focus.ts'
import { Header } from './Header.tsx'
import { Messages } from './Messages.tsx'
import { Writing } from './Writing.tsx'
import { RoomProvider, RoomView } from './view.ts'

const Banner = later(async () => (await import('./soon.ts')).Banner, whenIdle)
const Notices = later(async () => (await import('./soon.ts')).Notices, whenIdle)
const TypingLine = later(async () => (await import('./soon.ts')).TypingLine, whenIdle)
const Announcer = later(async () => (await import('./soon.ts')).Announcer, whenIdle)
const Panels = later(async () => (await import('./menus.ts')).Panels)
const Refused = later(async () => (await import('./Refused.tsx')).Refused)

/** A room: header, messages, composer. */
export function RoomPage({
  room,
  around,
}: {
  readonly room: string
  readonly around: string | null
}): JSX.Element {
  const view = useMemo(() => new RoomView(room, around), [room])
  useEffect(() => () => view.leave(), [view])
  useEffect(() => watchLater(view), [view])
  useEffect(fetchLater, [])
  // Not the snapshot: it changes with every message, and all that stands below would be drawn anew with it.
  const refused = use(view.refused)
  const panel = use(view.panel)
  return (
    <RoomProvider value={view}>
      <div class="room">
        {!refused && (
          <a class="skip" href="#foot" onClick={focusComposer}>
            {t('room.skip')}
          </a>
        )}
        <Header />
        <div class="room-body">
          <main class="talk">
            <Banner />
            {refused ? <Refused problem={refused} /> : <Messages />}
            {!refused && (
              <div class="foot" id="foot">
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

/** Titles, badges and shortcuts: their code comes after what is in sight. */
function watchLater(view: RoomView): () => void {
  const stops: (() => void)[] = []
  let isOver = false
  whenIdle(async () => {
    const { watches } = await withWords(import('./soon.ts'))
    if (isOver) return
    for (const watch of watches) stops.push(watch(view))
  })
  return () => {
    isOver = true
    for (const stop of stops) stop()
  }
}
