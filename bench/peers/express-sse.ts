// As the README of express-sse says. `isSerialized: false`, because by default every listener that joins makes the
// package write an empty string to all who are there: joining would cost the square of the audience.
import express from 'express'
import SSE from 'express-sse'
import { Minutes } from './message.ts'

const app = express()
const sse = new SSE([], { isSerialized: false })
const minutes = new Minutes()

app.get('/sse', (req, res) => sse.init(req, res))

app.post('/say', express.text(), (req, res) => {
  sse.send(minutes.message(req.body as string))
  res.sendStatus(201)
})

app.get('/healthz', (_req, res) => void res.sendStatus(200))
app.listen(Number(process.env['PORT']), '127.0.0.1')
