/** Streams on the sockets of HTTP/1: what costs one socket and one listener each, and one send for each write. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Segment } from './encode.ts'
import type { JoinOptions } from './hub.ts'
import type { Listener, Sink } from './listener.ts'
import type { Topic } from './topic.ts'

/** For adapters: answers a request of `node:http` whose response has the socket. */
export function hearOnSocket(
  topics: readonly Topic[],
  req: IncomingMessage,
  res: ServerResponse,
  socket: Socket,
  headers: Record<string, string>,
  join: JoinOptions,
): Listener {
  // The head and the first events leave in one write.
  socket.cork()
  try {
    // The stream is the last on its connection, which ends with it: who reuses connections is told (RFC 9112, section 9.6).
    res.shouldKeepAlive = false
    res.writeHead(200, headers)
    res.flushHeaders()
    // HTTP/1.0, or a client that takes no chunks: the body ends with the connection.
    const sink = new SocketSink(socket, res)
    const listener = topics[0]!.hub.join(topics, sink, join)
    if (listener.ended) return listener
    sink.isHeld = true
    held.set(socket, listener)
    socket.on('drain', onDrain)
    socket.on('error', ignore)
    // After the program's own code of this turn, and outside the parser, which is still on the stack.
    setImmediate(letGo, req, res, socket, sink)
    return listener
  } finally {
    socket.uncork()
  }
}

/**
 * Segments straight to the socket: one shared Buffer and one send for each. `res.write` would frame each again for each
 * listener, and hold a queue of its own.
 *
 * Once the socket is ours alone, a segment goes past the stream in front of the socket too, to the handle behind it, which
 * offers it to the system at once: a tenth less CPU for each. Only what the system does not take whole becomes a write that is
 * waited for.
 */
class SocketSink implements Sink {
  readonly #socket: Socket
  readonly #chunked: boolean
  /** The response, until it is let go of. */
  res: ServerResponse | undefined
  /** The socket is ours. */
  isHeld = false
  /** What is behind the socket, from when the socket is ours alone. */
  handle: Required<Handle> | undefined
  /** The system did not take all of the last segment yet. */
  isWaiting = false
  /**
   * Nothing waits, and neither side has ended: the next segment goes to the handle without a look at the socket, which in a
   * fan-out is out of the processor's cache.
   */
  isDirect = false

  constructor(socket: Socket, res: ServerResponse) {
    this.#socket = socket
    this.#chunked = res.chunkedEncoding
    this.res = res
  }

  write(segment: Segment): boolean {
    const bytes = this.#chunked ? segment.chunked : segment.bare
    return this.isDirect ? this.#offer(bytes) : this.#write(bytes)
  }

