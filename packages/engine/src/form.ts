import { encode } from './encode.ts'

/** What is announced to listeners. */
export interface Event {
  /** Left out: the default type. */
  readonly type?: string
  /** Only on events that a cursor can point at. */
  readonly id?: string
  /** What goes on the `data:` lines. Left out: no event, only `id` and `retry`. */
  readonly data?: string
  /** Milliseconds. */
  readonly retry?: number
}

/**
 * How events are written for a kind of client. An event is encoded once for each form in use, not once for each
 * listener. `encode` is called in the fan-out, so it must not throw; '' leaves the event out.
 */
export interface Form {
  /** The Content-Type. */
  readonly contentType: string
  encode(event: Event): string
}

/** text/event-stream: what `EventSource` reads. */
export const eventStream: Form = {
  contentType: 'text/event-stream',
  encode,
}
