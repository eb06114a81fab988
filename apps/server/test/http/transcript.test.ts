import { once } from 'node:events'
import { connect } from 'node:net'
import type { Message } from '@hearsay/protocol'
import { Parser, type Node } from 'commonmark'
import fc from 'fast-check'
import { parse } from 'parse5'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, bearer, say, type Answer } from '../../../../test/harness/ask.ts'
import { open } from '../../../../test/harness/server.ts'
import type { Running } from '../../src/index.ts'
import { attribute, elements, inner } from './html.ts'

let server: Running
let url: string
beforeAll(async () => {
  server = await open('--limits', 'off')
  url = server.url
})
afterAll(() => server.close())

const ann = bearer('ann')
const json = { ...ann, 'content-type': 'application/json' }
const transcript = (room: string, query = '', headers = {}): Promise<Answer> =>
  ask(url, `/r/${room}/transcript${query}`, { headers })

/** Says it, under that name where it is one. null: it is no text that a room takes. */
async function saidAs(room: string, name: string, text: string): Promise<Message | null> {
  const post = (said: object): Promise<Answer> =>
    ask(url, `/r/${room}`, { method: 'POST', headers: json, body: JSON.stringify(said) })
  let answer = await post({ name, text })
  if (answer.status === 400 && String(answer.json()['code']).endsWith('-name'))
    answer = await post({ text })
  return answer.status === 201 ? (answer.json() as unknown as Message) : null
}

/** The text of a block of Markdown, paragraphs parted by an empty line. */
function textOf(block: Node): string {
  const walker = block.walker()
  let text = ''
  for (let step = walker.next(); step; step = walker.next()) {
    const { type, literal } = step.node
    if (type === 'linebreak' || type === 'softbreak') text += '\n'
    else if (type === 'paragraph' && step.entering && text !== '') text += '\n\n'
    else text += literal ?? ''
  }
  return text
}
function blocks(markdown: string): Node[] {
  const all: Node[] = []
  const { firstChild } = new Parser().parse(markdown)
  for (let each = firstChild; each; each = each.next) all.push(each)
  return all
}
function kinds(block: Node): Set<string> {
  const found = new Set<string>()
  const walker = block.walker()
  for (let step = walker.next(); step; step = walker.next()) found.add(step.node.type)
  return found
}

/** What means something in HTML or Markdown. */
const meaning = [
  '# ',
  '\u00a0',
  '\u3000',
  '## x',
  '> ',
  '\n',
  '\n\n',
  '---',
  '===',
  '***',
  '- a',
  '1. a',
  '2) b',
  '```',
  '~~~',
  '    ',
  '\t',
  '<b>',
  '</p></article>',
  '<!--',
  '<script>alert(1)</script>',
  '&amp;',
  '&#60;',
  '"',
  "'",
  '[a](b)',
  '[a]: b',
  '![i](j)',
  '`x`',
  '\\',
  '**a**',
  '_a_',
  '|a|b|',
  '|-|',
  '~~a~~',
  '\u2028',
  'Setext\n===',
  'https://a.example',
  ']]>',
  ' ',
  '  \n',
  '\\\n',
]

/** Texts that would be something else in HTML or Markdown, and any others. */
const hostile = fc
  .array(fc.oneof(fc.constantFrom(...meaning), fc.string({ unit: 'grapheme', maxLength: 6 })), {
    minLength: 1,
    maxLength: 12,
  })
  .map((parts) => parts.join(''))