  #write(bytes: Uint8Array): boolean {
    const socket = this.#socket
    // Its end was answered with ours: the close that lets go of the listener is on its way.
    if (!socket.writable) return true
    const { handle } = this
    // What already waits goes first.
    if (!handle || this.isWaiting || socket.writableLength > 0) return socket.write(bytes)
    if (!HandleWrite)
      return HandleWrite === null ? socket.write(bytes) : learn(socket, handle, bytes)
    this.isDirect = true
    return this.#offer(bytes)
  }

  #offer(bytes: Uint8Array): boolean {
    const handle = this.handle!
    const write = (idle ??= new HandleWrite!())
    const status = handle.writeBuffer(write, bytes)
    if (status === 0 && handle.writeQueueSize === 0) return true
    // It was used.
    idle = undefined
    this.isDirect = false
    if (status !== 0) {
      this.#socket.destroy()
      return true
    }
    // The bytes are held until the system has taken them.
    Object.assign(write, { bytes, oncomplete: (end: number) => this.#written(end) })
    this.isWaiting = true
    return false
  }

  #written(status: number): void {
    this.isWaiting = false
    if (status < 0) this.#socket.destroy()
    else held.get(this.#socket)?.drained()
  }

  waiting(): number {
    return this.#socket.writableLength + queued(this.#socket)
  }

  end(): void {
    this.isDirect = false
    const { res } = this
    const socket = this.#socket
    if (!socket.writable) return
    if (this.isHeld) socket.setTimeout(LINGER, onLingered)
    if (res) {
      if (this.isHeld) res.once('finish', () => socket.destroySoon())
      res.end()
    } else {
      if (this.#chunked) socket.write(LAST_CHUNK)
      socket.destroySoon()
    }
  }

  cut(): void {
    this.#socket.destroy()
  }
}

/** What is behind a socket of Node's. It has no public name, and nothing of it is taken for granted. */
interface Handle {
  /** Bytes that the system has not taken yet. */
  readonly writeQueueSize?: number
  /** Offers bytes to the system; what it does not take becomes `write`. @returns 0, or what went wrong */
  writeBuffer?: (write: object | null, bytes: Uint8Array) => number
}

function handleOf(socket: Socket): Handle | null {
  const { _handle: handle } = socket as { _handle?: Handle | null }
  return handle ?? null
}

/** What the system has not taken yet: `writableLength` alone would not tell a slow reader from one that stands still. */
export function queued(socket: Socket): number {
  return handleOf(socket)?.writeQueueSize ?? 0
}

/**
 * The class of what `writeBuffer` takes (Node's `WriteWrap`). It has no public name, so it is learnt from a write that Node makes
 * itself. null: that was not to be seen, and all writes are left to Node.
 */
let HandleWrite: (new () => object) | null | undefined
/** One of them that was not used up, as the system took all bytes at once. */
let idle: object | undefined

function learn(socket: Socket, handle: Handle, bytes: Uint8Array): boolean {
  const { writeBuffer } = handle
  handle.writeBuffer = (write, part) => {
    // Node 26 makes none before it is needed.
    if (write?.constructor.name === 'WriteWrap') HandleWrite = write.constructor as new () => object
    return writeBuffer!.call(handle, write, part)
  }
  const more = socket.write(bytes)
  // What stands on the prototype is seen again.
  delete handle.writeBuffer
  HandleWrite ??= null
  return more
}

const LAST_CHUNK = '0\r\n\r\n'

/** Milliseconds without any progress after which a connection whose stream has ended is cut off. */
const LINGER = 10_000

const held = new WeakMap<Socket, Listener>()

function ignore(): void {}

function onLingered(this: Socket): void {
  this.destroy()
}

function onDrain(this: Socket): void {
  held.get(this)?.drained()
}

function onClose(this: Socket): void {
  held.get(this)?.left()
}

/** The client has sent its end: it may still read (RFC 9112, section 9.6), but no stream of ours is worth that. */
function onEnd(this: Socket): void {
  const { sink } = held.get(this) ?? {}
  if (sink instanceof SocketSink) sink.isDirect = false
  this.end()
}

/** Parts of Node that have no public name. Where one is missing, nothing is let go of. */
interface Inner {
  readonly parser?: { readonly incoming?: unknown } | null
  _last?: boolean
}

/**
 * Lets a request, its response and its parser go, so that an open stream costs a socket and a listener: a third of the
 * memory. Node does this by itself for an upgrade only. What is used here is its own clean-up: `finish` ends the response
 * for the server's books, and the server's `close` listener of the socket frees the parser. Where a future Node has no
 * such listener, where someone still listens to the request or response, or where the client has sent a second request
 * already, whose answer would be next on this socket, they are kept.
 */
function letGo(req: IncomingMessage, res: ServerResponse, socket: Socket, sink: SocketSink): void {
  if (socket.destroyed) return held.get(socket)?.left()
  socket.on('close', onClose)
  if (held.get(socket)?.ended) return
  const freeParser = socket.listeners('close').find(({ name }) => name === 'bound socketOnClose')
  const isLast = (socket as Inner).parser?.incoming === req
  if (!freeParser || !isLast || isWatched(req, res)) return
  sink.res = undefined
  // A response that is the last of its connection would end it when it is finished.
  // oxlint-disable-next-line no-underscore-dangle
  ;(res as Inner)._last = false
  res.emit('finish')
  socket.setTimeout(0)
  freeParser.call(socket)
  for (const event of ['close', 'data', 'drain', 'end', 'error', 'pause', 'resume', 'timeout'])
    for (const listener of socket.listeners(event) as ((...args: unknown[]) => void)[])
      if (SERVERS_OWN.has(listener.name)) socket.removeListener(event, listener)
  // The server's own `on` on the socket would give it back to the parser. Set, not deleted: an object whose properties are
  // deleted becomes a dictionary, which costs 1 KB each.
  const plain = Object.getPrototypeOf(socket) as Socket
  for (const method of ['on', 'addListener', 'prependListener', 'setEncoding'] as const)
    if (Object.hasOwn(socket, method)) Object.assign(socket, { [method]: plain[method] })
  // What else the client sends is read and dropped: unread, it would hide the end of the connection.
  socket.on('data', ignore)
  socket.on('end', onEnd)
  socket.resume()
  const handle = handleOf(socket)
  // Where bytes are encrypted first, or anything is not as it is known here, they go through Node's stream.
  if (handle && BARE.has(handle.constructor.name) && isWhole(handle)) sink.handle = handle
}

const BARE: ReadonlySet<string> = new Set(['TCP', 'Pipe'])

function isWhole(handle: Handle): handle is Required<Handle> {
  return typeof handle.writeBuffer === 'function' && typeof handle.writeQueueSize === 'number'
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
