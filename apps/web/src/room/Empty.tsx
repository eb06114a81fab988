import type { JSX } from 'preact'
import { lengthOf } from '../i18n/lengths.ts'
import { t } from '../i18n/translate.ts'
import { addressOf } from '../addresses.ts'
import { CopyLine } from '../ui/CopyLine.tsx'
import { retention } from './retention.ts'
import { useRoom, useSnapshot } from './view.ts'
import css from '../style/empty.css?inline'
import { dress } from '../ui/later.tsx'

dress(css)

/** A room in which nothing was said: how to invite people, and what happens to what they say. */
export function Empty(): JSX.Element {
  const view = useRoom()
  const address = addressOf(view.name)
  const { settings } = useSnapshot(view, 'settings')
  const age = retention(settings)
  const isOpen =
    !settings['locked'] &&
    !settings['closed'] &&
    settings['hear'] !== 'invited' &&
    settings['speak'] !== 'speakers'
  return (
    <div class="empty">
      <h2>{t('empty.title')}</h2>
      <p>{t(settings['hear'] === 'invited' ? 'share.invited' : 'empty.invite')}</p>
      <CopyLine text={address} label={t('share.address')} />
      <p class="buttons">
        <button type="button" onClick={() => (view.panel.value = 'share')}>
          {t('empty.qr')}
        </button>
      </p>
      <p>{t('empty.curl')}</p>
      <CopyLine text={`curl ${address}`} label={t('empty.curl')} />
      <p class="soft">
        {isOpen && t('empty.who')}{' '}
        {age ? t('empty.keepFor', { time: lengthOf(age) }) : t('empty.keep')}
      </p>
    </div>
  )
}
