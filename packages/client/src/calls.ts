import type { From, History, Message, Problem, Settings } from '@hearsay/protocol'

/** Where a call goes and who makes it. */
export interface Server {
  /** The server. Default: the page's own origin; in Node it must be given. */
  readonly base?: string | URL | undefined
  /** The person's secret; without one the caller is a guest. */
  readonly secret?: string | undefined
  /** Default: the global one. */
  readonly fetch?: typeof fetch | undefined
  /** Ends its calls: those that are under way did not get through. */
  readonly signal?: AbortSignal | undefined
}

/**
 * A call that the server refused (`problem.status` 400 to 599, `problem.code` as in docs/errors.md) or that did
 * not get through (`problem.status` 0, `problem.code` `unreachable`).
 */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  readonly problem: Problem

  constructor(problem: Problem, cause?: unknown) {
    super(problem.detail ?? problem.title, cause === undefined ? undefined : { cause })
    this.problem = problem
  }

  /** The same call may succeed later: no answer, 429, or a fault of the server (5xx). */
  get passing(): boolean {
    return isPassing(this.problem.status)
  }
}

/** No answer, "slow down", a timeout on the way, or a fault of the server: worth another try. */
export function isPassing(status: number): boolean {
  return status === 0 || status === 408 || status === 425 || status === 429 || status >= 500
}

/** What in a problem is no text. */
const KINDS: Readonly<Record<string, string>> = {
  retryAfter: 'number',
  at: 'number',
  challenge: 'object',
}

/** The problem that an answer carries; one made from the status where a proxy answered in the server's place. */
export async function problemOf(response: Response): Promise<Problem> {
  const made: Problem = {
    type: 'about:blank',
    title: response.statusText || `The server answered ${response.status}.`,
    status: response.status,
    code: `http-${response.status}`,
  }
  const after = retryAfter(response.headers.get('retry-after'))
  const told = after === undefined ? made : { ...made, retryAfter: after }
  if (!/^application\/problem\+json\b/i.test(response.headers.get('content-type') ?? '')) {
    return told
  }
  try {
    const body = (await response.json()) as Partial<Problem> | null
    if (typeof body?.code !== 'string') return told
    const known = Object.entries(body).filter(
      ([name, value]) => typeof value === (KINDS[name] ?? 'string'),
    )
    // The status is the answer's own, whatever its body says.
    return { ...told, ...Object.fromEntries(known), status: response.status }
  } catch {
    return told
  }
}

/** `Retry-After` in seconds, from either of its two forms (RFC 9110, 10.2.3). */
function retryAfter(value: string | null): number | undefined {
  if (!value) return undefined
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : undefined
}

/** The problem of a call that got no answer. */
export function unreachable(cause: unknown): ProblemError {
  return new ProblemError(
    {
      type: 'about:blank',
      title: 'The server can not be reached.',
      status: 0,
      code: 'unreachable',
    },
    cause,
  )
}

/** The address of a path on the server. @throws TypeError where there is neither a base nor a page. */
export function address(server: Server, where: string): URL {
  const base = server.base ?? (globalThis as { location?: Location }).location?.origin
  if (base === undefined) {
    throw new TypeError("There is no page here: give the server's address as 'base'.")
  }
  return new URL(where.slice(1), `${base}`.endsWith('/') ? base : `${base}/`)
}

/** The headers that say who is calling. */
export function credentials(server: Server): Record<string, string> {
  return server.secret ? { authorization: `Bearer ${server.secret}` } : {}
}

/** Milliseconds for an answer. */
const ANSWER = 30_000

/** What a call carries besides its address. */
export interface CallOptions {
  readonly method?: string | undefined
  /** Sent as JSON. */
  readonly body?: unknown
  readonly key?: string | undefined
  /** What answers the challenge of `newcomers-wait`. */
  readonly proof?: string | undefined
  /** Default: gives up after 30 s. */
  readonly signal?: AbortSignal | undefined
  /** Let the request outlive the page (for what is sent while it goes away). */
  readonly keepalive?: boolean | undefined
}

/** One call, answered as JSON. The door for calls that have no function of their own here. @throws ProblemError */
export async function call<Answer>(
  server: Server,
  where: string,
  options: CallOptions = {},
): Promise<Answer> {
  const { method = 'GET', body, key, proof } = options
  const patience = options.signal ?? AbortSignal.timeout(ANSWER)
  // Safari before 17.4 can't: there they end by themselves.
  const signal = (server.signal && AbortSignal.any?.([server.signal, patience])) ?? patience
  const headers: Record<string, string> = { accept: 'application/json', ...credentials(server) }
  if (body !== undefined) headers['content-type'] = 'application/json'
  if (key !== undefined) headers['idempotency-key'] = key
  if (proof !== undefined) headers['proof-of-work'] = proof
  let response: Response
  try {
    response = await (server.fetch ?? fetch)(address(server, where), {
      method,
      headers,
      cache: 'no-store',
      body: JSON.stringify(body),
      signal,
      keepalive: options.keepalive === true,
    })
    if (response.ok) return (response.status === 204 ? undefined : await response.json()) as Answer
  } catch (cause) {
    throw unreachable(cause)
  }
  throw new ProblemError(await problemOf(response))
}

