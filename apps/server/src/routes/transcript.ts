import { Readable } from 'node:stream'
import { resolveCursor } from '@hearsay/engine'
import { limits as sizes, type Message } from '@hearsay/protocol'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { hearerOf, notTooOften } from '../doer.ts'
import { called, gone, pathOf } from '../forms.ts'
import { escaped as html, paper, policyFor } from '../html.ts'
import { origin } from '../origin.ts'
import type { Parts } from '../parts.ts'
import { countParameter, parameter } from '../query.ts'
import { Refusal } from '../refusal.ts'
import { checkRoom } from '../room-name.ts'
import { welcome } from '../welcome.ts'

/** How a transcript is written. */
interface Format {
  readonly contentType: string
  /** A page is there to be read, also where no script fetches it; what a browser can't show is kept as a file. */
  readonly disposition: 'inline' | 'attachment'
  /** @param isEnd only the last messages are given */
  readonly head: (room: string, isEnd: boolean) => string
  /** @param json the message, as history gives it */
  readonly message: (json: string) => string
  readonly tail: string
  /** @param lines what stands in place of the last messages where there are none */
  readonly empty?: (lines: readonly string[]) => string
}

/** U+2028 and U+2029 break lines on the screen as LF does. */
const lineEnd = /[\n\u2028\u2029]/
const when = ({ at }: Message): string => `${at.slice(0, 10)} ${at.slice(11, 19)} UTC`

/** Whether it was changed, and by whom where that was not its author. */
function editedBy({ edited, editedBy: by }: Message): string {
  if (edited === undefined) return ''
  return by === undefined ? 'edited' : `edited by ${by}`
}

const style = [
  // It stands in a frame of the page where no script runs.
  paper,
  'article{margin:1rem 0}header{font-size:.875rem}p{margin:0;white-space:pre-wrap;overflow-wrap:anywhere}main>p{margin:1rem 0}',
  // Of the last messages the newest is in sight at once: a column that is filled from its end is scrolled to there.
  'body.end{display:flex;flex-direction:column-reverse;max-width:none;height:100vh;padding:0;overflow-y:auto}',
  'body.end main{width:100%;max-width:45rem;margin:0 auto auto;padding:1rem;box-sizing:border-box}',
  'html:has(.end){overflow:hidden}',
].join('')
/** In the page too: a file that was saved has no headers. */
const policy = policyFor(style)

const asHtml: Format = {
  contentType: 'text/html; charset=utf-8',
  disposition: 'inline',
  head: (room, isEnd) =>
    `<!doctype html>\n<html lang="en"><head><meta charset="utf-8">` +
    `<meta http-equiv="Content-Security-Policy" content="${html(policy)}">` +
    `<meta name="viewport" content="width=device-width"><title>Transcript of ${html(room)}</title>` +
    `<style>${style}</style></head><body${isEnd ? ' class="end" tabindex="0"' : ''}><main><h1>Transcript of ${html(room)}</h1>\n`,
  message(json) {
    const said = JSON.parse(json) as Message
    const { id, room, at, from, text, replyTo, deleted, reactions, files = [] } = said
    const edited = editedBy(said)
    const answers = replyTo ? ` <a href="#${html(replyTo)}">in reply</a>` : ''
    const marks = Object.entries(reactions ?? {}).map(([emoji, { length }]) => `${emoji} ${length}`)
    // The page is English; what people wrote is in whatever language and direction they wrote it.
    return (
      `<article id="${html(id)}"><header><strong lang="" dir="auto">${html(from.name)}</strong> ` +
      `<code>${html(from.mark)}</code>${from.lookalike ? ' (looks like another name)' : ''} <time datetime="${html(at)}">${when(said)}</time>${answers}` +
      `${edited ? ` (${edited})` : ''}</header>` +
      (deleted ? `<p><em>${gone(said)}</em></p>` : `<p lang="" dir="auto">${html(text)}</p>`) +
      files
        .map(
          (file) =>
            `<p><a href="${html(pathOf(room, file))}" lang="" dir="auto">${html(called(file))}</a></p>`,
        )
        .join('') +
      `${marks.length > 0 ? `<footer>${html(marks.join(' '))}</footer>` : ''}</article>\n`
    )
  },
  tail: '</main></body></html>\n',
  empty: (lines) => lines.map((line) => `<p>${html(line)}</p>\n`).join(''),
}

