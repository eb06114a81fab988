import { Cell } from './cell.ts'
import { keep, recall } from './storage.ts'
import type { Locale } from './i18n/translate.ts'

/** About which messages a person wants to be told. */
export type Which = 'all' | 'mentions' | 'off'

/** What a person chose on this device. */
export interface Preferences {
  readonly language: Locale | null
  readonly theme: 'system' | 'light' | 'dark'
  readonly announce: Which
  readonly sound: Which
  readonly notify: Which
  readonly notifyText: boolean
  readonly typing: boolean
  readonly shortcuts: boolean
}

const defaults: Preferences = {
  language: null,
  theme: 'system',
  announce: 'all',
  sound: 'off',
  notify: 'off',
  notifyText: true,
  typing: true,
  shortcuts: true,
}

const storageKey = 'hearsay:preferences'

function kept(): Preferences {
  try {
    return { ...defaults, ...JSON.parse(recall(storageKey) ?? '{}') }
  } catch {
    return defaults
  }
}

export const preferences: Cell<Preferences> = new Cell(kept())

/** Changes some of what was chosen, and keeps it on this device where that is possible. */
export function prefer(chosen: Partial<Preferences>): void {
  preferences.value = { ...preferences.value, ...chosen }
  keep(storageKey, JSON.stringify(preferences.value))
}

const dress = (): void => {
  document.documentElement.dataset['theme'] = preferences.value.theme
}
preferences.watch(dress)
dress()

addEventListener('storage', (event) => {
  if (event.key === storageKey) preferences.value = kept()
})
