/** What a listener has to do on a fresh connection before messages come. */
export interface Greeting {
  /** The server has accepted this listener. */
  readonly open: boolean
  readonly answer?: Buffer
  /** It never will. */
  readonly refused?: string
}

/** How a listener speaks to a server. Messages are found in any of them by their marker. */
export interface Wire {
  readonly name: 'sse' | 'websocket' | 'socket.io'
  request(path: string, host: string, headers: readonly string[]): string
  /** @param head Everything that came so far, as latin1. */
  greet(head: string): Greeting
  /** The answer to a heartbeat that must be answered, where these bytes end with one. */
  beat?(bytes: Buffer, length: number): Buffer | null
}

const waiting: Greeting = { open: false }
const accepted: Greeting = { open: true }

function status(head: string, wanted: string): Greeting | null {
  if (!head.includes('\r\n\r\n')) return waiting
  return head.startsWith(`HTTP/1.1 ${wanted}`) ? null : { open: false, refused: head.slice(0, 200) }
}

/** EventSource over HTTP/1.1, with the headers that matter to a server. */
export const sse: Wire = {
  name: 'sse',
  request: (path, host, headers) =>
    [`GET ${path} HTTP/1.1`, `Host: ${host}`, 'Accept: text/event-stream', ...headers, '', ''].join(
      '\r\n',
    ),
  greet: (head) => status(head, '200') ?? accepted,
}

const upgrade = (path: string, host: string, headers: readonly string[]): string =>
  [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...headers,
    '',
    '',
  ].join('\r\n')

/** RFC 6455, with no extension offered: messages come uncompressed. */
export const websocket: Wire = {
  name: 'websocket',
  request: upgrade,
  greet: (head) => status(head, '101') ?? accepted,
}

/** A text frame as a client must send it: masked, here with a key of zeros. */
function clientFrame(text: string): Buffer {
  return Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0, ...Buffer.from(text, 'latin1')])
}

const connect = clientFrame('40')
const pong = clientFrame('3')

/** Engine.IO 4 straight over WebSocket, and the Socket.IO namespace `/`. */
export const socketIo: Wire = {
  name: 'socket.io',
  request: (path, host, headers) => upgrade(`${path}?EIO=4&transport=websocket`, host, headers),
  greet(head) {
    const refused = status(head, '101')
    if (refused !== null) return refused
    const packets = head.slice(head.indexOf('\r\n\r\n') + 4)
    if (packets.includes('40{"sid"')) return accepted
    return packets.includes('0{"sid"') ? { open: false, answer: connect } : waiting
  },
  beat: (bytes, length) =>
    length >= 3 &&
    bytes[length - 1] === 0x32 &&
    bytes[length - 2] === 1 &&
    bytes[length - 3] === 0x81
      ? pong
      : null,
}
