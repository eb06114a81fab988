import { identity } from '@hearsay/client'
import type { JSX } from 'preact'
import { use } from '../cell.ts'
import { locale, rich, t, type Locale } from '../i18n/translate.ts'
import { Choice, Switch } from '../ui/Choice.tsx'
import { prefer, preferences, type Preferences, type Which } from '../preferences.ts'
import { choicesOf, choose } from './choices.ts'
import { useRoom } from './view.ts'

/** The languages by their own names. */
const languages: { readonly [L in Locale]: string } = {
  en: 'English',
  de: 'Deutsch',
  es: 'Español',
  fr: 'Français',
  ar: 'العربية',
  ja: '日本語',
  zh: '中文',
}

/** What a person may choose on this device. It takes effect at once. */
export function SettingsPanel(): JSX.Element {
  const chosen = use(preferences)
  const view = useRoom()
  const here = use(choicesOf(view.name))
  const which = { all: t('settings.all'), mentions: t('settings.mentions'), off: t('settings.off') }
  const orNot = { '': t('settings.asEverywhere'), ...which }
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
        onPick={(language) => prefer({ language: language as Locale })}
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
      <Switch
        label={t('settings.notifyText')}
        checked={chosen.notifyText}
        onPick={(notifyText) => prefer({ notifyText })}
      />
      <Switch
        label={t('settings.typing')}
        checked={chosen.typing}
        onPick={(typing) => prefer({ typing })}
      />
      <Switch
        label={t('settings.shortcuts')}
        checked={chosen.shortcuts}
        onPick={(shortcuts) => prefer({ shortcuts })}
      />
      <h3>{rich('settings.here', { room: <bdi>{view.name}</bdi> })}</h3>
      {(['announce', 'sound'] as const).map((what) => (
        <Choice
          key={what}
          label={t(`settings.${what}`)}
          value={here[what] ?? ''}
          options={orNot}
          onPick={(it) => choose(view.name, what, it === '' ? null : (it as Which))}
        />
      ))}
      {!identity().kept && <p role="note">{t('settings.notKept')}</p>}
    </div>
  )
}
