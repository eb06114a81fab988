// As the Socket.IO guide broadcasts: `io.emit`. Listeners come straight over WebSocket, compression off (its default).
import { createServer } from 'node:http'
import express from 'express'
import { Server } from 'socket.io'
import { Minutes } from './message.ts'

const app = express()
const server = createServer(app)
const io = new Server(server)
const minutes = new Minutes()

app.post('/say', express.text(), (req, res) => {
  io.emit('message', minutes.message(req.body as string))
  res.sendStatus(201)
})

app.get('/healthz', (_req, res) => void res.sendStatus(200))
server.listen(Number(process.env['PORT']), '127.0.0.1')
