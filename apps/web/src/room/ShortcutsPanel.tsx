import type { JSX } from 'preact'
import { t } from '../i18n/translate.ts'

/** Which keys do what. */
export function ShortcutsPanel(): JSX.Element {
  const all: readonly (readonly [keys: readonly string[], does: string])[] = [
    [['Enter'], t('shortcuts.send')],
    [['Shift', 'Enter'], t('shortcuts.newline')],
    [['↑'], t('shortcuts.editLast')],
    [['Esc'], t('shortcuts.cancel')],
    [['/'], t('shortcuts.focus')],
    [['?'], t('shortcuts.help')],
    [['F6'], t('shortcuts.regions')],
    [['↑', '↓', 'Home', 'End'], t('shortcuts.move')],
    [['Enter'], t('shortcuts.actions')],
  ]
  return (
    <dl class="keys">
      {all.map(([keys, does]) => (
        <div key={does}>
          <dt>
            {keys.map((key) => (
              <kbd key={key}>{key}</kbd>
            ))}
          </dt>
          <dd>{does}</dd>
        </div>
      ))}
    </dl>
  )
}
