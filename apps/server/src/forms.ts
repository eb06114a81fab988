import { encode, eventStream, type Form } from '@hearsay/engine'
import type { Attachment, Message, Settings } from '@hearsay/protocol'

/** The same events a line each, for programs: newline-delimited JSON. */
const ndjson: Form = {
  contentType: 'application/x-ndjson; charset=utf-8',
  encode: ({ type, data }) =>
    data === undefined ? '' : `{"event":"${type || 'message'}","data":${data}}\n`,
}

/** The tutorial's wire: `data:` is the bare text of what was said. */
export const bareText: Form = {
  contentType: 'text/event-stream',
  encode(event) {
    if (event.type || event.data === undefined) return encode(event)
    const message = JSON.parse(event.data) as Message
    return message.deleted ? '' : encode({ ...event, data: withFiles(message) })
  },
}

/** Lines for people: what curl shows. */
const readable: Form = {
  contentType: 'text/plain; charset=utf-8',
  encode(event) {
    if (event.data === undefined) return ''
    const line = sentences[event.type || 'message']?.(JSON.parse(event.data))
    return line ? `${line}\n` : ''
  },
}

interface Said extends Pick<Message, 'room' | 'files'> {
  readonly id: string
  readonly at: string
  readonly from: Message['from']
  readonly text: string
  readonly deleted?: true
  readonly deletedBy?: string
  readonly restored?: true
  readonly target: string
  readonly emoji: string
  readonly on: boolean
  readonly reason: string
  readonly lost?: number
  readonly rooms: Record<string, unknown>
  readonly settings: Partial<Settings>
  readonly lines: readonly string[]
}

const who = ({ from }: Said): string =>
  `${from.name} [${from.mark}]${from.lookalike ? ' (looks like another name)' : ''}`
const when = ({ at }: Said): string => `${at.slice(0, 10)} ${at.slice(11, 19)}`
/** What is said in the place of a message that was deleted. */
export const gone = ({ deletedBy }: { readonly deletedBy?: string | undefined }): string =>
  deletedBy ? `removed by ${deletedBy}` : 'removed'
/** Where a file of a message is, on this server. */
export const pathOf = (room: string, { id }: Attachment): string => `/r/${room}/files/${id}`
/** What a file is, in words: what sort of picture, or its name. */
export const called = ({ type, name, width, height }: Attachment): string =>
  width === undefined ? (name ?? 'file') : `${type.slice('image/'.length)} ${width} x ${height}`
/** The text of a message, and where its files are. */
const withFiles = ({ room, text, files = [] }: Pick<Message, 'room' | 'text' | 'files'>): string =>
  [...(text === '' ? [] : [text]), ...files.map((file) => pathOf(room, file))].join('\n')
/** Further lines of a text are set in, so that no line of it can pass for somebody else's. */
const inset = (text: string): string => text.replaceAll('\n', '\n    ')

/** What everyone is told of a change of settings. */
function changed({ title, topic, closed, locked, slow }: Partial<Settings>): string {
  const told = [
    closed !== undefined && (closed ? 'closed the room' : 'opened the room again'),
    locked !== undefined && (locked ? 'locked the room' : 'unlocked the room'),
    slow !== undefined &&
      (slow > 0
        ? `made the room slow: one message in ${slow} s`
        : 'made the room as fast as before'),
    title !== undefined && `called the room: ${inset(title)}`,
    topic !== undefined && `set the topic: ${inset(topic)}`,
  ].filter((each) => each !== false)
  return told.join(', ') || 'changed the room'
}

const sentences: Readonly<Record<string, (said: Said) => string>> = {
  message: (said) =>
    said.deleted
      ? `${when(said)} ${who(said)} (${gone(said)})`
      : `${when(said)} ${who(said)}: ${inset(withFiles(said))}`,
  edit: (said) => {
    if (said.deleted) return ''
    const what = said.restored ? 'put back what was removed' : 'changed what was said'
    return `${when(said)} * ${who(said)} ${what}: ${inset(said.text)}`
  },
  delete: (said) => `${when(said)} * ${who(said)} removed something`,
  reaction: (said) => (said.on ? `${when(said)} * ${who(said)} reacts ${said.emoji}` : ''),
  room: (said) => `${when(said)} * ${who(said)} ${changed(said.settings)}`,
  hello: ({ rooms }) => `-- ${Object.keys(rooms).join(', ')} --`,
  welcome: ({ lines }) => lines.map((line) => `-- ${line}`).join('\n'),
  gap: ({ lost }) =>
    lost === undefined
      ? '-- some of what was said before is no longer kept --'
      : `-- ${lost} ${lost === 1 ? 'message' : 'messages'} said before ${lost === 1 ? 'is' : 'are'} no longer kept --`,
  busy: () => '-- busy: come back in a moment --',
}

/** The forms of `GET /r/{room}` that are streams, by what `Accept` calls them. */
export const forms: Readonly<
  Record<'text/event-stream' | 'application/x-ndjson' | 'text/plain', Form>
> = {
  'text/event-stream': eventStream,
  'application/x-ndjson': ndjson,
  'text/plain': readable,
}
