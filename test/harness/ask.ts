import { request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'

/** An answer that has come in whole. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly bytes: Buffer
  readonly text: string
  /** The body as JSON. */
  readonly json: () => Record<string, unknown>
}

export interface Asking {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string | string[]>>
  readonly body?: string | Uint8Array
}

/** Looks at each answer before whoever asked has it. */
type Look = (method: string, path: string, answer: Answer) => Promise<void>
let look: Look | undefined

/** Has every answer from now on looked at. */
export function lookAtAnswers(each: Look): void {
  look = each
}

/**
 * Sends a request as a program of no particular kind would: nothing is added to the headers but `Host`, and the path goes out as
 * it stands.
 */
export async function ask(url: string, path: string, asking: Asking = {}): Promise<Answer> {
  const { method = 'GET', headers = {}, body } = asking
  const { port } = new URL(url)
  const res = await new Promise<IncomingMessage>((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, method, headers: { ...headers }, agent: false }
    const req = request(options, resolve)
    req.on('error', reject)
    req.end(body)
  })
  const chunks: Buffer[] = []
  for await (const chunk of res) chunks.push(chunk as Buffer)
  const bytes = Buffer.concat(chunks)
  const text = bytes.toString()
  const json = (): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>
  const answer = { status: res.statusCode!, headers: res.headers, bytes, text, json }
  await look?.(method, path, answer)
  return answer
}

/** Says something, as plain text. */
export function say(url: string, room: string, text: string, headers = {}): Promise<Answer> {
  return ask(url, `/r/${room}`, {
    method: 'POST',
    headers: { 'content-type': 'text/plain', ...headers },
    body: text,
  })
}

/** A secret of somebody. */
export const bearer = (who: string): { authorization: string } => ({
  authorization: `Bearer ${who.padEnd(32, '-')}`,
})

/** Sends these bytes and answers all that comes back until the other side closes. */
export function exchange(url: string, ...bytes: (string | Uint8Array)[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    let text = ''
    socket.setEncoding('latin1')
    socket.on('data', (data: string) => (text += data))
    // A server that refuses what is too large closes while it is still being sent.
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (!['ECONNRESET', 'EPIPE'].includes(error.code ?? '')) reject(error)
    })
    socket.on('close', () => resolve(text))
    for (const each of bytes) socket.write(each)
  })
}

/** The status of an answer that came in as text. */
export const statusOf = (text: string): number => Number(/^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1])
