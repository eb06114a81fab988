import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { t } from '../i18n/translate.ts'
import { preferences } from '../preferences.ts'
import { Icon, type IconName } from '../ui/Icon.tsx'
import { Menu, MenuItem } from '../ui/Menu.tsx'
import { toggleNotifications } from './attention.ts'
import { connectionWord } from './Banner.tsx'
import { useRoom, type Panel } from './view.ts'

/** The room's name, whether we hear it, who is here, and the ways to everything else. */
export function Header(): JSX.Element {
  const view = useRoom()
  const [menu, setMenu] = useState<HTMLElement | null>(null)
  const { connection, people, settings } = view.snapshot.value
  const { title, topic } = settings as { readonly title?: unknown; readonly topic?: unknown }
  const word = connectionWord(connection)
  const role = view.me.value?.role
  const opens = (panel: Panel): (() => void) => {
    return () => {
      setMenu(null)
      view.panel.value = view.panel.value === panel ? null : panel
    }
  }
  const isOn = preferences.value.notify !== 'off'
  const item = (icon: IconName, panel: Panel, label: string): JSX.Element => (
    <MenuItem icon={icon} onPick={opens(panel)}>
      {label}
    </MenuItem>
  )
  return (
    <header class="top">
      <a class="quiet icon-only button home" href="/" aria-label={t('room.home')}>
        <img src="/icon.svg" alt="" width="28" height="28" />
      </a>
      <div class="room-name">
        <h1>
          <bdi>{typeof title === 'string' && title ? title : view.name}</bdi>
        </h1>
        <p class="under-name">
          <span class={`dot ${connection.phase}`} role="img" aria-label={word} title={word} />
          {people.count > 0 && (
            <button type="button" class="link count" onClick={opens('people')}>
              {t('room.here', { count: people.count })}
            </button>
          )}
          {typeof topic === 'string' && topic && <bdi class="topic">{topic}</bdi>}
        </p>
      </div>
      <nav class="tools">
        <button
          type="button"
          class="quiet icon-only wide-only"
          aria-pressed={isOn}
          aria-label={isOn ? t('notify.on') : t('notify.off')}
          onClick={() => void toggleNotifications(view)}
        >
          <Icon name="bell" />
        </button>
        <button
          type="button"
          class="quiet icon-only wide-only"
          aria-label={t('room.people')}
          aria-expanded={view.panel.value === 'people'}
          onClick={opens('people')}
        >
          <Icon name="people" />
        </button>
        <button
          type="button"
          class="quiet share"
          aria-label={t('room.share')}
          onClick={opens('share')}
        >
          <Icon name="share" />
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
          <Icon name="more" />
        </button>
      </nav>
      {menu && (
        <Menu label={t('room.menu')} anchor={menu} onClose={() => setMenu(null)}>
          {item('people', 'people', t('room.people'))}
          {view.joined.value && item('edit', 'name', t('people.rename'))}
          {(role === 'own' || role === 'moderate') && item('shield', 'host', t('room.host'))}
          <MenuItem
            icon="bell"
            onPick={() => {
              setMenu(null)
              void toggleNotifications(view)
            }}
          >
            {isOn ? t('notify.on') : t('notify.off')}
          </MenuItem>
          {item('gear', 'settings', t('settings.title'))}
          {item('keys', 'shortcuts', t('shortcuts.title'))}
          <MenuItem icon="door" onPick={() => location.assign('/')}>
            {t('command.leave')}
          </MenuItem>
        </Menu>
      )}
    </header>
  )
}
