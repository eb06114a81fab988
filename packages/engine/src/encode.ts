/**
 * The text/event-stream format (WHATWG HTML, section 9.2.5 and 9.2.6), from fields to text.
 *
 * Whatever the fields hold, the text is one block whose fields are these and no others: a line break in `data` starts
 * a new `data:` line, and where a field can hold no line break one is refused.
 */

/** The type that a browser gives an event without an `event:` field (section 9.2.6, "dispatch the event"). */
export const DEFAULT_TYPE = 'message'

export interface Fields {
  /** The event's type, for `addEventListener`. Left out for the default type. Without CR, LF and NUL. */
  readonly type?: string
  /** Printable ASCII: other ids stop some clients from ever reconnecting, as the id comes back as a header. */
  readonly id?: string
  /**
   * Any string. CR and CRLF arrive as LF, lone surrogates as U+FFFD: what must come back exactly goes in as JSON.
   * Left out: the block is no event, but a client takes its `id` and `retry` all the same.
   */
  readonly data?: string
  /** Milliseconds that a client waits before it reconnects: an integer, 0 or more. */
  readonly retry?: number
  /** A line that clients skip. Any string. */
  readonly comment?: string
}

const LINE_BREAK = /\r\n|\r|\n/
const NO_FIELD_VALUE = /[\r\n\0]/
const ID = /^[!-~]*$/

/** @throws TypeError where `type`, `id` or `retry` can't be told in this format. */
export function encode(fields: Fields): string {
  const { type, id, data, retry, comment } = fields
  let block = ''
  if (comment !== undefined) for (const line of comment.split(LINE_BREAK)) block += `: ${line}\n`
  if (retry !== undefined) {
    if (!Number.isSafeInteger(retry) || retry < 0)
      throw new TypeError(`retry takes milliseconds as an integer from 0 on, got ${retry}`)
    block += `retry: ${retry}\n`
  }
  if (id !== undefined) {
    checkId(id)
    block += `id: ${id}\n`
  }
  if (type !== undefined && type !== '' && type !== DEFAULT_TYPE) {
    checkType(type)
    block += `event: ${type}\n`
  }
  if (data !== undefined) {
    // The common case, JSON on one line, is not split.
    if (data.includes('\n') || data.includes('\r'))
      for (const line of data.split(LINE_BREAK)) block += `data: ${line}\n`
    else block += `data: ${data}\n`
  }
  return block === '' ? '' : block + '\n'
}

/** @throws TypeError where an event can't have this type. */
export function checkType(type: string): void {
  if (NO_FIELD_VALUE.test(type))
    throw new TypeError(`an event's type has no line break and no NUL, got ${JSON.stringify(type)}`)
  if (type === 'error' || type === 'open')
    throw new TypeError(
      `an EventSource fires "${type}" by itself: give the event another type, such as "${type}ed"`,
    )
}

/** @throws TypeError where an event can't have this id. */
export function checkId(id: string): void {
  if (!ID.test(id))
    throw new TypeError(`id takes printable ASCII without spaces, got ${JSON.stringify(id)}`)
}

const encoder = new TextEncoder()

/** UTF-8. A Buffer where there are Buffers: sockets take those as they are. */
export const utf8: (text: string) => Uint8Array =
  typeof Buffer === 'function' ? (text) => Buffer.from(text) : (text) => encoder.encode(text)

/**
 * Bytes as they go to a socket, framed once for everyone: `chunked` is `bare` between the size line and the end of an
 * HTTP/1.1 chunk (RFC 9112, section 7.1), in the same memory.
 */
export interface Segment {
  readonly chunked: Uint8Array
  readonly bare: Uint8Array
  /** How many events are in it. */
  readonly events: number
}

/** Joins encoded events into one segment: one chunk, one write. */
export function segment(parts: readonly Uint8Array[], bytes: number, events: number): Segment {
  const size = bytes.toString(16)
  const head = size.length + 2
  const chunked =
    typeof Buffer === 'function'
      ? Buffer.allocUnsafeSlow(head + bytes + 2)
      : new Uint8Array(head + bytes + 2)
  for (let i = 0; i < size.length; i++) chunked[i] = size.charCodeAt(i)
  chunked[head - 2] = 13
  chunked[head - 1] = 10
  let at = head
  for (const part of parts) {
    chunked.set(part, at)
    at += part.length
  }
  chunked[at] = 13
  chunked[at + 1] = 10
  return { chunked, bare: chunked.subarray(head, at), events }
}

/** One text as a segment. */
export function segmentOf(text: string, events: number): Segment {
  const bytes = utf8(text)
  return segment([bytes], bytes.length, events)
}
