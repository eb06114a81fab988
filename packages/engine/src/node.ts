/**
 * The engine on `node:http` and `node:http2`: whatever passes `(req, res)` of theirs is served, Express, Fastify
 * (`reply.raw`) and Koa (`ctx.res`) among them.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import type { Socket } from 'node:net'
import type { Segment } from './encode.ts'
import { eventStream } from './form.ts'
import type { JoinOptions } from './hub.ts'
import type { Listener, Sink } from './listener.ts'
import { askedFor, streamHeaders } from './request.ts'
import type { Topic } from './topic.ts'

export interface HearOptions extends JoinOptions {
  /** Further headers of the answer. */
  readonly headers?: Readonly<Record<string, string>>
}

type Request = IncomingMessage | Http2ServerRequest
type Response = ServerResponse | Http2ServerResponse

/**
 * Answers a request with the stream of a topic, or of several with one cursor.
 *
 * The cursor comes from the request, as EventSource sends it: the header `Last-Event-ID`, or else the query `after`; the
 * query `last` asks for the newest events first. Compression that a framework puts around the response can't hold the
 * stream back: it is marked `no-transform`, and its bytes go to the socket itself.
 *
 * On HTTP/1.1 the request and the response are let go of once the stream stands, unless something listens to their
 * `close` or `finish`: to hear of the end use `onEnd`.
 *
 * @returns the listener; undefined where there was nothing to open: a HEAD request, or a `busy` answer
 */
export function hear(
  topic: Topic | readonly Topic[],
  req: Request,
  res: Response,
  options: HearOptions = {},
): Listener | undefined {
  const topics: readonly Topic[] = Array.isArray(topic) ? topic : [topic as Topic]
  const { hub } = topics[0]!
  const form = options.form ?? eventStream
  const headers = { ...streamHeaders(form), ...options.headers }
  const busy = hub.busy
  if (req.method === 'HEAD') {
    answer(res, headers)
    return undefined
  }
  if (busy) {
    answer(res, headers, hub.busySegment(form, busy))
    return undefined
  }
  const asked = askedFor(req.url ?? '', req.headers['last-event-id'] as string | undefined)
  const join = { ...asked, ...options, form }
  return 'stream' in res
    ? hearHttp2(topics, res, headers, join)
    : hearHttp1(topics, req, res, headers, join)
}

/**
 * Answers `busy`: 200, when to come back, and the end. For overload and limits of the program's own; a status that is not
 * 200 would end an EventSource for good.
 */
export function hearLater(
  topic: Topic,
  reason: string,
  res: Response,
  options: HearOptions = {},
): void {
  const form = options.form ?? eventStream
  answer(res, { ...streamHeaders(form), ...options.headers }, topic.hub.busySegment(form, reason))
}

function answer(res: Response, headers: Record<string, string>, segment?: Segment): void {
  // Both kinds of response do this alike; their types have nothing in common that could be called.
  const response = res as ServerResponse
  response.writeHead(200, headers)
  response.end(segment?.bare)
}

function hearHttp2(
  topics: readonly Topic[],
  res: Http2ServerResponse,
  headers: Record<string, string>,
  join: JoinOptions,
): Listener {
  res.writeHead(200, headers)
  const { stream } = res
  const sink: Sink = {
    write: ({ bare }) => stream.write(bare),
    waiting: () => stream.writableLength,
    end: () => void stream.end(),
    cut: () => stream.close(),
  }
  stream.on('error', ignore)
  const listener = topics[0]!.hub.join(topics, sink, join)
  stream.on('drain', () => listener.drained())
  stream.on('close', () => listener.left())
  if (stream.destroyed) listener.left()
  return listener
}

function hearHttp1(
  topics: readonly Topic[],
  req: Request,
  res: ServerResponse,
  headers: Record<string, string>,
  join: JoinOptions,
): Listener {
  const socket = res.socket!
  // The head and the first events leave in one write.
  socket.cork()
  res.writeHead(200, headers)
  res.flushHeaders()
  // HTTP/1.0, or a client that takes no chunks: the body ends with the connection.
  const sink = new SocketSink(socket, res.chunkedEncoding)
  const listener = topics[0]!.hub.join(topics, sink, join)
  socket.uncork()
  if (socket.destroyed) {
    listener.left()
    return listener
  }
  held.set(socket, listener)
  socket.on('drain', onDrain)
  socket.on('error', ignore)
  // After the program's own code of this turn, and outside the parser, which is still on the stack.
  setImmediate(letGo, req as IncomingMessage, res, socket, sink)
  return listener
}

