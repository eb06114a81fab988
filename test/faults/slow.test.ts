/** slow loris (headers, body): on plain sockets, over TLS, and on HTTP/2. Each connection is cut within 15 s; nobody else notices. */
import { once } from 'node:events'
import http2 from 'node:http2'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { ask, say } from '../harness/ask.ts'
import { selfSigned } from '../harness/certificate.ts'
import { folder, open } from '../harness/server.ts'
import type { Running } from '../../apps/server/src/index.ts'

const dir = folder()
let plain: Running
let tls: Running
beforeAll(async () => {
  const { key, cert } = selfSigned(dir.path)
  plain = await open()
  tls = await open('--tls-key', key, '--tls-cert', cert)
})
afterAll(async () => {
  await Promise.all([plain.close(), tls.close()])
  dir.remove()
})

const portOf = ({ url }: Running): number => Number(new URL(url).port)

/** Sends a byte at a time, and answers what came back once the other side has let go of the connection. */
function drip(socket: Socket, start: string, byte: string): Promise<string> {
  let text = ''
  let next = byte
  socket.on('data', (data) => (text += String(data)))
  // It never ends by itself; and an end alone is no closed connection: that shows when something is sent to it.
  socket.on('end', () => (next = 'x'))
  socket.on('error', () => {})
  socket.write(start)
  const dripping = setInterval(() => socket.write(next), 500)
  return new Promise((resolve) =>
    socket.on('close', () => {
      clearInterval(dripping)
      resolve(text)
    }),
  )
}

const headers = 'GET /r/slow HTTP/1.1\r\nHost: localhost\r\nX: '
const body = 'POST /r/slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n'
const chunked = 'POST /r/slow HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n'

/** What a connection begins with, and goes on with. */
const slow = [
  [headers, 'x'],
  [body, 'x'],
  [chunked, '1\r\nx\r\n'],
  ['', ''],
] as const

describe.concurrent('slow loris', { timeout: 30_000 }, () => {
  it('600 plain connections that drip headers or bodies, or nothing', async ({ expect }) => {
    const dripped = slow.flatMap(([start, byte]) =>
      Array.from({ length: 150 }, () =>
        drip(connect({ port: portOf(plain), host: '127.0.0.1', allowHalfOpen: true }), start, byte),
      ),
    )
    expect((await say(plain.url, 'others', 'x')).status).toBe(201)
    for (const text of await Promise.all(dripped)) expect(text).toMatch(/^(?:HTTP\/1\.1 408 |$)/)
    expect((await ask(plain.url, '/r/slow?follow=0')).text).toBe('-- slow --\n')
  })

  it('80 TLS connections that do so, and 10 that never finish the handshake', async ({
    expect,
  }) => {
    const port = portOf(tls)
    const options = { port, host: '127.0.0.1', ALPNProtocols: ['http/1.1'] }
    const dripped = slow.flatMap(([start, byte]) =>
      Array.from({ length: 20 }, () =>
        drip(connectTls({ ...options, rejectUnauthorized: false }), start, byte),
      ),
    )
    const hello = '\u0016\u0003\u0001'
    const unfinished = Array.from({ length: 10 }, () =>
      drip(connect({ port, host: '127.0.0.1', allowHalfOpen: true }), hello, ''),
    )
    for (const text of await Promise.all(dripped)) expect(text).toMatch(/^(?:HTTP\/1\.1 408 |$)/)
    expect((await Promise.all(unfinished)).join('')).toBe('')
  })

  it('HTTP/2 requests whose body drips', async ({ expect }) => {
    const session = http2.connect(`https://127.0.0.1:${portOf(tls)}`, { rejectUnauthorized: false })
    const ends = Array.from({ length: 50 }, async () => {
      const post = session.request({
        ':method': 'POST',
        ':path': '/r/slow',
        'content-type': 'text/plain',
      })
      post.on('error', () => {})
      const dripping = setInterval(() => post.write('x'), 500)
      await once(post, 'close')
      clearInterval(dripping)
      return post.rstCode
    })
    expect(await Promise.all(ends)).toEqual(
      Array.from({ length: 50 }, () => http2.constants.NGHTTP2_CANCEL),
    )
    const get = session.request({ ':path': '/healthz' })
    const [{ ':status': status }] = (await once(get, 'response')) as [{ ':status': number }]
    expect(status).toBe(200)
    session.destroy()
  })
})
