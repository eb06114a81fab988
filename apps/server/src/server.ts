import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { limits as sizes } from '@hearsay/protocol'
import { preferred } from './accept.ts'
import { nodeServer } from './node-server.ts'
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
import { getTranscript } from './routes/transcript.ts'
import { crossOrigin, hostCheck, hostOf, speakCheck } from './trust.ts'

type Route = (
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
) => FastifyReply | Promise<FastifyReply | void>

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

  const at = pathsOf(app, parts)
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
  at('/r/:room/transcript', read(getTranscript))
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

/** Adds a path with all its methods: others are refused by name, OPTIONS answers for cross-origin pages. */
function pathsOf(
  app: FastifyInstance,
  parts: Parts,
): (url: string, methods: Readonly<Record<string, Route>>) => void {
  return (url, methods) => {
    for (const [method, route] of Object.entries(methods))
      app.route({
        method: method,
        url,
        handler: (request, reply) => inLowerCase(request, reply) ?? route(parts, request, reply),
      })
    const allow = [...Object.keys(methods), 'OPTIONS'].join(', ')
    const others = app.supportedMethods.filter((m) => !(m in methods) && m !== 'OPTIONS')
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
