import type { JSX } from 'preact'
import { fullTime } from '../i18n/dates.ts'
import { t } from '../i18n/translate.ts'

interface Props {
  readonly at: string
  /** Who it was, where it was not the author. */
  readonly by: 'host' | undefined
}

/** The text of a message is not the first that it had. */
export function Edited({ at, by }: Props): JSX.Element {
  return (
    <span class="tag edited" title={t('message.editedAt', { time: fullTime(new Date(at)) })}>
      {t(by ? `message.edited.${by}` : 'message.edited')}
    </span>
  )
}
