import http from 'node:http'
import http2, { type ServerHttp2Stream } from 'node:http2'
import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { createSecureContext } from 'node:tls'
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
import {
  deletePenalty,
  deleteReport,
  getLog,
  getPenalties,
  getReports,
  postPenalty,
  postReport,
} from './routes/moderation.ts'
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
import { crossOrigin, hostCheck, hostOf, speakCheck } from './trust.ts'

type Route = (
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
) => FastifyReply | Promise<FastifyReply | void>

/** What slow and hostile senders get: milliseconds, counts and bytes. */
const bounds = {
  headersTimeout: 10_000,
  /** Head and body together: the largest body at 6 KB a second. */
  requestTimeout: 12_000,
  connectionsCheckingInterval: 2_000,
  /** Longer than a proxy in front keeps its own (nginx: 60 s), or it would write into a closed connection. */
  keepAliveTimeout: 72_000,
  maxHeaderSize: 16 * 1024,
  handshakeTimeout: 10_000,
  /** Streams of one HTTP/2 connection; node's own default is no limit. */
  maxConcurrentStreams: 250,
} as const

/** Milliseconds in which who was refused may read why, before his connection is cut. */
const LINGER = 1000

const corsHeaders = {
  'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
  'access-control-allow-headers': 'Authorization, Content-Type, Idempotency-Key, Last-Event-ID',
  'access-control-max-age': '86400',
}

