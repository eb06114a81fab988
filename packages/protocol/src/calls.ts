import { Type, type Static } from 'typebox'
import { Message } from './events.ts'
import { fileIdPattern } from './files.ts'
import * as limits from './limits.ts'
import { idPattern } from './patterns.ts'

/** Body of `POST /r/{room}` where it is JSON or a form. */
export const Say = Type.Object(
  {
    text: Type.String({
      maxLength: limits.text,
      description: 'May be empty where there are `files`.',
    }),
    files: Type.Optional(
      Type.Array(Type.String({ pattern: fileIdPattern }), {
        maxItems: limits.files,
        uniqueItems: true,
        description: 'Ids of files that the same person has sent to this room.',
      }),
    ),
    replyTo: Type.Optional(Type.String({ pattern: idPattern })),
    name: Type.Optional(Type.String({ maxLength: 256 })),
    key: Type.Optional(Type.String({ minLength: 1, maxLength: limits.key, pattern: '^[!-~]+$' })),
  },
  { additionalProperties: false },
)
export type Say = Static<typeof Say>

/** Body of `PUT /r/{room}/name`. */
export const Name = Type.Object(
  { name: Type.String({ maxLength: 256 }) },
  { additionalProperties: false },
)
export type Name = Static<typeof Name>

/** Answer of `GET /r/{room}/messages`. */
export const History = Type.Object({
  messages: Type.Array(Message, { description: 'Oldest first.' }),
  before: Type.Union([Type.String(), Type.Null()], {
    description: 'Cursor of the page before this one; null: this is the start.',
  }),
  after: Type.Union([Type.String(), Type.Null()], {
    description: 'Cursor of the page after this one; null: this is the head.',
  }),
})
export type History = Static<typeof History>

/** Answer of `GET /r/{room}/messages?q=`. */
export const Found = Type.Object({
  messages: Type.Array(Message, { description: 'Those with all the words, newest first.' }),
  before: Type.Union([Type.String(), Type.Null()], {
    description: 'Cursor of the next page, which is older; null: there are no more.',
  }),
  since: Type.Union([Type.String(), Type.Null()], {
    description:
      'Of a large room only the newest messages are looked through, from this one on; null: all were.',
  }),
})
export type Found = Static<typeof Found>
