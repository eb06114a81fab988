import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Hub, type Topic } from '@hearsay/engine'
import { hear } from '@hearsay/engine/node'
import { companies, openMarket, type Quote } from './market.ts'

const { PORT, SEED, EVERY } = process.env
const seed = Number(SEED ?? Math.floor(Math.random() * 2 ** 31))

/** The types of a topic's events and the data of each: `publish` and `signal` take no others. */
type Quotes = { quote: Quote & { at: string } }
type Market = { figures: { seed: number; pages: number; quotes: number; writes: number } }

// A page draws the last minute: more need not stay in memory.
const hub = new Hub({ window: { count: 200 } })
const topics = new Map<string, Topic<Quotes>>()
for (const { symbol } of companies) topics.set(symbol, hub.topic<Quotes>(symbol))
const market = hub.topic<Market>('market')

// What is published in one turn leaves in one write for each page, on however many topics it was.
const step = openMarket(seed)
setInterval(
  () => {
    const at = new Date().toISOString()
    for (const quote of step()) topics.get(quote.symbol)?.publish('quote', { ...quote, at })
  },
  Number(EVERY ?? 500),
)
setInterval(() => {
  const { listeners, deliveries, writes } = hub.stats
  market.signal('figures', { seed, pages: listeners, quotes: deliveries, writes })
}, 1000)

const read = (file: string): Buffer => readFileSync(join(import.meta.dirname, 'page', file))
const page = new Map([
  ['/', { type: 'text/html; charset=utf-8', body: read('index.html') }],
  ['/style.css', { type: 'text/css; charset=utf-8', body: read('style.css') }],
  ['/quotes.js', { type: 'text/javascript; charset=utf-8', body: read('quotes.js') }],
  ['/icon.svg', { type: 'image/svg+xml', body: read('icon.svg') }],
])

const server = createServer((req, res) => {
  const url = new URL(req.url ?? '/', 'http://localhost')
  const file = page.get(url.pathname)
  if (req.method !== 'GET' && req.method !== 'HEAD') {
    res.writeHead(405, { Allow: 'GET, HEAD' }).end('Quotes are read here, not written.')
  } else if (url.pathname === '/quotes') {
    const symbols = new Set(url.searchParams.get('symbols')?.split(',') ?? topics.keys())
    const asked = [...symbols].flatMap((symbol) => topics.get(symbol) ?? [])
    // One stream and one cursor for all of them.
    if (asked.length === symbols.size) hear([...asked, market], req, res)
    // For good, unlike an overload: an EventSource that is told 404 does not come back.
    else res.writeHead(404).end('There is no such symbol.')
  } else if (file) {
    res.writeHead(200, {
      'Content-Type': file.type,
      'Content-Security-Policy': "default-src 'self'; frame-ancestors 'none'",
    })
    res.end(req.method === 'HEAD' ? undefined : file.body)
  } else res.writeHead(404).end('There is nothing here.')
})
server.listen(Number(PORT ?? 3000), '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  console.log(`Open http://localhost:${port} (seed ${seed})`)
})
process.once('SIGTERM', () => void hub.drain().then(() => process.exit()))
