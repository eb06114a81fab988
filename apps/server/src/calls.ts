import {
  Acts,
  AllHeld,
  Attachment,
  Bans,
  Delete,
  Edit,
  Facts,
  Filter,
  Found,
  Held,
  History,
  Join,
  Joined,
  Kick,
  Links,
  Listed,
  MadeLink,
  MadeRoom,
  MakeLink,
  MakeReport,
  MakeRoom,
  Message,
  Mutes,
  OwnSettings,
  Penalize,
  Penalty,
  Presence,
  Reaction,
  Remove,
  Removed,
  Reports,
  Say,
  Settings,
  SettingsChange,
  Status,
  Undo,
  Undone,
  Upload,
  idPattern,
  limits,
  roomPattern,
  type ProblemCode,
} from '@hearsay/protocol'
import { Type, type TSchema } from 'typebox'
import { hearing, hosting, inRoom, json, sending, speaking, stored, words } from './refused-for.ts'

/** Every call of the server, by the name that `/openapi.json` gives it (`operationId`). */
export type CallName =
  | ('landing' | 'hear' | 'say' | 'history' | 'message' | 'edit' | 'remove' | 'react' | 'unreact')
  | (
      | 'sendFile'
      | 'sendPiece'
      | 'file'
      | 'transcript'
      | 'type'
      | 'untype'
      | 'people'
      | 'goAway'
      | 'comeBack'
    )
  | ('settings' | 'changeSettings' | 'join')
  | ('links' | 'makeLink' | 'removeLink' | 'rotateLink')
  | ('kick' | 'bans' | 'ban' | 'unban' | 'mutes' | 'mute' | 'unmute')
  | ('held' | 'approve' | 'refuse' | 'removeMany' | 'undo' | 'filter' | 'changeFilter')
  | ('reports' | 'report' | 'closeReport' | 'acts' | 'rooms' | 'makeRoom')
  | ('hearRooms' | 'hearText' | 'sayText')
  | ('health' | 'ready' | 'metrics' | 'openapi' | 'asyncapi')

/** Bodies by media type. */
type Bodies = Readonly<Record<string, TSchema>>

/** What a call takes, answers and refuses: what the documents say of it. */
export interface Call {
  readonly does: string
  /** anyone: the call does not ask who it is; guest: a guest may too; person: with a secret of his own. */
  readonly by: 'anyone' | 'guest' | 'person'
  readonly query?: Readonly<Record<string, TSchema>>
  /** A parameter that has to be there. */
  readonly needs?: string
  readonly body?: Bodies
  /** Bytes of a body, where it is not what any call takes. */
  readonly most?: number
  /** By status; null: no body. */
  readonly answers: Readonly<Record<number, Bodies | null>>
  /** Beside what any call may be refused for. */
  readonly refuses: readonly ProblemCode[]
  /** A GET that changes something: it has no HEAD. */
  readonly isUnsafe?: true
}

const asJson = (schema: TSchema): Bodies => ({ 'application/json': schema })
const text = Type.String()
const bytes = Type.String({ format: 'binary' })
const id = Type.String({ pattern: idPattern })
const last = Type.Integer({
  minimum: 0,
  maximum: limits.last,
  description: 'Newest messages first.',
})
const after = Type.String({ description: 'The cursor, where no Last-Event-ID is sent.' })
const name = Type.String({ description: 'How to be called among those who are here.' })
const limit = Type.Integer({ minimum: 1, maximum: limits.page, default: limits.pageDefault })
/** The members of a document are its own standard's. */
const documentOf = (kind: string): TSchema =>
  Type.Object({ [kind]: Type.String() }, { additionalProperties: true })
const streamed = { 'text/event-stream': text }

/** What the list of those that are out, or silent, is called with. */
const penalize = (does: string): Call => ({
  does,
  by: 'person',
  body: asJson(Penalize),
  answers: { 201: asJson(Penalty) },
  refuses: [...hosting, ...json],
})
const relent = (does: string): Call => ({
  does,
  by: 'person',
  answers: { 204: null },
  refuses: [...hosting, ...stored, 'not-found'],
})

