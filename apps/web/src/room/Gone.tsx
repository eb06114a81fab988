import type { Message } from '@hearsay/protocol'
import type { JSX } from 'preact'
import { use } from '../cell.ts'
import { t } from '../i18n/translate.ts'
import { reveal } from './hiding.ts'
import { useRoom } from './view.ts'

/** In the place of a text that this reader does not want to see, or that was deleted. */
export function Gone({
  message,
  isHidden,
  reach,
}: {
  readonly message: Message
  readonly isHidden: boolean
  readonly reach: 0 | -1
}): JSX.Element {
  const view = useRoom()
  const hidden = use(view.hidden)
  const by = message.deletedBy
  if (!isHidden) return <p class="gone">{t(by ? `message.deleted.${by}` : 'message.deleted')}</p>
  return (
    <p class="gone">
      {t('message.hidden')}{' '}
      <button type="button" class="link" tabIndex={reach} onClick={() => reveal(view, message)}>
        {t(hidden.has(message.from.person) ? 'message.showPerson' : 'message.show')}
      </button>
    </p>
  )
}
