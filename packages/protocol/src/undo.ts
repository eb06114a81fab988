import { Type, type Static } from 'typebox'
import { idPattern } from './patterns.ts'

const Id = Type.String({ pattern: idPattern })

/**
 * Body of `POST /r/{room}/removals`: which messages. They are hidden from everyone, and gone for good after an hour unless
 * the act is taken back.
 */
export const Remove = Type.Object(
  {
    messages: Type.Optional(Type.Array(Id, { minItems: 1, maxItems: 100 })),
    person: Type.Optional(
      Type.String({ pattern: '^[0-9a-z]{26}$', description: 'What this person said.' }),
    ),
    newcomers: Type.Optional(
      Type.Literal(true, { description: 'What those said who had said nothing before.' }),
    ),
    minutes: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1440,
        description: 'Of a person or of newcomers: the last so many. Default: 1,440 and 10.',
      }),
    ),
  },
  { additionalProperties: false, description: 'Either `messages`, `person` or `newcomers`.' },
)
export type Remove = Static<typeof Remove>

/** Answer of `POST /r/{room}/removals`. */
export const Removed = Type.Object({
  act: Type.Union([Id, Type.Null()], {
    description: 'For `undo`; null: there was nothing to remove.',
  }),
  messages: Type.Integer({ minimum: 0, description: 'How many are hidden by it.' }),
  until: Type.String({ format: 'date-time', description: 'Till then it can be taken back.' }),
})
export type Removed = Static<typeof Removed>

/** Body of `POST /r/{room}/undo`: the id of a line of the host's log. */
export const Undo = Type.Object({ act: Id }, { additionalProperties: false })
export type Undo = Static<typeof Undo>

/** Answer of `POST /r/{room}/undo`. */
export const Undone = Type.Object({
  act: Id,
  messages: Type.Integer({ minimum: 0, description: 'How many are back.' }),
})
export type Undone = Static<typeof Undone>
