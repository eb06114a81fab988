import type { ConnectionState } from '@hearsay/client'
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { Icon, icons } from '../ui/Icon.tsx'
import { use } from '../cell.ts'
import { t } from '../i18n/translate.ts'
import { preferences } from '../preferences.ts'
import { later } from '../ui/later.tsx'
import { useRoom, useSnapshot, type Panel } from './view.ts'

const Waiting = later(async () => (await import('./soon.ts')).Waiting)
const RoomMenu = later(async () => (await import('./menus.ts')).RoomMenu)

/** The room's name, whether we hear it, who is here, and the ways to everything else. */
export function Header(): JSX.Element {
  const view = useRoom()
  const [menu, setMenu] = useState<HTMLElement | null>(null)
  const { connection, people, settings, waiting } = useSnapshot(
    view,
    'connection',
    'people',
    'settings',
    'waiting',
  )
  const count = waiting ? waiting.held + waiting.reports : 0
  const { topic } = settings
  const word = connectionWord(connection)
  const panel = use(view.panel)
  const opens = (wanted: Panel) => (): void => {
    view.panel.value = panel === wanted ? null : wanted
  }
  const isOn = use(preferences).notify !== 'off'
  return (
    <header class="top">
      <a class="quiet icon-only button home" href="/" aria-label={t('room.home')}>
        <img src="/icon.svg" alt="" width="28" height="28" />
      </a>
      <div class="room-name">
        <h1>
          <bdi>{view.title}</bdi>
        </h1>
        <p class="under-name">
          <span class={`dot ${connection.phase}`} role="img" aria-label={word} title={word} />
          {people.count > 0 && connection.phase !== 'refused' ? (
            <button type="button" class="link count" onClick={opens('people')}>
              {t('room.here', { count: people.count })}
            </button>
          ) : (
            <span aria-hidden="true">{word}</span>
          )}
          {count > 0 && <Waiting count={count} onOpen={opens('host')} />}
          {topic && <bdi class="topic">{topic}</bdi>}
        </p>
      </div>
      <nav class="tools">
        <button
          type="button"
          class="quiet icon-only wide-only"
          aria-pressed={isOn}
          aria-label={isOn ? t('notify.on') : t('notify.off')}
          onClick={() => void view.ring()}
        >
          <Icon path={icons.bell} />
        </button>
        <button
          type="button"
          class="quiet icon-only wide-only"
          aria-label={t('room.people')}
          aria-expanded={panel === 'people'}
          onClick={opens('people')}
        >
          <Icon path={icons.people} />
        </button>
        <button
          type="button"
          class="quiet share"
          aria-label={t('room.share')}
          onClick={opens('share')}
        >
          <Icon path={icons.share} />
          <span class="wide-only">{t('room.share')}</span>
        </button>
        <button
          type="button"
          class="quiet icon-only"
          aria-haspopup="menu"
          aria-expanded={menu !== null}
          aria-label={t('room.menu')}
          onClick={(event) => setMenu(menu ? null : event.currentTarget)}
        >
          <Icon path={icons.more} />
        </button>
      </nav>
      {menu && <RoomMenu anchor={menu} onClose={() => setMenu(null)} />}
    </header>
  )
}

/** The connection in a word: its dot beside the room's name says so too. */
function connectionWord({ phase }: ConnectionState): string {
  if (phase === 'live') return t('net.live')
  if (phase === 'refused' || phase === 'waiting') return t('net.refused')
  return phase === 'catching-up' ? t('net.catchingUp') : t('net.connecting')
}
