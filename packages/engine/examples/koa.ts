import { text } from 'node:stream/consumers'
import Koa from 'koa'
import { Hub } from '@hearsay/engine'
import { hear } from '@hearsay/engine/node'

const hub = new Hub()
const chat = hub.topic('chat')

const app = new Koa()
app.use(async (ctx) => {
  if (ctx.path !== '/chat') return
  if (ctx.method === 'POST') {
    ctx.status = 201
    ctx.body = { id: chat.publish('message', JSON.parse(await text(ctx.req))) }
    return
  }
  // The answer is the engine's from here on.
  ctx.respond = false
  hear(chat, ctx.req, ctx.res)
})

const server = app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1')
process.once('SIGTERM', () => void hub.drain().then(() => server.close()))
