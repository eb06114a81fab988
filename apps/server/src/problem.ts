import { problems, type Problem } from '@hearsay/protocol'
import { preferred, wantsSentence } from './accept.ts'
import { LogError } from './log/log.ts'
import { Refusal } from './refusal.ts'
import { refusalPage, refusalPageHeaders } from './refusal-page.ts'

/** Milliseconds to wait where too much waits for review: somebody has to look at it first. */
export const reviewTakes = 60_000

/** An answer that refuses: RFC 9457, or its sentence alone, or that on a page. */
export interface Refused {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What a client is told of an error. What is no refusal is a fault of ours: it is told so, and the log has the rest. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  if (error instanceof LogError) {
    if (error.code === 'disk-full') return new Refusal('disk-full')
    if (error.code === 'not-found')
      return new Refusal('not-found', 'There is no such message in this room.')
    if (error.code === 'too-many') return new Refusal('review-full', undefined, reviewTakes)
    return new Refusal('unavailable')
  }
  const code = (error as { code?: string } | null)?.code
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new Refusal('too-large')
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return new Refusal('bad-type')
  // Fastify's word for what the client did: a body that broke off, or is not as long as it was said to be.
  if ((error as { statusCode?: number } | null)?.statusCode === 400)
    return new Refusal('bad-request')
  reportFault(error)
  return new Refusal('internal')
}

/** What is told of a refusal, with when to come again. */
export function sentenceOf({ message, wait }: Refusal): string {
  const seconds = Math.ceil(wait / 1000)
  const again = seconds > 0 ? ` Try again in ${seconds} second${seconds === 1 ? '' : 's'}.` : ''
  return message + again
}

export function refused(refusal: Refusal, accept?: string, userAgent?: string): Refused {
  const { code, wait, extra } = refusal
  const [status, title] = problems[code]
  const sentence = sentenceOf(refusal)
  const seconds = Math.ceil(wait / 1000)
  const headers: Record<string, string> = { 'cache-control': 'no-store' }
  if (seconds > 0) headers['retry-after'] = String(seconds)
  if (code === 'bad-auth')
    headers['www-authenticate'] = 'Bearer, Basic realm="hearsay", charset="UTF-8"'
  if (preferred(accept) === 'text/html')
    return {
      status,
      headers: { ...headers, ...refusalPageHeaders },
      body: refusalPage(code, sentence),
    }
  if (wantsSentence(accept, userAgent))
    return {
      status,
      headers: { ...headers, 'content-type': 'text/plain; charset=utf-8' },
      body: `${sentence}\n`,
    }
  const problem: Problem = {
    type: `urn:hearsay:problem:${code}`,
    title,
    status,
    code,
    ...(sentence === title ? {} : { detail: sentence }),
    ...(seconds > 0 ? { retryAfter: seconds } : {}),
    ...extra,
  }
  return {
    status,
    headers: { ...headers, 'content-type': 'application/problem+json; charset=utf-8' },
    body: JSON.stringify(problem),
  }
}

/** A fault of the server, on stderr: one line of JSON, with nothing of the request in it. */
export function reportFault(error: unknown): void {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error))
  console.error(
    JSON.stringify({ time: new Date().toISOString(), level: 'error', fault: name, message, stack }),
  )
}
