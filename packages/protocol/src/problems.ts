import { Type, type Static } from 'typebox'

/**
 * Every refusal that the server knows: its stable code, its HTTP status, and the sentence that says what it is.
 * `docs/errors.md` lists them all, and a test holds the two together.
 */
export const problems = {
  'bad-room': [
    404,
    'A room name is 1 to 64 of a-z, 0-9 and -, and starts and ends with a letter or digit.',
  ],
  'not-found': [404, 'There is nothing at this address.'],
  'bad-method': [405, 'This address does not take that method.'],
  'bad-json': [400, 'The body is not valid JSON.'],
  'bad-utf8': [400, 'The text is not valid UTF-8.'],
  'bad-body': [400, 'The body does not have the form that this call takes.'],
  'bad-query': [400, 'A query parameter is not of the form that this call takes.'],
  'bad-key': [400, 'An idempotency key is 1 to 128 printable ASCII characters without spaces.'],
  'bad-name': [400, 'A name has 1 to 32 visible characters.'],
  'reserved-name': [400, 'That name is kept for whoever runs the server or looks after a room.'],
  'empty-text': [400, 'There is no text to say.'],
  'too-long': [413, 'The text is longer than 4000 characters or 200 lines.'],
  'too-large': [413, 'The body is larger than this call takes: 64 KiB, or 128 KiB of a file.'],
  'no-files': [403, 'Files are not taken here.'],
  'file-too-large': [413, 'A file has at most 8 MiB.'],
  'bad-picture': [400, 'The picture is damaged, or too much for a browser.'],
  'bad-piece': [409, 'The piece does not go on where the file ends: `at` says where that is.'],
  'file-gone': [410, 'A file is not there any more: send it again.'],
  'files-full': [507, 'The server can take no more files at the moment. Text goes on.'],
  'bad-type': [415, 'Send text/plain, application/json or a form.'],
  'bad-auth': [
    401,
    'Send "Authorization: Bearer <secret>" (22 to 128 base64url characters) or Basic name:password.',
  ],
  'too-slow': [408, 'The request took too long to arrive.'],
  'bad-request': [400, 'The request could not be understood.'],
  'header-too-large': [431, 'The headers of the request are too large.'],
  'not-by-browser': [
    403,
    'This call speaks for a person, so it is not done for a link, an image, a frame or a prefetch.',
  ],
  'wrong-origin': [403, 'Pages of this origin may not speak here.'],
  'wrong-host': [
    421,
    'This server does not answer for that host. Start it with --public-url to name the right one.',
  ],
  'not-yours': [403, 'Only who said it, or who looks after the room, may change it.'],
  banned: [403, 'You were banned from this room.'],
  removed: [403, 'You were removed from this room, and may come back after a minute.'],
  muted: [403, 'You may not speak in this room for now.'],
  'not-allowed': [403, 'Your role in this room does not allow that.'],
  'by-invitation': [403, 'This room is open only to who came by one of its links.'],
  'listen-only': [403, 'In this room only its speakers speak.'],
  'room-locked': [403, 'The room is locked for now: nobody may speak.'],
  'room-closed': [403, 'The room is closed.'],
  'in-review': [403, 'What you say waits for review for now, so what you said can not be edited.'],
  'review-full': [429, 'Too much waits for review in this room already.'],
  'too-late': [410, 'What was done can be taken back for an hour.'],
  'not-undoable': [409, 'This can not be taken back: it was, or has been changed since.'],
  'bad-link': [403, 'The link is not valid any more.'],
  'room-taken': [409, 'There is a room of this name already.'],
  'not-a-guest': [401, 'For this the server has to know you again: send a secret of your own.'],
  'bad-emoji': [400, 'A reaction is one emoji.'],
  'slow-down': [429, 'Too much at once.'],
  'newcomers-wait': [
    429,
    'Many newcomers came at once, so who is new here waits a little before he speaks.',
  ],
  'bad-proof': [403, 'The proof of work is wrong, used, too old, or of another room or person.'],
  'disk-full': [507, 'The server can store nothing more at the moment. Reading goes on.'],
  unavailable: [503, 'The server can not do this at the moment.'],
  internal: [500, 'The server made a mistake.'],
} as const satisfies Record<string, readonly [number, string]>

export type ProblemCode = keyof typeof problems

/** RFC 9457 problem details, with a stable `code`. */
export const Problem = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  code: Type.String(),
  detail: Type.Optional(Type.String()),
  retryAfter: Type.Optional(Type.Integer({ description: 'Seconds.' })),
  reason: Type.Optional(
    Type.String({
      description: 'Of `banned`, `removed` and `muted`: why, in the words of the host.',
    }),
  ),
  at: Type.Optional(
    Type.Integer({ description: 'Of `bad-piece`: bytes of the file that are there.' }),
  ),
  challenge: Type.Optional(
    Type.Object(
      { parameters: Type.Record(Type.String(), Type.Unknown()), signature: Type.String() },
      { description: 'Of `newcomers-wait`: work to prove instead of waiting (ALTCHA, version 2).' },
    ),
  ),
})
export type Problem = Static<typeof Problem>
