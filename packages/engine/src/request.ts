import type { Form } from './form.ts'
import type { JoinOptions } from './hub.ts'

/** The headers of every stream. */
export function streamHeaders(form: Form): Record<string, string> {
  return {
    'Content-Type': form.contentType,
    // `no-transform`: compression would hold events back until its block is full.
    'Cache-Control': 'no-cache, no-transform',
    // Default nginx passes no byte of a stream without it.
    'X-Accel-Buffering': 'no',
  }
}

/**
 * What a request asks for: the header `Last-Event-ID`, as EventSource sends it when it comes back, or else the queries
 * `after` and `last`. What the program says itself wins over both.
 */
export function askedFor(
  url: string,
  lastEventId: string | null | undefined,
  options: JoinOptions,
): JoinOptions {
  const query = url.indexOf('?')
  const params = query < 0 ? undefined : new URLSearchParams(url.slice(query + 1))
  // An option that is undefined is one that was left out.
  const cursor = options.cursor ?? (lastEventId || params?.get('after') || undefined)
  const last = Number(params?.get('last') ?? 0)
  const asked = Number.isSafeInteger(last) && last > 0 ? Math.min(last, MOST) : undefined
  return { ...options, cursor, last: options.last ?? asked }
}

/** What the query `last` is cut to. */
const MOST = 1000
