// What README shows: the engine in an Express app.
import { Hub } from '@hearsay/engine'
import { hear } from '@hearsay/engine/node'
import express from 'express'
import { Minutes } from './message.ts'

const app = express()
const hub = new Hub()
const minutes = new Minutes()

app.get('/sse/:room', (req, res) => hear(hub.topic(req.params.room), req, res))

app.post('/say/:room', express.text(), (req, res) => {
  const { room } = req.params
  hub.topic(room).publish('message', minutes.message(req.body as string, room))
  res.sendStatus(201)
})

app.get('/healthz', (_req, res) => void res.sendStatus(200))
app.listen(Number(process.env['PORT']), '127.0.0.1')
