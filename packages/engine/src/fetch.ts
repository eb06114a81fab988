/** The engine for whatever answers a `Request` with a `Response`: Hono, Bun, Deno, Next. */
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
  const { hub } = topics[0]!
  const form = options.form ?? eventStream
  const headers = { ...streamHeaders(form), ...options.headers }
  if (request.method === 'HEAD') return new Response(null, { headers })
  const busy = hub.busy
  if (busy) return new Response(hub.busySegment(form, busy).bare as BodyInit, { headers })
  const asked = askedFor(request.url, request.headers.get('last-event-id'))
  let listener: Listener | undefined
  let isOver = false
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const over = (): boolean => isOver || !(isOver = true)
        const sink: Sink = {
          write({ bare }: Segment) {
            if (isOver) return true
            controller.enqueue(bare)
            return (controller.desiredSize ?? 0) > 0
          },
          waiting: () => HIGH_WATER - (controller.desiredSize ?? 0),
          end: () => void (over() || controller.close()),
          cut: () =>
            void (over() || controller.error(new Error('the reader took no byte for too long'))),
        }
        listener = hub.join(topics, sink, { ...asked, ...options, form })
        const leave = (): void => {
          isOver = true
          listener?.left()
        }
        if (request.signal.aborted) leave()
        else request.signal.addEventListener('abort', leave, { once: true })
      },
      pull() {
        if (listener?.blocked) listener.drained()
      },
      cancel() {
        isOver = true
        listener?.left()
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: HIGH_WATER }),
  )
  return new Response(body, { headers })
}
