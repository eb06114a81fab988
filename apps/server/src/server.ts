import http from 'node:http'
import http2 from 'node:http2'
import type { Socket } from 'node:net'
import { readFileSync } from 'node:fs'
import Fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type HTTPMethods,
} from 'fastify'
import { limits as sizes } from '@hearsay/protocol'
import { preferred } from './accept.ts'
import { ConfigError, type Config } from './config.ts'
import { readPage, servePages } from './pages.ts'
import type { Parts } from './parts.ts'
import { refusalOf, refused } from './problem.ts'
import { Refusal } from './refusal.ts'
import { lowerCased } from './room-name.ts'
import { deleteMessage, patchMessage, react } from './routes/change.ts'
import { getEvents, getSse, getStream } from './routes/hear.ts'
import { getHealth, getReady, metrics } from './routes/operation.ts'
import { getFacts, getMessage, getMessages } from './routes/read.ts'
import {
  deleteLink,
  getLinks,
  getRooms,
  getSettings,
  patchSettings,
  postJoin,
  postLink,
  postRoom,
  rotateLink,
} from './routes/rooms.ts'
import { getChat, postMessage } from './routes/say.ts'
import { getPeople, postTyping } from './routes/signals.ts'
import { crossOrigin, hostCheck, speakCheck } from './trust.ts'

type Route = (
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
) => FastifyReply | Promise<FastifyReply | void>

/** What slow and hostile senders get: milliseconds, counts and bytes. */
const bounds = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 2_000,
  /** Longer than a proxy in front keeps its own (nginx: 60 s), or it would write into a closed connection. */
  keepAliveTimeout: 72_000,
  maxHeaderSize: 16 * 1024,
  /** Streams of one HTTP/2 connection; node's own default is no limit. */
  maxConcurrentStreams: 250,
} as const

const corsHeaders = {
  'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
  'access-control-allow-headers': 'Authorization, Content-Type, Idempotency-Key, Last-Event-ID',
  'access-control-max-age': '86400',
}

