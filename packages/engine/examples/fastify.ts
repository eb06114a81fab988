import fastify from 'fastify'
import { Hub } from '@hearsay/engine'
import { hear } from '@hearsay/engine/node'

const hub = new Hub()
const chat = hub.topic('chat')

const app = fastify()
app.get('/chat', (request, reply) => {
  reply.hijack()
  hear(chat, request.raw, reply.raw)
})
app.post('/chat', (request, reply) => {
  reply.code(201).send({ id: chat.publish('message', request.body) })
})
// The streams end before Fastify waits for its connections.
app.addHook('preClose', () => hub.drain())

await app.listen({ port: Number(process.env['PORT'] ?? 3000), host: '127.0.0.1' })
process.once('SIGTERM', () => void app.close())
