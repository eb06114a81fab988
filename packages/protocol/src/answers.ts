import { Type, type Static } from 'typebox'
import { From } from './events.ts'
import * as limits from './limits.ts'
import { idPattern, roomPattern } from './patterns.ts'
import { Link } from './links.ts'
import { Act, Penalty, Report } from './moderation.ts'
import { Settings } from './settings.ts'

const Id = Type.String({ pattern: idPattern })
const At = Type.String({ format: 'date-time' })
const Room = Type.String({ pattern: roomPattern })

/** Answer of `GET /r/{room}` where JSON is asked for. */
export const Facts = Type.Object({
  room: Room,
  messages: Type.Integer({ minimum: 0, description: 'Messages that are kept.' }),
  newest: Type.Union([Id, Type.Null()], { description: 'The newest event; null: there is none.' }),
  oldest: Type.Union([Id, Type.Null()], { description: 'The oldest event that is still kept.' }),
  expired: Type.Boolean({ description: 'Messages were removed, as their time was over.' }),
  settings: Type.Partial(Settings, {
    description: 'Those that were set; others have their default.',
  }),
  listeners: Type.Integer({ minimum: 0, description: 'Open streams.' }),
})
export type Facts = Static<typeof Facts>

/** Answer of `GET /r/{room}/settings`: all of them, and who asks. */
export const OwnSettings = Type.Object({
  ...Settings.properties,
  you: From,
  raid: Type.Optional(
    Type.Object(
      { since: At, until: Type.Union([At, Type.Null()]) },
      { description: 'To who looks after the room, while newcomers are held up.' },
    ),
  ),
})
export type OwnSettings = Static<typeof OwnSettings>

/** Answer of `GET /r/{room}/links`. */
export const Links = Type.Object({ links: Type.Array(Link) })
export type Links = Static<typeof Links>

/** Answer of `GET /r/{room}/bans`. */
export const Bans = Type.Object({ bans: Type.Array(Penalty) })
export type Bans = Static<typeof Bans>

/** Answer of `GET /r/{room}/mutes`. */
export const Mutes = Type.Object({ mutes: Type.Array(Penalty) })
export type Mutes = Static<typeof Mutes>

/** Answer of `GET /r/{room}/reports`. */
export const Reports = Type.Object({ reports: Type.Array(Report) })
export type Reports = Static<typeof Reports>

/** Answer of `GET /r/{room}/log`. */
export const Acts = Type.Object({ acts: Type.Array(Act, { description: 'Newest first.' }) })
export type Acts = Static<typeof Acts>

/** Answer of `GET /rooms`. */
export const Listed = Type.Object({
  rooms: Type.Array(
    Type.Object({
      room: Room,
      title: Type.String({ maxLength: limits.title }),
      topic: Type.String({ maxLength: limits.topic }),
      count: Type.Integer({ minimum: 0, description: 'People who are there now.' }),
    }),
  ),
  after: Type.Union([Room, Type.Null()], {
    description: 'For the next page; null: this is the last.',
  }),
})
export type Listed = Static<typeof Listed>

/** Answer of `GET /healthz` and `/readyz`. */
export const Status = Type.Object({
  status: Type.Union([Type.Literal('ok'), Type.Literal('ready')]),
})
export type Status = Static<typeof Status>
