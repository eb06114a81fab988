import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { Hub } from '@hearsay/engine'
import { hear } from '@hearsay/engine/fetch'

const hub = new Hub()
const chat = hub.topic('chat')

const app = new Hono()
app.get('/chat', (c) => hear(chat, c.req.raw))
app.post('/chat', async (c) => c.json({ id: chat.publish('message', await c.req.json()) }, 201))

// On Bun, Deno or Workers: `export default app`.
const port = Number(process.env['PORT'] ?? 3000)
const server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' })
process.once('SIGTERM', () => void hub.drain().then(() => server.close()))
