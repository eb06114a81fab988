// The tutorial's way: one EventEmitter, and every response listens to it. Like the original it never takes a listener
// away and lets a newline forge fields; unlike it, it takes a message by POST and answers it, or the load generator
// would need a new connection for each.
import { EventEmitter } from 'node:events'
import express from 'express'
import { Minutes } from './message.ts'

const app = express()
const spoken = new EventEmitter()
const minutes = new Minutes()

app.post('/say', express.text(), (req, res) => {
  res.setHeader('Access-Control-Allow-Origin', '*')
  spoken.emit('message', JSON.stringify(minutes.message(req.body as string)))
  res.sendStatus(201)
})

app.get('/sse', (_req, res) => {
  res.setHeader('Access-Control-Allow-Origin', '*')
  res.setHeader('Content-Type', 'text/event-stream')
  spoken.on('message', (message) => {
    res.write(`data: ${message} \n\n`)
  })
})

app.get('/healthz', (_req, res) => void res.sendStatus(200))
app.listen(Number(process.env['PORT']), '127.0.0.1')
