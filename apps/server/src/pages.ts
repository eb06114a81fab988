import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Config } from './config.ts'
import { escaped } from './html.ts'
import { pageHeaders } from './page-headers.ts'
import { Refusal } from './refusal.ts'
import { checkRoom } from './room-name.ts'

/** Where the built pages are: in the web app's workspace, or, where the server was published, beside it. */
const folders = ['../../web/dist/public/', '../public/'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
)

/** What the form of a page without JavaScript was refused for, and what was written in it. */
export interface Unsaid {
  readonly sentence: string
  readonly text: string
}

export type Page = (request: FastifyRequest, reply: FastifyReply, unsaid?: Unsaid) => FastifyReply

/** What the page's script has to know of the server stands in its head. */
const withFiles = (html: string, files: number): string =>
  files === 0 ? html : html.replace('</head>', '<meta name="files" content="on" /></head>')

/** Where whoever runs the server is reached stands in the page's head, for its script, and where JavaScript is off at its end. */
function withContact(html: string, contact: URL | null): string {
  if (!contact) return html
  const href = contact.href.replaceAll('&', '&amp;').replaceAll('"', '&quot;')
  return html
    .replace('</head>', () => `<meta name="contact" content="${href}" /></head>`)
    .replace(
      '</main>',
      () => `<p><a href="${href}">Contact whoever runs this server</a></p></main>`,
    )
}

/** The form comes back with all that was written in it, and above that why. */
function withUnsaid(html: string, { sentence, text }: Unsaid): string {
  const why = `<p id="plain-wrong" class="wrong" role="alert">${escaped(sentence)}</p>`
  return (
    html
      .replace('<textarea', () => `${why}<textarea aria-describedby="plain-wrong" autofocus`)
      // HTML leaves out a line end that comes first in it.
      .replace('</textarea>', () => `\n${escaped(text)}</textarea>`)
  )
}

/** That the page is slow in coming it says before its script is there: in each language that it has, a page that says it in that one. */
function byLanguage(html: string): ReadonlyMap<string, string> {
  const slow = /<p lang="(\w+)".*?<\/p>/g
  const languages = Array.from(html.matchAll(slow), ([, language = '']) => language)
  return new Map(
    languages.map((language) => [
      language,
      html.replace(slow, (said, its) => (its === language ? said : '')),
    ]),
  )
}

/** The first of a browser's languages that the page has. Browsers name the one that is liked best first. */
function liked(wanted: string | undefined, pages: ReadonlyMap<string, string>): string | undefined {
  const tags = wanted?.slice(0, 1024).toLowerCase().split(',') ?? []
  const languages = tags.map((tag) => /^\s*(\w+)/.exec(tag)?.[1] ?? '')
  return pages.get(languages.find((language) => pages.has(language)) ?? 'en')
}

/** The one page, for `/` and for every room. What it says where JavaScript is off is about the room that is asked for. */
export function readPage({ contact, files }: Config): Page {
  const folder = folders.find((path) => existsSync(`${path}index.html`))
  const read = (path: string): string => readFileSync(`${path}index.html`, 'utf8')
  const built = folder ? withFiles(withContact(read(folder), contact), files) : ''
  const pages = byLanguage(built)
  const headers = pageHeaders(built)
  return (request, reply, unsaid) => {
    const { room } = request.params as { room?: string }
    if (room !== undefined) checkRoom(room)
    const html = liked(request.headers['accept-language'], pages)
    if (!html) throw new Refusal('not-found', 'The pages are not built: run "npm run build".')
    // A room's name has no character that HTML knows.
    const page = room === undefined ? html : html.replaceAll('/r/lobby', `/r/${room}`)
    const vary = [reply.getHeader('vary'), 'Accept-Language'].filter(Boolean).join(', ')
    return reply
      .headers({ ...headers(request.headers), vary })
      .send(unsaid ? withUnsaid(page, unsaid) : page)
  }
}

/** The files that the pages need. */
export function servePages(app: FastifyInstance): void {
  const root = folders.find((path) => existsSync(`${path}index.html`))
  if (!root) return
  void app.register(fastifyStatic, {
    root,
    index: false,
    wildcard: false,
    // It is no page yet, see `readPage`.
    globIgnore: ['index.html'],
    // Names with a hash in them never change their content.
    setHeaders(reply, path) {
      reply.header(
        'cache-control',
        path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      )
    },
  })
}
