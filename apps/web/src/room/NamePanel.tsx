import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { t } from '../i18n/translate.ts'
import { NameField } from './NameField.tsx'
import { useRoom } from './view.ts'

/** Another name in this room. */
export function NamePanel({ onDone }: { readonly onDone: () => void }): JSX.Element {
  const view = useRoom()
  const [name, setName] = useState(view.myName ?? '')
  const save = (event: Event): void => {
    event.preventDefault()
    if (view.wrongName?.(name)) return
    view.rename(name.trim() || null)
    onDone()
  }
  return (
    <form class="stack" onSubmit={save}>
      <NameField
        id="new-name"
        label={t('name.label')}
        value={name}
        hint={t('name.hint')}
        autofocus
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
