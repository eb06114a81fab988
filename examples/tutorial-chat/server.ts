import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import express, { type NextFunction, type Request, type Response } from 'express'
import { Hub } from '@hearsay/engine'
import { hear } from '@hearsay/engine/node'

/** The types of the chat's events and the data of each: `publish` and `signal` take no others. */
type ChatEvents = {
  message: { name: string; text: string; at: string }
  people: { count: number }
}

const hub = new Hub()
const chat = hub.topic<ChatEvents>('chat')
const tellHowMany = (): void => chat.signal('people', { count: chat.count })

const app = express()
app.disable('x-powered-by')
app.use((_req, res, next) => {
  res.set('Content-Security-Policy', "default-src 'self'; frame-ancestors 'none'")
  next()
})
app.use(express.static(join(import.meta.dirname, 'page')))

app.get('/sse', (req, res) => {
  hear(chat, req, res, { onEnd: tellHowMany })
  tellHowMany()
})

// Only JSON is taken: a page of another origin can't send that without asking first, and is not let.
app.post('/chat', express.json({ limit: '16kb' }), (req, res) => {
  const { name, text } = (req.body ?? {}) as { name?: unknown; text?: unknown }
  if (typeof text !== 'string' || !text.trim() || text.length > 2000) {
    res.status(400).send('A message is a text of 1 to 2,000 characters.')
    return
  }
  const said = typeof name === 'string' ? name.trim().slice(0, 32) : ''
  const at = new Date().toISOString()
  res.status(201).json({ id: chat.publish('message', { name: said || 'Someone', text, at }) })
})

// The last word on a request that is broken: without it Express answers with a stack.
app.use((error: { status?: number }, _req: Request, res: Response, _next: NextFunction) => {
  res.status(error.status ?? 500).send('The server could not read that.')
})

const server = app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1', (error) => {
  if (error) throw error
  console.log(`Open http://localhost:${(server.address() as AddressInfo).port} in two windows.`)
})

// Streams are ended with the time at which to come back, so that an orderly restart is a short pause.
process.once('SIGTERM', () => void hub.drain().then(() => server.close()))
