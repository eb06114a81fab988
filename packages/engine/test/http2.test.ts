import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import {
  connect,
  createSecureServer,
  createServer,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type Http2SecureServer,
  type Http2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type IncomingHttpHeaders,
} from 'node:http2'
import { request as secureRequest } from 'node:https'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Hub, type EndReason } from '../src/index.ts'
import { hear } from '../src/node.ts'
import { selfSigned } from './certificate.ts'
import { settled } from './heard.ts'
import { MemoryLog } from './memory-log.ts'
import { Incoming, listen, listeners } from './serving.ts'

type OnRequest = (req: Http2ServerRequest, res: Http2ServerResponse) => void

let certificate: { key: string; cert: string }
beforeAll(() => {
  certificate = selfSigned()
})

const closing: (() => unknown)[] = []
afterEach(async () => {
  // Clients close their connections when their streams have ended; then the server can close.
  for (const each of closing.splice(0)) await each()
})

async function serve(
  make: (on: OnRequest) => Http2Server | Http2SecureServer,
  hub: Hub = new Hub(),
): Promise<{ hub: Hub; port: number; ends: EndReason[]; opened: unknown[] }> {
  const ends: EndReason[] = []
  const opened: unknown[] = []
  const server = make((req, res) => {
    const onEnd = (reason: EndReason): void => void ends.push(reason)
    opened.push(hear(hub.topic('a'), req, res, { onEnd }))
  })
  const port = await listen(server)
  closing.push(
    () => hub.drain(0),
    () => new Promise((resolve) => server.close(resolve)),
  )
  return { hub, port, ends, opened }
}

function session(url: string): ClientHttp2Session {
  const client = connect(url, { ca: certificate.cert })
  client.on('error', () => {})
  closing.unshift(() => client.close())
  return client
}

interface Followed extends Incoming {
  headers: IncomingHttpHeaders
  stream: ClientHttp2Stream
}

async function follow(
  client: ClientHttp2Session,
  headers: Record<string, string> = {},
): Promise<Followed> {
  const stream = client.request({ ':path': '/', ...headers })
  stream.on('error', () => {})
  const [answered] = (await once(stream, 'response')) as [IncomingHttpHeaders]
  const incoming = new Incoming()
  stream.on('data', (bytes: Buffer) => incoming.take(bytes))
  stream.on('close', () => incoming.over())
  return Object.assign(incoming, { headers: answered, stream })
}