/** One line of somebody's words, in which no character of Markdown (CommonMark, GFM) means anything. */
function plain(line: string): string {
  const words = line.trim()
  const start = line.length - line.trimStart().length
  const safe = words
    .replace(/[\\`*_[\]<>&~|$]/g, '\\$&')
    .replace(/^[#+\-=:]/, '\\$&')
    .replace(/^(\d{1,9})([.)])/, '$1\\$2')
  return spaces(line.slice(0, start)) + safe + spaces(line.slice(start + words.length))
}

/** Markdown drops the white space at a line's ends. */
const spaces = (some: string): string =>
  Array.from(some, (each) => `&#${each.codePointAt(0)};`).join('')

const asMarkdown: Format = {
  contentType: 'text/markdown; charset=utf-8',
  disposition: 'attachment',
  head: (room) => `# Transcript of ${plain(room)}\n`,
  message(json) {
    const said = JSON.parse(json) as Message
    const { room, from, text, replyTo, deleted, reactions, files = [] } = said
    const edited = editedBy(said)
    const marks = Object.entries(reactions ?? {}).map(([emoji, { length }]) => `${emoji} ${length}`)
    const notes = [
      ...(from.lookalike ? ['looks like another name'] : []),
      ...(replyTo ? [`in reply to ${plain(replyTo)}`] : []),
      ...(edited ? [edited] : []),
      ...(deleted ? [gone(said)] : []),
      ...marks.map(plain),
    ]
    const note = notes.length > 0 ? ` (${notes.join(', ')})` : ''
    const head = `\n**${plain(from.name)}** \`${from.mark}\` ${when(said)}${note}\n`
    // A quotation whose every line says that it is one: nothing in it can end it. A backslash keeps the line break.
    const quoted = deleted ? '' : `\n${quote(text)}\n`
    const links = files.map((file) => `\n[${plain(called(file))}](${pathOf(room, file)})\n`)
    return head + quoted + links.join('')
  },
  tail: '',
}

/** Blank lines part paragraphs; the others end in a hard break where the same paragraph goes on. */
function quote(text: string): string {
  const lines = text.split(lineEnd).map(plain)
  return lines
    .map((line, at) => {
      if (line === '') return '>'
      return lines[at + 1] ? `> ${line}\\` : `> ${line}`
    })
    .join('\n')
}

const asLines: Format = {
  contentType: 'application/x-ndjson; charset=utf-8',
  disposition: 'attachment',
  head: () => '',
  message: (json) => `${json}\n`,
  tail: '',
}

const formats: Readonly<Record<string, Format>> = {
  ndjson: asLines,
  html: asHtml,
  md: asMarkdown,
}

/** What was asked for: by name, or else by what `Accept` names first. @throws Refusal `bad-query` */
function formatOf(request: FastifyRequest): keyof typeof formats {
  const named = parameter(request, 'format')
  if (named !== undefined) {
    if (Object.hasOwn(formats, named)) return named
    throw new Refusal('bad-query', '"format" takes ndjson, html or md.')
  }
  const wanted = /application\/x-ndjson|text\/html|text\/markdown/i.exec(
    request.raw.headers.accept?.slice(0, 1024) ?? '',
  )?.[0]
  if (wanted?.endsWith('ndjson')) return 'ndjson'
  return wanted?.endsWith('html') ? 'html' : 'md'
}

/** The room from its oldest message to `head`, a page at a time: the next one is read when the last one is on its way. */
async function* pages(
  { log }: Parts,
  room: string,
  { head, message, tail, empty }: Format,
  last: number | undefined,
  lines: readonly string[],
): AsyncGenerator<string> {
  const end = log.head + 1
  yield head(room, last !== undefined)
  if (last !== undefined) {
    const { messages } = await log.page(room, { before: end, limit: last })
    const said = messages.length > 0 ? messages.map(message).join('') : (empty?.(lines) ?? '')
    return yield said + tail
  }
  for (let after = 0; ;) {
    const page = await log.page(room, { after, before: end, limit: sizes.page })
    if (page.messages.length > 0) yield page.messages.map(message).join('')
    const last = page.after === null ? null : resolveCursor(page.after, log.epochs, log.head)
    if (typeof last !== 'number') break
    after = last
  }
  yield tail
}

/** `GET /r/{room}/transcript?format=ndjson|html|md&last=`: all that is kept of a room, or its end, as it is now. */
export async function getTranscript(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const room = checkRoom((request.params as { room: string }).room)
  const name = formatOf(request)
  const format = formats[name]!
  const last = countParameter(request, 'last', { most: sizes.page, standard: undefined })
  const doer = await hearerOf(parts, request, room)
  notTooOften(parts, 'search', doer)
  const vary = reply.getHeader('vary')
  void reply.headers({
    'content-type': format.contentType,
    'content-disposition': `${format.disposition}; filename="${room}.${name}"`,
    'content-security-policy': `${policy}; frame-ancestors 'self'; sandbox`,
    'cache-control': 'no-store',
    vary: vary === undefined ? 'Accept' : `${String(vary)}, Accept`,
  })
  if (request.method === 'HEAD') return reply.send()
  const address = `${origin(parts, request)}/r/${room}`
  const lines = welcome(doer.room.settings, address, `From a terminal: curl ${address}`)
  return reply.send(Readable.from(pages(parts, room, format, last, lines), { highWaterMark: 1 }))
}
