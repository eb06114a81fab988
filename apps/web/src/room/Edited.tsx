import type { JSX } from 'preact'
import { fullTime } from '../i18n/dates.ts'
import { t } from '../i18n/translate.ts'
import { useRoom } from './view.ts'

interface Props {
  readonly at: string
  /** Who it was, where it was not the author. */
  readonly by: 'host' | undefined
  readonly reach: 0 | -1
}

/** The text of a message is not the first that it had. When it was edited, a pointer gets by waiting, and everyone by a press. */
export function Edited({ at, by, reach }: Props): JSX.Element {
  const view = useRoom()
  const when = t('message.editedAt', { time: fullTime(new Date(at)) })
  return (
    <button
      type="button"
      class="link edited"
      tabIndex={reach}
      title={when}
      onClick={() => view.tell(when)}
    >
      {t(by ? `message.edited.${by}` : 'message.edited')}
    </button>
  )
}
