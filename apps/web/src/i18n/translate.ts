import { Cell } from '../cell.ts'
import type { ComponentChild } from 'preact'
import type { en } from './en.ts'

type English = typeof en
/** What the page can say. */
export type Key = keyof English

/** A language's own plural forms: `other` always, the rest as the language has them. */
type Plural = Partial<Record<Intl.LDMLPluralRule, string>> & { readonly other: string }

/** A language: every key, as one text or, where English has plural forms, as its own. */
export type Catalogue = { readonly [K in Key]: English[K] extends string ? string : Plural }

type Slots<Text> = Text extends `${string}{${infer Slot}}${infer Rest}` ? Slot | Slots<Rest> : never
type Form<K extends Key> = English[K] extends { other: infer Text } ? Text : English[K]
type Value<Slot, Other> = Slot extends 'count' ? number : Other
/** Nothing where the text has no slots, else a value for each. `count` chooses the plural. */
type Values<K extends Key, Other> = [Slots<Form<K>>] extends [never]
  ? []
  : [values: { readonly [Slot in Slots<Form<K>>]: Value<Slot, Other> }]

const catalogues = {
  en: async (): Promise<Catalogue> => (await import('./en.ts')).en,
  de: async () => (await import('./de.ts')).de,
  es: async () => (await import('./es.ts')).es,
  fr: async () => (await import('./fr.ts')).fr,
  ar: async () => (await import('./ar.ts')).ar,
  ja: async () => (await import('./ja.ts')).ja,
  zh: async () => (await import('./zh.ts')).zh,
}

export type Locale = keyof typeof catalogues

/** The languages by their own names. */
export const languages: { readonly [L in Locale]: string } = {
  en: 'English',
  de: 'Deutsch',
  es: 'Español',
  fr: 'Français',
  ar: 'العربية',
  ja: '日本語',
  zh: '中文',
}

/** The language that is shown, and the one for dates and numbers: with the region that the browser names. */
export const locale: Cell<Locale> = new Cell('en')
export const region: Cell<string> = new Cell('en')
let catalogue: Partial<Catalogue> = {}

/** The language that fits this browser best. */
export function preferred(wanted: readonly string[] = navigator.languages): Locale {
  for (const tag of wanted) {
    const language = tag.split('-')[0] ?? ''
    if (Object.hasOwn(languages, language)) return language as Locale
  }
  return 'en'
}

/** Shows the page in a language. @throws where its words can't be loaded; the page then stays as it is. */
export async function speak(next: Locale): Promise<void> {
  catalogue = await catalogues[next]()
  region.value = navigator.languages.find((tag) => tag.split('-')[0] === next) ?? next
  document.documentElement.lang = next
  document.documentElement.dir = next === 'ar' ? 'rtl' : 'ltr'
  locale.value = next
}

/** The text for a key, split at its slots: even places are text, odd ones the names of slots. */
function pieces(key: Key, values: Readonly<Record<string, unknown>> | undefined): string[] {
  // Before any words have come (or where none can be had) the key itself says more than nothing.
  const entry = catalogue[key] ?? key
  if (typeof entry === 'string') return entry.split(/[{}]/)
  const rule = new Intl.PluralRules(locale.value).select(Number(values?.['count'] ?? 0))
  return (entry[rule] ?? entry.other).split(/[{}]/)
}

function shown(value: unknown): unknown {
  return typeof value === 'number' ? new Intl.NumberFormat(region.value).format(value) : value
}

/** What the page says for a key, in the language that is shown. */
export function t<K extends Key>(key: K, ...[values]: Values<K, string>): string {
  const by = values as Readonly<Record<string, unknown>> | undefined
  return pieces(key, by)
    .map((piece, at) => (at % 2 ? String(shown(by?.[piece])) : piece))
    .join('')
}

/** As `t`, with elements in the slots. */
export function rich<K extends Key>(
  key: K,
  ...[values]: Values<K, ComponentChild>
): ComponentChild[] {
  const by = values as Readonly<Record<string, ComponentChild>> | undefined
  return pieces(key, by).map((piece, at) =>
    at % 2 ? (shown(by?.[piece]) as ComponentChild) : piece,
  )
}

/** Whether there is a text for this key: for keys that a server's answer names. */
export function isKey(key: string): key is Key {
  return Object.hasOwn(catalogue, key)
}
