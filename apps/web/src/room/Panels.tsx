import type { ComponentType, JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { t } from '../i18n/translate.ts'
import { Dialog } from '../ui/Dialog.tsx'
import { Icon } from '../ui/Icon.tsx'
import { NamePanel } from './NamePanel.tsx'
import { PeoplePanel } from './PeoplePanel.tsx'
import { useRoom, type Panel } from './view.ts'

/** Panels that few people open are loaded when they are. */
const lazy = {
  share: async () => (await import('./SharePanel.tsx')).SharePanel,
  settings: async () => (await import('./SettingsPanel.tsx')).SettingsPanel,
  shortcuts: async () => (await import('./ShortcutsPanel.tsx')).ShortcutsPanel,
  host: async () => (await import('../host/HostPanel.tsx')).HostPanel,
} as const satisfies Partial<Record<Panel, () => Promise<ComponentType>>>

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
export function Panels(): JSX.Element | null {
  const view = useRoom()
  const [isWide, setWide] = useState(wide.matches)
  useEffect(() => {
    const changed = (): void => setWide(wide.matches)
    wide.addEventListener('change', changed)
    return () => wide.removeEventListener('change', changed)
  }, [])
  const panel = view.panel.value
  if (!panel) return null
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
            <Icon name="close" />
          </button>
        </header>
        <PeoplePanel />
      </aside>
    )
  }
  const isDrawer = panel === 'people' || panel === 'host'
  return (
    <Dialog key={panel} title={title} form={isDrawer ? 'drawer' : 'sheet'} onClose={close}>
      {panel === 'people' ? (
        <PeoplePanel />
      ) : panel === 'name' ? (
        <NamePanel onDone={close} />
      ) : (
        <Lazy panel={panel} />
      )}
    </Dialog>
  )
}

function Lazy({ panel }: { readonly panel: keyof typeof lazy }): JSX.Element | null {
  const [state, setState] = useState<{ readonly Part: ComponentType } | 'failed' | null>(null)
  const load = (): void => {
    setState(null)
    lazy[panel]().then(
      (Part) => setState({ Part }),
      () => setState('failed'),
    )
  }
  useEffect(load, [panel])
  if (state === null) return null
  if (state !== 'failed') return <state.Part />
  return (
    <p role="alert">
      {t('app.loadFailed')}{' '}
      <button type="button" class="link" onClick={load}>
        {t('app.tryAgain')}
      </button>
    </p>
  )
}
