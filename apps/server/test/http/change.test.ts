import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, bearer, say, type Answer } from '../../../../test/harness/ask.ts'
import { hear } from '../../../../test/harness/hear.ts'
import { open } from '../../../../test/harness/server.ts'
import type { Running } from '../../src/index.ts'

let server: Running
let url: string
beforeAll(async () => {
  server = await open('--limits', 'off')
  url = server.url
})
afterAll(() => server.close())

const ann = bearer('ann')
const bob = bearer('bob')
const codeOf = ({ status, json }: Answer): unknown[] => [status, json()['code']]
const idOf = async (room: string, text: string, headers: object = ann): Promise<string> =>
  String((await say(url, room, text, headers)).json()['id'])
const at = (room: string, id: string, method: string, headers: object = ann, body?: string) =>
  ask(url, `/r/${room}/messages/${id}`, {
    method,
    headers: { ...headers },
    ...(body === undefined ? {} : { body }),
  })
const message = async (room: string, id: string): Promise<Record<string, unknown>> =>
  (await at(room, id, 'GET')).json()

interface Page {
  readonly messages: readonly { readonly text: string; readonly id: string }[]
  readonly before: string | null
  readonly after: string | null
}
const page = async (room: string, query = ''): Promise<Page> =>
  (await ask(url, `/r/${room}/messages${query}`)).json() as unknown as Page

describe('history', () => {
  it('is paged both ways, oldest first, and comes to its ends', async () => {
    const texts = Array.from({ length: 23 }, (_, i) => String(i))
    for (const text of texts) {
      await say(url, 'pages', text)
      await say(url, 'pages-beside', text)
    }
    const back: string[] = []
    let before: string | null = null
    do {
      const query: string = before === null ? '' : `&before=${before}`
      const { messages, before: next }: Page = await page('pages', `?limit=5${query}`)
      expect(messages.length).toBeLessThanOrEqual(5)
      back.unshift(...messages.map(({ text }) => text))
      before = next
    } while (before !== null)
    expect(back).toEqual(texts)
    const first = (await page('pages', '?limit=200')).messages[0]!.id
    const on = ['0']
    for (let after: string | null = first; after !== null;) {
      const next: Page = await page('pages', `?limit=7&after=${after}`)
      on.push(...next.messages.map(({ text }) => text))
      after = next.after
    }
    expect(on).toEqual(texts)
  })

  it('gives 50 where it is not said how many, and nothing of a room in which nothing was said', async () => {
    for (let i = 0; i < 52; i++) await say(url, 'default', String(i))
    const { messages, before, after } = await page('default')
    expect([messages.length, messages[0]!.text, after]).toEqual([50, '2', null])
    expect(before).toBe(messages[0]!.id)
    expect(await page('silent')).toEqual({ messages: [], before: null, after: null })
  })

  it.each([
    'limit=0',
    'limit=201',
    'limit=x',
    'limit=1e1',
    'limit=',
    'limit=1&limit=2',
    'before=x',
    'after=forged-1',
  ])('is refused for %s', async (query) => {
    expect(codeOf(await ask(url, `/r/pages/messages?${query}`))).toEqual([400, 'bad-query'])
  })

  it.each(['x', 'forged-1', '-1', '%00', '..%2f'])('has no message %s', async (id) => {
    expect(codeOf(await at('pages', id, 'GET'))).toEqual([404, 'not-found'])
  })

  it('has no message of another room', async () => {
    const id = await idOf('mine', 'x')
    expect(codeOf(await at('yours', id, 'GET'))).toEqual([404, 'not-found'])
    expect(codeOf(await at('yours', id, 'DELETE'))).toEqual([404, 'not-found'])
    expect((await message('mine', id))['text']).toBe('x')
  })
})

