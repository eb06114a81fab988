import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { speak, t, withWords } from '../src/i18n/translate.ts'

beforeEach(() => vi.stubGlobal('document', { documentElement: {} }))
afterEach(() => vi.unstubAllGlobals())

test('a part has its words as soon as it is there, and keeps them in another language', async () => {
  await speak('en')
  expect(t('composer.send')).toBe('Send')
  expect(t('settings.title')).toBe('settings.title')
  expect(await withWords(Promise.resolve('a part'))).toBe('a part')
  expect(t('settings.title')).toBe('Settings')
  await speak('de')
  expect(t('composer.send')).toBe('Senden')
  expect(t('settings.title')).toBe('Einstellungen')
  // Nobody has asked for these.
  expect(t('landing.open')).toBe('landing.open')
})

test('words that come after another language was chosen are not shown', async () => {
  await speak('en')
  const part = withWords(Promise.resolve('a part'), 'landing')
  await speak('de')
  await part
  expect(t('landing.open')).toBe('Raum öffnen')
})

test('numbers and plural forms are those of the language that is shown now', async () => {
  await speak('en')
  expect(t('room.here', { count: 1234 })).toBe('1,234 here')
  await speak('de')
  expect(t('room.here', { count: 1234 })).toBe('1.234 hier')
  await speak('ar')
  expect(t('room.here', { count: 2 })).toBe('شخصان هنا')
})
