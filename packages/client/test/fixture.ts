import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Message } from '@hearsay/protocol'

interface Stream {
  readonly rooms: readonly string[]
  readonly response: ServerResponse
}

/** What a test may do to an answer. Answering true means that it was answered. */
type Intercept = (request: IncomingMessage, response: ServerResponse, url: URL) => boolean

/**
 * The server's side of the contract (design, sections 2 and 3) over an array, with doors for faults: events can be
 * left out of the streams, streams cut, answers replaced.
 */
export class Fixture {
  /** The lives of the log, each with the first seq of its own. */
  readonly #epochs = [{ epoch: 'e1', first: 1 }]
  readonly log: Message[] = []
  readonly streams = new Set<Stream>()
  /** Streams opened since the start. */
  opened = 0
  posts = 0
  /** Whether a stream leaves a message out as if it had never been: a fault of the server's. */
  leavesOut: (message: Message, isReplay: boolean) => boolean = () => false
  /** The oldest seq that is still kept. */
  oldest = 1
  beat = 15
  settings: object = {
    title: '',
    you: { person: 'p1', name: 'quiet otter', mark: 'ABC123', role: 'speak' },
  }
  /** Where it listens, or did when it was last up. */
  port = 0
  /** Sees the body of every post. */
  onPost: (body: unknown) => void = () => {}
  /** Seen in place of the usual answer. */
  intercept: Intercept = () => false
  /** Further calls, for pages and scripts. */
  readonly pages = new Map<string, { type: string; body: string; policy?: string }>()
  #server: Server
  #keys = new Map<string, Message>()

  constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response))
  }

  async listen(port = 0): Promise<this> {
    this.#server.listen(port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.port = (this.#server.address() as AddressInfo).port
    return this
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** Dies as a killed server does: every connection is cut. What was said stays. */
  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
    this.streams.clear()
  }

  cutStreams(): void {
    for (const { response } of this.streams) response.destroy()
  }

  /** Put back from a backup that has this many messages: they stay, and another life of the log begins after them. */
  restore(count: number): void {
    this.log.length = count
    this.#epochs.push({ epoch: `e${this.#epochs.length + 1}`, first: count + 1 })
    this.cutStreams()
  }

  #idOf(seq: number): string {
    const { epoch } = this.#epochs.findLast(({ first }) => first <= seq) ?? this.#epochs[0]!
    return `${epoch}-${seq}`
  }

  say(room: string, text: string, key?: string): Message {
    const seq = this.log.length + 1
    const prev = this.log.findLast((message) => message.room === room)?.id ?? null
    const said: Message = {
      id: this.#idOf(seq),
      prev,
      room,
      at: new Date(seq * 1000).toISOString(),
      from: { person: 'p1', name: 'quiet otter', mark: 'ABC123', role: 'speak' },
      text,
      ...(key === undefined ? {} : { key }),
    }
    this.log.push(said)
    for (const stream of this.streams)
      if (stream.rooms.includes(room)) this.#write(stream, said, false)
    return said
  }

  /** What the server does with a post whose answer is lost. */
  sayOnce(room: string, key: string, text = ''): Message {
    const said = this.#keys.get(key) ?? this.say(room, text, key)
    this.#keys.set(key, said)
    return said
  }

  signal(room: string, type: string, data: object): void {
    for (const { rooms, response } of this.streams) {
      if (rooms.includes(room)) response.write(block(type, { room, ...data }))
    }
  }

  /** The texts of a room, as everyone should have them. */
  texts(room: string): string[] {
    return this.log.filter((message) => message.room === room).map(({ text }) => text)
  }

  #write({ response }: Stream, message: Message, isReplay: boolean): void {
    if (this.leavesOut(message, isReplay)) return
    response.write(`id: ${message.id}\ndata: ${JSON.stringify(message)}\n\n`)
  }

  /** Keeps back the answers to what has this in its address; each call lets one go. */
  hold(part: string): (() => void)[] {
    const held: (() => void)[] = []
    this.intercept = ({ url }, response) => {
      if (!url?.includes(part)) return false
      const end = response.end.bind(response) as (body: unknown) => typeof response
      response.end = (body: unknown) => {
        held.push(() => end(body))
        return response
      }
      return false
    }
    return held
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url)
    response.setHeader('access-control-allow-origin', '*')
    response.setHeader('access-control-allow-headers', '*, authorization')
    response.setHeader('access-control-allow-methods', '*')
    response.setHeader('access-control-expose-headers', 'retry-after')
    if (request.method === 'OPTIONS') return void response.writeHead(204).end()
    const page = this.pages.get(url.pathname)
    if (page) {
      if (page.policy) response.setHeader('content-security-policy', page.policy)
      return void response.writeHead(200, { 'content-type': page.type }).end(page.body)
    }
    const chunks: Uint8Array[] = []
    for await (const chunk of request) chunks.push(chunk as Uint8Array)
    const body = Buffer.concat(chunks).toString()
    if (this.intercept(request, response, url)) return
    const room = /^\/r\/([^/]+)/.exec(url.pathname)?.[1] ?? ''
    const isStream = request.headers.accept === 'text/event-stream'
    if (url.pathname === '/events') this.#stream(request, response, url.searchParams.getAll('room'))
    else if (request.method === 'POST' && url.pathname === `/r/${room}`) {
      this.#post(request, response, room, body)
    } else if (isStream) this.#stream(request, response, [room])
    else if (url.pathname.endsWith('/messages')) json(response, 200, this.#history(room, url))
    else if (url.pathname.includes('/messages/')) {
      const found = this.log.find(({ id }) => url.pathname.endsWith(`/${id}`))
      if (found) json(response, 200, found)
      else problem(response, 404, 'not-found')
    } else if (url.pathname.endsWith('/settings')) json(response, 200, this.settings)
    else json(response, 200, { room, messages: 0, newest: null, oldest: null, settings: {} })
  }

  #stream(request: IncomingMessage, response: ServerResponse, rooms: readonly string[]): void {
    const stream = { rooms, response }
    this.opened++
    this.streams.add(stream)
    response.on('close', () => this.streams.delete(stream))
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
    const cursor = request.headers['last-event-id'] as string | undefined
    const seq = cursor === undefined ? this.log.length : Number(cursor.split('-')[1])
    const isLost = cursor !== undefined && cursor !== this.#idOf(seq) && seq > 0
    const after = isLost ? 0 : seq
    const missed = this.log.filter(({ room }, i) => rooms.includes(room) && i + 1 > after)
    const isGap = isLost || after + 1 < this.oldest
    const verdict = cursor === undefined ? 'fresh' : isGap ? 'gap' : 'resumed'
    const start = this.#idOf(after)
    if (!isGap) response.write(`id: ${start}\n\n`)
    const head = this.#idOf(Number(missed.at(-1)?.id.split('-')[1] ?? after))
    const verdicts = Object.fromEntries(rooms.map((room) => [room, { verdict }]))
    response.write(block('hello', { cursor: start, beat: this.beat, head, rooms: verdicts }))
    const kept = missed.filter(({ id }) => Number(id.split('-')[1]) >= this.oldest)
    if (isGap) {
      for (const room of rooms) {
        const oldest = kept.find((message) => message.room === room)?.id ?? null
        const reason = isLost ? 'epoch' : 'expired'
        response.write(block('gap', { room, after: cursor ?? '', oldest, reason }))
      }
      response.write(`id: ${start}\n\n`)
    }
    for (const message of kept) this.#write(stream, message, true)
  }

  #post(request: IncomingMessage, response: ServerResponse, room: string, body: string): void {
    this.posts++
    const key = String(request.headers['idempotency-key'])
    const first = this.#keys.get(key)
    if (first) return json(response, 200, first)
    const { text } = JSON.parse(body) as { text: string }
    this.onPost(JSON.parse(body))
    json(response, 201, this.sayOnce(room, key, text))
  }

  #history(room: string, url: URL): object {
    const seq = (name: string): number | undefined => {
      const id = url.searchParams.get(name)
      return id === null ? undefined : Number(id.split('-')[1])
    }
    const limit = Number(url.searchParams.get('limit') ?? 50)
    const [before, after, around] = [seq('before'), seq('after'), seq('around')]
    const all = this.log.filter((m, i) => m.room === room && i + 1 >= this.oldest)
    const seqOf = ({ id }: Message): number => Number(id.split('-')[1])
    const down = (to: number, most: number): Message[] =>
      all.filter((m) => seqOf(m) < to).slice(-most)
    const up = (from: number, most: number): Message[] =>
      all.filter((m) => seqOf(m) > from).slice(0, most)
    const half = Math.ceil(limit / 2)
    let messages: Message[]
    if (around !== undefined) messages = [...down(around + 1, half), ...up(around, limit - half)]
    else messages = after === undefined ? down(before ?? Infinity, limit) : up(after, limit)
    const first = messages[0]
    const last = messages.at(-1)
    return {
      messages,
      before: first && all.indexOf(first) > 0 ? first.id : null,
      after: last && all.indexOf(last) < all.length - 1 ? last.id : null,
    }
  }
}

export function block(type: string, data: object): string {
  return `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

export function problem(
  response: ServerResponse,
  status: number,
  code: string,
  headers: Record<string, string> = {},
): void {
  const body = { type: 'about:blank', title: `It is ${code}.`, status, code }
  response.writeHead(status, { 'content-type': 'application/problem+json', ...headers })
  response.end(JSON.stringify(body))
}
