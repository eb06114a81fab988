import { once } from 'node:events'
import { request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { createParser } from 'eventsource-parser'

export interface Heard {
  /** `message` where the stream named none. */
  readonly event: string
  readonly id: string | undefined
  readonly data: string
}

/** What comes in on a stream, and waiting for it. */
export class Hearing {
  readonly events: Heard[] = []
  readonly retries: number[] = []
  text = ''
  isOver = false
  readonly #decoder = new TextDecoder('utf-8', { fatal: true })
  readonly #waiting = new Set<() => void>()
  readonly #parser = createParser({
    onEvent: ({ event = 'message', id, data }) => void this.events.push({ event, id, data }),
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

  /** Goes on once this holds. @throws Error where the stream ends before */
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

  /** The data of all events of this name so far, as JSON. */
  told(event = 'message'): Record<string, unknown>[] {
    return this.events
      .filter((each) => each.event === event)
      .map(({ data }) => JSON.parse(data) as Record<string, unknown>)
  }

  /** The data of the first event of this name. */
  async first(event: string): Promise<Record<string, unknown>> {
    await this.until(() => this.events.some((each) => each.event === event))
    return this.told(event)[0]!
  }

  /** The texts of the messages, once there are this many. */
  async texts(count: number): Promise<unknown[]> {
    await this.until(() => this.told().length >= count)
    return this.told().map(({ text }) => text)
  }

  /** All that came, once the stream has ended. */
  async whole(): Promise<string> {
    await this.until(() => this.isOver)
    return this.text
  }
}

export interface Stream extends Hearing {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly res: IncomingMessage
  leave(): void
}

/** Opens a stream. `Accept` is that of an EventSource unless another one is given. */
export async function hear(
  url: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Stream> {
  const { port } = new URL(url)
  const all = { accept: 'text/event-stream', ...headers }
  const req = request({ host: '127.0.0.1', port, path, headers: all, agent: false })
  req.end()
  const [res] = (await once(req, 'response')) as [IncomingMessage]
  const hearing = new Hearing()
  res.on('data', (bytes: Buffer) => hearing.take(bytes))
  res.on('error', () => {})
  res.on('close', () => hearing.over())
  const leave = (): void => void req.destroy()
  return Object.assign(hearing, { status: res.statusCode!, headers: res.headers, res, leave })
}
