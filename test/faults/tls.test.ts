/** HTTP/2 and HTTP/1.1 on one port; HTTP/2 streams, rapid reset. */
import { once } from 'node:events'
import http2, {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type OutgoingHttpHeaders,
} from 'node:http2'
import https from 'node:https'
import type { IncomingMessage } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { selfSigned } from '../harness/certificate.ts'
import { Hearing } from '../harness/hear.ts'
import { folder, open, started } from '../harness/server.ts'
import type { Running } from '../../apps/server/src/index.ts'

const dir = folder()
let flags: string[]
let server: Running
const warnings: string[] = []
const warned = (warning: Error): void => void warnings.push(warning.message)
beforeAll(async () => {
  const { key, cert } = selfSigned(dir.path)
  flags = ['--tls-key', key, '--tls-cert', cert]
  server = await open(...flags, '--limits', 'off', '--allow-origin', 'https://ours.example')
  process.on('warning', warned)
})
afterAll(async () => {
  process.off('warning', warned)
  await server.close()
  dir.remove()
})

const connect = ({ url }: { url: string }): ClientHttp2Session => {
  const session = http2.connect(`https://127.0.0.1:${new URL(url).port}`, {
    rejectUnauthorized: false,
  })
  session.on('error', () => {})
  return session
}
const onPort = (): https.RequestOptions => ({
  host: '127.0.0.1',
  port: new URL(server.url).port,
  rejectUnauthorized: false,
  agent: false,
})
type Answered = Record<string, string> & { ':status': number }

async function request(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  body?: string,
): Promise<[Answered, string]> {
  const stream = session.request(headers)
  stream.setEncoding('utf8')
  stream.end(body)
  const [answered] = (await once(stream, 'response')) as [Answered]
  let text = ''
  for await (const chunk of stream) text += String(chunk)
  return [answered, text]
}
async function hear(
  session: ClientHttp2Session,
  path: string,
): Promise<Hearing & { stream: ClientHttp2Stream; answered: Answered }> {
  const stream = session.request({ ':path': path, accept: 'text/event-stream' })
  const [answered] = (await once(stream, 'response')) as [Answered]
  const hearing = new Hearing()
  stream.on('data', (bytes: Buffer) => hearing.take(bytes))
  stream.on('error', () => {})
  stream.on('close', () => hearing.over())
  return Object.assign(hearing, { stream, answered })
}
const post = (room: string): OutgoingHttpHeaders => ({
  ':method': 'POST',
  ':path': `/r/${room}`,
  'content-type': 'text/plain',
})