describe('a message', () => {
  it('is edited by who said it: everyone hears it, history has it', async () => {
    const stream = await hear(url, '/r/edit')
    const id = await idOf('edit', 'teh')
    const answer = await at('edit', id, 'PATCH', ann, 'the')
    expect([answer.status, answer.json()]).toEqual([
      200,
      expect.objectContaining({ target: id, text: 'the', room: 'edit' }),
    ])
    expect(await stream.first('edit')).toEqual(answer.json())
    expect(await message('edit', id)).toMatchObject({ text: 'the', edited: answer.json()['at'] })
    const json = { 'content-type': 'application/json', ...ann }
    expect((await at('edit', id, 'PATCH', json, '{"text":"The"}')).status).toBe(200)
    expect((await page('edit')).messages).toMatchObject([{ text: 'The' }])
    stream.leave()
  })

  it('is deleted by who said it: a tombstone stays', async () => {
    const stream = await hear(url, '/r/delete')
    const id = await idOf('delete', 'regretted')
    const answer = await at('delete', id, 'DELETE')
    expect([answer.status, answer.json()['target']]).toEqual([200, id])
    expect(await stream.first('delete')).toEqual(answer.json())
    const tombstone = { text: '', deletedBy: 'author', deleted: true }
    expect(await message('delete', id)).toMatchObject(tombstone)
    const replay = await ask(url, '/r/delete?follow=0&last=9')
    expect(replay.text).toContain('(removed by author)')
    expect(replay.text).not.toContain('regretted')
    // Whoever asks again has what he wants.
    expect((await at('delete', id, 'DELETE')).json()).toEqual(answer.json())
    stream.leave()
  })

  it('is not changed by others, and not by guests: they are everyone behind an address', async () => {
    const id = await idOf('others', 'mine')
    const guests = await idOf('others', 'a guest’s', {})
    for (const [target, headers] of [
      [id, bob],
      [id, {}],
      [guests, {}],
      [guests, bob],
    ] as const) {
      expect(codeOf(await at('others', target, 'PATCH', headers, 'x'))).toEqual([403, 'not-yours'])
      expect(codeOf(await at('others', target, 'DELETE', headers))).toEqual([403, 'not-yours'])
    }
    expect((await page('others')).messages.map(({ text }) => text)).toEqual(['mine', 'a guest’s'])
  })

  it('is answered', async () => {
    const id = await idOf('reply', 'a question')
    const answer = await ask(url, '/r/reply', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...bob },
      body: JSON.stringify({ text: 'an answer', replyTo: id, name: 'Bob' }),
    })
    expect(answer.json()).toMatchObject({ replyTo: id, from: { name: 'Bob' } })
  })
})

describe('a reaction', () => {
  const react = (id: string, emoji: string, method = 'PUT', headers: object = ann) =>
    at('react', `${id}/reactions/${encodeURIComponent(emoji)}`, method, headers)

  it('is put and taken back, once each', async () => {
    const stream = await hear(url, '/r/react')
    const id = await idOf('react', 'x')
    expect((await react(id, '👍')).json()).toMatchObject({ target: id, emoji: '👍', on: true })
    expect(await stream.first('reaction')).toMatchObject({ emoji: '👍', on: true })
    await react(id, '👍')
    await react(id, '👍', 'PUT', bob)
    await react(id, '🏳️‍🌈', 'PUT', bob)
    const both = (await message('react', id))['reactions'] as Record<string, string[]>
    expect([both['👍']?.length, both['🏳️‍🌈']?.length]).toEqual([2, 1])
    expect((await react(id, '👍', 'DELETE')).json()).toMatchObject({ on: false })
    const one = (await message('react', id))['reactions'] as Record<string, string[]>
    expect(one['👍']).toEqual(both['🏳️‍🌈'])
    stream.leave()
  })

  it.each(['a', '👍👍', '', 'x'.repeat(200), '<b>', '__proto__', '1'])(
    'is one emoji, not %s',
    async (emoji) => {
      const id = await idOf('react', 'y')
      const { status } = await react(id, emoji)
      expect([400, 404]).toContain(status)
      expect((await message('react', id))['reactions'] ?? {}).toEqual({})
    },
  )

  it('is a person’s: guests have none', async () => {
    const id = await idOf('react', 'z')
    expect(codeOf(await react(id, '👍', 'PUT', {}))).toEqual([401, 'not-a-guest'])
  })
})

