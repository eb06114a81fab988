import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { limits as sizes } from '@hearsay/protocol'
import { preferred } from './accept.ts'
import { asyncApi } from './asyncapi.ts'
import { writtenIn } from './body.ts'
import type { CallName } from './call.ts'
import { calls } from './calls.ts'
import { nodeServer, refuseClient } from './node-server.ts'
import { openApi, type Registered } from './openapi.ts'
import { readPage, servePages, type Page } from './pages.ts'
import type { Parts } from './parts.ts'
import { refusalOf, refused, sentenceOf } from './problem.ts'
import { parameter } from './query.ts'
import { Refusal } from './refusal.ts'
import { lowerCased } from './room-name.ts'
import { getLog, postUndo } from './routes/acts.ts'
import { deleteMessage, patchMessage, react } from './routes/change.ts'
import { getFilter, putFilter } from './routes/filter.ts'
import { approveHeld, dropHeld, getHeld } from './routes/held.ts'
import { getFile, patchFile, postFile } from './routes/files.ts'
import { getEvents, getSse, getStream } from './routes/hear.ts'
import {
  deletePenalty,
  deleteReport,
  getPenalties,
  getReports,
  postKick,
  postPenalty,
  postReport,
} from './routes/moderation.ts'
import { getHealth, getReady, metrics } from './routes/operation.ts'
import { postRemoval } from './routes/removals.ts'
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
import { getPeople, setAway, setName, setTyping } from './routes/signals.ts'
import { getTranscript } from './routes/transcript.ts'
import type { Json } from './schemas.ts'
import { crossOrigin, hasTwoHosts, hostCheck, authorityOf, speakCheck } from './trust.ts'

type Route = (
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
) => FastifyReply | Promise<FastifyReply | void>

const corsHeaders = {
  'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
  'access-control-allow-headers':
    'Authorization, Content-Type, Idempotency-Key, Last-Event-ID, Proof-Of-Work',
  'access-control-max-age': '86400',
}

/** What changes nothing, and may be asked for by anybody's page. */
const safe: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Characters of one part of a path, at most. */
const PARAMETER = 256

