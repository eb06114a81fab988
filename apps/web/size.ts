// What a room loads before it can be read and written in, compressed, against its budget. Build first; exits with 1 when
// it is too much. It counts every file of script and style that is asked for until then: the main ones and the part that
// stands in the foot. It does not count the words (they come in the reader's own language), and prints them beside it;
// nor what is loaded when the page is idle or at a click, whose sum it prints too.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

/** Bytes of script and style after gzip, without the words: those come in the reader's own language, on demand. */
const budget = 35 * 1024

/** What is drawn at once besides the main file: the larger visit counts. Other parts wait until the page is idle. */
const visits = {
  'a first visit': ['src/room/JoinCard.tsx'],
  'a later visit': ['src/room/Composer.tsx'],
}

interface Chunk {
  readonly file: string
  readonly css?: readonly string[]
  readonly imports?: readonly string[]
}

const dist = new URL('dist/', import.meta.url)
const manifest = JSON.parse(readFileSync(new URL('public/chunks.json', dist), 'utf8')) as Record<
  string,
  Chunk
>

const html = readFileSync(new URL('public/index.html', dist), 'utf8')
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

const size = (file: string): number =>
  gzipSync(readFileSync(new URL(`public/${file}`, dist)), { level: 9 }).length
const line = (bytes: number, what: string): void =>
  console.log(`${`${bytes}`.padStart(8)}  ${what}`)

let worst = 0
for (const [visit, parts] of Object.entries(visits)) {
  const files = filesOf(main)
  for (const part of parts) filesOf(part, files)
  let sum = 0
  for (const file of files) {
    sum += size(file)
    line(size(file), file)
  }
  line(sum, visit)
  worst = Math.max(worst, sum)
}
const words = Object.keys(manifest).filter((key) => key.startsWith('src/i18n/'))
line(Math.max(...words.map((key) => size((manifest[key] as Chunk).file))), 'the words, at most')
line(size((manifest['src/i18n/en.ts'] as Chunk).file), 'the words in English')
line(size('sw.js'), 'the service worker, when idle')
const all = Object.entries(manifest).filter(([key]) => !words.includes(key) && key !== 'src/sw.ts')
const files = new Set(all.flatMap(([, { file, css }]) => [file, ...(css ?? [])]))
files.delete('index.html')
const rest = [...files].filter((it) => /\.(js|css)$/.test(it)).reduce((n, it) => n + size(it), 0)
line(rest - worst, 'all that comes later')
line(worst, `of ${budget}`)
if (worst > budget) {
  console.error('The first load is over its budget.')
  process.exitCode = 1
}
