import compression from 'compression'
import express from 'express'
import { Hub } from '@hearsay/engine'
import { hear } from '@hearsay/engine/node'

const hub = new Hub()
const chat = hub.topic('chat')

const app = express()
app.use(compression())
app.get('/chat', (req, res) => {
  hear(chat, req, res)
})
app.post('/chat', express.json(), (req, res) => {
  res.status(201).json({ id: chat.publish('message', req.body) })
})

const server = app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1')
process.once('SIGTERM', () => void hub.drain().then(() => server.close()))
