import { connect } from 'node:net'
import { deflateSync } from 'node:zlib'
import { limits } from '@hearsay/protocol'
import * as fc from 'fast-check'
import { parseFragment } from 'parse5'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, bearer, exchange, say, statusOf, type Answer } from '../../../../test/harness/ask.ts'
import { hear } from '../../../../test/harness/hear.ts'
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

const post = (
  room: string,
  type: string | undefined,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<Answer> =>
  ask(url, `/r/${room}`, {
    method: 'POST',
    headers: { ...(type === undefined ? {} : { 'content-type': type }), ...headers },
    body,
  })
const json = (room: string, body: unknown, headers = {}): Promise<Answer> =>
  post(room, 'application/json', JSON.stringify(body), headers)
const codeOf = ({ status, json }: Answer): unknown[] => [status, json()['code']]
const count = async (room: string): Promise<unknown> =>
  (await ask(url, `/r/${room}`, { headers: { accept: 'application/json' } })).json()['messages']

const form = 'application/x-www-form-urlencoded'

describe('a body', () => {
  it.each([
    ['text', 'text/plain', 'a=b&text=c', 'a=b&text=c'],
    ['text with a charset', 'Text/Plain; Charset="UTF-8"', 'grüße', 'grüße'],
    ['no type', undefined, 'bare', 'bare'],
    ['JSON', 'application/json', '{"text":"j"}', 'j'],
    ['JSON with escapes', 'application/json;charset=utf-8', '{"text":"\\ud83d\\ude00"}', '😀'],
    ['the last of two', 'application/json', '{"text":"a","text":"b"}', 'b'],
    ['a form', form, 'text=a+b%26c%2B&name=', 'a b&c+'],
    ['curl -d hi', form, 'hi', 'hi'],
    ['curl -d "100% a+b & c=d"', form, '100% a+b & c=d', '100% a+b & c=d'],
    ['line ends', 'text/plain', 'a\r\nb\rc\nd', 'a\nb\nc\nd'],
  ])('%s', async (_, type, body, text) => {
    const answer = await post('bodies', type, body)
    expect([answer.status, answer.json()['text']]).toEqual([201, text])
    const { id } = answer.json()
    expect(answer.headers['location']).toBe(`/r/bodies/messages/${String(id)}`)
    expect(answer.json()).toMatchObject({
      room: 'bodies',
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      from: { person: expect.stringMatching(/^[0-9a-z]{26}$/), role: 'speak' },
    })
    const kept = await ask(url, String(answer.headers['location']))
    expect(kept.json()).toEqual(answer.json())
  })

  it('of a page without script leads back to the room', async () => {
    const answer = await post('scriptless', form, 'text=x', { accept: 'text/html,*/*;q=0.8' })
    expect([answer.status, answer.headers['location']]).toEqual([303, '/r/scriptless'])
    expect(await count('scriptless')).toBe(1)
  })

  describe('of a page without script that is refused', () => {
    const browser = { accept: 'text/html,*/*;q=0.8' }
    /** What stands in the form's field, as a parser of HTML has it, and what is said above it. */
    const formOf = ({ text: page }: Answer): unknown[] => {
      const [, within = ''] = /<noscript>([\s\S]*)<\/noscript>/.exec(page) ?? []
      const found = elements(parseFragment(within))
      const [field] = found.filter(({ tagName }) => tagName === 'textarea')
      const [why] = found.filter((each) => attribute(each, 'role') === 'alert')
      return [inner(why!), inner(field!)]
    }
    const refused = async (room: string, text: string): Promise<Answer> =>
      post(room, form, new URLSearchParams({ text }).toString(), browser)

    it.each([
      ['blank', ' \n ', 400, /no text/],
      ['too long', `${'x'.repeat(5000)} end`, 413, /longer than 4000/],
      ['of too many lines', 'x\n'.repeat(300), 413, /200 lines/],
      ['not to be said', 'a\u0007b', 400, /U\+0007/],
      ['hostile', `\n</textarea></noscript><script>$&$'"${'x'.repeat(4000)}`, 413, /longer/],
    ])('comes again with why, and with all that was written: %s', async (_, text, status, why) => {
      const answer = await refused('scriptless-again', text)
      expect(answer.status).toBe(status)
      expect(answer.headers['content-type']).toBe('text/html; charset=utf-8')
      // Who goes back to it finds it as it was left.
      expect(answer.headers['cache-control']).toBe('no-cache')
      expect(answer.headers['content-security-policy']).toContain("script-src 'self'")
      expect(formOf(answer)).toEqual([expect.stringMatching(why), text])
      expect(answer.text).toContain('action="/r/scriptless-again"')
    })

    it('comes again where it was sent too soon, which says when to send it', async () => {
      const owner = { ...bearer('slow-host'), 'content-type': 'application/json' }
      const made = JSON.stringify({ room: 'scriptless-slow', settings: { slow: 60 } })
      await ask(url, '/rooms', { method: 'POST', headers: owner, body: made })
      expect((await refused('scriptless-slow', 'first')).status).toBe(303)
      const answer = await refused('scriptless-slow', 'second')
      expect([answer.status, answer.headers['retry-after']]).toEqual([429, '60'])
      expect(formOf(answer)).toEqual([expect.stringMatching(/Try again in 60 seconds/), 'second'])
      expect(await count('scriptless-slow')).toBe(1)
    })

    it('is told by a page of its own where it was too large to be read', async () => {
      const answer = await refused('scriptless', 'x'.repeat(limits.body + 1))
      expect(answer.status).toBe(413)
      expect(answer.text).toContain('Go back in your browser')
    })

    it('is no page for who asked for none', async () => {
      expect(codeOf(await post('scriptless', form, 'text='))).toEqual([400, 'empty-text'])
    })
  })

  const deep = '['.repeat(30_000)
  it.each([
    ['empty text', 'text/plain', '', 400, 'empty-text', /no text/],
    ['only spaces', 'text/plain', ' \n\u200b ', 400, 'empty-text', /no text/],
    ['empty JSON text', 'application/json', '{"text":""}', 400, 'empty-text', /no text/],
    ['an empty form', form, 'text=', 400, 'empty-text', /no text/],
    ['no JSON', 'application/json', 'hi', 400, 'bad-json', /JSON/],
    ['JSON cut short', 'application/json', '{"text":"a', 400, 'bad-json', /JSON/],
    ['JSON null', 'application/json', 'null', 400, 'bad-body', /must be object/],
    ['JSON array', 'application/json', '["text"]', 400, 'bad-body', /must be object/],
    ['no text', 'application/json', '{}', 400, 'bad-body', /text/],
    ['a number', 'application/json', '{"text":1}', 400, 'bad-body', /"text" must be string/],
    [
      '1,000,000 digits',
      'application/json',
      `{"text":${'9'.repeat(60_000)}}`,
      400,
      'bad-body',
      /./,
    ],
    ['a thing too many', 'application/json', '{"text":"a","html":"b"}', 400, 'bad-body', /./],
    ['__proto__', 'application/json', '{"text":"a","__proto__":{"x":1}}', 400, 'bad-body', /./],
    [
      'constructor',
      'application/json',
      '{"text":"a","constructor":{"prototype":{"x":1}}}',
      400,
      'bad-body',
      /./,
    ],
    ['__proto__ in a form', form, 'text=a&__proto__=b', 400, 'bad-body', /./],
    ['JSON of depth 30,000', 'application/json', deep, 400, 'bad-json', /./],
    [
      'closed JSON of depth 30,000',
      'application/json',
      deep + ']'.repeat(30_000),
      400,
      'bad-body',
      /./,
    ],
    [
      'depth within',
      'application/json',
      `{"text":${'{"a":'.repeat(5000)}1${'}'.repeat(5001)}`,
      400,
      'bad-body',
      /./,
    ],
    [
      'a forged reply',
      'application/json',
      '{"text":"a","replyTo":"../x"}',
      400,
      'bad-body',
      /replyTo/,
    ],
    ['a key with a space', 'application/json', '{"text":"a","key":"a b"}', 400, 'bad-body', /key/],
    [
      'a name of nothing',
      'application/json',
      '{"text":"a","name":"\\u200b"}',
      400,
      'bad-name',
      /name/,
    ],
    ['half a surrogate', 'application/json', '{"text":"\\ud800"}', 400, 'bad-utf8', /surrogate/],
    ['a control character', 'text/plain', 'a\u001b[31mb', 400, 'bad-body', /U\+001B/],
    ['NUL', 'text/plain', 'a\0b', 400, 'bad-body', /U\+0000/],
    ['C1', 'text/plain', 'a\u009b31mb', 400, 'bad-body', /U\+009B/],
    ['bad escapes in a form', form, 'text=%ff', 400, 'bad-utf8', /UTF-8/],
    ['another charset', 'text/plain; charset=utf-16', 'a', 400, 'bad-utf8', /UTF-8/],
    ['4,001 characters', 'text/plain', 'x'.repeat(4001), 413, 'too-long', /4000/],
    [
      '4,001 of JSON',
      'application/json',
      JSON.stringify({ text: 'x'.repeat(4001) }),
      413,
      'too-long',
      /4000/,
    ],
    ['201 lines', 'text/plain', 'x\n'.repeat(200) + 'x', 413, 'too-long', /200 lines/],
    ['64 KiB and a byte', 'text/plain', 'x'.repeat(64 * 1024 + 1), 413, 'too-large', /64 KiB/],
    ['XML', 'application/xml', '<a/>', 415, 'bad-type', /text\/plain/],
    ['a multipart form', 'multipart/form-data; boundary=x', '--x--', 415, 'bad-type', /form/],
    ['no type at all', ' ', 'x', 415, 'bad-type', /./],
    ['a type of nonsense', ';;;', 'x', 415, 'bad-type', /./],
  ])('is refused: %s', async (_, type, body, status, code, sentence) => {
    const answer = await post('refused', type, body)
    expect(codeOf(answer)).toEqual([status, code])
    const { title, detail } = answer.json() as { title: string; detail?: string }
    expect(detail ?? title).toMatch(sentence)
    expect(await count('refused')).toBe(0)
    expect(({} as Record<string, unknown>)['x']).toBeUndefined()
    const forPeople = await post('refused', type, body, { accept: 'text/plain' })
    expect([forPeople.status, forPeople.text]).toEqual([status, `${detail ?? title}\n`])
  })

  it('of a whole 4,000 characters of four bytes each is taken', async () => {
    const text = '😀'.repeat(limits.text)
    const answer = await post('largest', 'text/plain', text)
    expect([answer.status, answer.json()['text']]).toEqual([201, text])
  })

  it('that was compressed is text that is not UTF-8, never unpacked', async () => {
    const headers = { 'content-encoding': 'deflate' }
    const answer = await post('zip', 'text/plain', deflateSync('x'.repeat(1e6)), headers)
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(await count('zip')).toBe(0)
  })

  it('that breaks off is nobody’s message, and no fault', async () => {
    const lines: string[] = []
    const { error } = console
    console.error = (line: string) => void lines.push(line)
    try {
      const head = 'POST /r/broken HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n'
      const cut = await new Promise<string>((resolve, reject) => {
        const socket = connect(Number(new URL(url).port), '127.0.0.1')
        let text = ''
        socket.on('data', (data) => (text += String(data)))
        socket.on('error', reject)
        socket.on('close', () => resolve(text))
        socket.end(`${head}Content-Length: 10\r\n\r\nhalf`)
      })
      expect([0, 400]).toContain(statusOf(cut) || 0)
      expect(await count('broken')).toBe(0)
    } finally {
      console.error = error
    }
    expect(lines).toEqual([])
  })

  it('UTF-8: whatever is not is refused, whatever is comes back exactly', async () => {
    const property = fc.asyncProperty(
      fc.uint8Array({ minLength: 1, maxLength: 12 }),
      async (some) => {
        const bytes = Buffer.concat([Buffer.from('<'), some, Buffer.from('>')])
        const answer = await post('bytes', 'text/plain', bytes)
        let text: string | undefined
        try {
          text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
        } catch {}
        if (text === undefined) expect(codeOf(answer)).toEqual([400, 'bad-utf8'])
        else if (/[^\P{Cc}\t\n\r]/u.test(text)) expect(codeOf(answer)).toEqual([400, 'bad-body'])
        else expect(answer.json()['text']).toBe(text.replace(/\r\n?/g, '\n'))
      },
    )
    await fc.assert(property, { numRuns: 150 })
  })
})

describe('who says it', () => {
  it('is the same person with the same secret in one room, and another one in another', async () => {
    const said = async (room: string, headers: object): Promise<Record<string, string>> =>
      (await say(url, room, 'x', headers)).json()['from'] as Record<string, string>
    const ann = await said('who', bearer('ann'))
    expect(await said('who', bearer('ann'))).toEqual(ann)
    expect(ann['mark']).toBe(ann['person']!.slice(0, 6).toUpperCase())
    for (const other of [
      await said('who', bearer('bob')),
      await said('who', {}),
      await said('elsewhere', bearer('ann')),
    ])
      expect(other['person']).not.toBe(ann['person'])
    const basic = { authorization: `Basic ${btoa('otter:a good password')}` }
    const otter = await said('who', basic)
    expect(otter['name']).toBe('otter')
    expect(await said('who', basic)).toEqual(otter)
  })

  it.each([
    'Bearer short',
    'Bearer ',
    `Bearer ${'x'.repeat(129)}`,
    'Basic !!!',
    `Basic ${btoa('nopassword')}`,
    'Digest x',
    '',
  ])('is refused without a proper secret: %s', async (authorization) => {
    const answer = await say(url, 'auth', 'x', { authorization })
    expect(codeOf(answer)).toEqual([401, 'bad-auth'])
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer, Basic /)
    const stream = await ask(url, '/r/auth', {
      headers: { authorization, accept: 'text/event-stream' },
    })
    expect(codeOf(stream)).toEqual([401, 'bad-auth'])
  })
})

