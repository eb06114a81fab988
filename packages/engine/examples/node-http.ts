import { createServer } from 'node:http'
import { Hub } from '@hearsay/engine'
import { hear } from '@hearsay/engine/node'

const hub = new Hub()
const news = hub.topic('news')

const server = createServer((req, res) => {
  if (req.url?.startsWith('/news')) hear(news, req, res)
  else res.writeHead(404).end()
})
server.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1')

setInterval(() => news.publish('message', { at: new Date().toISOString() }), 1000)
