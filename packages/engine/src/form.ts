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
 * listener: `encode` gives the same for the same event. '' leaves the event out; so does throwing, of which the hub's
 * `onError` is told.
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

/** One event that can't be written must not end the streams of all who wait for it: it is left out. */
export function written(form: Form, event: Event, report: (error: unknown) => void): string {
  try {
    return form.encode(event)
  } catch (error) {
    report(error)
    return ''
  }
}