/** The HTTP server over its parts: it does not listen yet. */
export function httpServer(parts: Parts): FastifyInstance {
  const { config } = parts
  const app = Fastify({
    serverFactory: (answer) => nodeServer(config, answer),
    http2: false,
    bodyLimit: sizes.body,
    exposeHeadRoutes: false,
    return503OnClosing: false,
    // The room's own rule judges names; this is only what the router would have to hold.
    routerOptions: {
      // The room's own rule judges names; this is only what the router would have to hold.
      maxParamLength: 256,
      onBadUrl: answerBadUrl,
      onMaxParamLength: answerBadUrl,
    },
    frameworkErrors: (error, request, reply) => void sendRefusal(error, request, reply),
  })

  // One way for all bodies: bytes, which the routes read strictly.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))

  const checkHost = hostCheck(config)
  const letIn = crossOrigin(config)
  const checkSpeaker = speakCheck(config)
  app.addHook('onRequest', (request, reply, done) => {
    const { headers, method } = request.raw
    reply.headers(letIn(headers.origin))
    reply.header('x-content-type-options', 'nosniff')
    reply.header('referrer-policy', 'no-referrer')
    try {
      checkHost(headers.host ?? (headers[':authority'] as string | undefined))
      if (method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS') checkSpeaker(headers)
      done()
    } catch (error) {
      done(error as Error)
    }
  })
  app.setErrorHandler((error, request, reply) => sendRefusal(error, request, reply))
  app.setNotFoundHandler((request, reply) => sendRefusal(new Refusal('not-found'), request, reply))

  /** A path with all its methods: others are refused by name, OPTIONS answers for cross-origin pages. */
  const at = (url: string, methods: Readonly<Record<string, Route>>): void => {
    for (const [method, route] of Object.entries(methods))
      app.route({
        method: method as HTTPMethods,
        url,
        handler: (request, reply) => route(parts, request, reply),
      })
    const allow = [...Object.keys(methods), 'OPTIONS'].join(', ')
    const others = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'].filter((m) => !(m in methods))
    app.route({
      method: others,
      url,
      handler: (request, reply) => {
        reply.header('allow', allow)
        return sendRefusal(new Refusal('bad-method'), request, reply)
      },
    })
    app.route({
      method: 'OPTIONS',
      url,
      handler: (_request, reply) =>
        reply
          .code(204)
          .headers({ ...corsHeaders, allow })
          .send(),
    })
  }

  const page = readPage()
  const getRoom: Route = (_, request, reply) => {
    const { room } = request.params as { room: string }
    const lower = lowerCased(room)
    if (lower !== null) {
      const query = request.raw.url!.indexOf('?')
      return reply
        .code(308)
        .header('location', `/r/${lower}${query < 0 ? '' : request.raw.url!.slice(query)}`)
        .send()
    }
    reply.header('vary', 'Accept')
    const kind = preferred(request.raw.headers.accept)
    if (kind === 'text/html') return page(request, reply)
    if (kind === 'application/json') return getFacts(parts, request, reply)
    return getStream(parts, request, reply, kind)
  }
  let said = 0
  const counted =
    (route: Route): Route =>
    async (...all) => {
      await route(...all)
      said++
      return all[2]
    }
  const registry = metrics(parts, () => said)

  at('/r/:room', { GET: getRoom, HEAD: getRoom, POST: counted(postMessage) })
  at('/r/:room/messages', { GET: getMessages })
  at('/r/:room/messages/:id', { GET: getMessage, PATCH: patchMessage, DELETE: deleteMessage })
  at('/r/:room/messages/:id/reactions/:emoji', { PUT: react(true), DELETE: react(false) })
  at('/r/:room/typing', { POST: postTyping })
  at('/r/:room/people', { GET: getPeople })
  at('/r/:room/settings', { GET: getSettings, PATCH: patchSettings })
  at('/r/:room/links', { GET: getLinks, POST: postLink })
  at('/r/:room/links/:id', { DELETE: deleteLink })
  at('/r/:room/links/:id/rotate', { POST: rotateLink })
  at('/r/:room/join', { POST: postJoin })
  at('/rooms', { GET: getRooms, POST: postRoom })
  at('/events', { GET: getEvents, HEAD: getEvents })
  at('/sse', { GET: getSse, HEAD: getSse })
  at('/chat', { GET: counted(getChat) })
  at('/healthz', { GET: getHealth })
  at('/readyz', { GET: getReady })
  at('/metrics', {
    GET: async (_, _request, reply) =>
      reply.header('content-type', registry.contentType).send(await registry.metrics()),
  })
  servePages(app, page)
  return app
}

function sendRefusal(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { accept, 'user-agent': userAgent } = request.raw.headers
  const refusal = refusalOf(error)
  const { status, headers, body } = refused(refusal, accept, userAgent)
  // What was not read of a body would be read as the next request.
  if (status === 413) reply.header('connection', 'close')
  return reply.code(status).headers(headers).send(body)
}

function answerBadUrl(path: string, req: unknown, res: unknown): void {
  const refusal = new Refusal(path.startsWith('/r/') ? 'bad-room' : 'bad-request')
  const { headers: asked } = req as http.IncomingMessage
  const { status, headers, body } = refused(refusal, asked.accept, asked['user-agent'])
  const response = res as http.ServerResponse
  response.writeHead(status, headers)
  response.end(body)
}

type Answer = (req: http.IncomingMessage, res: http.ServerResponse) => void

function nodeServer(config: Config, answer: Answer): http.Server {
  if (!config.tls) {
    const server = http.createServer({ ...bounds }, answer)
    server.on('clientError', refuseClient)
    return server
  }
  const server = http2.createSecureServer(
    {
      ...bounds,
      ...readTls(config.tls),
      allowHTTP1: true,
      settings: { maxConcurrentStreams: bounds.maxConcurrentStreams },
    },
    answer as never,
  )
  server.on('clientError', refuseClient)
  // What HTTP/1.1 clients of this port are held to.
  return Object.assign(server, {
    headersTimeout: bounds.headersTimeout,
    requestTimeout: bounds.requestTimeout,
    keepAliveTimeout: bounds.keepAliveTimeout,
  }) as unknown as http.Server
}

function readTls({ cert, key }: { cert: string; key: string }): { cert: Buffer; key: Buffer } {
  const read = (file: string): Buffer => {
    try {
      return readFileSync(file)
    } catch (error) {
      throw new ConfigError(`${file} can not be read: ${(error as NodeJS.ErrnoException).code}.`)
    }
  }
  return { cert: read(cert), key: read(key) }
}

/** What is not HTTP, or too much of it: answered once, then the connection ends. */
function refuseClient(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const code =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? 'header-too-large'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? 'too-slow'
        : 'bad-request'
  const { status, headers, body } = refused(new Refusal(code))
  const head = Object.entries({
    ...headers,
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  })
  socket.end(
    `HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\n${head.map(([k, v]) => `${k}: ${v}\r\n`).join('')}\r\n${body}`,
  )
}
