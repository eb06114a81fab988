/**
 * The text/event-stream format (WHATWG HTML, 9.2.5 and 9.2.6), from bytes or text to events. It takes its input in
 * any pieces: a character, a CRLF or a field may be split anywhere.
 */

/** One event as it stood on the stream. */
export interface StreamEvent {
  /** From `event:`, `message` where there was none. */
  readonly type: string
  readonly data: string
  /** From the `id:` of this very event; undefined where it has none. */
  readonly id: string | undefined
  /** The newest id of the stream so far, from this event or an earlier one. Empty where there was none. */
  readonly lastEventId: string
}

export interface ParserOptions {
  readonly onEvent: (event: StreamEvent) => void
  /** A block with an `id:` ended, with or without an event; called before `onEvent`. */
  readonly onId?: ((id: string) => void) | undefined
  /** `retry:`, in milliseconds: an integer from 0 on, however large. */
  readonly onRetry?: ((milliseconds: number) => void) | undefined
  /** The id from which the stream goes on, where it is not the first one of its source. */
  readonly lastEventId?: string | undefined
  /** Characters that one event may have (UTF-16 code units, 1 or more). Default 1,048,576. */
  readonly maxEvent?: number | undefined
}

/** An event is larger than the reader allows. Nothing of it was delivered, and the parser can't go on. */
export class EventTooLargeError extends Error {
  override readonly name = 'EventTooLargeError'
  readonly code = 'event-too-large'

  constructor(max: number) {
    super(`An event on the stream has more than ${max} characters.`)
  }
}

export class Parser {
  #options: ParserOptions
  #max: number
  // A BOM is kept by the decoder, so that bytes and text lose it in one place: before the first line only.
  #decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  #atStart = true
  #afterCr = false
  /** The line so far, and what the block's lines said so far. */
  #line = ''
  #type = ''
  #data: string | undefined
  #id: string | undefined
  #lastEventId: string

  constructor(options: ParserOptions) {
    this.#options = options
    this.#max = options.maxEvent ?? 1_048_576
    this.#lastEventId = options.lastEventId ?? ''
  }

  /** Takes the next piece of the stream. @throws EventTooLargeError */
  feed(piece: Uint8Array | string): void {
    let text = typeof piece === 'string' ? piece : this.#decoder.decode(piece, { stream: true })
    if (text === '') return
    if (this.#atStart) {
      this.#atStart = false
      if (text.startsWith('\uFEFF')) text = text.slice(1)
    }
    let start = this.#afterCr && text.startsWith('\n') ? 1 : 0
    // After an empty rest (a BOM alone) a CR may still be the last thing that came.
    if (text !== '') this.#afterCr = false
    let lf = text.indexOf('\n', start)
    let cr = text.indexOf('\r', start)
    while (lf >= 0 || cr >= 0) {
      const byCr = cr >= 0 && (lf < 0 || cr < lf)
      const end = byCr ? cr : lf
      const line = this.#line + text.slice(start, end)
      this.#line = ''
      start = end + 1
      if (byCr) {
        // A CR ends the line at once: waiting for its LF would hold the event back.
        if (start === text.length) this.#afterCr = true
        else if (start === lf) start++
        cr = text.indexOf('\r', start)
      }
      if (lf >= 0 && lf < start) lf = text.indexOf('\n', start)
      if (line === '') this.#dispatch()
      else this.#field(line)
    }
    this.#line += text.slice(start)
    this.#bound()
  }

  #field(line: string): void {
    const colon = line.indexOf(':')
    if (colon === 0) return
    const name = colon < 0 ? line : line.slice(0, colon)
    const from = line.charCodeAt(colon + 1) === 32 ? colon + 2 : colon + 1
    const value = colon < 0 ? '' : line.slice(from)
    if (name === 'data') {
      this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`
      this.#bound()
    } else if (name === 'event') this.#type = value
    else if (name === 'id') {
      if (!value.includes('\0')) this.#id = value
    } else if (name === 'retry' && /^[0-9]+$/.test(value)) this.#options.onRetry?.(Number(value))
  }

  #dispatch(): void {
    const [type, data, id] = [this.#type, this.#data, this.#id]
    this.#type = ''
    this.#data = undefined
    this.#id = undefined
    if (id !== undefined) {
      this.#lastEventId = id
      this.#options.onId?.(id)
    }
    if (data === undefined) return
    this.#options.onEvent({ type: type || 'message', data, id, lastEventId: this.#lastEventId })
  }

  #bound(): void {
    const size =
      this.#line.length + this.#type.length + (this.#data?.length ?? 0) + (this.#id?.length ?? 0)
    if (size > this.#max) throw new EventTooLargeError(this.#max)
  }
}
