import type { JSX } from 'preact'
import { t } from '../i18n/translate.ts'

// It is dressed as that page is.
await import('./Landing.tsx')

/** An address that can't be a room's. */
export function Nowhere(): JSX.Element {
  return (
    <main class="landing">
      <header>
        <img src="/icon.svg" alt="" width="56" height="56" />
        <h1>{t('refused.badRoom')}</h1>
      </header>
      <p>{t('landing.roomRule')}</p>
      <p class="buttons">
        <a class="button primary" href="/">
          {t('refused.elsewhere')}
        </a>
      </p>
    </main>
  )
}
