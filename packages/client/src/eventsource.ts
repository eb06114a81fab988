import { goingOn, isEventStream } from './connection.ts'
import { Parser } from './parse.ts'

/** Options of the constructor. `withCredentials` is the standard's, the others are ours. */
export interface EventSourceOptions extends EventSourceInit {
  /** Sent along with every request: `Authorization`, for one, which the browser's own class can't send. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /**
   * The query parameter in which the last id goes along, in place of the header `Last-Event-ID`: for a server of another
   * origin whose answer to a preflight does not allow that header. Hearsay's is `after`.
   */
  readonly lastEventIdQuery?: string | undefined
  /** Default: the global one. */
  readonly fetch?: typeof globalThis.fetch | undefined
  /** Characters that one event may have. Default 1,048,576. A larger one closes the source with an `error`. */
  readonly maxEvent?: number | undefined
}

/** Milliseconds before a reconnection, until the server says otherwise (`retry:`). */
const RECONNECTION_TIME = 3000
/** The longest that failures in a row make it. */
const LONGEST = 30_000
/** The longest that a timer can hold. */
const TIMER = 2 ** 31 - 1

/** What a listener has as `this`: any class of this shape will do. */
type Source = globalThis.EventSource

/** The events of a source by their types; every other type is a `MessageEvent` too. */
interface Events {
  readonly open: Event
  readonly message: MessageEvent
  readonly error: Event
}

// Named here, as without the library of the DOM (in Node) they have no name.
type Options = Parameters<EventTarget['addEventListener']>[2]
interface Listener {
  handleEvent(event: MessageEvent): unknown
}

type Handler<Type extends Event> = ((this: Source, event: Type) => unknown) | null

/**
 * `EventSource` as in WHATWG HTML, section 9.2, over `fetch`: for Node, where there is none, and for pages that need a
 * header or the same behaviour in every browser. A server that can't be reached is tried again for ever; an answer
 * other than 200 with `text/event-stream` closes the source for good, as the standard says.
 *
 * What `fetch` can't do otherwise: it tells a refused cross-origin request no different from a server that can't be
 * reached, so the former is tried again too; it asks a server of another origin before it sends `Last-Event-ID`; and
 * events that a script makes are not `isTrusted`.
 */
export class EventSource extends EventTarget implements Source {
  declare static readonly CONNECTING: 0
  declare static readonly OPEN: 1
  declare static readonly CLOSED: 2
  declare readonly CONNECTING: 0
  declare readonly OPEN: 1
  declare readonly CLOSED: 2
  #url: string
  #options: EventSourceOptions
  #readyState: 0 | 1 | 2 = 0
  #lastEventId = ''
  #reconnectionTime = RECONNECTION_TIME
  #failures = 0
  #attempt = new AbortController()
  #timer: ReturnType<typeof setTimeout> | undefined
  #handlers = new Map<string, Handler<never>>()

  // As WebIDL has an interface: constants that stay, and what a prototype has can be enumerated.
  static {
    for (const [value, name] of ['CONNECTING', 'OPEN', 'CLOSED'].entries())
      for (const holder of [this, this.prototype])
        Object.defineProperty(holder, name, { value, enumerable: true })
    const names = [
      'url',
      'withCredentials',
      'readyState',
      'onopen',
      'onmessage',
      'onerror',
      'close',
    ]
    for (const name of names) Object.defineProperty(this.prototype, name, { enumerable: true })
    const tag = { value: 'EventSource', configurable: true }
    Object.defineProperty(this.prototype, Symbol.toStringTag, tag)
  }

  /**
   * @throws DOMException `SyntaxError` where the address is none
   * @throws TypeError where none is given
   */
  constructor(url: string | URL, options: EventSourceOptions = {}) {
    super()
    if (url === undefined) throw new TypeError('An EventSource needs an address.')
    // A worker has no document.
    const { document, location } = globalThis as {
      document?: { readonly baseURI: string }
      location?: { readonly href: string }
    }
    try {
      this.#url = new URL(url, document?.baseURI ?? location?.href).href
    } catch {
      throw new DOMException(`This is not an address: ${String(url)}`, 'SyntaxError')
    }
    this.#options = options ?? {}
    void this.#connect()
  }

  get url(): string {
    return this.#url
  }

  get withCredentials(): boolean {
    return this.#options.withCredentials ?? false
  }

  /** `CONNECTING` (0), `OPEN` (1) or `CLOSED` (2). */
  get readyState(): 0 | 1 | 2 {
    return this.#readyState
  }

  get onopen(): Handler<Event> {
    return this.#handler('open')
  }
  set onopen(handler: Handler<Event>) {
    this.#handle('open', handler)
  }

  get onmessage(): Handler<MessageEvent> {
    return this.#handler('message')
  }
  set onmessage(handler: Handler<MessageEvent>) {
    this.#handle('message', handler)
  }

