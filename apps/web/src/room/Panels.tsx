import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Icon } from '../ui/Icon.tsx'
import { moreIcons } from '../ui/more-icons.ts'
import { t } from '../i18n/translate.ts'
import { Dialog } from '../ui/Dialog.tsx'
import { dress, later } from '../ui/later.tsx'
import { NamePanel } from './NamePanel.tsx'
import { PeoplePanel } from './PeoplePanel.tsx'
import { SettingsPanel } from './SettingsPanel.tsx'
import { ShortcutsPanel } from './ShortcutsPanel.tsx'
import { useRoom, type Panel } from './view.ts'
import css from '../style/panels.css?inline'

dress(css)

/** Panels that few people open are loaded when they are. */
const lazy = {
  share: later(async () => (await import('./SharePanel.tsx')).SharePanel),
  host: later(async () => (await import('../host/HostPanel.tsx')).HostPanel),
}

const titles = {
  people: 'people.title',
  share: 'share.title',
  settings: 'settings.title',
  shortcuts: 'shortcuts.title',
  name: 'name.title',
  host: 'host.title',
} as const

/** Wide enough for people to stand beside the messages instead of over them. */
const wide = matchMedia('(min-width: 900px)')

/** The panel that is open: beside the messages where there is room and it is about people, else over them. */
export function Panels({ panel }: { readonly panel: Panel }): JSX.Element {
  const view = useRoom()
  const [isWide, setWide] = useState(wide.matches)
  useEffect(() => {
    const changed = (): void => setWide(wide.matches)
    wide.addEventListener('change', changed)
    return () => wide.removeEventListener('change', changed)
  }, [])
  const close = (): void => {
    view.panel.value = null
  }
  const title = t(titles[panel])
  if (panel === 'people' && isWide) {
    return (
      <aside class="side" aria-label={title}>
        <header>
          <h2>{title}</h2>
          <button type="button" class="quiet icon-only" aria-label={t('app.close')} onClick={close}>
            <Icon path={moreIcons.close} />
          </button>
        </header>
        <PeoplePanel />
      </aside>
    )
  }
  const Later = panel === 'share' || panel === 'host' ? lazy[panel] : undefined
  const isDrawer = panel === 'people' || panel === 'host'
  return (
    <Dialog key={panel} title={title} form={isDrawer ? 'drawer' : 'sheet'} onClose={close}>
      {Later && <Later />}
      {panel === 'settings' && <SettingsPanel />}
      {panel === 'shortcuts' && <ShortcutsPanel />}
      {panel === 'people' && <PeoplePanel />}
      {panel === 'name' && <NamePanel onDone={close} />}
    </Dialog>
  )
}
