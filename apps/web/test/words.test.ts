import { describe, expect, test } from 'vitest'
import { ar } from '../src/i18n/ar.ts'
import { de } from '../src/i18n/de.ts'
import { en } from '../src/i18n/en.ts'
import { es } from '../src/i18n/es.ts'
import { fr } from '../src/i18n/fr.ts'
import { ja } from '../src/i18n/ja.ts'
import { zh } from '../src/i18n/zh.ts'

type Entry = string | Readonly<Record<string, string>>
const others: Record<string, Readonly<Record<string, Entry>>> = { ar, de, es, fr, ja, zh }

const slots = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((it) => it[1] ?? '')
const sorted = (text: string): string => slots(text).toSorted().join()

describe.each(Object.entries(others))('the words in %s', (language, words) => {
  test.each(Object.entries<Entry>(en))('%s', (key, english) => {
    const entry = words[key]
    if (typeof english === 'string') {
      expect(typeof entry).toBe('string')
      expect(sorted(entry as string)).toBe(sorted(english))
      return
    }
    // Every form that the language has, as Unicode counts them, and none that it has not.
    const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories
    const entries = entry as Readonly<Record<string, string>>
    expect(Object.keys(entries).toSorted()).toEqual([...forms].toSorted())
    // A form of one or two things may leave its number out.
    const rest = slots(english['other'] ?? '').filter((slot) => slot !== 'count')
    for (const [form, text] of Object.entries(entries)) {
      expect(
        slots(text)
          .filter((slot) => slot !== 'count')
          .toSorted(),
      ).toEqual(rest.toSorted())
      if (form === 'other') expect(slots(text)).toContain('count')
    }
  })
})