describe('a transcript', () => {
  it('gives the last messages alone where that is asked for, oldest first', async () => {
    for (const text of ['one', 'two', 'three']) await saidAs('ending', 'Ann', text)
    const texts = async (last: number): Promise<unknown[]> => {
      const { text } = await transcript('ending', `?format=ndjson&last=${last}`)
      return text
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as Message).text)
    }
    expect(await texts(2)).toEqual(['two', 'three'])
    expect(await texts(200)).toEqual(['one', 'two', 'three'])
    for (const last of ['0', '201', 'x', '1&last=2'])
      expect([last, (await transcript('ending', `?last=${last}`)).status]).toEqual([last, 400])
    const page = await transcript('ending', '?format=html&last=1')
    expect(page.headers['content-security-policy']).toContain("frame-ancestors 'self'")
  })

  it('tells in the place of the last messages how to invite, where there are none', async () => {
    const { text } = await transcript('inviting', '?format=html&last=50')
    expect(
      elements(parse(text))
        .filter(({ tagName }) => tagName === 'p')
        .map(inner),
    ).toEqual([
      'Nobody has said anything here yet.',
      expect.stringMatching(/^Invite people: give them http:\/\/.*\/r\/inviting$/),
      expect.stringMatching(/^From a terminal: curl http:\/\/.*\/r\/inviting$/),
      'Everyone who has the address can read and write here. Messages stay for 30 days at most.',
    ])
    await say(url, 'inviting', 'hello', ann)
    expect((await transcript('inviting', '?format=html&last=50')).text).not.toContain('Nobody')
  })

  it('has a format by name, or by Accept, or Markdown; and a name for the file', async () => {
    await say(url, 'forms', 'hello', ann)
    const as = async (query: string, accept?: string): Promise<unknown[]> => {
      const { status, headers } = await transcript('forms', query, accept ? { accept } : {})
      return [status, headers['content-type'], headers['content-disposition']]
    }
    const md = [200, 'text/markdown; charset=utf-8', 'attachment; filename="forms.md"']
    const html = [200, 'text/html; charset=utf-8', 'inline; filename="forms.html"']
    const lines = [
      200,
      'application/x-ndjson; charset=utf-8',
      'attachment; filename="forms.ndjson"',
    ]
    expect(await as('')).toEqual(md)
    expect(await as('', '*/*')).toEqual(md)
    expect(await as('', 'text/html,*/*;q=0.8')).toEqual(html)
    expect(await as('', 'application/x-ndjson')).toEqual(lines)
    expect(await as('?format=md', 'text/html')).toEqual(md)
    expect(await as('?format=html')).toEqual(html)
    expect(await as('?format=ndjson')).toEqual(lines)
    for (const query of ['?format=pdf', '?format=__proto__', '?format=md&format=html'])
      expect([query, (await transcript('forms', query)).status]).toEqual([query, 400])
    const head = await ask(url, '/r/forms/transcript', { method: 'HEAD' })
    expect([head.status, head.text, head.headers['content-disposition']]).toEqual([200, '', md[2]])
  })

  it('as NDJSON has each message as history has it, over many pages', async () => {
    for (let i = 0; i < 450; i++) await say(url, 'lines', `line ${i}`, ann)
    const { text } = await transcript('lines', '?format=ndjson')
    const lines = text.trimEnd().split('\n')
    expect(lines.map((line) => (JSON.parse(line) as Message).text)).toEqual(
      Array.from({ length: 450 }, (_, i) => `line ${i}`),
    )
    const history = await ask(url, '/r/lines/messages?limit=200')
    expect(lines.slice(-200).map((line) => JSON.parse(line) as unknown)).toEqual(
      history.json()['messages'],
    )
    expect((await transcript('nobody-there', '?format=ndjson')).text).toBe('')
  })

  it('shows what was edited, and of what was removed that it was', async () => {
    const first = await saidAs('changed', 'ann', 'first')
    const second = await saidAs('changed', 'ann', 'second secret')
    await ask(url, `/r/changed/messages/${first!.id}`, {
      method: 'PATCH',
      headers: json,
      body: '{"text":"again"}',
    })
    await ask(url, `/r/changed/messages/${second!.id}`, { method: 'DELETE', headers: ann })
    for (const format of ['md', 'html', 'ndjson']) {
      const { text } = await transcript('changed', `?format=${format}`)
      expect(text).toContain('again')
      expect(text).not.toMatch(/first|secret/)
    }
    expect((await transcript('changed')).text).toContain('(edited)')
    expect((await transcript('changed')).text).toContain('(removed by author)')
  })

  it('XSS through markdown, link spoofing: as HTML is one page that runs and loads nothing, in which nobody can forge anything', async () => {
    let rooms = 0
    let total = 0
    const run = fc.asyncProperty(fc.array(hostile, { minLength: 1, maxLength: 4 }), async (all) => {
      const room = `html${rooms++}`
      const taken: Message[] = []
      for (const text of all) {
        const message = await saidAs(
          room,
          [...text].slice(0, 12).join('').replaceAll('\n', ' '),
          text,
        )
        if (message) taken.push(message)
        total += message ? 1 : 0
      }
      const { text, headers } = await transcript(room, '?format=html')
      const found = elements(parse(text))
      const articles = found.filter(({ tagName }) => tagName === 'article')
      expect(articles.map((each) => attribute(each, 'id'))).toEqual(taken.map(({ id }) => id))
      const shown = articles.map((article) => {
        const names = elements(article).filter(({ tagName }) => tagName === 'strong')
        const words = elements(article).filter(({ tagName }) => tagName === 'p')
        expect([names.length, words.length]).toEqual([1, 1])
        return [inner(names[0]!), inner(words[0]!)]
      })
      // The parser of HTML puts LF for CR, which no text has, and drops none of the rest.
      expect(shown).toEqual(taken.map(({ from, text }) => [from.name, text]))
      const allowed =
        /^(html|head|meta|title|style|body|main|h1|article|header|strong|code|time|p)$/
      expect(found.map(({ tagName }) => tagName).filter((name) => !allowed.test(name))).toEqual([])
      for (const each of found)
        for (const { name } of each.attrs) expect(name).not.toMatch(/^(on|src|style)/)
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'; .*sandbox$/)
      expect(attribute(found[0]!, 'lang')).toBe('en')
    })
    await fc.assert(run, { numRuns: 60 })
    expect(total).toBeGreaterThan(60)
  })

  it('XSS through markdown, link spoofing: as Markdown keeps the words, in a structure that nobody can forge', async () => {
    let rooms = 0
    let total = 0
    const run = fc.asyncProperty(fc.array(hostile, { minLength: 1, maxLength: 4 }), async (all) => {
      const room = `md${rooms++}`
      const taken: Message[] = []
      for (const text of all) {
        const message = await saidAs(
          room,
          [...text].slice(0, 12).join('').replaceAll('\n', ' '),
          text,
        )
        if (message) taken.push(message)
        total += message ? 1 : 0
      }
      const [title, ...rest] = blocks((await transcript(room, '?format=md')).text)
      expect(title!.type).toBe('heading')
      expect(rest.map(({ type }) => type)).toEqual(
        taken.flatMap(() => ['paragraph', 'block_quote']),
      )
      for (const [i, { from, text }] of taken.entries()) {
        const name = rest[2 * i]!.firstChild!
        expect([name.type, textOf(name)]).toEqual(['strong', from.name])
        const quote = rest[2 * i + 1]!
        const words = text
          .replace(/[\u2028\u2029]/g, '\n')
          .replace(/\n{2,}/g, '\n\n')
          .replace(/^\n+|\n+$/g, '')
        expect(textOf(quote)).toBe(words)
        const only = new Set(['block_quote', 'paragraph', 'text', 'linebreak'])
        expect([...kinds(quote)].filter((kind) => !only.has(kind))).toEqual([])
      }
    })
    await fc.assert(run, { numRuns: 100 })
    expect(total).toBeGreaterThan(100)
  })

  it('is for who may hear the room', async () => {
    const body = JSON.stringify({ room: 'mine', settings: { hear: 'invited' } })
    await ask(url, '/rooms', { method: 'POST', headers: json, body })
    const refused = await transcript('mine', '', bearer('bob'))
    expect([refused.status, refused.json()['code']]).toEqual([403, 'by-invitation'])
    expect((await transcript('mine', '', ann)).status).toBe(200)
    expect((await transcript('Mine')).status).toBe(308)
    expect((await transcript('_')).status).toBe(404)
  })

  it('is read from the log as fast as its reader takes it, and no faster', async () => {
    const text = 'x'.repeat(3990)
    const count = 5000
    let last = ''
    for (let i = 0; i < count; i += 100) {
      const all = Array.from({ length: 100 }, (_, j) => say(url, 'large', `${i + j} ${text}`, ann))
      last = String((await Promise.all(all)).at(-1)!.json()['id'])
    }
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.write('GET /r/large/transcript?format=ndjson HTTP/1.0\r\nhost: localhost\r\n\r\n')
    await once(socket, 'readable')
    // 20 MB do not fit into what lies between: its page is not read yet, so what is removed now is not in it.
    expect((await say(url, 'large', 'too late', ann)).status).toBe(201)
    expect(
      (await ask(url, `/r/large/messages/${last}`, { method: 'DELETE', headers: ann })).status,
    ).toBe(200)
    let all = ''
    for await (const chunk of socket as AsyncIterable<Buffer>) all += chunk.toString('latin1')
    const lines = all
      .slice(all.indexOf('\r\n\r\n') + 4)
      .trimEnd()
      .split('\n')
    expect(lines).toHaveLength(count)
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({ id: last, text: '', deleted: true })
  })
})