/** What each call is. Which function answers it stands in `server.ts`. */
export const calls: Readonly<Record<CallName, Call>> = {
  landing: {
    does: 'The landing page.',
    by: 'anyone',
    answers: { 200: { 'text/html': text } },
    refuses: ['not-found'],
  },
  hear: {
    does: 'By Accept: the page; the stream; the same events as NDJSON; facts about the room; else live readable text, the last 20 lines first.',
    by: 'guest',
    query: {
      last,
      after,
      name,
      follow: Type.Union([Type.Literal('0'), Type.Literal('1')], {
        description: '0: a text or NDJSON answer ends at the head.',
      }),
    },
    answers: {
      200: {
        'text/html': text,
        ...streamed,
        'application/x-ndjson': text,
        'application/json': Facts,
        'text/plain': text,
      },
    },
    refuses: [...hearing, 'bad-query', 'bad-name', 'not-found'],
  },
  say: {
    does: 'Says something. 201 once it is durable; 202 where it waits for review; 200 where the same key of the same person said it before.',
    by: 'guest',
    body: {
      'text/plain': Type.String({ minLength: 1, maxLength: limits.text }),
      'application/json': Say,
      'application/x-www-form-urlencoded': Say,
    },
    answers: { 201: asJson(Message), 200: asJson(Message), 202: asJson(Held), 303: null },
    refuses: [
      ...speaking,
      ...words,
      'bad-key',
      'review-full',
      'no-files',
      'not-a-guest',
      'file-gone',
    ],
  },
  sendFile: {
    does: 'Sends a file of `size` bytes, or its first piece: 201 once it is whole and durable, 202 with how far it has come. Then `say` names it. Pictures are freed of what they tell beside their pixels.',
    by: 'person',
    query: {
      size: Type.Integer({
        minimum: 1,
        maximum: limits.file,
        description: 'Of the whole, in bytes; default: of what is sent.',
      }),
      name: Type.String({ description: 'Of what is no picture.' }),
    },
    body: { 'application/octet-stream': bytes },
    most: limits.piece,
    answers: { 201: asJson(Attachment), 202: asJson(Upload) },
    refuses: [...sending, 'bad-query', 'bad-utf8'],
  },
  sendPiece: {
    does: 'The next piece of a file, from `at` on; sent again, it is taken once.',
    by: 'person',
    query: { at: Type.Integer({ minimum: 0, description: 'Where it begins, in bytes.' }) },
    needs: 'at',
    body: { 'application/octet-stream': bytes },
    most: limits.piece,
    answers: { 201: asJson(Attachment), 202: asJson(Upload) },
    refuses: [...sending, 'bad-query', 'file-gone', 'bad-piece'],
  },
  file: {
    does: 'A file of a message, for whoever has its id.',
    by: 'anyone',
    answers: {
      200: {
        'image/jpeg': bytes,
        'image/png': bytes,
        'image/gif': bytes,
        'image/webp': bytes,
        'application/octet-stream': bytes,
      },
    },
    refuses: ['bad-room', 'not-found', 'unavailable'],
  },
  history: {
    does: 'History as it is now, oldest first, before, after or around a message; or with `q` the messages with all these words, newest first.',
    by: 'guest',
    query: {
      before: id,
      after: id,
      around: id,
      limit,
      q: Type.String({ minLength: 1, maxLength: limits.query, description: 'Whole words.' }),
    },
    answers: { 200: asJson(Type.Union([History, Found])) },
    refuses: [...hearing, 'bad-query'],
  },
  message: {
    does: 'One message as it is now.',
    by: 'guest',
    answers: { 200: asJson(Message) },
    refuses: [...hearing, 'not-found'],
  },
  edit: {
    does: 'Edits a message of one’s own, or another’s as a moderator: `editedBy` says so.',
    by: 'person',
    body: { 'text/plain': text, 'application/json': Say },
    answers: { 200: asJson(Edit) },
    refuses: [...speaking, ...words, 'not-found', 'not-yours', 'not-allowed', 'in-review'],
  },
  remove: {
    does: 'Deletes a message of one’s own, or another’s as a moderator. 200 when nothing of the text is left on the disk.',
    by: 'person',
    answers: { 200: asJson(Delete) },
    refuses: [...hearing, ...stored, 'not-found', 'not-yours', 'not-allowed'],
  },
  react: {
    does: 'Reacts to a message.',
    by: 'person',
    answers: { 200: asJson(Reaction) },
    refuses: [...speaking, 'bad-emoji', 'not-a-guest', 'not-found'],
  },
  unreact: {
    does: 'Takes a reaction back.',
    by: 'person',
    answers: { 200: asJson(Reaction) },
    refuses: [...speaking, 'bad-emoji', 'not-a-guest', 'not-found'],
  },
  transcript: {
    does: 'All that is kept of a room, or its `last` messages, as a file. Without `format` by Accept, else Markdown.',
    by: 'guest',
    query: {
      last: Type.Integer({ minimum: 1, maximum: limits.page }),
      format: Type.Union([Type.Literal('ndjson'), Type.Literal('html'), Type.Literal('md')]),
    },
    answers: {
      200: { 'text/markdown': text, 'text/html': text, 'application/x-ndjson': text },
    },
    refuses: [...hearing, 'bad-query'],
  },
  type: {
    does: 'Tells the room that somebody is writing. Nothing is kept.',
    by: 'guest',
    answers: { 204: null },
    refuses: speaking,
  },
  untype: {
    does: 'Tells the room that somebody is not writing any more.',
    by: 'guest',
    answers: { 204: null },
    refuses: speaking,
  },
  goAway: {
    does: 'No page of somebody who is here is in sight: the others are told that he is away. Who says something is not.',
    by: 'guest',
    answers: { 204: null },
    refuses: hearing,
  },
  comeBack: {
    does: 'One is again.',
    by: 'guest',
    answers: { 204: null },
    refuses: hearing,
  },
  people: {
    does: 'Who is here. Above 100 people their number alone.',
    by: 'guest',
    answers: { 200: asJson(Presence) },
    refuses: hearing,
  },
  settings: {
    does: 'The settings of the room, and one’s own role in it.',
    by: 'guest',
    answers: { 200: asJson(OwnSettings) },
    refuses: hearing,
  },
  changeSettings: {
    does: 'Changes settings: by its owner; `slow`, `locked`, `files`, `review` and `guard` by who moderates too.',
    by: 'person',
    body: asJson(SettingsChange),
    answers: { 200: asJson(Settings) },
    refuses: [...hosting, ...json],
  },
  join: {
    does: 'A link’s secret for its role.',
    by: 'person',
    body: asJson(Join),
    answers: { 200: asJson(Joined) },
    refuses: [...inRoom, ...json, 'removed', 'not-a-guest', 'bad-link'],
  },
  links: {
    does: 'The room’s links, without their secrets.',
    by: 'person',
    answers: { 200: asJson(Links) },
    refuses: hosting,
  },
  makeLink: {
    does: 'Makes a link that carries a role. Its secret is in this answer alone.',
    by: 'person',
    body: asJson(MakeLink),
    answers: { 201: asJson(MadeLink) },
    refuses: [...hosting, ...json],
  },
  removeLink: {
    does: 'Revokes a link, and every role that came by it.',
    by: 'person',
    answers: { 204: null },
    refuses: [...hosting, ...stored, 'not-found'],
  },
  rotateLink: {
    does: 'A new secret for the same role. Who came by the old one is out, but for who rotates it.',
    by: 'person',
    answers: { 201: asJson(MadeLink) },
    refuses: [...hosting, ...stored, 'not-found'],
  },
  kick: {
    does: 'Ends somebody’s streams, and lets him come back after a minute.',
    by: 'person',
    body: asJson(Kick),
    answers: { 201: asJson(Penalty) },
    refuses: [...hosting, ...json],
  },
  bans: {
    does: 'Who is banned.',
    by: 'person',
    answers: { 200: asJson(Bans) },
    refuses: hosting,
  },
  ban: penalize('Bans somebody for some minutes. His streams end.'),
  unban: relent('Takes a ban back.'),
  mutes: {
    does: 'Who is mute.',
    by: 'person',
    answers: { 200: asJson(Mutes) },
    refuses: hosting,
  },
  mute: penalize('Lets somebody listen but not speak, for some minutes.'),
  unmute: relent('Lets somebody speak again.'),
  reports: {
    does: 'What people said should go.',
    by: 'person',
    answers: { 200: asJson(Reports) },
    refuses: hosting,
  },
  report: {
    does: 'Tells those who look after the room that a message should go.',
    by: 'guest',
    body: asJson(MakeReport),
    answers: { 204: null },
    refuses: [...hearing, ...json, 'not-found', 'review-full'],
  },
  held: {
    does: 'What waits for review, 100 on a page: all of it for who looks after the room, for anybody else his own.',
    by: 'guest',
    query: { after: id },
    answers: { 200: asJson(AllHeld) },
    refuses: [...hearing, 'bad-query'],
  },
  filter: {
    does: 'What waits for review by its words. For who looks after the room alone.',
    by: 'person',
    answers: { 200: asJson(Filter) },
    refuses: hosting,
  },
  changeFilter: {
    does: 'Sets what waits for review by its words: all of it anew.',
    by: 'person',
    body: asJson(Filter),
    answers: { 200: asJson(Filter) },
    refuses: [...hosting, ...json],
  },
  removeMany: {
    does: 'Hides messages from everyone: these, those of a person, or those of newcomers. For an hour `undo` brings them back; then they are gone for good.',
    by: 'person',
    body: asJson(Remove),
    answers: { 201: asJson(Removed) },
    refuses: [...hosting, ...json],
  },
  undo: {
    does: 'Takes back an act of the last hour: a removal, a ban, a mute, the end of one, a report that was closed, a change of settings or of the filter.',
    by: 'person',
    body: asJson(Undo),
    answers: { 200: asJson(Undone) },
    refuses: [...hosting, ...json, 'not-found', 'too-late', 'not-undoable'],
  },
  approve: {
    does: 'Lets a message through that waits for review: it is said now, by its author.',
    by: 'person',
    answers: { 201: asJson(Message) },
    refuses: [...hearing, ...stored, 'not-allowed', 'not-found'],
  },
  refuse: {
    does: 'Refuses what waits for review; or its author takes it back. 204 when nothing of it is left on the disk.',
    by: 'person',
    answers: { 204: null },
    refuses: [...hearing, ...stored, 'not-found'],
  },
  closeReport: relent('A report was looked at.'),
  acts: {
    does: 'What was done by whom, newest first, 100 on a page.',
    by: 'person',
    query: { before: id },
    answers: { 200: asJson(Acts) },
    refuses: [...hosting, 'bad-query'],
  },
  rooms: {
    does: 'The rooms whose owners want them to be found, by name, 100 on a page.',
    by: 'anyone',
    query: { after: Type.String({ description: 'The `after` of the page before.' }) },
    answers: { 200: asJson(Listed) },
    refuses: ['unavailable', 'bad-query'],
  },
  makeRoom: {
    does: 'Makes a room with an owner. The owner’s link is in this answer alone.',
    by: 'person',
    body: asJson(MakeRoom),
    answers: { 201: asJson(MadeRoom) },
    refuses: [...inRoom, ...json, 'not-a-guest', 'room-taken'],
  },
  hearRooms: {
    does: 'One stream for many rooms, with one cursor.',
    by: 'guest',
    query: {
      room: Type.Array(Type.String({ pattern: roomPattern }), {
        minItems: 1,
        maxItems: limits.roomsPerStream,
      }),
      last,
      after,
      name,
    },
    needs: 'room',
    answers: { 200: streamed },
    refuses: [...hearing, 'bad-query'],
  },
  hearText: {
    does: 'The room `lobby`; `data:` is the bare text of what is said.',
    by: 'guest',
    query: { last, after, name },
    answers: { 200: streamed },
    refuses: [...hearing, 'bad-query'],
  },
  sayText: {
    does: 'Says something in the room `lobby`. Refused where a browser asks by itself.',
    by: 'guest',
    query: { message: Type.String({ minLength: 1, maxLength: limits.text }) },
    needs: 'message',
    answers: { 201: asJson(Message), 202: asJson(Held) },
    refuses: [
      ...speaking,
      'review-full',
      'bad-utf8',
      'bad-body',
      'empty-text',
      'too-long',
      'not-by-browser',
    ],
    isUnsafe: true,
  },
  health: {
    does: 'The process answers.',
    by: 'anyone',
    answers: { 200: asJson(Status) },
    refuses: [],
  },
  ready: {
    does: 'Newcomers are welcome, and what they say would be kept.',
    by: 'anyone',
    answers: { 200: asJson(Status) },
    refuses: ['unavailable', 'disk-full'],
  },
  metrics: {
    does: 'Numbers of the whole server, in the format of Prometheus.',
    by: 'anyone',
    answers: { 200: { 'text/plain': text } },
    refuses: [],
  },
  openapi: {
    does: 'This document.',
    by: 'anyone',
    answers: { 200: asJson(documentOf('openapi')) },
    refuses: [],
  },
  asyncapi: {
    does: 'The streams and their events, as AsyncAPI 3.0.',
    by: 'anyone',
    answers: { 200: asJson(documentOf('asyncapi')) },
    refuses: [],
  },
}
