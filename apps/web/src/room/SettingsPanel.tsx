import { identity } from '@hearsay/client'
import type { JSX } from 'preact'
import { use } from '../cell.ts'
import { languages, locale, speak, t, type Locale } from '../i18n/translate.ts'
import { prefer, preferences, type Preferences, type Which } from '../preferences.ts'

/** What a person may choose on this device. It takes effect at once. */
export function SettingsPanel(): JSX.Element {
  const chosen = use(preferences)
  const which = { all: t('settings.all'), mentions: t('settings.mentions'), off: t('settings.off') }
  const themes = {
    system: t('settings.themeSystem'),
    light: t('settings.themeLight'),
    dark: t('settings.themeDark'),
  }
  return (
    <div class="stack settings">
      <Choice
        label={t('settings.language')}
        value={use(locale)}
        options={languages}
        onPick={(language) => {
          void speak(language as Locale)
          prefer({ language: language as Locale })
        }}
      />
      <Choice
        label={t('settings.theme')}
        value={chosen.theme}
        options={themes}
        onPick={(theme) => prefer({ theme: theme as Preferences['theme'] })}
      />
      <Choice
        label={t('settings.announce')}
        value={chosen.announce}
        options={which}
        onPick={(announce) => prefer({ announce: announce as Which })}
      />
      <Choice
        label={t('settings.sound')}
        value={chosen.sound}
        options={which}
        onPick={(sound) => prefer({ sound: sound as Which })}
      />
      {chosen.notify !== 'off' && (
        <Choice
          label={t('settings.notify')}
          value={chosen.notify}
          options={which}
          onPick={(notify) => prefer({ notify: notify as Which })}
        />
      )}
      <Switch name="notifyText" label={t('settings.notifyText')} />
      <Switch name="typing" label={t('settings.typing')} />
      <Switch name="shortcuts" label={t('settings.shortcuts')} />
      {!identity().kept && <p role="note">{t('settings.notKept')}</p>}
    </div>
  )
}

function Choice({
  label,
  value,
  options,
  onPick,
}: {
  readonly label: string
  readonly value: string
  readonly options: Readonly<Record<string, string>>
  readonly onPick: (value: string) => void
}): JSX.Element {
  return (
    <label class="choice">
      <span>{label}</span>
      <select value={value} onChange={(event) => onPick(event.currentTarget.value)}>
        {Object.entries(options).map(([key, name]) => (
          <option key={key} value={key}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
}

function Switch({
  name,
  label,
}: {
  readonly name: 'notifyText' | 'typing' | 'shortcuts'
  readonly label: string
}): JSX.Element {
  return (
    <label class="choice">
      <span>{label}</span>
      <input
        type="checkbox"
        role="switch"
        checked={use(preferences)[name]}
        onChange={(event) => prefer({ [name]: event.currentTarget.checked })}
      />
    </label>
  )
}