describe('an idempotency key', () => {
  it('says once: 201, then 200 with the first', async () => {
    const headers = { 'idempotency-key': 'k-1', ...bearer('ann') }
    const first = await say(url, 'keys', 'one', headers)
    const again = await say(url, 'keys', 'another text', headers)
    expect([first.status, again.status]).toEqual([201, 200])
    expect(again.json()).toEqual(first.json())
    expect(first.json()['key']).toBe('k-1')
    const inBody = await json('keys', { text: 'three', key: 'k-1' }, bearer('ann'))
    expect([inBody.status, inBody.json()['id']]).toEqual([200, first.json()['id']])
    const both = await json(
      'keys',
      { text: 'four', key: 'k-1' },
      { ...headers, 'idempotency-key': 'k-2' },
    )
    expect(both.status).toBe(201)
    expect(await count('keys')).toBe(2)
  })

  it('is a person’s own, and a room’s', async () => {
    const key = { 'idempotency-key': 'shared' }
    const said = [
      await say(url, 'own-keys', 'a', { ...key, ...bearer('ann') }),
      await say(url, 'own-keys', 'b', { ...key, ...bearer('bob') }),
      await say(url, 'own-keys-2', 'c', { ...key, ...bearer('ann') }),
    ]
    expect(said.map(({ status }) => status)).toEqual([201, 201, 201])
  })

  it('says once, however many say it at once', async () => {
    const headers = { 'idempotency-key': 'race', ...bearer('ann') }
    const stream = await hear(url, '/r/race')
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => say(url, 'race', `text ${i}`, headers)),
    )
    const statuses = answers.map(({ status }) => status).sort((a, b) => a - b)
    expect(statuses).toEqual([...Array.from({ length: 19 }, () => 200), 201])
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    await say(url, 'race', 'end')
    await stream.texts(2)
    expect(stream.told()[0]!['id']).toBe(answers[0]!.json()['id'])
    expect(stream.told()[1]!['text']).toBe('end')
    stream.leave()
  })

  it.each(['', ' ', 'a b', 'é', 'x'.repeat(129)])(
    'is refused where it is none: %s',
    async (key) => {
      const head = 'POST /r/bad-keys HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n'
      const text = await exchange(
        url,
        `${head}Idempotency-Key: ${key}\r\nContent-Length: 1\r\n\r\nx`,
      )
      expect([statusOf(text), text]).toEqual([400, expect.stringContaining('"code":"bad-key"')])
    },
  )

  it('that comes twice in one request is none', async () => {
    const answer = await ask(url, '/r/bad-keys', {
      method: 'POST',
      headers: { 'idempotency-key': ['a', 'b'] },
      body: 'x',
    })
    expect(codeOf(answer)).toEqual([400, 'bad-key'])
    expect(await count('bad-keys')).toBe(0)
  })
})

