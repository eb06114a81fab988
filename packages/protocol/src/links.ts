import { Type, type Static } from 'typebox'
import { From, Role } from './events.ts'
import * as limits from './limits.ts'
import { roomPattern } from './patterns.ts'
import { SettingsChange } from './settings.ts'

const At = Type.String({ format: 'date-time' })

/** A secret link that carries a role, as those see it who look after the room: without its secret. */
export const Link = Type.Object({
  id: Type.String(),
  role: Role,
  label: Type.String({ maxLength: limits.title }),
  made: At,
  expires: Type.Union([At, Type.Null()]),
  /** How many people it may still let in; null: any number. */
  uses: Type.Union([Type.Integer(), Type.Null()]),
  /** How many came by it. */
  used: Type.Integer(),
})
export type Link = Static<typeof Link>

/** Body of `POST /r/{room}/links`. */
export const MakeLink = Type.Object(
  {
    role: Role,
    label: Type.Optional(Type.String({ maxLength: limits.title })),
    hours: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 8784, description: 'Until it expires.' }),
    ),
    uses: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
  },
  { additionalProperties: false },
)
export type MakeLink = Static<typeof MakeLink>

/** The one answer that has the secret. `url` carries it in its fragment, which browsers do not send. */
export const MadeLink = Type.Object({ link: Link, secret: Type.String(), url: Type.String() })
export type MadeLink = Static<typeof MadeLink>

/** Body of `POST /r/{room}/join`: the link's secret, for a role. */
export const Join = Type.Object(
  { secret: Type.String({ minLength: 22, maxLength: 128, pattern: '^[A-Za-z0-9_-]+$' }) },
  { additionalProperties: false },
)
export type Join = Static<typeof Join>

export const Joined = Type.Object({ from: From })
export type Joined = Static<typeof Joined>

/** Body of `POST /rooms`. */
export const MakeRoom = Type.Object(
  {
    room: Type.Optional(Type.String({ pattern: roomPattern })),
    settings: Type.Optional(SettingsChange),
  },
  { additionalProperties: false },
)
export type MakeRoom = Static<typeof MakeRoom>

/** The owner's link stands in this answer and nowhere else, ever. */
export const MadeRoom = Type.Object({ room: Type.String(), url: Type.String(), owner: MadeLink })
export type MadeRoom = Static<typeof MadeRoom>