/** An answer that `isSo`; any other is of what stands between, and the call did not get through. @throws ProblemError */
async function checked<Answer>(
  answer: Promise<Answer>,
  isSo: (answer: Partial<Answer> | null | undefined) => boolean,
): Promise<Answer> {
  const value = await answer
  if (!isSo(value)) throw unreachable(value)
  return value
}

/** The path of something in a room. */
export function path(room: string, ...rest: readonly string[]): string {
  return ['/r', room, ...rest].map((part, i) => (i ? encodeURIComponent(part) : part)).join('/')
}

/** What is said. */
export interface Saying {
  /** 1 to 4000 characters, 200 lines at most; may be empty where there are `files`. */
  readonly text: string
  /** Ids of what was sent before with `attach`, 4 at most. */
  readonly files?: readonly string[] | undefined
  /** The id of the message that it answers. */
  readonly replyTo?: string | undefined
  /** The name to say it under, 1 to 32 visible characters. Default: the one that the server makes. */
  readonly name?: string | undefined
}

/** What was said, or (`held`) what waits for whoever looks after the room: then `id` is where it waits. */
export type Said = Message & { readonly held?: true }

/** Says something, once per key: the same key from the same person answers the first message again. */
export function say(
  server: Server,
  room: string,
  message: Saying,
  key: string,
  signal?: AbortSignal,
  proof?: string,
): Promise<Said> {
  const options = { method: 'POST', body: message, key, proof, signal }
  return checked(call<Said>(server, path(room), options), (said) => said?.room === room)
}

/** What a page of history is asked for: at most one of `before`, `after` and `around`. */
export interface PageQuery {
  readonly before?: string | undefined
  readonly after?: string | undefined
  /** The message itself stands in the middle. */
  readonly around?: string | undefined
  /** 1 to 200, default 50. */
  readonly limit?: number | undefined
}

/** A page of the room's messages, oldest first. Without any of them the newest. */
export function history(server: Server, room: string, query: PageQuery = {}): Promise<History> {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) search.set(name, `${value}`)
  }
  const where = `${path(room, 'messages')}?${search}`
  return checked(call<History>(server, where), (page) => Array.isArray(page?.messages))
}

/** Takes back what waits for review, or as somebody who looks after the room refuses it. */
export function dropHeld(server: Server, room: string, id: string): Promise<unknown> {
  return call(server, path(room, 'held', id), { method: 'DELETE' })
}

/** Changes the text of one's own message. */
export function edit(server: Server, room: string, id: string, text: string): Promise<unknown> {
  return call(server, path(room, 'messages', id), { method: 'PATCH', body: { text } })
}

/** Removes one's own message, or as a moderator anyone's. It is gone from the server's disk as well. */
export function remove(server: Server, room: string, id: string): Promise<unknown> {
  return call(server, path(room, 'messages', id), { method: 'DELETE' })
}

/** Adds a reaction, or takes it back. */
export function react(
  server: Server,
  room: string,
  id: string,
  emoji: string,
  on = true,
): Promise<unknown> {
  const reaction = path(room, 'messages', id, 'reactions', emoji)
  return call(server, reaction, { method: on ? 'PUT' : 'DELETE' })
}

/** Tells the room that this person is typing, or is no more. */
export function typing(server: Server, room: string, isTyping = true): Promise<unknown> {
  return call(server, path(room, 'typing'), { method: isTyping ? 'POST' : 'DELETE' })
}

/** What a server tells of a room. */
export interface Facts {
  readonly room: string
  /** Messages that are kept. */
  readonly messages: number
  readonly newest: string | null
  readonly oldest: string | null
  /** Messages were removed, as their time was over. */
  readonly expired: boolean
  readonly settings: Readonly<Partial<Settings>>
}

/** Facts about a room; one that nobody has used yet is an empty one. */
export function facts(server: Server, room: string): Promise<Facts> {
  return call(server, path(room))
}

/** A room's settings, and who the caller is there. */
export function settings(server: Server, room: string): Promise<Settings & { readonly you: From }> {
  return call(server, path(room, 'settings'))
}

/** One message as it is now. */
export function message(server: Server, room: string, id: string): Promise<Message> {
  return call(server, path(room, 'messages', id))
}

/** Tells the room that no page of this person is in sight, or that one is again. Whoever says something is not away. */
export function away(server: Server, room: string, isAway = true): Promise<unknown> {
  return call(server, path(room, 'away'), { method: isAway ? 'PUT' : 'DELETE' })
}

/** Who is here now. */
export function people(
  server: Server,
  room: string,
): Promise<{ readonly count: number; readonly people?: readonly From[] }> {
  return call(server, path(room, 'people'))
}