/** The HTTP server over its parts: it does not listen yet. */
export function httpServer(parts: Parts): FastifyInstance {
  const { config } = parts
  const app = Fastify({
    serverFactory: (answer) => nodeServer(config, answer),
    // Fastify's own would write into whatever is on its way, and cut before it could be read.
    clientErrorHandler: refuseClient,
    http2: false,
    bodyLimit: sizes.body,
    exposeHeadRoutes: false,
    return503OnClosing: false,
    // The room's own rule judges names; this is only what the router would have to hold.
    routerOptions: { maxParamLength: PARAMETER },
    // A path that can't be decoded, or is too long: the hooks have not seen it.
    frameworkErrors(_error, request, reply) {
      try {
        letIn(request, reply)
        sendRefusal(
          new Refusal(isBadRoom(request.raw.url!) ? 'bad-room' : 'bad-request'),
          request,
          reply,
        )
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
    if (hasTwoHosts(raw)) {
      // Who is in front may have gone by the other one: nothing more is taken from this connection.
      reply.header('connection', 'close')
      throw new Refusal('bad-request', 'A request has one Host header.')
    }
    checkHost(authorityOf(raw.headers))
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
  app.setNotFoundHandler(notFound)

  const known: Registered[] = []
  const at = pathsOf(app, parts, known)
  const page = readPage(config)
  const getRoom: Route = (_, request, reply) => {
    const vary = reply.getHeader('vary')
    reply.header('vary', vary === undefined ? 'Accept' : `${String(vary)}, Accept`)
    const kind = preferred(request.raw.headers.accept)
    if (kind === 'text/html') return page(request, reply)
    if (kind === 'application/json') return getFacts(parts, request, reply)
    return getStream(parts, request, reply, kind)
  }
  at('/', { GET: ['landing', landOn(page)] })
  at('/r/:room', { GET: ['hear', getRoom], POST: ['say', sayOn(page)] })
  at('/r/:room/messages', { GET: ['history', getMessages] })
  at('/r/:room/messages/:id', {
    GET: ['message', getMessage],
    PATCH: ['edit', patchMessage],
    DELETE: ['remove', deleteMessage],
  })
  at('/r/:room/messages/:id/reactions/:emoji', {
    PUT: ['react', react(true)],
    DELETE: ['unreact', react(false)],
  })
  at('/r/:room/files', { POST: ['sendFile', postFile] })
  at('/r/:room/files/:file', { GET: ['file', getFile], PATCH: ['sendPiece', patchFile] })
  at('/r/:room/transcript', { GET: ['transcript', getTranscript] })
  at('/r/:room/typing', { POST: ['type', setTyping(true)], DELETE: ['untype', setTyping(false)] })
  at('/r/:room/name', { PUT: ['takeName', setName(true)], DELETE: ['dropName', setName(false)] })
  at('/r/:room/away', { PUT: ['goAway', setAway(true)], DELETE: ['comeBack', setAway(false)] })
  at('/r/:room/people', { GET: ['people', getPeople] })
  at('/r/:room/settings', {
    GET: ['settings', getSettings],
    PATCH: ['changeSettings', patchSettings],
  })
  at('/r/:room/links', { GET: ['links', getLinks], POST: ['makeLink', postLink] })
  at('/r/:room/links/:id', { DELETE: ['removeLink', deleteLink] })
  at('/r/:room/links/:id/rotate', { POST: ['rotateLink', rotateLink] })
  at('/r/:room/join', { POST: ['join', postJoin] })
  at('/r/:room/kicks', { POST: ['kick', postKick] })
  for (const kind of ['ban', 'mute'] as const) {
    at(`/r/:room/${kind}s`, {
      GET: [`${kind}s`, getPenalties(kind)],
      POST: [kind, postPenalty(kind)],
    })
    at(`/r/:room/${kind}s/:person`, { DELETE: [`un${kind}`, deletePenalty(kind)] })
  }
  at('/r/:room/reports', { GET: ['reports', getReports], POST: ['report', postReport] })
  at('/r/:room/reports/:id', { DELETE: ['closeReport', deleteReport] })
  at('/r/:room/held', { GET: ['held', getHeld] })
  at('/r/:room/held/:id', { POST: ['approve', approveHeld], DELETE: ['refuse', dropHeld] })
  at('/r/:room/filter', { GET: ['filter', getFilter], PUT: ['changeFilter', putFilter] })
  at('/r/:room/removals', { POST: ['removeMany', postRemoval] })
  at('/r/:room/undo', { POST: ['undo', postUndo] })
  at('/r/:room/log', { GET: ['acts', getLog] })
  at('/rooms', { GET: ['rooms', getRooms], POST: ['makeRoom', postRoom] })
  at('/events', { GET: ['hearRooms', getEvents] })
  at('/sse', { GET: ['hearText', getSse] })
  at('/chat', { GET: ['sayText', getChat] })
  at('/healthz', { GET: ['health', getHealth] })
  at('/readyz', { GET: ['ready', getReady] })
  at('/metrics', { GET: ['metrics', metricsOf(parts)] })
  at('/openapi.json', {
    GET: ['openapi', (_, _request, reply) => documented(reply, openApi(known))],
  })
  at('/asyncapi.json', { GET: ['asyncapi', (_, _request, reply) => documented(reply, asyncApi())] })
  servePages(app)
  return app
}

function metricsOf(parts: Parts): Route {
  const registry = metrics(parts)
  return async (_, _request, reply) =>
    reply.header('content-type', registry.contentType).send(await registry.metrics())
}

/** A call, and what answers it. */
type Answered = readonly [CallName, Route]

/**
 * Adds a path with all its calls, and notes them for the documents: others are refused by name, OPTIONS answers for
 * cross-origin pages. HEAD is GET without the body (RFC 9110, section 9.3.2), but for a GET that changes something.
 */
function pathsOf(
  app: FastifyInstance,
  parts: Parts,
  known: Registered[],
): (url: string, answered: Readonly<Record<string, Answered>>) => void {
  return (url, answered) => {
    const methods: string[] = []
    for (const [method, [name, route]] of Object.entries(answered)) {
      known.push({ url, method, name })
      const same = method === 'GET' && !calls[name].isUnsafe ? ['GET', 'HEAD'] : [method]
      methods.push(...same)
      app.route({
        method: same,
        url,
        bodyLimit: calls[name].most ?? sizes.body,
        handler: (request, reply) => inLowerCase(request, reply) ?? route(parts, request, reply),
      })
    }
    const allow = [...methods, 'OPTIONS'].join(', ')
    const others = app.supportedMethods.filter((m) => !methods.includes(m) && m !== 'OPTIONS')
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

/** Is it the room's name that makes no path of this? */
function isBadRoom(url: string): boolean {
  const name = /^\/r\/([^/?]*)/.exec(url)?.[1]
  try {
    return name !== undefined && decodeURIComponent(name).length > PARAMETER
  } catch {
    return true
  }
}

const documented = (reply: FastifyReply, document: Json): FastifyReply =>
  reply
    .header('content-type', 'application/json; charset=utf-8')
    .header('cache-control', 'no-cache')
    .send(JSON.stringify(document))

function sendRefusal(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { accept, 'user-agent': userAgent } = request.raw.headers
  const refusal = refusalOf(error)
  const { status, headers, body } = refused(refusal, accept, userAgent)
  // Fastify closes where a body was not read to its end. HTTP/2 knows no such header, and Node would warn of it.
  if (request.raw.httpVersionMajor > 1) reply.removeHeader('connection')
  return reply.code(status).headers(headers).send(body)
}

/** The page at the root; where that was without JavaScript, a room that was asked for by its name. */
function landOn(page: Page): Route {
  return (_, request, reply) => {
    const room = parameter(request, 'room')?.trim()
    if (room === undefined) return page(request, reply)
    const location = `/r/${encodeURIComponent(room)}`
    return reply.code(303).header('location', location).send()
  }
}

/** Says something; what the form of a page without JavaScript sent and can't be said comes back in it. */
function sayOn(page: Page): Route {
  return async (parts, request, reply) => {
    try {
      return await postMessage(parts, request, reply)
    } catch (error) {
      if (!isPlainForm(request)) throw error
      const refusal = refusalOf(error)
      const { status, headers } = refused(refusal)
      const text = writtenIn(request.body as Uint8Array)
      // It has the page's headers, by which a browser keeps it for who goes back to it.
      void reply.code(status).headers(headers)
      return page(request, reply, { sentence: sentenceOf(refusal), text })
    }
  }
}

/** The form of a room's page where JavaScript is off. */
function isPlainForm({ raw: { headers }, body }: FastifyRequest): boolean {
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded')
  return isForm === true && body !== undefined && preferred(headers.accept) === 'text/html'
}

/** What is nowhere; but a room's address with a slash after it, as people write it, leads to the room. */
function notFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const [, room, query = ''] = /^(\/r\/[^/?]+)\/(\?.*)?$/.exec(request.raw.url!) ?? []
  if (room === undefined) return sendRefusal(new Refusal('not-found'), request, reply)
  return reply
    .code(308)
    .header('location', room + query)
    .send()
}

/** A room whose name was written in upper case is shown where it is, and posts go there too. */
function inLowerCase(request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined {
  const { room } = request.params as { room?: string }
  const lower = room === undefined ? null : lowerCased(room)
  if (lower === null) return undefined
  const location = request.raw.url!.replace(/^\/r\/[^/?]*/, `/r/${lower}`)
  return reply.code(308).header('location', location).send()
}
