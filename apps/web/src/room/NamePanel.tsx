import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { use } from '../cell.ts'
import { t } from '../i18n/translate.ts'
import { NameField, nameOf } from './NameField.tsx'
import { useRoom } from './view.ts'

/** Another name in this room. */
export function NamePanel({ onDone }: { readonly onDone: () => void }): JSX.Element {
  const view = useRoom()
  const me = use(view.me)
  const [name, setName] = useState(me?.name ?? '')
  const save = (event: Event): void => {
    event.preventDefault()
    const chosen = nameOf(name)
    if (chosen === undefined) return
    view.rename(chosen)
    onDone()
  }
  return (
    <form class="stack" onSubmit={save}>
      <NameField
        id="new-name"
        label={t('name.label')}
        value={name}
        hint={t('name.hint')}
        onValue={setName}
      />
      <div class="buttons">
        <button type="button" onClick={onDone}>
          {t('app.cancel')}
        </button>
        <button class="primary">{t('app.save')}</button>
      </div>
    </form>
  )
}
