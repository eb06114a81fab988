import { idPattern, limits, loggedEvents, roomPattern, signals } from '@hearsay/protocol'
import { Type, type TSchema } from 'typebox'
import { named, referring, type Json } from './schemas.ts'

/** What each event tells. */
const tells: Readonly<Record<keyof typeof loggedEvents | keyof typeof signals, string>> = {
  message: 'Somebody said something. Sent with no `event:` field: `onmessage` gets it.',
  edit: 'A message says something else now.',
  delete: 'A message was removed.',
  reaction: 'Somebody reacted to a message, or took it back.',
  room: 'The room’s settings were changed.',
  hello: 'First on every stream: where it begins.',
  presence: 'Who came or changed, who left, how many are here.',
  typing: 'Somebody is writing, or is no more.',
  beat: 'The stream lives.',
  gap: 'What followed the cursor is no longer all there.',
  raid: 'Who is new waits or proves work before he speaks; or that is over.',
  waiting: 'So much waits for who looks after the room, who alone is told.',
  busy: 'Come back later; then the stream ends.',
}

const all: readonly [string, TSchema][] = Object.entries({ ...loggedEvents, ...signals })
const refs = (where: string, names: readonly string[]): Record<string, Json> =>
  Object.fromEntries(names.map((name) => [name, { $ref: `${where}${name}` }]))

const cursor = {
  after: Type.Optional(Type.String({ pattern: idPattern, description: 'The cursor.' })),
  last: Type.Optional(Type.Integer({ minimum: 0, maximum: limits.last })),
}
const onRequest = Type.Object(cursor)
const onManyRooms = Type.Object({
  room: Type.Array(Type.String({ pattern: roomPattern }), {
    minItems: 1,
    maxItems: limits.roomsPerStream,
  }),
  ...cursor,
})

interface Channel {
  readonly address: string
  readonly does: string
  readonly query: TSchema
  readonly messages: readonly string[]
}

const events = all.map(([name]) => name)
const channels: Readonly<Record<string, Channel>> = {
  room: { address: '/r/{room}', does: 'One room.', query: onRequest, messages: events },
  rooms: {
    address: '/events',
    does: 'Many rooms on one stream, with one cursor.',
    query: onManyRooms,
    messages: events,
  },
  lobby: {
    address: '/sse',
    does: 'The room `lobby`; the data of a message is its bare text.',
    query: onRequest,
    messages: ['text', ...events.filter((name) => name !== 'message')],
  },
}

/** The server's streams as AsyncAPI 3.0 has them, made of the schemas of their events. */
export function asyncApi(): Json {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Hearsay',
      version: '0.1.0',
      description:
        'Streams of text/event-stream. Every logged event has an `id:`, which is a cursor: sent back as Last-Event-ID, the stream goes on after it.',
      license: { name: 'MIT' },
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(
      Object.entries(channels).map(([name, { address, does, messages }]) => [
        name,
        {
          address,
          description: does,
          messages: refs('#/components/messages/', messages),
          ...(address.includes('{room}')
            ? { parameters: { room: { description: `A room’s name: ${roomPattern}` } } }
            : {}),
        },
      ]),
    ),
    operations: Object.fromEntries(
      Object.entries(channels).map(([name, { does, query, messages }]) => [
        `${name}Heard`,
        {
          action: 'send',
          summary: does,
          channel: { $ref: `#/channels/${name}` },
          messages: Object.values(refs(`#/channels/${name}/messages/`, messages)),
          bindings: { http: { method: 'GET', query: referring(query), bindingVersion: '0.3.0' } },
        },
      ]),
    ),
    components: { schemas: named(), messages: messages() },
  }
}

function messages(): Record<string, Json> {
  const text: Json = {
    name: 'text',
    summary: tells.message,
    contentType: 'text/plain',
    payload: { type: 'string' },
  }
  const events = all.map(([name, schema]) => [
    name,
    {
      name,
      summary: tells[name as keyof typeof tells],
      payload: referring(schema),
      // As fields of the event: `id:` stands on what is logged and on nothing else.
      ...(name in loggedEvents
        ? {
            headers: {
              type: 'object',
              required: ['id'],
              properties: { id: { type: 'string', pattern: idPattern } },
            },
          }
        : {}),
    },
  ])
  return { text, ...(Object.fromEntries(events) as Record<string, Json>) }
}