  get onerror(): Handler<Event> {
    return this.#handler('error')
  }
  set onerror(handler: Handler<Event>) {
    this.#handle('error', handler)
  }

  override addEventListener<Type extends keyof Events>(
    type: Type,
    listener: (this: Source, event: Events[Type]) => unknown,
    options?: Options,
  ): void
  override addEventListener(
    type: string,
    listener: ((this: Source, event: MessageEvent) => unknown) | Listener | null,
    options?: Options,
  ): void
  override addEventListener(type: string, listener: unknown, options?: Options): void {
    super.addEventListener(type, listener as EventListener, options)
  }

  override removeEventListener<Type extends keyof Events>(
    type: Type,
    listener: (this: Source, event: Events[Type]) => unknown,
    options?: boolean | EventListenerOptions,
  ): void
  override removeEventListener(
    type: string,
    listener: ((this: Source, event: MessageEvent) => unknown) | Listener | null,
    options?: boolean | EventListenerOptions,
  ): void
  override removeEventListener(
    type: string,
    listener: unknown,
    options?: boolean | EventListenerOptions,
  ): void {
    super.removeEventListener(type, listener as EventListener, options)
  }

  /** Ends it for good. No event follows. */
  close(): void {
    this.#readyState = 2
    clearTimeout(this.#timer)
    this.#attempt.abort()
  }

  #handler<Type extends Event>(type: string): Handler<Type> {
    return (this.#handlers.get(type) as Handler<Type> | undefined) ?? null
  }

  /** A handler keeps the place among the listeners that the first one of its type took (HTML, 8.1.8.1). */
  #handle<Type extends Event>(type: string, handler: Handler<Type>): void {
    if (!this.#handlers.has(type)) {
      super.addEventListener(type, (event) => this.#handler(type)?.call(this, event))
    }
    this.#handlers.set(type, typeof handler === 'function' ? handler : null)
  }

  async #connect(): Promise<void> {
    const attempt = (this.#attempt = new AbortController())
    // What can't be had by any try (a `mailto:`) is not tried again. Whoever made this source still has to listen to it.
    if (!/^(https?|data|blob):/.test(this.#url)) return void setTimeout(() => this.#fail())
    let response: Response
    try {
      response = await this.#ask(attempt.signal)
    } catch {
      this.#failures++
      return this.#reestablish()
    }
    if (this.#readyState === 2) return
    if (response.status !== 200 || !isEventStream(response) || !response.body) return this.#fail()
    this.#failures = 0
    this.#readyState = 1
    this.dispatchEvent(new Event('open'))
    try {
      await this.#read(response.body, new URL(response.url || this.url).origin)
    } catch (error) {
      // Only the parser throws an error of ours: the event that is too large would be so again.
      if (error instanceof Error && 'code' in error && error.code === 'event-too-large') {
        return this.#fail()
      }
    }
    this.#reestablish()
  }

  #ask(signal: AbortSignal): Promise<Response> {
    const { headers, lastEventIdQuery, fetch: ask = fetch } = this.#options
    const url = new URL(this.#url)
    const sent = new Headers(headers)
    if (!sent.has('accept')) sent.set('accept', 'text/event-stream')
    if (lastEventIdQuery !== undefined && this.#lastEventId)
      url.searchParams.set(lastEventIdQuery, this.#lastEventId)
    else
      for (const [name, value] of Object.entries(goingOn(this.#lastEventId))) sent.set(name, value)
    const credentials = this.withCredentials ? 'include' : 'same-origin'
    return ask(url, { headers: sent, cache: 'no-store', credentials, signal })
  }

  async #read(body: ReadableStream<Uint8Array>, origin: string): Promise<void> {
    const { maxEvent } = this.#options
    const parser = new Parser({
      lastEventId: this.#lastEventId,
      maxEvent,
      onId: (id) => {
        this.#lastEventId = id
      },
      onRetry: (milliseconds) => {
        this.#reconnectionTime = Math.min(milliseconds, TIMER)
      },
      onEvent: ({ type, data, lastEventId }) => {
        if (this.#readyState === 2) return
        this.dispatchEvent(new MessageEvent(type, { data, origin, lastEventId }))
      },
    })
    const reader = body.getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done || this.#readyState === 2) return
      parser.feed(value)
    }
  }

  #reestablish(): void {
    if (this.#readyState === 2) return
    this.#readyState = 0
    this.dispatchEvent(new Event('error'))
    if (this.#attempt.signal.aborted) return
    // The standard lets a client that fails again and again wait longer.
    const longer = Math.max(this.#reconnectionTime, 1) * 2 ** Math.min(this.#failures, 10)
    const wait = Math.max(this.#reconnectionTime, Math.min(LONGEST, longer))
    this.#timer = setTimeout(() => void this.#connect(), wait)
  }

  #fail(): void {
    if (this.#readyState === 2) return
    this.close()
    this.dispatchEvent(new Event('error'))
  }
}
