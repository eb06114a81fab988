import type { JSX } from 'preact'
import { t } from '../i18n/translate.ts'

/**
 * Something in the place of messages that are still to come. It looks, and waits before it is seen, as what stands in the HTML
 * until the page's script is there: that style sheet is its own (index.html).
 */
export const skeleton = (): JSX.Element => (
  <div class="coming" role="status">
    <i />
    <i />
    <i />
    <span class="sr">{t('room.loading')}</span>
    <p>{t('room.slow')}</p>
  </div>
)
