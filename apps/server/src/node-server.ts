import { readFileSync } from 'node:fs'
import http from 'node:http'
import http2, { type ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import { createSecureContext } from 'node:tls'
import { ConfigError, type Config } from './config.ts'
import { refused } from './problem.ts'
import { Refusal } from './refusal.ts'

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

type Answer = (req: http.IncomingMessage, res: http.ServerResponse) => void

/**
 * The sockets under the server: what they bear of slow and broken clients is decided here.
 * @throws ConfigError where the certificate or its key can't be used
 */
export function nodeServer(config: Config, answer: Answer): http.Server {
  if (!config.tls) return http.createServer({ ...bounds }, answer)
  const server = http2.createSecureServer(
    {
      ...bounds,
      ...readTls(config.tls),
      allowHTTP1: true,
      settings: { maxConcurrentStreams: bounds.maxConcurrentStreams },
    },
    answer as never,
  )
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
export function refuseClient(error: NodeJS.ErrnoException, socket: Socket): void {
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
