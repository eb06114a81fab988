import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Hub } from '@hearsay/engine'
import { hear } from '@hearsay/engine/node'
import { type Item, NewsLog } from './news-log.ts'

const { PORT, NEWS } = process.env
const log = new NewsLog(NEWS ?? join(import.meta.dirname, 'news.log'))
const hub = new Hub({
  past: log,
  // What a stream begins with: `head` tells a page which items are from before it came.
  hello: ({ cursor, beat, verdicts }) => ({
    cursor,
    beat,
    verdict: verdicts.get('news'),
    head: hub.cursor,
  }),
})
const news = hub.topic('news')

const read = (file: string): Buffer => readFileSync(join(import.meta.dirname, 'page', file))
const page = new Map([
  ['/', { type: 'text/html; charset=utf-8', body: read('index.html') }],
  ['/style.css', { type: 'text/css; charset=utf-8', body: read('style.css') }],
  ['/news.js', { type: 'text/javascript; charset=utf-8', body: read('news.js') }],
  ['/icon.svg', { type: 'image/svg+xml', body: read('icon.svg') }],
])

// Nothing here takes a POST: whoever reads this feed can't write to it.
const server = createServer((req, res) => {
  const { pathname } = new URL(req.url ?? '/', 'http://localhost')
  const file = page.get(pathname)
  if (req.method !== 'GET' && req.method !== 'HEAD') {
    res.writeHead(405, { Allow: 'GET, HEAD' }).end('The news is read here, not written.')
  } else if (pathname === '/news') hear(news, req, res)
  else if (file) {
    res.writeHead(200, {
      'Content-Type': file.type,
      'Content-Security-Policy': "default-src 'self'; frame-ancestors 'none'",
    })
    res.end(req.method === 'HEAD' ? undefined : file.body)
  } else res.writeHead(404).end('There is nothing here.')
})
server.listen(Number(PORT ?? 3000), '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  console.log(`Open http://localhost:${port} and write headlines here, one a line.`)
})

// One order: into the file first, and only what is there is told.
createInterface({ input: process.stdin }).on('line', (line) => {
  const item = itemOf(line)
  if (item) hub.announce(news.key, log.append(item))
})

process.once('SIGTERM', () => void hub.drain().then(() => process.exit()))

/** A line is a headline; a web address at its end is where it leads. */
function itemOf(line: string): Item | undefined {
  const at = new Date().toISOString()
  const [, headline = '', link] = /^\s*(.*?)(?:\s+(https?:\/\/\S+))?\s*$/.exec(line) ?? []
  if (headline === '') return undefined
  return link !== undefined && URL.canParse(link) ? { at, headline, link } : { at, headline }
}
