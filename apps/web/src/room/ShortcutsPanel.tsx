import type { JSX } from 'preact'
import { t } from '../i18n/translate.ts'

type Shortcut = readonly [keys: readonly string[], does: string]

/** Which keys do what. */
export function ShortcutsPanel(): JSX.Element {
  // Where Enter is a key of the screen, the button sends.
  const isByFinger = matchMedia('(pointer: coarse)').matches
  const writing: readonly Shortcut[] = isByFinger
    ? [[['Enter'], t('shortcuts.newline')]]
    : [
        [['Enter'], t('shortcuts.send')],
        [['Shift', 'Enter'], t('shortcuts.newline')],
      ]
  const all: readonly Shortcut[] = [
    ...writing,
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
