/**
 * The engine on `node:http` and `node:http2`: whatever passes `(req, res)` of theirs is served, Express, Fastify
 * (`reply.raw`) and Koa (`ctx.res`) among them.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import { Socket } from 'node:net'
import type { Segment } from './encode.ts'
import { eventStream } from './form.ts'
import { hubOf, type JoinOptions } from './hub.ts'
import type { Listener, Sink } from './listener.ts'
import { hearOnSocket, queued } from './node-socket.ts'
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
 * `close` or `finish` by the end of this turn: to hear of the end use `onEnd`.
 *
 * @returns the listener; undefined where there is nothing to open: a HEAD request, a `busy` answer, or a client that has
 *   gone
 * @throws TypeError where there is no topic, or topics of two hubs; and what `writeHead` throws
 */
export function hear(
  topic: Topic | readonly Topic[],
  req: Request,
  res: Response,
  options: HearOptions = {},
): Listener | undefined {
  const topics: readonly Topic[] = Array.isArray(topic) ? topic : [topic as Topic]
  const hub = hubOf(topics)
  if (res.destroyed || res.writableEnded || req.socket?.destroyed) return undefined
  const form = options.form ?? eventStream
  const headers = headersOf(options)
  const { busy } = hub
  if (req.method === 'HEAD' || busy) {
    answer(res, headers, busy ? hub.busySegment(form, busy) : undefined)
    return undefined
  }
  const lastEventId = req.headers['last-event-id'] as string | undefined
  const join = askedFor(req.url ?? '', lastEventId, options)
  if ('stream' in res) return hearOnHttp2(topics, res, headers, join)
  // What has an end leaves its connection to the next request.
  return res.socket instanceof Socket && join.follow !== false
    ? hearOnSocket(topics, req as IncomingMessage, res, res.socket, headers, join)
    : hearOnResponse(topics, req as IncomingMessage, res, headers, join)
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
  answer(res, headersOf(options), topic.hub.busySegment(form, reason))
}

function headersOf(options: HearOptions): Record<string, string> {
  return { ...streamHeaders(options.form ?? eventStream), ...options.headers }
}

function answer(res: Response, headers: Record<string, string>, segment?: Segment): void {
  // Both kinds of response do this alike; their types have nothing in common that could be called.
  const response = res as ServerResponse
  response.writeHead(200, headers)
  response.end(segment?.bare)
}

function hearOnHttp2(
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
    // With an error code: without one it would wait until all was sent.
    cut: () => stream.close(CANCEL),
  }
  stream.on('error', ignore)
  const listener = topics[0]!.hub.join(topics, sink, join)
  stream.on('drain', () => listener.drained())
  stream.on('close', () => listener.left())
  if (stream.destroyed) listener.left()
  return listener
}

/** RFC 9113, section 7. */
const CANCEL = 0x8

/**
 * A response that does not get the socket for itself: it does not follow, waits behind another on the same connection
 * (pipelining, RFC 9112, section 9.3.2), or was made by a test's injection of requests.
 */
function hearOnResponse(
  topics: readonly Topic[],
  req: IncomingMessage,
  res: ServerResponse,
  headers: Record<string, string>,
  join: JoinOptions,
): Listener {
  res.writeHead(200, headers)
  const sink: Sink = {
    write: ({ bare }) => res.write(bare),
    waiting: () => res.writableLength + (res.socket ? queued(res.socket) : 0),
    end: () => void res.end(),
    cut: () => void res.destroy(),
  }
  res.on('error', ignore)
  const listener = topics[0]!.hub.join(topics, sink, join)
  res.on('drain', () => listener.drained())
  const left = (): void => listener.left()
  // While it waits its turn nobody tells the response that the connection is gone.
  req.socket.on('close', left)
  res.on('close', () => {
    // The connection goes on without it.
    req.socket.removeListener('close', left)
    left()
  })
  return listener
}

function ignore(): void {}
