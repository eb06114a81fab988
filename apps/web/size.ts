// What a room loads before it can be read and written in, and the page at the root before a room can be opened or made,
// compressed, against their budget: every file of script, style and words that is asked for until then. It does not count what is loaded when the page is idle or at a click. Build first.
// As a program it prints what that is, file by file.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

/** Bytes of script, style and words after gzip. */
export const budget: number = 35 * 1024

/** What is loaded at once besides the main file, by its source; other parts wait until the page is idle. `*`: a language. */
const visits = {
  'a first visit': ['src/room/JoinCard.tsx', 'src/i18n/*/first.ts'],
  'a later visit': ['src/room/Composer.tsx', 'src/i18n/*/first.ts'],
  // It brings the room's code with it, so that the next page opens at once.
  'the page at the root': [
    'src/landing/Landing.tsx',
    'src/i18n/*/first.ts',
    'src/i18n/*/landing.ts',
  ],
}

interface Chunk {
  readonly file: string
  readonly css?: readonly string[]
  readonly imports?: readonly string[]
}

const dist = new URL('dist/public/', import.meta.url)
const read = (file: string): string => readFileSync(new URL(file, dist), 'utf8')
const manifest = JSON.parse(read('chunks.json')) as Record<string, Chunk>
const html = read('index.html')
const main = Object.keys(manifest).find((key) => html.includes(`src="/${manifest[key]?.file}"`))
if (!main) throw new Error('The page loads no script that the build knows of.')

/** The files of a source and of all that it imports without asking. */
function filesOf(source: string, found: Set<string> = new Set()): Set<string> {
  const chunk = manifest[source]
  if (!chunk) throw new Error(`The build has no ${source}.`)
  if (found.has(chunk.file)) return found
  for (const file of [chunk.file, ...(chunk.css ?? [])]) found.add(file)
  for (const other of chunk.imports ?? []) filesOf(other, found)
  return found
}

function filesIn(language: string, parts: readonly string[]): Set<string> {
  const files = filesOf(main as string)
  for (const part of parts) filesOf(part.replace('*', language), files)
  return files
}

const size = (file: string): number => gzipSync(read(file), { level: 9 }).length
const sum = (files: Iterable<string>): number =>
  [...files].reduce((bytes, file) => bytes + size(file), 0)

const languages = Object.keys(manifest).flatMap((key) => /i18n\/(.*)\/first/.exec(key)?.[1] ?? [])

/** The bytes of each visit, in each language. */
export const firstLoads: readonly { readonly what: string; readonly bytes: number }[] =
  Object.entries(visits).flatMap(([visit, parts]) =>
    languages.map((language) => ({
      what: `${visit}, in ${language}`,
      bytes: sum(filesIn(language, parts)),
    })),
  )

if (import.meta.main) {
  const line = (bytes: number, what: string): void =>
    console.log(`${`${bytes}`.padStart(8)}  ${what}`)
  const seen = filesIn('en', visits['a later visit'])
  for (const file of seen) line(size(file), file)
  for (const { what, bytes } of firstLoads) line(bytes, what)
  const others = Object.entries(manifest).filter(
    ([key]) => !/i18n\/(?!en)/.test(key) && key !== 'src/sw.ts',
  )
  const later = new Set(others.flatMap(([, { file, css }]) => [file, ...(css ?? [])]))
  line(
    sum([...later].filter((file) => /\.(js|css)$/.test(file) && !seen.has(file))),
    'all else that a later visit may load, in en',
  )
  line(size('sw.js'), 'the service worker, when idle')
  line(budget, 'the budget of each')
}
