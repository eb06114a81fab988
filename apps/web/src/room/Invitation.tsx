import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { use } from '../cell.ts'
import { t } from '../i18n/translate.ts'
import { refusalOf } from './problems.ts'
import { useRoom } from './view.ts'
import css from '../style/join.css?inline'
import { dress } from '../ui/later.tsx'
import { ActButton } from '../ui/once.tsx'

dress(css)

/** What a link's secret looks like: a link that was cut off is no link. */
const whole = /^[\w-]{22,128}$/

/** A link that carries a role was opened: it is used only by a click, as programs open links too. */
export function Invitation(): JSX.Element | null {
  const view = useRoom()
  const invitation = use(view.invitation)
  const [refused, setRefused] = useState<string | null>(null)
  if (invitation === null) return null
  const isWhole = whole.test(invitation)
  const accept = async (): Promise<void> => {
    const reason = await refusalOf(() => view.room.accept(invitation))
    if (reason) return setRefused(reason)
    view.invitation.value = null
    view.tell(t('invite.done'))
  }
  return (
    <div class="join">
      <h2 tabIndex={-1}>{t('invite.title', { room: view.name })}</h2>
      {!isWhole || refused ? (
        <p class="wrong" role="status">
          {refused ?? t('invite.cut')}
        </p>
      ) : (
        <p class="soft">{t('invite.explain')}</p>
      )}
      <div class="buttons">
        {isWhole && (
          <ActButton class={refused ? '' : 'primary'} onAct={accept}>
            {t(refused ? 'app.tryAgain' : 'invite.accept')}
          </ActButton>
        )}
        <button type="button" onClick={() => (view.invitation.value = null)}>
          {t(isWhole ? 'app.cancel' : 'invite.without')}
        </button>
      </div>
    </div>
  )
}
