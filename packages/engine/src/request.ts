import type { Form } from './form.ts'

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

/** What a request asks for: the header wins over the query. */
export function askedFor(
  url: string,
  lastEventId: string | null | undefined,
): { cursor?: string; last?: number } {
  const query = url.indexOf('?')
  const params = query < 0 ? undefined : new URLSearchParams(url.slice(query + 1))
  const cursor = lastEventId || params?.get('after')
  if (cursor) return { cursor }
  const last = Number(params?.get('last') ?? 0)
  return Number.isSafeInteger(last) && last > 0 ? { last: Math.min(last, MOST) } : {}
}

/** What `last` is cut to. */
const MOST = 1000
