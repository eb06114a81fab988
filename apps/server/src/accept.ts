/** What a client may ask for at `GET /r/{room}`. */
const known = [
  'text/event-stream',
  'text/html',
  'application/x-ndjson',
  'application/json',
  'text/plain',
] as const

export type Kind = (typeof known)[number]

/**
 * The kind of answer that an `Accept` header asks for (RFC 9110, section 12.5.1): of the kinds that are known the one with
 * the highest weight, the first of them where several have it. None, or `*` alone as curl sends it, is readable text.
 */
export function preferred(accept: string | undefined): Kind {
  if (accept === undefined || accept === '*/*') return 'text/plain'
  let best: Kind = 'text/plain'
  let weight = 0
  for (const part of accept.slice(0, 1024).split(',')) {
    const [type = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase())
    const kind = known.find((candidate) => candidate === type)
    if (!kind) continue
    const q = parameters.find((parameter) => parameter.startsWith('q='))
    const value = q === undefined ? 1 : Number(q.slice(2))
    if (value > weight) {
      best = kind
      weight = value
    }
  }
  return best
}

/**
 * Does the client want an error as a plain sentence? Where it asks for text to read, and where a person sits in front of curl or
 * wget, whose `Accept` says as little as that of a program's `fetch`.
 */
export function wantsSentence(accept: string | undefined, userAgent: string | undefined): boolean {
  if (accept !== undefined && accept !== '*/*') return /^\s*text\/(?!event-stream)/i.test(accept)
  return /^(curl|wget)\//i.test(userAgent ?? '')
}
