import { Cell } from '../cell.ts'
import type { ComponentChild } from 'preact'
import type { first } from './en/first.ts'
import type { landing } from './en/landing.ts'
import type { later } from './en/later.ts'

/**
 * The words by what says them, so that a page gets no more of them than it shows: `first` for a room as it comes into
 * sight, `landing` for the page at the root, `later` for all parts that come late.
 */
interface English {
  readonly first: typeof first
  readonly landing: typeof landing
  readonly later: typeof later
}
type All = English['first'] & English['landing'] & English['later']
/** What the page can say. */
export type Key = keyof All

/** A language's own plural forms: `other` always, the rest as the language has them. */
type Plural = Partial<Record<Intl.LDMLPluralRule, string>> & { readonly other: string }

/** Words of a language: every key of the English ones, as one text or, where English has plural forms, as its own. */
export type Words<Group extends keyof English> = {
  readonly [K in keyof English[Group]]: English[Group][K] extends string ? string : Plural
}
/** What a language has besides its first words. */
export type Rest = Exclude<keyof English, 'first'>
/** How a language's first words lead to its others. */
export type More = { readonly [Group in Rest]: () => Promise<Words<Group>> }

type Slots<Text> = Text extends `${string}{${infer Slot}}${infer Rest}` ? Slot | Slots<Rest> : never
type Form<K extends Key> = All[K] extends { other: infer Text } ? Text : All[K]
type Value<Slot, Other> = Slot extends 'count' ? number : Other
/** Nothing where the text has no slots, else a value for each. `count` chooses the plural. */
type Values<K extends Key, Other> = [Slots<Form<K>>] extends [never]
  ? []
  : [values: { readonly [Slot in Slots<Form<K>>]: Value<Slot, Other> }]

interface Language {
  readonly first: Words<'first'>
  readonly more: More
}

const loaders = {
  en: (): Promise<Language> => import('./en/first.ts'),
  de: () => import('./de/first.ts'),
  es: () => import('./es/first.ts'),
  fr: () => import('./fr/first.ts'),
  ar: () => import('./ar/first.ts'),
  ja: () => import('./ja/first.ts'),
  zh: () => import('./zh/first.ts'),
}

export type Locale = keyof typeof loaders

/** The language that is shown, and the one for dates and numbers: with the region that the browser names. */
export const locale: Cell<Locale> = new Cell('en')
export const region: Cell<string> = new Cell('en')
let language: Language | undefined
let catalogue: Partial<Record<Key, string | Plural>> = {}
/** Making these costs a hundred times what using them does. */
let numbers: Intl.NumberFormat | undefined
let plurals: Intl.PluralRules | undefined
/** The groups that this page has asked for: another language brings them too. */
const wanted = new Set<Rest>()

/** The language that fits this browser best. */
export function preferred(wanted: readonly string[] = navigator.languages): Locale {
  for (const tag of wanted) {
    const language = tag.split('-')[0] ?? ''
    if (Object.hasOwn(loaders, language)) return language as Locale
  }
  return 'en'
}

/** Shows the page in a language. @throws where its words can't be loaded; the page then stays as it is. */
export async function speak(next: Locale): Promise<void> {
  const its = await loaders[next]()
  const rest = await Promise.all([...wanted].map((group) => its.more[group]()))
  language = its
  numbers = plurals = undefined
  catalogue = Object.assign({}, its.first, ...rest)
  region.value = navigator.languages.find((tag) => tag.split('-')[0] === next) ?? next
  document.documentElement.lang = next
  document.documentElement.dir = next === 'ar' ? 'rtl' : 'ltr'
  locale.value = next
}

/** What a part of the page is loaded by, and with it the words that it says. @throws where either can't be loaded. */
export async function withWords<Part>(part: Promise<Part>, group: Rest = 'later'): Promise<Part> {
  wanted.add(group)
  const its = language
  const [it, words] = await Promise.all([part, its?.more[group]()])
  // Else another language was chosen meanwhile, and has brought its own.
  if (its === language) Object.assign(catalogue, words)
  return it
}

/** The text for a key, split at its slots: even places are text, odd ones the names of slots. */
function pieces(key: Key, values: Readonly<Record<string, unknown>> | undefined): string[] {
  // Before any words have come (or where none can be had) the key itself says more than nothing.
  const entry = catalogue[key] ?? key
  if (typeof entry === 'string') return entry.split(/[{}]/)
  plurals ??= new Intl.PluralRules(locale.value)
  const rule = plurals.select(Number(values?.['count'] ?? 0))
  return (entry[rule] ?? entry.other).split(/[{}]/)
}

function shown(value: unknown): unknown {
  if (typeof value !== 'number') return value
  numbers ??= new Intl.NumberFormat(region.value)
  return numbers.format(value)
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
