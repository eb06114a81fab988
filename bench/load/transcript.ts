/** One event of a text/event-stream. */
interface StreamEvent {
  readonly id: string | null
  readonly type: string
  readonly data: string
}

/** Takes the chunk framing of HTTP/1.1 away. Bytes that are not whole chunks are an error. */
function dechunk(bytes: Buffer): Buffer {
  const chunks: Buffer[] = []
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf('\r\n', at)
    const size = end < 0 ? NaN : Number.parseInt(bytes.toString('latin1', at, end), 16)
    if (Number.isNaN(size)) throw new Error(`no chunk at byte ${at}`)
    chunks.push(bytes.subarray(end + 2, end + 2 + size))
    at = end + 4 + size
  }
  return Buffer.concat(chunks)
}

function events(text: string): StreamEvent[] {
  return text.split('\n\n').flatMap((block) => {
    const field = (name: string): string | null =>
      new RegExp(`^${name}: ?(.*)$`, 'm').exec(block)?.[1] ?? null
    const data = field('data')
    return data === null ? [] : [{ id: field('id'), type: field('event') ?? 'message', data }]
  })
}

/** The last `id:` in what a listener read: the cursor to come back with. */
export function lastId(kept: readonly Buffer[]): string | null {
  const text = Buffer.concat(kept).toString('latin1')
  return [...text.matchAll(/^id: ?(.+?)\r?$/gm)].pop()?.[1] ?? null
}

/**
 * Reads a stream of Hearsay's as a careful client does: every message says which one came before it. Says where the
 * chain breaks, or null.
 *
 * @param kept What a listener read since a moment at which nothing was on its way.
 */
export function chainFault(kept: readonly Buffer[], after: string | null): string | null {
  const bytes = Buffer.concat(kept)
  const head = bytes.toString('latin1', 0, 9) === 'HTTP/1.1 ' ? bytes.indexOf('\r\n\r\n') + 4 : 0
  let last = after
  for (const { id, type, data } of events(dechunk(bytes.subarray(head)).toString('utf8'))) {
    if (type === 'gap') return `a gap after ${last}: ${data}`
    if (id === null) continue
    const said = JSON.parse(data) as { id: string; prev: string | null }
    if (said.id !== id) return `the event ${id} calls itself ${said.id}`
    if (last !== null && said.prev !== last)
      return `${id} follows ${said.prev}, but ${last} was the last`
    last = id
  }
  return null
}
