import { once } from 'node:events'
import {
  request,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestOptions,
  type Server,
} from 'node:http'
import { connect, type AddressInfo, type Server as NetServer, type Socket } from 'node:net'
import { createParser } from 'eventsource-parser'
import type { HeardEvent } from './heard.ts'

/** Listens on a free port of this machine alone. */
export async function listen(server: NetServer): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

export async function close(server: NetServer): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve))
  ;(server as Partial<Server>).closeAllConnections?.()
  await closed
}

/** What comes in on a stream, and waiting for it. */
export class Incoming {
  readonly events: HeardEvent[] = []
  /** Ids and retries that came in blocks without data too. */
  readonly retries: number[] = []
  text = ''
  isOver = false
  readonly #decoder = new TextDecoder()
  readonly #waiting = new Set<() => void>()
  readonly #parser = createParser({
    onEvent: (event) =>
      void this.events.push({ type: event.event ?? 'message', id: event.id, data: event.data }),
    onRetry: (retry) => void this.retries.push(retry),
  })

  take(bytes: Uint8Array): void {
    const text = this.#decoder.decode(bytes, { stream: true })
    this.text += text
    this.#parser.feed(text)
    this.#look()
  }

  over(): void {
    this.isOver = true
    this.#look()
  }

  #look(): void {
    for (const look of this.#waiting) look()
  }

  async until(holds: () => boolean): Promise<void> {
    if (holds()) return
    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        if (!holds() && !this.isOver) return
        this.#waiting.delete(look)
        if (holds()) resolve()
        else reject(new Error(`the stream ended before that, with ${JSON.stringify(this.text)}`))
      }
      this.#waiting.add(look)
    })
  }

  said(type = 'message'): string[] {
    return this.events.filter((event) => event.type === type).map(({ data }) => data)
  }

  async event(type: string): Promise<HeardEvent> {
    await this.until(() => this.said(type).length > 0)
    return this.events.find((event) => event.type === type)!
  }

  async count(count: number, type = 'message'): Promise<string[]> {
    await this.until(() => this.said(type).length >= count)
    return this.said(type)
  }

  async end(): Promise<void> {
    await this.until(() => this.isOver)
  }
}

export interface Stream extends Incoming {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly res: IncomingMessage
  leave(): void
}

/** Opens a stream as a program with `node:http` does. */
export async function follow(
  port: number,
  path = '/',
  options: RequestOptions = {},
): Promise<Stream> {
  const req = request({ host: '127.0.0.1', port, path, agent: false, ...options })
  req.end()
  const [res] = (await once(req, 'response')) as [IncomingMessage]
  const incoming = new Incoming()
  res.on('data', (bytes: Buffer) => incoming.take(bytes))
  res.on('error', () => {})
  res.on('close', () => incoming.over())
  return Object.assign(incoming, {
    status: res.statusCode!,
    headers: res.headers,
    res,
    leave: () => void req.destroy(),
  })
}

/** A connection on which the test says each byte itself. */
export async function raw(
  port: number,
  text: string,
  allowHalfOpen = false,
): Promise<Incoming & { socket: Socket }> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen })
  await once(socket, 'connect')
  const incoming = new Incoming()
  socket.on('data', (bytes) => incoming.take(bytes))
  socket.on('error', () => {})
  socket.on('close', () => incoming.over())
  socket.write(text)
  return Object.assign(incoming, { socket })
}

/** Goes on when a hub has this many listeners. */
export async function listeners(
  hub: { readonly stats: { readonly listeners: number } },
  count: number,
): Promise<void> {
  while (hub.stats.listeners !== count) await new Promise((resolve) => setImmediate(resolve))
}
