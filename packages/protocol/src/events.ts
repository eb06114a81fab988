import { Type, type Static } from 'typebox'
import { Attachment } from './files.ts'
import * as limits from './limits.ts'
import { idPattern, roomPattern } from './patterns.ts'

const Id = Type.String({ pattern: idPattern, description: 'Event id and cursor: <epoch>-<seq>.' })
const Room = Type.String({ pattern: roomPattern })
const At = Type.String({ format: 'date-time', description: 'ISO 8601, UTC, milliseconds.' })

/** What a person may do in a room. */
export const Role = Type.Union([
  Type.Literal('read'),
  Type.Literal('speak'),
  Type.Literal('moderate'),
  Type.Literal('own'),
])
export type Role = Static<typeof Role>

/** Who said something: unlinkable across rooms. */
export const From = Type.Object({
  person: Type.String({ description: 'Keyed hash of room and secret.' }),
  name: Type.String({ description: 'Chosen, or made from the hash. 1-32 graphemes.' }),
  mark: Type.String({ description: 'First six characters of the person, Crockford base32.' }),
  role: Role,
  lookalike: Type.Optional(
    Type.Literal(true, {
      description:
        'The name looked like that of somebody else who looks after the room or was there. To be shown as a warning.',
    }),
  ),
  away: Type.Optional(
    Type.Literal(true, {
      description: 'Of who is here: no page of this person is in sight. Never in what was said.',
    }),
  ),
})
export type From = Static<typeof From>

/** What every logged event carries. */
const logged = {
  id: Id,
  prev: Type.Union([Id, Type.Null()], { description: 'The event before this one in its room.' }),
  room: Room,
  at: At,
}

const editedBy = Type.Optional(
  Type.Literal('host', {
    description: 'Where `edited` is set: not its author, who looks after the room edited it last.',
  }),
)

/** By emoji. */
const Reactions = Type.Record(Type.String(), Type.Array(Type.String(), { description: 'Persons.' }))

const files = Type.Optional(Type.Array(Attachment, { minItems: 1, maxItems: limits.files }))

export const Message = Type.Object({
  ...logged,
  from: From,
  text: Type.String({
    description: 'Empty where `deleted` is set, and may be where there are `files`.',
  }),
  replyTo: Type.Optional(Id),
  key: Type.Optional(Type.String({ maxLength: limits.key })),
  files,
  edited: Type.Optional(At),
  editedBy,
  deletedBy: Type.Optional(
    Type.Union([Type.Literal('author'), Type.Literal('host')], {
      description: 'Where `deleted` is set: its author, or who looks after the room.',
    }),
  ),
  deleted: Type.Optional(Type.Literal(true)),
  reactions: Type.Optional(Reactions),
})
export type Message = Static<typeof Message>

export const Edit = Type.Object({
  ...logged,
  from: From,
  target: Id,
  text: Type.String(),
  deleted: Type.Optional(
    Type.Literal(true, { description: 'In a replay: the message was deleted since. No text.' }),
  ),
  restored: Type.Optional(
    Type.Literal(true, {
      description:
        'The message had been removed and is back: `text`, `files` and `reactions` are its own.',
    }),
  ),
  edited: Type.Optional(At),
  editedBy,
  reactions: Type.Optional(Reactions),
  files,
})
export type Edit = Static<typeof Edit>

export const Delete = Type.Object({ ...logged, from: From, target: Id })
export type Delete = Static<typeof Delete>

export const Reaction = Type.Object({
  ...logged,
  from: From,
  target: Id,
  emoji: Type.String(),
  on: Type.Boolean({ description: 'false: taken back.' }),
})
export type Reaction = Static<typeof Reaction>

export const RoomChange = Type.Object({
  ...logged,
  from: From,
  settings: Type.Record(Type.String(), Type.Unknown()),
})
export type RoomChange = Static<typeof RoomChange>

export const Verdict = Type.Union([
  Type.Literal('fresh'),
  Type.Literal('resumed'),
  Type.Literal('gap'),
])
export type Verdict = Static<typeof Verdict>

export const Hello = Type.Object({
  cursor: Id,
  head: Type.Optional(
    Type.String({
      description: 'Who has this one has caught up: the newest event, or the cursor.',
    }),
  ),
  beat: Type.Number({ description: 'Seconds between two beats.' }),
  rooms: Type.Record(Type.String(), Type.Object({ verdict: Verdict })),
})
export type Hello = Static<typeof Hello>

export const Gap = Type.Object({
  room: Room,
  after: Type.String({ description: 'The cursor that was asked for, cut to 40 characters.' }),
  oldest: Type.Union([Id, Type.Null()], {
    description: 'Where events go on from; null: none yet.',
  }),
  reason: Type.Union([Type.Literal('expired'), Type.Literal('epoch'), Type.Literal('unknown')]),
  lost: Type.Optional(
    Type.Integer({ minimum: 0, description: 'How many messages are gone, where that is known.' }),
  ),
})
export type Gap = Static<typeof Gap>

export const Presence = Type.Object({
  room: Room,
  count: Type.Integer({ minimum: 0 }),
  people: Type.Optional(Type.Array(From)),
  joined: Type.Optional(Type.Array(From)),
  left: Type.Optional(Type.Array(From)),
})
export type Presence = Static<typeof Presence>

export const Typing = Type.Object({
  room: Room,
  from: From,
  over: Type.Optional(
    Type.Literal(true, { description: 'No more. Without a word it is over after five seconds.' }),
  ),
})
export type Typing = Static<typeof Typing>

/** The room guards itself against a crowd of newcomers; both null: no more. */
export const Raid = Type.Object({
  room: Room,
  since: Type.Union([At, Type.Null()]),
  until: Type.Union([At, Type.Null()], {
    description:
      'When it is over, if it stays calm; null while `since` is there: when a host says so.',
  }),
})
export type Raid = Static<typeof Raid>

/** What waits for who looks after a room, who alone is told. */
export const Waiting = Type.Object({
  room: Room,
  held: Type.Integer({ minimum: 0, description: 'Messages that wait for review.' }),
  reports: Type.Integer({ minimum: 0, description: 'Messages that were reported.' }),
})
export type Waiting = Static<typeof Waiting>

export const Beat = Type.Object({ at: At })
export type Beat = Static<typeof Beat>

export const Busy = Type.Object({
  reason: Type.Union([
    Type.Literal('draining'),
    Type.Literal('too-many-streams'),
    Type.Literal('room-full'),
    Type.Literal('overload'),
  ]),
  retry: Type.Integer({ description: 'Milliseconds to wait before the next try.' }),
})
export type Busy = Static<typeof Busy>

/** Events that stand in the log: they have an id, and a cursor can point at them. */
export const loggedEvents = {
  message: Message,
  edit: Edit,
  delete: Delete,
  reaction: Reaction,
  room: RoomChange,
} as const

/** Events of the moment: no id, never replayed. */
export const signals = {
  hello: Hello,
  presence: Presence,
  typing: Typing,
  raid: Raid,
  waiting: Waiting,
  beat: Beat,
  gap: Gap,
  busy: Busy,
} as const