describe.each([
  [
    'with TLS',
    'https',
    (on: OnRequest) => createSecureServer({ ...certificate, allowHTTP1: true }, on),
  ],
  ['in plain text', 'http', (on: OnRequest) => createServer(on)],
] as const)('on node:http2 %s', (_name, scheme, make) => {
  it('serves many streams on one connection', async () => {
    const { hub, port } = await serve(make)
    hub.topic('a').publish('message', '1')
    const client = session(`${scheme}://127.0.0.1:${port}`)
    const { cursor } = hub
    const all = await Promise.all(
      Array.from({ length: 20 }, () => follow(client, { 'last-event-id': cursor })),
    )
    hub.topic('a').publish('message', '2')
    for (const stream of all) {
      expect(await stream.count(1)).toEqual(['2'])
      expect(stream.headers[':status']).toBe(200)
      expect(stream.headers['content-type']).toBe('text/event-stream')
    }
    const head = await follow(client, { ':method': 'HEAD' })
    await head.end()
    expect([head.text, hub.stats.listeners]).toEqual(['', 20])
  })

  it('lets go of listeners however their clients leave', async () => {
    const { hub, port, ends } = await serve(make)
    const client = session(`${scheme}://127.0.0.1:${port}`)
    const all = await Promise.all([follow(client), follow(client), follow(client)])
    for (const stream of all) await stream.event('hello')
    all[0].stream.close(8)
    await listeners(hub, 2)
    all[1].stream.destroy()
    await listeners(hub, 1)
    client.destroy()
    await listeners(hub, 0)
    expect(ends).toEqual(['left', 'left', 'left'])
  })

  it('ends streams at a drain, and then the server closes', async () => {
    const { hub, port, ends } = await serve(make)
    const stream = await follow(session(`${scheme}://127.0.0.1:${port}`))
    await stream.event('hello')
    await hub.drain(0)
    await stream.end()
    expect([stream.stream.rstCode, stream.retries.length, ends]).toEqual([0, 2, ['drained']])
  })

  it('reads on from the past for a reader that stopped, with no hole', async () => {
    const log = new MemoryLog()
    const { hub, port } = await serve(make, new Hub({ past: log, window: { count: 10 } }))
    const stream = await follow(session(`${scheme}://127.0.0.1:${port}`))
    await stream.event('hello')
    stream.stream.pause()
    for (let i = 0; i < 300; i++) {
      hub.announce('a', log.append('a', `${i} ${'x'.repeat(10_000)}`))
      await settled(1)
    }
    expect(hub.stats.blocked).toBe(1)
    stream.stream.resume()
    const data = await stream.count(300)
    expect(data.map((each) => Number(each.split(' ')[0]))).toEqual([...Array(300).keys()])
    expect(hub.stats.pastReads).toBeGreaterThan(0)
  })

  it('cuts off a reader that takes nothing, and a drain does not wait for one', async () => {
    const { hub, port, ends } = await serve(make, new Hub({ beat: 0.05, stall: 0.2 }))
    const client = session(`${scheme}://127.0.0.1:${port}`)
    for (const reason of ['stalled', 'drained']) {
      const stream = await follow(client)
      await stream.event('hello')
      stream.stream.pause()
      while (hub.stats.blocked === 0) {
        hub.topic('a').publish('message', 'x'.repeat(500_000))
        await settled(2)
      }
      if (reason === 'drained') await hub.drain(0)
      else await listeners(hub, 0)
      stream.stream.resume()
      await stream.end()
      expect([ends.at(-1), stream.stream.rstCode]).toEqual([reason, 8])
    }
  })
})

describe('on one port for HTTP/2 and HTTP/1.1', () => {
  it('serves HTTP/1.1 over TLS, and lets go of its request and response', async () => {
    const { hub, port, ends } = await serve((on) =>
      createSecureServer({ ...certificate, allowHTTP1: true }, on),
    )
    const open = async (): Promise<[Incoming, IncomingMessage]> => {
      const req = secureRequest({ host: '127.0.0.1', port, ca: certificate.cert, agent: false })
      req.on('error', () => {})
      req.end()
      const [res] = (await once(req, 'response')) as [IncomingMessage]
      const incoming = new Incoming()
      res.on('data', (bytes: Buffer) => incoming.take(bytes))
      res.on('error', () => {})
      res.on('close', () => incoming.over())
      return [incoming, res]
    }
    const all = await Promise.all(Array.from({ length: 10 }, open))
    for (const [stream] of all) await stream.event('hello')
    await settled()
    hub.topic('a').publish('message', 'x')
    for (const [stream] of all) expect(await stream.count(1)).toEqual(['x'])
    all[0]![1].destroy()
    await listeners(hub, 9)
    await hub.drain(0)
    for (const [stream] of all) await stream.end()
    for (const [, res] of all.slice(1)) expect(res.complete).toBe(true)
    expect(ends).toEqual(['left', ...Array(9).fill('drained')])
  })

  it('refuses nobody who speaks plain text to it without a word about it to the hub', async () => {
    const { hub, port } = await serve((on) =>
      createSecureServer({ ...certificate, allowHTTP1: true }, on),
    )
    const req = request({ host: '127.0.0.1', port, agent: false })
    req.end()
    await once(req, 'error')
    expect(hub.stats.listeners).toBe(0)
  })
})