/**
 * Segments straight to the socket: one shared Buffer and one send for each. `res.write` would frame each again for each
 * listener, and hold a queue of its own.
 */
class SocketSink implements Sink {
  readonly #socket: Socket
  readonly #chunked: boolean
  /** The response, where it was not let go of. */
  res: ServerResponse | undefined

  constructor(socket: Socket, chunked: boolean) {
    this.#socket = socket
    this.#chunked = chunked
  }

  write(segment: Segment): boolean {
    return this.#socket.write(this.#chunked ? segment.chunked : segment.bare)
  }

  waiting(): number {
    return this.#socket.writableLength
  }

  end(): void {
    if (this.#socket.destroyed) return
    if (this.#chunked) this.#socket.write(LAST_CHUNK)
    this.#socket.end()
  }

  cut(): void {
    this.#socket.destroy()
  }
}

const LAST_CHUNK = '0\r\n\r\n'

const held = new WeakMap<Socket, Listener>()

function ignore(): void {}

function onDrain(this: Socket): void {
  held.get(this)?.drained()
}

function onClose(this: Socket): void {
  held.get(this)?.left()
}

/** The client has sent its end: it may still read (RFC 9112, section 9.6), but no stream of ours is worth that. */
function onEnd(this: Socket): void {
  this.end()
}

/**
 * Lets a request, its response and its parser go, so that an open stream costs a socket and a listener: a third of the
 * memory. Node does this by itself for an upgrade only. What is used here is its own clean-up: `finish` ends the response
 * for the server's books, and the server's `close` listener of the socket frees the parser. Where a future Node has no
 * such listener, or where someone still listens to the request or response, they are kept.
 */
function letGo(req: IncomingMessage, res: ServerResponse, socket: Socket, sink: SocketSink): void {
  if (socket.destroyed) {
    held.get(socket)?.left()
    return
  }
  socket.on('close', onClose)
  const freeParser = socket.listeners('close').find(({ name }) => name === 'bound socketOnClose')
  if (!freeParser || !res.chunkedEncoding || res.shouldKeepAlive === false || isWatched(req, res)) {
    sink.res = res
    return
  }
  res.emit('finish')
  socket.setTimeout(0)
  freeParser.call(socket)
  for (const event of ['close', 'data', 'drain', 'end', 'error', 'pause', 'resume', 'timeout'])
    for (const listener of socket.listeners(event) as ((...args: unknown[]) => void)[])
      if (SERVERS_OWN.has(listener.name)) socket.removeListener(event, listener)
  // The server's own `on` on the socket, which would give it back to the parser.
  for (const method of ['on', 'addListener', 'prependListener', 'setEncoding'] as const)
    if (Object.hasOwn(socket, method)) delete (socket as Partial<Socket>)[method]
  // What else the client sends is read and dropped: unread, it would hide the end of the connection.
  socket.on('data', ignore)
  socket.on('end', onEnd)
  socket.resume()
}

/** The listeners that `node:http` puts on a socket, by the names of their functions. */
const SERVERS_OWN: ReadonlySet<string> = new Set([
  'bound socketOnClose',
  'bound socketOnData',
  'bound socketOnDrain',
  'bound socketOnEnd',
  'onServerResponseClose',
  'onSocketPause',
  'onSocketResume',
  'socketOnError',
  'socketOnTimeout',
])

/** Does the program listen for the end of this request or response? The server itself listens to `finish` once. */
function isWatched(req: IncomingMessage, res: ServerResponse): boolean {
  return (
    req.listenerCount('close') > 0 ||
    req.listenerCount('aborted') > 0 ||
    res.listenerCount('close') > 0 ||
    res.listenerCount('finish') > 1
  )
}
