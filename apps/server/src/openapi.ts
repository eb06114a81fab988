import {
  fileIdPattern,
  idPattern,
  Problem,
  problems,
  roomPattern,
  type ProblemCode,
} from '@hearsay/protocol'
import { Type, type TSchema } from 'typebox'
import type { Call, CallName } from './call.ts'
import { calls } from './calls.ts'
import { named, referring, type Json } from './schemas.ts'

/** A call as it was registered: its path in Fastify's words. */
export interface Registered {
  readonly url: string
  readonly method: string
  readonly name: CallName
}

/** What any call may be refused for, whatever it is. */
const always: readonly ProblemCode[] = [
  'bad-request',
  'header-too-large',
  'too-slow',
  'wrong-host',
  'internal',
]

const parameters: Readonly<Record<string, TSchema>> = {
  room: Type.String({ pattern: roomPattern }),
  id: Type.String({
    description: 'Of a message, of what is held or of a report `<epoch>-<seq>`; of a link its own.',
  }),
  file: Type.String({ pattern: fileIdPattern }),
  emoji: Type.String({ description: 'One emoji, percent-encoded.' }),
  person: Type.String({ description: 'The `person` of who said something.' }),
}

const headers: Readonly<Partial<Record<CallName, Readonly<Record<string, TSchema>>>>> = {
  say: {
    'Idempotency-Key': Type.String({ pattern: '^[!-~]{1,128}$' }),
    'Proof-Of-Work': Type.String({ description: 'The answer to the challenge of newcomers-wait.' }),
  },
  hear: { 'Last-Event-ID': Type.String({ pattern: idPattern }) },
  hearRooms: { 'Last-Event-ID': Type.String({ pattern: idPattern }) },
  hearText: { 'Last-Event-ID': Type.String({ pattern: idPattern }) },
}

/** `/r/:room` as a template of OpenAPI. */
const templateOf = (url: string): string => url.replace(/:(\w+)/g, '{$1}')

/** The server's calls as OpenAPI 3.1 has them: made of the routes that were registered and the schemas they check by. */
export function openApi(registered: readonly Registered[]): Json {
  const paths: Record<string, Record<string, Json>> = {}
  for (const { url, method, name } of registered) {
    const path = (paths[templateOf(url)] ??= {})
    const operation = operationOf(url, name, calls[name])
    path[method.toLowerCase()] = operation
    if (method !== 'GET' || calls[name].isUnsafe) continue
    path['head'] = {
      ...operation,
      operationId: `${name}Head`,
      responses: bodiless(operation['responses'] as Record<string, Json>),
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Hearsay',
      version: '0.1.0',
      summary: 'Anonymous group chat over Server-Sent Events.',
      description:
        'Hear by GET, say by POST. A person is a secret that the client makes; without one he is a guest. The events of the streams are described by /asyncapi.json.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: named(),
      securitySchemes: {
        secret: {
          type: 'http',
          scheme: 'bearer',
          description: '22 to 128 base64url characters that the client made at random.',
        },
        password: {
          type: 'http',
          scheme: 'basic',
          description: 'A name and a password, which is stretched into a secret.',
        },
      },
    },
  }
}

function operationOf(url: string, name: CallName, call: Call): Record<string, Json> {
  const inPath = [...url.matchAll(/:(\w+)/g)].map(([, of]) => ({
    name: of!,
    in: 'path',
    required: true,
    schema: referring(parameters[of!]!),
  }))
  const inQuery = Object.entries(call.query ?? {}).map(([of, schema]) => ({
    name: of,
    in: 'query',
    required: call.needs === of,
    schema: referring(schema),
  }))
  const inHeader = Object.entries(headers[name] ?? {}).map(([of, schema]) => ({
    name: of,
    in: 'header',
    required: false,
    schema: referring(schema),
  }))
  const persons: Json[] = [{ secret: [] }, { password: [] }]
  const security = call.by === 'anyone' ? [] : call.by === 'guest' ? [{}, ...persons] : persons
  return {
    operationId: name,
    summary: call.does,
    security,
    parameters: [...inPath, ...inQuery, ...inHeader],
    ...(call.body === undefined
      ? {}
      : { requestBody: { required: true, content: contentOf(call.body) } }),
    responses: {
      ...answersOf(call),
      ...(url.includes(':room') || name === 'hearRooms'
        ? { 308: { description: meanings[308]! } }
        : {}),
      ...refusalsOf([...call.refuses, ...always]),
    },
  }
}

const contentOf = (bodies: Readonly<Record<string, TSchema>>): Json =>
  Object.fromEntries(
    Object.entries(bodies).map(([type, schema]) => [type, { schema: referring(schema) }]),
  )

const meanings: Readonly<Record<number, string>> = {
  200: 'Done.',
  201: 'Made.',
  202: 'Taken, and waiting for who looks after the room: nobody else hears of it before.',
  204: 'Done; there is nothing to say of it.',
  303: 'The form of a page without JavaScript was taken: `Location` has the room.',
  308: 'The room’s name was written in upper case: `Location` has it in lower case.',
}

function answersOf({ answers }: Call): Record<string, Json> {
  const all = Object.entries(answers).map(([status, bodies]) => [
    status,
    {
      description: meanings[Number(status)]!,
      ...(bodies === null ? {} : { content: contentOf(bodies) }),
    },
  ])
  return Object.fromEntries(all) as Record<string, Json>
}

/** Refusals by status: each as a problem with one of the codes, or as a sentence, or as a page that says it. */
function refusalsOf(codes: readonly ProblemCode[]): Record<string, Json> {
  const byStatus: Record<string, ProblemCode[]> = {}
  for (const code of new Set(codes)) (byStatus[problems[code][0]] ??= []).push(code)
  const all = Object.entries(byStatus).map(([status, of]) => [
    status,
    {
      description: of.map((code) => `\`${code}\`: ${problems[code][1]}`).join(' '),
      content: {
        'application/problem+json': {
          schema: { allOf: [referring(Problem), { properties: { code: { enum: of } } }] },
        },
        'text/plain': { schema: { type: 'string' } },
        'text/html': { schema: { type: 'string' } },
      },
    },
  ])
  return Object.fromEntries(all) as Record<string, Json>
}

/** The same answers without their bodies (RFC 9110, section 9.3.2). */
const bodiless = (responses: Readonly<Record<string, Json>>): Json =>
  Object.fromEntries(
    Object.entries(responses).map(([status, response]) => [
      status,
      { description: (response as { description: string }).description },
    ]),
  )
