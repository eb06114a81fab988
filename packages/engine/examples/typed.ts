import { createServer } from 'node:http'
import { Hub } from '@hearsay/engine'
import { hear } from '@hearsay/engine/node'

interface Market {
  price: { symbol: string; price: number }
  halt: { symbol: string; reason: string }
}

const hub = new Hub({ window: { count: 500 } })

createServer((req, res) => {
  // /?symbol=ACME&symbol=INIT: one stream and one cursor for as many topics as are asked for.
  const symbols = new URL(req.url ?? '/', 'http://localhost').searchParams.getAll('symbol')
  if (symbols.length === 0) return void res.writeHead(400).end('Which symbol?\n')
  hear(
    symbols.map((symbol) => hub.topic<Market>(symbol)),
    req,
    res,
  )
}).listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1')

let price = 100
setInterval(() => {
  price *= 1 + (Math.random() - 0.5) / 100
  hub.topic<Market>('ACME').publish('price', { symbol: 'ACME', price })
}, 200)
