// As the README of ws broadcasts: a text to every client that is open, compression off (its default).
import { createServer } from 'node:http'
import express from 'express'
import { WebSocket, WebSocketServer } from 'ws'
import { Minutes } from './message.ts'

const app = express()
const server = createServer(app)
const sockets = new WebSocketServer({ server })
const minutes = new Minutes()

sockets.on('connection', (socket) => socket.on('error', () => socket.terminate()))

app.post('/say', express.text(), (req, res) => {
  const data = JSON.stringify(minutes.message(req.body as string))
  for (const client of sockets.clients) if (client.readyState === WebSocket.OPEN) client.send(data)
  res.sendStatus(201)
})

app.get('/healthz', (_req, res) => void res.sendStatus(200))
server.listen(Number(process.env['PORT']), '127.0.0.1')
