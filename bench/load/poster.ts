import { connect, type Socket } from 'node:net'
import { Histogram } from './histogram.ts'

const bytes = Buffer.allocUnsafeSlow(64 * 1024)

/** One HTTP/1.1 request. */
export interface Call {
  readonly method?: 'GET' | 'POST'
  readonly path: string
  readonly headers?: readonly string[]
  /** ASCII. */
  readonly body?: string
}

interface Waiting {
  readonly call: Call
  /** When it should have been sent, of `performance.now()`. */
  readonly at: number
  readonly done: (() => void) | null
}

class Line {
  socket: Socket | null = null
  ready = false
  /** The call that is under way. */
  waiting: Waiting | null = null
  answer = ''
}

/** Sends requests over kept-alive connections, one at a time on each; what finds none free waits its turn. */
export class Poster {
  /** Time from when a request should have been sent to its whole answer, in milliseconds. */
  readonly latency: Histogram = new Histogram()
  answered = 0
  /** Answers with a status other than 2xx, and requests whose connection broke. */
  failed = 0
  firstFailure = ''
  /** How many answers had which status. */
  readonly statuses: Map<string, number> = new Map()
  readonly #port: number
  readonly #lines: Line[]
  readonly #free: Line[]
  readonly #queue: Waiting[] = []
  #queueStart = 0
  #idle: (() => void) | null = null
  #closed = false

  constructor(port: number, connections: number) {
    this.#port = port
    this.#lines = Array.from({ length: connections }, () => new Line())
    this.#free = [...this.#lines]
  }

  /** Requests that wait for a connection. */
  get queued(): number {
    return this.#queue.length - this.#queueStart
  }

  post(call: Call, at: number, done: (() => void) | null = null): void {
    const line = this.#free.pop()
    if (line === undefined) this.#queue.push({ call, at, done })
    else this.#send(line, { call, at, done })
  }

  /** Forgets those that have not been sent. */
  drop(): void {
    this.#queue.length = 0
    this.#queueStart = 0
  }

  /** Resolves when every request has its answer. */
  settled(): Promise<void> {
    if (this.#free.length === this.#lines.length) return Promise.resolve()
    return new Promise((resolve) => {
      this.#idle = resolve
    })
  }

  close(): void {
    this.#closed = true
    for (const { socket } of this.#lines) socket?.destroy()
  }

  #send(line: Line, waiting: Waiting): void {
    line.waiting = waiting
    line.answer = ''
    if (line.socket === null) this.#connect(line)
    else if (line.ready) this.#write(line.socket, waiting.call)
  }

  #write(socket: Socket, { method = 'POST', path, headers = [], body }: Call): void {
    let head = `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1:${this.#port}\r\n`
    for (const header of headers) head += `${header}\r\n`
    if (body !== undefined) head += `Content-Length: ${body.length}\r\n`
    socket.write(`${head}\r\n${body ?? ''}`, 'latin1')
  }

  #connect(line: Line): void {
    const socket = connect({
      port: this.#port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer: bytes,
        callback: (length) => {
          this.#read(line, length)
          return true
        },
      },
    })
    line.socket = socket
    socket.on('connect', () => {
      line.ready = true
      if (line.waiting !== null) this.#write(socket, line.waiting.call)
    })
    let reason = 'the connection was closed'
    socket.on('error', (error) => (reason = error.message))
    socket.on('close', () => {
      line.socket = null
      line.ready = false
      // A server may close a connection that was idle; only a request under way is lost with it.
      if (line.waiting !== null && !this.#closed) this.#finish(line, line.waiting, reason)
    })
  }

  #read(line: Line, length: number): void {
    line.answer += bytes.toString('latin1', 0, length)
    const { answer, waiting } = line
    const end = answer.indexOf('\r\n\r\n')
    if (end < 0 || waiting === null) return
    const size = /\r\ncontent-length: *(\d+)/i.exec(answer.slice(0, end))
    if (size === null) {
      if (!answer.includes('\r\n0\r\n\r\n', end - 2) && !/^HTTP\/1.1 204/.test(answer)) return
    } else if (answer.length < end + 4 + Number(size[1])) return
    const status = answer.slice(9, 12)
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1)
    this.#finish(line, waiting, answer[9] === '2' ? null : answer.slice(0, 300))
  }

  #finish(line: Line, waiting: Waiting, failure: string | null): void {
    line.waiting = null
    if (failure === null) {
      this.answered++
      this.latency.record(performance.now() - waiting.at)
    } else {
      this.failed++
      this.firstFailure ||= failure
    }
    const next = this.#queue[this.#queueStart]
    if (next === undefined) {
      this.#free.push(line)
      if (this.#free.length === this.#lines.length) this.#idle?.()
    } else {
      this.#queueStart++
      if (this.#queueStart > 4096) {
        this.#queue.splice(0, this.#queueStart)
        this.#queueStart = 0
      }
      this.#send(line, next)
    }
    waiting.done?.()
  }
}
