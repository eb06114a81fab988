import { createParser } from 'eventsource-parser'
import type { Hub, JoinOptions, Listener, Segment, Sink, Topic } from '../src/index.ts'

export interface HeardEvent {
  readonly type: string
  readonly id: string | undefined
  readonly data: string
}

/** Ends of streams and their bytes, for tests of the hub alone: what an adapter is, without a network. */
export class Heard implements Sink {
  readonly events: HeardEvent[] = []
  readonly retries: number[] = []
  /** The stream as it came. */
  text = ''
  writes = 0
  /** What `waiting` answers. */
  held = 0
  /** true: the sink says with each write that it is full. */
  isFull = false
  end_: 'open' | 'ended' | 'cut' = 'open'
  /** Set: writing throws it. */
  failing: Error | undefined
  listener!: Listener
  readonly #parser = createParser({
    onEvent: (event) =>
      void this.events.push({ type: event.event ?? 'message', id: event.id, data: event.data }),
    onRetry: (retry) => void this.retries.push(retry),
  })
  readonly #decoder = new TextDecoder()

  write(segment: Segment): boolean {
    if (this.failing) throw this.failing
    if (this.end_ !== 'open') throw new Error('written to after its end')
    this.writes++
    const text = this.#decoder.decode(segment.bare, { stream: true })
    this.text += text
    this.#parser.feed(text)
    return !this.isFull
  }

  waiting(): number {
    return this.held
  }

  end(): void {
    this.end_ = 'ended'
  }

  cut(): void {
    this.end_ = 'cut'
  }

  /** Room again. */
  drain(): void {
    this.isFull = false
    this.listener.drained()
  }

  get lines(): readonly string[] {
    return this.text.split('\n')
  }

  /** The data of the events with this type; by default of those without one. */
  said(type = 'message'): string[] {
    return this.events.filter((event) => event.type === type).map(({ data }) => data)
  }

  /** The same as JSON. */
  told(type: string): Record<string, unknown>[] {
    return this.said(type).map((data) => JSON.parse(data) as Record<string, unknown>)
  }
}

export function join(
  hub: Hub,
  topics: Topic | readonly Topic[],
  options: JoinOptions = {},
  heard: Heard = new Heard(),
): Heard {
  heard.listener = hub.join(Array.isArray(topics) ? topics : [topics as Topic], heard, options)
  return heard
}

/** After everything that waits in the event loop now, and what that brings about in it. */
export async function settled(turns = 4): Promise<void> {
  for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve))
}

/** Goes through the event loop until this holds. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve))
}
