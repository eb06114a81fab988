/** The engine for whatever answers a `Request` with a `Response`: Hono, Bun, Deno, Next. */
import type { Segment } from './encode.ts'
import { eventStream } from './form.ts'
import { hubOf, type JoinOptions } from './hub.ts'
import type { Listener, Sink } from './listener.ts'
import { askedFor, streamHeaders } from './request.ts'
import type { Topic } from './topic.ts'

export interface HearOptions extends JoinOptions {
  /** Further headers of the answer. */
  readonly headers?: Readonly<Record<string, string>>
}

/** Bytes that the platform may hold for one reader before it counts as slow. */
const HIGH_WATER = 64 * 1024

/**
 * Answers a request with the stream of a topic, or of several with one cursor: header `Last-Event-ID`, or the queries
 * `after` and `last`.
 */
export function hear(
  topic: Topic | readonly Topic[],
  request: Request,
  options: HearOptions = {},
): Response {
  const topics: readonly Topic[] = Array.isArray(topic) ? topic : [topic as Topic]
  const hub = hubOf(topics)
  const form = options.form ?? eventStream
  if (request.method === 'HEAD') return answer(null, options)
  const { busy } = hub
  if (busy) return answer(hub.busySegment(form, busy).bare, options)
  const asked = askedFor(request.url, request.headers.get('last-event-id'), options)
  let sink: StreamSink
  let listener: Listener
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        sink = new StreamSink(controller)
        listener = hub.join(topics, sink, asked)
        const gone = (): void => {
          sink.end()
          listener.left()
        }
        if (request.signal.aborted) gone()
        else request.signal.addEventListener('abort', gone, { once: true })
      },
      pull() {
        if (listener.blocked) listener.drained()
      },
      cancel() {
        sink.isOver = true
        listener.left()
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: HIGH_WATER }),
  )
  return answer(body, options)
}

/**
 * Answers `busy`: 200, when to come back, and the end. For overload and limits of the program's own; a status that is not
 * 200 would end an EventSource for good.
 */
export function hearLater(topic: Topic, reason: string, options: HearOptions = {}): Response {
  return answer(topic.hub.busySegment(options.form ?? eventStream, reason).bare, options)
}

function answer(body: ReadableStream | Uint8Array | null, options: HearOptions): Response {
  const headers = { ...streamHeaders(options.form ?? eventStream), ...options.headers }
  return new Response(body as BodyInit | null, { headers })
}

class StreamSink implements Sink {
  readonly #controller: ReadableStreamDefaultController<Uint8Array>
  /** The stream is closed, or its reader went: a controller throws at whoever goes on. */
  isOver = false

  constructor(controller: ReadableStreamDefaultController<Uint8Array>) {
    this.#controller = controller
  }

  write({ bare }: Segment): boolean {
    if (this.isOver) return true
    this.#controller.enqueue(bare)
    return (this.#controller.desiredSize ?? 0) > 0
  }

  waiting(): number {
    return HIGH_WATER - (this.#controller.desiredSize ?? 0)
  }

  end(): void {
    if (this.isOver) return
    this.isOver = true
    this.#controller.close()
  }

  cut(): void {
    this.isOver = true
    this.#controller.error(
      new Error('the stream was cut off: its reader took no byte for too long'),
    )
  }
}
