/** The sizes and numbers that server and client agree on. Each is a maximum unless it says otherwise. */
export const limits = {
  /** Code points in the text of one message. */
  text: 4000,
  /** Lines in the text of one message. */
  lines: 200,
  /** Bytes in the body of one request. */
  body: 64 * 1024,
  /** Graphemes in a name. */
  name: 32,
  /** Code points in a room's title, or in a link's label. */
  title: 80,
  /** Code points in a room's topic. */
  topic: 500,
  /** Characters in an idempotency key: printable ASCII without spaces. */
  key: 128,
  /** Patterns in a host's filter, and characters in one of them. */
  patterns: 100,
  pattern: 80,
  /** Characters in a cursor (`<epoch>-<seq>`). Longer ones are `gap`, reason `unknown`. */
  cursor: 40,
  /** Messages on one page of history. */
  page: 200,
  /** Messages on a page of history where `limit` is not given. */
  pageDefault: 50,
  /** Characters in the query of a search. */
  query: 100,
  /** Newest messages that `last=N` asks for. */
  last: 200,
  /** Rooms on one `/events` stream. */
  roomsPerStream: 100,
  /** Seconds between two `beat` events, before the jitter. */
  beat: 15,
  /** Characters in a person's secret, in base64url: 22 hold 128 bits. */
  secretMin: 22,
  secretMax: 128,
} as const

/** A room's name: what may stand after `/r/`. Upper case is redirected, anything else is `bad-room`. */
export const roomPattern = '^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$'

/** An event id, which is also a cursor: `<epoch>-<seq>`. */
export const idPattern = '^[a-z0-9]{1,16}-(?:0|[1-9][0-9]{0,15})$'