/** What changes nothing, and may be asked for by anybody's page. */
const safe: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

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
    routerOptions: { maxParamLength: 256 },
    // A path that can't be decoded, or is too long: the hooks have not seen it.
    frameworkErrors(_error, request, reply) {
      try {
        letIn(request, reply)
        const isRoom = request.raw.url!.startsWith('/r/')
        sendRefusal(new Refusal(isRoom ? 'bad-room' : 'bad-request'), request, reply)
      } catch (error) {
        sendRefusal(error, request, reply)
      }
    },
  })

  // One way for all bodies: bytes, which the routes read strictly.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))

  const checkHost = hostCheck(config)
  const corsFor = crossOrigin(config)
  const checkSpeaker = speakCheck(config)
  const letIn = ({ raw }: FastifyRequest, reply: FastifyReply): void => {
    reply.headers(corsFor(raw.headers.origin))
    reply.header('x-content-type-options', 'nosniff')
    reply.header('referrer-policy', 'no-referrer')
    checkHost(hostOf(raw.headers))
  }
  app.addHook('onRequest', (request, reply, done) => {
    try {
      letIn(request, reply)
      if (!safe.has(request.method) || request.routeOptions.url === '/chat')
        checkSpeaker(request.raw.headers)
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
        handler: (request, reply) => inLowerCase(request, reply) ?? route(parts, request, reply),
      })
    const allow = [...Object.keys(methods), 'OPTIONS'].join(', ')
    const others = app.supportedMethods.filter((m) => !(m in methods) && m !== 'OPTIONS')
    app.route({
      method: others as HTTPMethods[],
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
    const vary = reply.getHeader('vary')
    reply.header('vary', vary === undefined ? 'Accept' : `${String(vary)}, Accept`)
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

  /** HEAD is GET without the body (RFC 9110, section 9.3.2). */
  const read = (route: Route): Record<'GET' | 'HEAD', Route> => ({ GET: route, HEAD: route })

  at(
    '/',
    read((_, request, reply) => page(request, reply)),
  )
  at('/r/:room', { ...read(getRoom), POST: counted(postMessage) })
  at('/r/:room/messages', read(getMessages))
  at('/r/:room/messages/:id', { ...read(getMessage), PATCH: patchMessage, DELETE: deleteMessage })
  at('/r/:room/messages/:id/reactions/:emoji', { PUT: react(true), DELETE: react(false) })
  at('/r/:room/typing', { POST: postTyping })
  at('/r/:room/people', read(getPeople))
  at('/r/:room/settings', { ...read(getSettings), PATCH: patchSettings })
  at('/r/:room/links', { ...read(getLinks), POST: postLink })
  at('/r/:room/links/:id', { DELETE: deleteLink })
  at('/r/:room/links/:id/rotate', { POST: rotateLink })
  at('/r/:room/join', { POST: postJoin })
  for (const kind of ['ban', 'mute'] as const) {
    at(`/r/:room/${kind}s`, { GET: getPenalties(kind), POST: postPenalty(kind) })
    at(`/r/:room/${kind}s/:person`, { DELETE: deletePenalty(kind) })
  }
  at('/r/:room/reports', { GET: getReports, POST: postReport })
  at('/r/:room/reports/:id', { DELETE: deleteReport })
  at('/r/:room/log', { GET: getLog })
  at('/rooms', { ...read(getRooms), POST: postRoom })
  at('/events', read(getEvents))
  at('/sse', read(getSse))
  at('/chat', { GET: counted(getChat) })
  at('/healthz', read(getHealth))
  at('/readyz', read(getReady))
  const getMetrics: Route = async (_, _request, reply) =>
    reply.header('content-type', registry.contentType).send(await registry.metrics())
  at('/metrics', read(getMetrics))
  servePages(app)
  return app
}

function sendRefusal(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { accept, 'user-agent': userAgent } = request.raw.headers
  const refusal = refusalOf(error)
  const { status, headers, body } = refused(refusal, accept, userAgent)
  // Fastify closes where a body was not read to its end. HTTP/2 knows no such header, and Node would warn of it.
  if (request.raw.httpVersionMajor > 1) reply.removeHeader('connection')
  return reply.code(status).headers(headers).send(body)
}

/** A room whose name was written in upper case is shown where it is, and posts go there too. */
function inLowerCase(request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined {
  const { room } = request.params as { room?: string }
  const lower = room === undefined ? null : lowerCased(room)
  if (lower === null) return undefined
  const location = request.raw.url!.replace(/^\/r\/[^/?]*/, `/r/${lower}`)
  return reply.code(308).header('location', location).send()
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
  server.on('session', (session) =>
    session.setTimeout(bounds.keepAliveTimeout, () => session.close()),
  )
  server.on('stream', cutWhenSlow)
  // What HTTP/1.1 clients of this port are held to.
  return Object.assign(server, {
    headersTimeout: bounds.headersTimeout,
    requestTimeout: bounds.requestTimeout,
    keepAliveTimeout: bounds.keepAliveTimeout,
  }) as unknown as http.Server
}

/** HTTP/2 has no bound of its own on how long a body takes. */
function cutWhenSlow(stream: ServerHttp2Stream): void {
  if (stream.endAfterHeaders) return
  const cut = setTimeout(() => stream.close(http2.constants.NGHTTP2_CANCEL), bounds.requestTimeout)
  const done = (): void => clearTimeout(cut)
  stream.on('end', done)
  stream.on('close', done)
}

function readTls({ cert, key }: { cert: string; key: string }): { cert: Buffer; key: Buffer } {
  const read = (file: string): Buffer => {
    try {
      return readFileSync(file)
    } catch (error) {
      throw new ConfigError(`${file} can not be read: ${(error as NodeJS.ErrnoException).code}.`)
    }
  }
  const pair = { cert: read(cert), key: read(key) }
  try {
    createSecureContext(pair)
  } catch (error) {
    throw new ConfigError(
      `--tls-cert and --tls-key can not be used: ${(error as Error).message.split('\n')[0]}.`,
    )
  }
  return pair
}

/** Connections that were told what is wrong with them. */
const refusedAlready = new WeakSet<Socket>()

/** What is not HTTP, or too much of it: answered once, then the connection ends. */
function refuseClient(error: NodeJS.ErrnoException, socket: Socket): void {
  // What else comes in on it fails again. Cutting it now would take back what it was told.
  if (refusedAlready.has(socket)) return
  const { _httpMessage: answering } = socket as { _httpMessage?: http.ServerResponse | null }
  // In the middle of an answer a second one would be read as part of it.
  if (error.code === 'ECONNRESET' || !socket.writable || answering?.headersSent) {
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
  refusedAlready.add(socket)
  setTimeout(() => socket.destroy(), LINGER).unref()
  socket.end(
    `HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\n${head.map(([k, v]) => `${k}: ${v}\r\n`).join('')}\r\n${body}`,
  )
}
