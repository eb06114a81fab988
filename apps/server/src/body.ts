import { Say } from '@hearsay/protocol'
import type { FastifyRequest } from 'fastify'
import type { Static, TProperties, TSchema } from 'typebox'
import { Compile, type Validator } from 'typebox/compile'
import type { TLocalizedValidationError } from 'typebox/error'
import { Refusal } from './refusal.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const saying = Compile(Say)

/** Bytes as text. @throws Refusal `bad-utf8`: nothing that was meant is replaced by U+FFFD. */
export function textOf(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw new Refusal('bad-utf8')
  }
}

/**
 * The body of a say: plain text, JSON or a form.
 *
 * @throws Refusal `bad-utf8`, `bad-json`, `bad-body`, `bad-type`
 */
export function readSay(contentType: string | undefined, bytes: Uint8Array): Say {
  const [type = '', charset] = (contentType ?? 'text/plain').toLowerCase().split(/\s*;\s*charset=/)
  if (charset !== undefined && !/^("?)(?:utf-?8|us-ascii)\1\s*(?:;|$)/.test(charset))
    throw new Refusal('bad-utf8')
  const text = textOf(bytes)
  switch (type.split(';')[0]!.trim()) {
    case 'application/json':
      return checked(readJson(text))
    case 'application/x-www-form-urlencoded':
      return readForm(text)
    case 'text/plain':
      return { text }
    default:
      throw new Refusal('bad-type')
  }
}

/** What was written in a form, whether it can be said or not. */
export const writtenIn = (bytes: Uint8Array): string =>
  new URLSearchParams(Buffer.from(bytes).toString()).get('text') ?? ''

/** The text alone, of a body that may be plain text or JSON. @throws Refusal as `readSay` does */
export function readText(contentType: string | undefined, bytes: Uint8Array): string {
  return readSay(contentType, bytes).text
}

/**
 * A body that is JSON of a schema.
 *
 * @throws Refusal `bad-utf8`, `bad-json`, `bad-body`, `bad-type`
 */
export function readJsonBody<Schema extends TSchema>(
  request: FastifyRequest,
  schema: Validator<TProperties, Schema>,
): Static<Schema> {
  const { headers } = request.raw
  if (!/^application\/json\b/i.test(headers['content-type'] ?? ''))
    throw new Refusal('bad-type', 'Send application/json.')
  const value = readJson(textOf((request.body as Uint8Array | undefined) ?? new Uint8Array()))
  if (schema.Check(value)) return value
  throw badBody(schema.Errors(value))
}

/** What the validator found, as a sentence. */
function badBody(errors: readonly TLocalizedValidationError[]): Refusal {
  const [first] = errors
  if (first === undefined) return new Refusal('bad-body')
  const { keyword, instancePath, message } = first
  const field = JSON.stringify(instancePath.slice(1).replaceAll('/', '.'))
  if (keyword === 'boolean') return new Refusal('bad-body', `This call takes no ${field}.`)
  if (keyword === 'const') {
    const values = errors.flatMap((error) =>
      error.keyword === 'const' && error.instancePath === instancePath
        ? [JSON.stringify(error.params.allowedValue)]
        : [],
    )
    return new Refusal('bad-body', `${field} takes ${values.join(' or ')}.`)
  }
  return new Refusal('bad-body', `${instancePath ? field : 'The body'} ${message}.`)
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Refusal('bad-json')
  }
}

/**
 * `curl -d hi` calls its bytes a form: what has no field `text` is the text itself.
 */
function readForm(text: string): Say {
  if (!/(?:^|&)text=/.test(text)) return { text }
  let broken = false
  // URLSearchParams would put U+FFFD for bytes that are not UTF-8.
  const value = (part: string): string => {
    try {
      return decodeURIComponent(part.replaceAll('+', ' '))
    } catch {
      broken = true
      return ''
    }
  }
  const fields: Record<string, string> = Object.create(null) as Record<string, string>
  for (const pair of text.split('&')) {
    const at = pair.indexOf('=')
    if (at < 0) continue
    const field = value(pair.slice(0, at))
    const said = value(pair.slice(at + 1))
    // An empty field of a form is one that was left out.
    if (said !== '' || field === 'text') fields[field] = said
  }
  if (broken) throw new Refusal('bad-utf8')
  return checked({ ...fields })
}

function checked(value: unknown): Say {
  if (saying.Check(value)) return value
  const errors = saying.Errors(value)
  if (errors[0]?.keyword === 'maxLength' && errors[0].instancePath === '/text')
    throw new Refusal('too-long')
  throw badBody(errors)
}