describe('the tutorial’s two calls', () => {
  const chat = (query: string, headers = {}): Promise<Answer> =>
    ask(url, `/chat?message=${query}`, { headers })
  /** As the page's fetch sends it. */
  const page = {
    origin: 'https://other.example',
    'sec-fetch-site': 'cross-site',
    'sec-fetch-dest': 'empty',
    'sec-fetch-mode': 'cors',
  }

  it('say and hear the bare text, in the room lobby, for pages of any origin', async () => {
    const stream = await hear(url, '/sse', { origin: 'https://other.example' })
    expect(stream.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'access-control-allow-origin': '*',
    })
    await stream.until(() => stream.events.length > 0)
    const answer = await chat('hello%20there', page)
    expect([answer.status, answer.json()['text']]).toEqual([201, 'hello there'])
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'cache-control': 'no-store',
    })
    await say(url, 'lobby', 'two\nlines: data: x\nid: 1\n\nevent: evil')
    const said = () => stream.events.filter(({ event }) => event === 'message')
    await stream.until(() => said().length === 2)
    expect(said().map(({ data }) => data)).toEqual([
      'hello there',
      'two\nlines: data: x\nid: 1\n\nevent: evil',
    ])
    expect(said()[0]!.id).toBe(answer.json()['id'])
    const back = await hear(url, '/sse', { 'last-event-id': said()[0]!.id! })
    await back.until(() => back.events.some(({ event }) => event === 'message'))
    expect(back.events.find(({ event }) => event === 'message')!.data).toBe(said()[1]!.data)
    stream.leave()
    back.leave()
  })

  it.each([
    // What the URL parser of a browser makes of the text as typed (WHATWG URL, 4.4).
    ['a & b', 'a%20&%20b'],
    ['a=b&message=c', 'a=b&message=c'],
    ['1+1', '1+1'],
    ['C++', 'C++'],
    ['100%', '100%'],
    ['50% off', '50%%20off'],
    ['<b>"x"</b>', '%3Cb%3E%22x%22%3C/b%3E'],
    ["it's", 'it%27s'],
    ['grüße 😀', 'gr%C3%BC%C3%9Fe%20%F0%9F%98%80'],
    ['?message=x', '?message=x'],
    ['data: x', 'data:%20x'],
  ])('take what was typed into the page as it is: %s', async (text, query) => {
    const answer = await chat(query, page)
    expect([answer.status, answer.json()['text']]).toEqual([201, text])
  })

  it.each([
    ['a b', 'a+b'],
    ['a b', 'a%20b'],
    ['1+1 = 2', '1%2B1+%3D+2'],
    ['a\nb', 'a%0Ab'],
    ['a+b c', 'a+b%20c'],
  ])('take a form’s encoding from programs: %s', async (text, query) => {
    expect((await chat(query)).json()['text']).toBe(text)
  })

  it.each([
    ['', 400, 'empty-text'],
    ['%20', 400, 'empty-text'],
    ['%ff', 400, 'bad-utf8'],
    ['%00', 400, 'bad-body'],
    ['x'.repeat(4001), 413, 'too-long'],
  ])('refuse %s', async (query, status, code) => {
    expect(codeOf(await chat(query))).toEqual([status, code])
  })

  it('refuse a call without a message', async () => {
    expect(codeOf(await ask(url, '/chat'))).toEqual([400, 'empty-text'])
  })

  it.each([
    { 'sec-fetch-dest': 'image' },
    { 'sec-fetch-dest': 'document' },
    { 'sec-fetch-dest': 'iframe' },
    { 'sec-fetch-dest': 'script' },
    { 'sec-purpose': 'prefetch' },
    { 'sec-purpose': 'prefetch;prerender', 'sec-fetch-dest': 'empty' },
    { purpose: 'prefetch' },
    { 'x-moz': 'prefetch' },
  ])('say nothing that a browser asks for by itself: %o', async (headers) => {
    const answer = await chat('unasked', headers)
    expect(codeOf(answer)).toEqual([403, 'not-by-browser'])
    expect((await ask(url, '/r/lobby?follow=0')).text).not.toContain('unasked')
  })
})
