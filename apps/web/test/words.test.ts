import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import * as ar from '../src/i18n/ar/first.ts'
import * as de from '../src/i18n/de/first.ts'
import * as en from '../src/i18n/en/first.ts'
import * as es from '../src/i18n/es/first.ts'
import * as fr from '../src/i18n/fr/first.ts'
import * as ja from '../src/i18n/ja/first.ts'
import * as zh from '../src/i18n/zh/first.ts'

type Entry = string | Readonly<Record<string, string>>
type Words = Readonly<Record<string, Entry>>

/** A language's words by what says them. */
async function groupsOf({ first, more }: typeof en | typeof de): Promise<Record<string, Words>> {
  return { first, landing: await more.landing(), later: await more.later() }
}
const english = await groupsOf(en)

const slots = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((it) => it[1] ?? '')
const sorted = (text: string): string => slots(text).toSorted().join()

describe.each(Object.entries({ ar, de, es, fr, ja, zh }))('the words in %s', (language, its) => {
  describe.each(Object.entries(english))('%s', (group, words) => {
    test.each(Object.entries(words))('%s', async (key, english) => {
      const entry = (await groupsOf(its))[group]?.[key]
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
})

/** A source and all that it imports without asking: what is loaded together. */
function together(source: URL, found: Set<string> = new Set()): Set<string> {
  if (found.has(source.href)) return found
  found.add(source.href)
  const imported = /^(?:import(?! type)|export)[^;]*? from '(\.[^']*\.tsx?)'/gm
  for (const [, path] of readFileSync(source, 'utf8').matchAll(imported)) {
    together(new URL(path as string, source), found)
  }
  return found
}

const src = new URL('../src/', import.meta.url)

describe.each([
  ['room/JoinCard.tsx', ['first']],
  ['room/Composer.tsx', ['first']],
  ['landing/Landing.tsx', ['first', 'landing']],
])('what is seen at once with %s', (part, groups) => {
  const files = together(new URL(part, src), together(new URL('main.tsx', src)))
  const known = groups.flatMap((group) => Object.keys(english[group] ?? {}))
  const all = Object.values(english).flatMap((words) => Object.keys(words))
  test.each([...files].map((file) => [file.slice(src.href.length), new URL(file)] as const))(
    'says in %s only words that are there',
    (_, file) => {
      // Whole keys, and the beginnings of those that are put together.
      const named = [...readFileSync(file, 'utf8').matchAll(/(['`])([a-z]+\.[\w.-]*)(\1|\$\{)/g)]
      const said = named.flatMap(([, , key, end]) =>
        all.filter((it) => (end === '${' ? it.startsWith(key as string) : it === key)),
      )
      expect(said.filter((key) => !known.includes(key))).toEqual([])
    },
  )
})
