import { Type, type Static } from 'typebox'
import { From } from './events.ts'
import * as limits from './limits.ts'
import { idPattern } from './patterns.ts'
import { Removed } from './undo.ts'

const At = Type.String({ format: 'date-time' })
const Person = Type.String({ pattern: '^[0-9a-z]{26}$' })
const Reason = Type.String({ maxLength: limits.topic })

/** Body of `POST /r/{room}/kicks`. */
export const Kick = Type.Object(
  { person: Person, reason: Type.Optional(Reason) },
  { additionalProperties: false },
)
export type Kick = Static<typeof Kick>

/** Body of `POST /r/{room}/bans` and `/mutes`. */
export const Penalize = Type.Object(
  {
    person: Person,
    minutes: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 527_040, description: 'Default: 1,440, a day.' }),
    ),
    reason: Type.Optional(Reason),
    remove: Type.Optional(
      Type.Boolean({
        description: 'Remove what they said in the last day too, as `removals` does.',
      }),
    ),
  },
  { additionalProperties: false },
)
export type Penalize = Static<typeof Penalize>

/** Somebody is out, or silent. */
export const Penalty = Type.Object({
  person: Person,
  until: At,
  reason: Type.String(),
  by: Type.String({ description: 'The name of who did it.' }),
  removal: Type.Optional(Removed),
})
export type Penalty = Static<typeof Penalty>

/** Body of `POST /r/{room}/reports`. */
export const MakeReport = Type.Object(
  { message: Type.String({ pattern: idPattern }), reason: Type.Optional(Reason) },
  { additionalProperties: false },
)
export type MakeReport = Static<typeof MakeReport>

/** A report, as those see it who look after the room. */
export const Report = Type.Object({
  id: Type.String(),
  message: Type.String(),
  reason: Type.String(),
  at: At,
  reporters: Type.Integer({
    description: 'Networks that it was reported from: one crowd behind one address is one.',
  }),
})
export type Report = Static<typeof Report>

/** A line of the host's log: what was done, by whom, about what. */
export const Act = Type.Object({
  id: Type.String(),
  at: At,
  from: From,
  what: Type.Union([
    Type.Literal('link'),
    Type.Literal('grant'),
    Type.Literal('ban'),
    Type.Literal('mute'),
    Type.Literal('kick'),
    Type.Literal('raid'),
    Type.Literal('report'),
    Type.Literal('held'),
    Type.Literal('edit'),
    Type.Literal('removal'),
    Type.Literal('settings'),
    Type.Literal('filter'),
    Type.Literal('undo'),
  ]),
  about: Type.String(),
  done: Type.Boolean({
    description: 'false: it was taken back; of what was held: it was refused.',
  }),
  until: Type.Optional(
    Type.String({
      format: 'date-time',
      description: 'Till then `POST /r/{room}/undo` takes it back. Absent: that can not be.',
    }),
  ),
  messages: Type.Optional(
    Type.Integer({ description: 'Of a removal: how many messages are hidden by it.' }),
  ),
})
export type Act = Static<typeof Act>
