// What a first visit to a room loads, compressed, against its budget. Build first; exits with 1 when it is too much.
import { readFileSync, readdirSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

/** Bytes of script and style after gzip: issue budget, without the words of the visitor's language. */
const budget = 35 * 1024
const folder = new URL('dist/public/', import.meta.url)

/** What is drawn at once besides the main file: of the two the larger is counted. */
const firstParts = { 'a first visit': ['JoinCard', 'NameField'], 'a later visit': ['Composer'] }

const html = readFileSync(new URL('index.html', folder), 'utf8')
const files = readdirSync(new URL('assets/', folder))
const size = (file: string): number =>
  gzipSync(readFileSync(new URL(file.replace(/^\//, ''), folder)), { level: 9 }).length
const linked = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+\.(?:js|css))"/g)].map(
  (it) => it[1],
)
const core = new Set<string>()
/** A file and what it imports without asking. */
function follow(file: string): void {
  if (core.has(file)) return
  core.add(file)
  if (!file.endsWith('.js')) return
  const code = readFileSync(new URL(file.slice(1), folder), 'utf8')
  for (const [, name] of code.matchAll(/(?:from|import)\s*["'`]\.\/([^"'`]+\.js)["'`]/g))
    follow(`/assets/${name}`)
}
for (const file of linked) if (file) follow(file)

let worst = 0
const base = [...core].reduce((sum, file) => sum + size(file), 0)
for (const file of core) console.log(`${String(size(file)).padStart(8)}  ${file}`)
for (const [visit, names] of Object.entries(firstParts)) {
  const parts = files.filter((file) => names.some((name) => file.startsWith(`${name}-`)))
  if (parts.length < names.length)
    throw new Error(`The build has no ${names.join(', ')}: see firstParts.`)
  const sum = parts.reduce((total, file) => total + size(`assets/${file}`), base)
  for (const file of parts)
    console.log(`${String(size(`assets/${file}`)).padStart(8)}  /assets/${file}`)
  console.log(`${String(sum).padStart(8)}  ${visit}`)
  worst = Math.max(worst, sum)
}
const words = files.find((file) => file.startsWith('en-'))
if (words)
  console.log(
    `${String(size(`assets/${words}`)).padStart(8)}  the English words, on demand as every language`,
  )
console.log(`${String(worst).padStart(8)}  of ${budget} bytes`)
if (worst > budget) {
  console.error('The first load is over its budget.')
  process.exitCode = 1
}