describe('HTTP/2 and HTTP/1.1 on one port', () => {
  it('say and hear each other', async () => {
    const session = connect(server)
    const heard = await hear(session, '/r/both')
    expect(heard.answered).toMatchObject({
      ':status': 200,
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
    })
    const old = https.get({
      ...onPort(),
      path: '/r/both',
      headers: { accept: 'text/event-stream' },
    })
    const [res] = (await once(old, 'response')) as [IncomingMessage]
    expect([res.statusCode, res.httpVersion]).toEqual([200, '1.1'])
    const heardToo = new Hearing()
    res.on('data', (bytes: Buffer) => heardToo.take(bytes))
    res.on('error', () => {})
    await heardToo.first('hello')

    const [answered, text] = await request(session, post('both'), 'by two')
    expect([answered[':status'], (JSON.parse(text) as { text: string }).text]).toEqual([
      201,
      'by two',
    ])
    const posting = https.request({ ...onPort(), path: '/r/both', method: 'POST' })
    posting.end('by one')
    const [posted] = (await once(posting, 'response')) as [IncomingMessage]
    expect(posted.statusCode).toBe(201)
    expect(await heard.texts(2)).toEqual(['by two', 'by one'])
    expect(await heardToo.texts(2)).toEqual(['by two', 'by one'])
    old.destroy()
    session.destroy()
  })

  it('refuses on HTTP/2 as on HTTP/1.1, without a header that HTTP/2 does not know', async () => {
    const session = connect(server)
    const cases: [OutgoingHttpHeaders, string | undefined, number][] = [
      [post('refuse'), 'x'.repeat(70_000), 413],
      [{ ...post('refuse'), 'content-length': '99999999' }, undefined, 413],
      [{ ...post('refuse'), 'content-type': 'a/b' }, 'x', 415],
      [{ ':path': '/r/%ff' }, undefined, 404],
      [{ ':path': '/healthz', ':authority': 'evil.example' }, undefined, 421],
      [{ ':path': '/healthz', ':authority': 'evil.example', host: 'localhost' }, undefined, 421],
    ]
    for (const [headers, body, status] of cases) {
      const stream = session.request(headers)
      stream.on('error', () => {})
      // Where a length is announced it is not kept to.
      if (!('content-length' in headers)) stream.end(body)
      const [answered] = (await once(stream, 'response')) as [Answered]
      expect([headers, answered[':status']]).toEqual([headers, status])
      stream.close()
    }
    expect(warnings).toEqual([])
    session.destroy()
  })

  it('a page of the server’s own origin may speak where an allow-list names others', async () => {
    const session = connect(server)
    const own = `https://127.0.0.1:${new URL(server.url).port}`
    const status = async (origin: string): Promise<number> =>
      (await request(session, { ...post('origins'), origin }, 'x'))[0][':status']
    expect([await status(own), await status('https://ours.example')]).toEqual([201, 201])
    expect(await status('https://evil.example')).toBe(403)
    session.destroy()
  })
})

describe('HTTP/2 streams', () => {
  it('are 250 on a connection at most: the next one waits', async () => {
    const session = connect(server)
    const [settings] = (await once(session, 'remoteSettings')) as [http2.Settings]
    expect(settings.maxConcurrentStreams).toBe(250)
    const heard = await Promise.all(Array.from({ length: 250 }, () => hear(session, '/r/many')))
    let isOpen = false
    const waiting = session.request({ ':path': '/r/many', accept: 'text/event-stream' })
    waiting.on('response', () => (isOpen = true))
    waiting.on('error', () => {})
    await Promise.all(heard.map((one) => one.first('hello')))
    const other = connect(server)
    await request(other, post('many'), 'x')
    await Promise.all(heard.map((one) => one.texts(1)))
    await new Promise((resolve) => session.ping(resolve))
    expect(isOpen).toBe(false)
    session.destroy()
    other.destroy()
  })

  it('rapid reset: the connection is told to go, the others do not notice', async () => {
    const session = connect(server)
    const other = connect(server)
    let gone = false
    session.on('goaway', () => (gone = true))
    session.on('close', () => (gone = true))
    await once(session, 'remoteSettings')
    let sent = 0
    while (!gone && sent < 20_000) {
      for (let i = 0; i < 100 && !session.destroyed; i++, sent++) {
        const stream = session.request({ ':path': '/r/reset', accept: 'text/event-stream' })
        stream.on('error', () => {})
        stream.close(http2.constants.NGHTTP2_CANCEL)
      }
      const [{ ':status': status }] = await request(other, { ':path': '/healthz' })
      expect(status).toBe(200)
    }
    expect(gone).toBe(true)
    session.destroy()
    other.destroy()
  })
})

describe('shutdown', () => {
  it('ends HTTP/2 streams and connections too, with exit code 0', async () => {
    const child = await started([...flags, '--memory', '--port', '0'])
    const session = connect(child)
    const heard = await hear(session, '/r/end')
    await heard.first('hello')
    const idle = connect(child)
    await request(idle, { ':path': '/healthz' })
    expect(await child.stop()).toBe(0)
    await heard.whole()
    expect(heard.retries).toHaveLength(2)
    expect(child.err()).toBe('')
    session.destroy()
    idle.destroy()
  })
})
