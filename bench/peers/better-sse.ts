// As the guide of better-sse says: a session for each request, registered with a channel, which broadcasts.
import { createChannel, createSession } from 'better-sse'
import express from 'express'
import { Minutes } from './message.ts'

const app = express()
const channel = createChannel()
const minutes = new Minutes()

app.get('/sse', async (req, res) => {
  const session = await createSession(req, res)
  channel.register(session)
})

app.post('/say', express.text(), (req, res) => {
  channel.broadcast(minutes.message(req.body as string))
  res.sendStatus(201)
})

app.get('/healthz', (_req, res) => void res.sendStatus(200))
app.listen(Number(process.env['PORT']), '127.0.0.1')
