// The sizes and numbers that server and client agree on, as `limits.text` and so on. Each is a maximum unless it says otherwise. A
// module and no object: a page gets those that it uses.

/** Code points in the text of one message. */
export const text = 4000
/** Lines in the text of one message. */
export const lines = 200
/** Bytes in the body of one request. */
export const body = 64 * 1024
/** Files of one message. */
export const files = 4
/** Bytes of a file, and of one piece in which it is sent. */
export const file = 8 * 1024 * 1024
export const piece = 128 * 1024
/** Characters in the name of a file. */
export const fileName = 100
/** Graphemes in a name. */
export const name = 32
/** Code points in a room's title, or in a link's label. */
export const title = 80
/** Code points in a room's topic. */
export const topic = 500
/** Characters in an idempotency key: printable ASCII without spaces. */
export const key = 128
/** Patterns in a host's filter, and characters in one of them. */
export const patterns = 100
export const pattern = 80
/** Characters in a cursor (`<epoch>-<seq>`). Longer ones are `gap`, reason `unknown`. */
export const cursor = 40
/** Messages on one page of history. */
export const page = 200
/** Messages on a page of history where `limit` is not given. */
export const pageDefault = 50
/** Characters in the query of a search. */
export const query = 100
/** Newest messages that `last=N` asks for. */
export const last = 200
/** Rooms on one `/events` stream. */
export const roomsPerStream = 100
/** Seconds between two `beat` events, before the jitter. */
export const beat = 15
/** Characters in a person's secret, in base64url: 22 hold 128 bits. */
export const secretMin = 22
export const secretMax = 128
