import type { JSX } from 'preact'
import { t } from '../i18n/translate.ts'
import { addressOf } from '../addresses.ts'
import { CopyLine } from '../ui/CopyLine.tsx'
import { QrCode } from '../ui/QrCode.tsx'
import { useRoom, useSnapshot } from './view.ts'

/** The room's address, to be passed on in every way there is. */
export function SharePanel(): JSX.Element {
  const view = useRoom()
  const { name } = view
  const { settings, role } = useSnapshot(view, 'settings', 'role')
  const isPrivate = settings['hear'] === 'invited'
  const address = addressOf(name)
  const transcript = (format: string): string => `/r/${name}/transcript?format=${format}`
  return (
    <div class="stack">
      <p>{t(isPrivate ? 'share.invited' : 'share.explain')}</p>
      {isPrivate && role === 'own' && (
        <p class="buttons">
          <button type="button" class="primary" onClick={() => (view.panel.value = 'host')}>
            {t('host.makeLink')}
          </button>
        </p>
      )}
      <CopyLine text={address} label={t('share.address')} />
      <QrCode text={address} label={t('share.qr')} />
      {'share' in navigator && (
        <button
          type="button"
          onClick={() => void navigator.share({ url: address, title: name }).catch(() => {})}
        >
          {t('share.system')}
        </button>
      )}
      <h3>{t('share.curl')}</h3>
      <CopyLine text={`curl ${address}`} label={t('share.curl')} />
      <h3>{t('share.transcript')}</h3>
      <p class="buttons">
        <a class="button" href={transcript('html')} download={`${name}.html`}>
          HTML
        </a>
        <a class="button" href={transcript('md')} download={`${name}.md`}>
          Markdown
        </a>
        <a class="button" href={transcript('ndjson')} download={`${name}.ndjson`}>
          NDJSON
        </a>
      </p>
    </div>
  )
}
