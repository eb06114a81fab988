import type { JSX } from 'preact'
import { t } from '../i18n/translate.ts'
import { dress } from '../ui/later.tsx'
import css from '../style/landing.css?inline'

dress(css)

/** An address that can't be a room's. */
export function Nowhere(): JSX.Element {
  return (
    <main class="landing">
      <h1>{t('refused.badRoom')}</h1>
      <p>{t('landing.roomWrong')}</p>
      <p class="buttons">
        <a class="button primary" href="/">
          {t('refused.elsewhere')}
        </a>
      </p>
    </main>
  )
}
