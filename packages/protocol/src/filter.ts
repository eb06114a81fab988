import { Type, type Static } from 'typebox'
import * as limits from './limits.ts'

/**
 * What a host does not want to be said here unseen: a message with any of it waits for review. Shown to nobody but those
 * who look after the room, as it may itself name what should not be known.
 */
export const Filter = Type.Object(
  {
    patterns: Type.Array(Type.String({ minLength: 1, maxLength: limits.pattern }), {
      maxItems: limits.patterns,
      description:
        'Words or phrases, each matched whole, without regard to case, and so what only looks like them; `*` at an end: more letters may follow there.',
    }),
    contacts: Type.Boolean({
      description: 'What looks like a telephone number, an e-mail address or a street, too.',
    }),
  },
  { additionalProperties: false },
)
export type Filter = Static<typeof Filter>
