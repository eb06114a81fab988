import type { JSX } from 'preact'
import { fullTime } from '../i18n/dates.ts'
import { t } from '../i18n/translate.ts'

/** The text of a message is not the first that it had. */
export function Edited({ at }: { readonly at: string }): JSX.Element {
  return (
    <span class="tag edited" title={t('message.editedAt', { time: fullTime(new Date(at)) })}>
      {t('message.edited')}
    </span>
  )
}