describe('too much', () => {
  let limited: Running
  beforeAll(async () => void (limited = await open()))
  afterAll(() => limited.close())

  it('is 429 with the seconds to wait, for whoever did it alone', async () => {
    let refused: Answer | undefined
    for (let i = 0; i < 30 && !refused; i++) {
      const answer = await say(limited.url, 'fast', String(i), bearer('ann'))
      if (answer.status === 429) refused = answer
    }
    expect(refused!.headers['retry-after']).toBe('1')
    expect(refused!.json()).toMatchObject({ code: 'slow-down', retryAfter: 1 })
    expect(refused!.json()['detail']).toBe('Too much at once. Try again in 1 second.')
    const chatting = await ask(limited.url, '/r/fast', {
      method: 'POST',
      headers: { ...bearer('ann'), 'user-agent': 'curl/8.5.0' },
      body: 'x',
    })
    expect(chatting.text).toBe('Too much at once. Try again in 1 second.\n')
    expect((await say(limited.url, 'fast', 'x', bearer('bob'))).status).toBe(201)
  })

  it('is counted in bytes of what was sent, and before any work is put into it', async () => {
    // 12,000 bytes of 4,000 characters cost twelve messages' worth: two of them, where characters alone allowed five.
    const large = '語'.repeat(4000)
    expect((await say(limited.url, 'bytes', large, bearer('kei'))).status).toBe(201)
    expect((await say(limited.url, 'bytes', large, bearer('kei'))).status).toBe(429)
    // Refused texts are not free: cleaning them is what costs.
    const hostile = `\u202e${'x'.repeat(60_000)}`
    const statuses: number[] = []
    for (let i = 0; i < 3; i++)
      statuses.push((await say(limited.url, 'work', hostile, bearer('mal'))).status)
    expect(statuses).toEqual([413, 429, 429])
  })

  it('is also to go by another name again and again: everyone there is told of it', async () => {
    const mia = bearer('mia')
    const stream = await hear(limited.url, '/r/names', mia)
    await stream.first('hello')
    const as = (name: string): Promise<Answer> =>
      ask(limited.url, '/r/names', {
        method: 'POST',
        headers: { ...mia, 'content-type': 'application/json' },
        body: JSON.stringify({ text: 'hello', name }),
      })
    for (let i = 0; i < 5; i++) expect((await as(`mia ${i}`)).status).toBe(201)
    const refused = await as('mia 5')
    expect([refused.status, refused.json()['code']]).toEqual([429, 'slow-down'])
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(1)
    // Under the name that she has she speaks on.
    expect((await as('mia 4')).status).toBe(201)
    stream.leave()
  })

  it('counts one client by whatever X-Forwarded-For it makes up', async () => {
    const statuses: number[] = []
    while (statuses.length < 400) {
      const some = Array.from({ length: 50 }, (_, i) => {
        const headers = { 'x-forwarded-for': `10.0.${statuses.length >> 8}.${i}` }
        return say(limited.url, 'xff', String(i), headers)
      })
      statuses.push(...(await Promise.all(some)).map(({ status }) => status))
    }
    expect(statuses.slice(0, 100).every((status) => status === 201)).toBe(true)
    expect(statuses).toContain(429)
  })
})
