import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { use } from '../cell.ts'
import { rich, t } from '../i18n/translate.ts'
import { Seal } from '../ui/Person.tsx'
import { NameField } from './NameField.tsx'
import { remember } from './remembered.ts'
import { useRoom, useSnapshot } from './view.ts'

/** Before the first message: under which name one speaks here, and what others and the server get to know. */
export function JoinCard(): JSX.Element {
  const view = useRoom()
  const me = use(view.me)
  useSnapshot(view, 'settings')
  const [name, setName] = useState('')
  const join = (event: Event): void => {
    event.preventDefault()
    if (view.wrongName?.(name)) return
    view.join(name.trim())
    remember(view.name)
    // The composer will stand where this card stood: so does the focus.
    requestAnimationFrame(toComposer)
  }
  return (
    <form class="join" onSubmit={join}>
      <h2>{rich('join.title', { room: <bdi class="name-of-room">{view.title}</bdi> })}</h2>
      <div class="join-row">
        {me && <Seal mark={me.mark} />}
        <NameField
          id="join-name"
          label={t('join.as')}
          value={name}
          made={me?.name}
          hint={t('join.made')}
          onValue={setName}
        />
        <button class="primary">{t('join.join')}</button>
      </div>
      <p class="soft">
        {t('join.others')} {me && t('join.mark', { mark: me.mark })} {t('join.keeps')}
      </p>
    </form>
  )
}

/** Its code may still be on its way. Who has gone elsewhere meanwhile stays there. */
function toComposer(): void {
  const composer = document.getElementById('composer')
  if (composer) composer.focus()
  else if (document.activeElement === document.body) requestAnimationFrame(toComposer)
}
