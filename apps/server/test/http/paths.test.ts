import { readFileSync } from 'node:fs'
import { problems } from '@hearsay/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, bearer, exchange, say, statusOf } from '../../../../test/harness/ask.ts'
import { hear } from '../../../../test/harness/hear.ts'
import { open } from '../../../../test/harness/server.ts'
import type { Running } from '../../src/index.ts'

let server: Running
let url: string
beforeAll(async () => {
  server = await open()
  url = server.url
})
afterAll(() => server.close())

/** A path of each kind of call, and what may be done there. */
const paths: readonly [string, string][] = [
  ['/', 'GET, HEAD, OPTIONS'],
  ['/r/a', 'GET, HEAD, POST, OPTIONS'],
  ['/r/a/messages', 'GET, HEAD, OPTIONS'],
  ['/r/a/messages/x-1', 'GET, HEAD, PATCH, DELETE, OPTIONS'],
  ['/r/a/messages/x-1/reactions/%F0%9F%91%8D', 'PUT, DELETE, OPTIONS'],
  ['/r/a/typing', 'POST, DELETE, OPTIONS'],
  ['/r/a/away', 'PUT, DELETE, OPTIONS'],
  ['/r/a/people', 'GET, HEAD, OPTIONS'],
  ['/r/a/settings', 'GET, HEAD, PATCH, OPTIONS'],
  ['/events?room=a', 'GET, HEAD, OPTIONS'],
  ['/sse', 'GET, HEAD, OPTIONS'],
  ['/chat?message=x', 'GET, OPTIONS'],
  ['/healthz', 'GET, HEAD, OPTIONS'],
  ['/readyz', 'GET, HEAD, OPTIONS'],
  ['/metrics', 'GET, HEAD, OPTIONS'],
]
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE']

describe('a method', () => {
  it.each(paths)('%s takes %s; others are 405 and say which', async (path, allow) => {
    const others = methods.filter((method) => !allow.split(', ').includes(method))
    for (const method of others) {
      const answer = await ask(url, path, { method })
      expect([method, answer.status, answer.headers.allow]).toEqual([method, 405, allow])
      if (method !== 'HEAD') expect(answer.json()['code']).toBe('bad-method')
    }
    const asked = await ask(url, path, { method: 'OPTIONS', headers: { origin: 'https://a.b' } })
    expect([asked.status, asked.headers.allow]).toEqual([204, allow])
    expect(asked.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
      'access-control-allow-headers':
        'Authorization, Content-Type, Idempotency-Key, Last-Event-ID, Proof-Of-Work',
    })
  })

  it('HEAD is GET without the body, and says nothing', async () => {
    for (const [path, allow] of paths.filter(([, allow]) => allow.startsWith('GET, HEAD'))) {
      const head = await ask(url, path, {
        method: 'HEAD',
        headers: { accept: 'text/event-stream' },
      })
      expect([path, allow, head.text]).toEqual([path, allow, ''])
      expect([200, 404]).toContain(head.status)
    }
    const chat = await ask(url, '/chat?message=unsaid', { method: 'HEAD' })
    expect(chat.status).toBe(405)
    expect((await ask(url, '/r/lobby?follow=0')).text).not.toContain('unsaid')
  })

  it('that HTTP does not know is 4xx', async () => {
    for (const method of ['PROPFIND', 'LINK', 'QUERY']) {
      const text = await exchange(
        url,
        `${method} /r/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
      )
      expect(String(statusOf(text))).toMatch(/^4\d\d$/)
    }
    expect(statusOf(await exchange(url, 'FETCH / HTTP/1.1\r\nHost: localhost\r\n\r\n'))).toBe(400)
    // What asks for a tunnel gets none, and no answer that could pass for one.
    expect(await exchange(url, 'CONNECT a.b:80 HTTP/1.1\r\nHost: a.b\r\n\r\n')).toBe('')
  })
})

describe('a room name', () => {
  it.each([
    ['', 404],
    ['a', 200],
    ['0', 200],
    ['constructor', 200],
    ['con', 200],
    ['a-b--c', 200],
    ['x'.repeat(64), 200],
    ['%61bc', 200],
    ['x'.repeat(65), 404],
    ['x'.repeat(300), 404],
    ['-a', 404],
    ['a-', 404],
    ['a_b', 404],
    ['a.b', 404],
    ['..', 404],
    ['.', 404],
    ['%2e%2e', 404],
    ['%2e%2e%2f%2e%2e%2fetc%2fpasswd', 404],
    ['..%c0%af', 404],
    ['..%5c', 404],
    ['a%00b', 404],
    ['a%0ab', 404],
    ['a%0d%0aset-cookie:x', 404],
    ['a%20b', 404],
    ['%ff', 404],
    ['%c3%28', 404],
    ['%', 404],
    ['%zz', 404],
    ['caf%C3%A9', 404],
    ['cafe%CC%81', 404],
    ['%C4%B1', 404],
    ['%C4%B0', 404],
    ['%E2%84%AA', 404],
    ['%EF%BD%81', 404],
    ['a%E2%80%8Bb', 404],
    ['a%E2%80%AEb', 404],
    ['__proto__', 404],
    ['a%2Fb', 404],
    ['a%3Ffollow', 404],
    ['a%23', 404],
  ])('%s: %i', async (room, status) => {
    const calls = [
      await ask(url, `/r/${room}?follow=0`),
      await ask(url, `/r/${room}?follow=0`, {
        headers: { accept: 'text/event-stream' },
        method: 'HEAD',
      }),
      await ask(url, `/r/${room}/messages`),
      await ask(url, `/r/${room}/people`),
      await say(url, room, 'x'),
    ]
    for (const call of calls) {
      expect([200, 201].includes(call.status) ? 200 : call.status).toBe(status)
      expect(call.headers['access-control-allow-origin']).toBe('*')
      if (status === 404 && call.text !== '') expect(call.json()['code']).toBe('bad-room')
    }
    const page = await ask(url, `/r/${room}`, { headers: { accept: 'text/html' } })
    if (status === 404) {
      expect([page.status, page.text]).toEqual([
        404,
        expect.stringContaining(`<p>${problems['bad-room'][1]}</p>`),
      ])
      // A way on, and how names look.
      expect(page.text).toContain('<a href="/"')
      expect(page.text).toContain('/r/bread-club')
    }
  })

  it.each([
    ['/r/%F0%9F', 404, 'bad-room'],
    [`/r/${'x'.repeat(300)}/messages`, 404, 'bad-room'],
    ['/r/lobby/messages/x-1/reactions/%F0%9F', 400, 'bad-request'],
    [`/r/lobby/messages/${'x'.repeat(300)}`, 400, 'bad-request'],
  ])(
    'that can not be read is refused for the part that is wrong: %s',
    async (path, status, code) => {
      const answer = await ask(url, path)
      expect([answer.status, answer.json()['code']]).toEqual([status, code])
    },
  )

  it.each([
    ['/r/LobbY', '/r/lobby'],
    ['/r/%4Cobby?last=3', '/r/lobby?last=3'],
    ['/r/Lobby/messages?limit=2', '/r/lobby/messages?limit=2'],
  ])('in upper case is redirected: %s', async (from, to) => {
    const answer = await ask(url, from)
    expect([answer.status, answer.headers.location]).toEqual([308, to])
  })

  it('in upper case takes what is said along', async () => {
    const answer = await say(url, 'Shout', 'x')
    expect([answer.status, answer.headers.location]).toEqual([308, '/r/shout'])
  })

  it('that is not one in lower case either is no room', async () => {
    expect((await ask(url, '/r/A_B')).status).toBe(404)
    // Its lower case is "i" and a dot.
    expect((await ask(url, '/r/%C4%B0STANBUL')).status).toBe(404)
  })

  it.each([
    '/r',
    '/r/',
    '/r/a/b',
    '/r/a/b/',
    '/r//a',
    '/nothing',
    '//r/a',
    '/r/../r/a',
    '/R/a',
    '/x'.repeat(50),
  ])('other addresses are not there: %s', async (path) => {
    const answer = await ask(url, path)
    expect([answer.status, answer.json()['code']]).toEqual([
      404,
      path === '/r/' ? 'bad-room' : 'not-found',
    ])
  })

  it.each([
    ['/r/a/', '/r/a'],
    ['/r/a/?follow=0', '/r/a?follow=0'],
    ['/r/a%20b/', '/r/a%20b'],
  ])('a slash at the end of a room’s address leads to it: %s', async (from, to) => {
    for (const method of ['GET', 'POST']) {
      const answer = await ask(url, from, { method })
      expect([answer.status, answer.headers.location]).toEqual([308, to])
    }
  })

  it.each(['//evil.example/', '/r//evil.example/', '/r/a//', '/nothing/'])(
    'a slash at the end of any other address leads nowhere: %s',
    async (path) => {
      const answer = await ask(url, path)
      expect([answer.status, answer.headers.location]).toEqual([404, undefined])
    },
  )
})

describe('errors', () => {
  it('docs/errors.md lists each code with its status and sentence, and no other', () => {
    const page = readFileSync(new URL('../../../../docs/errors.md', import.meta.url), 'utf8')
    const rows = [...page.matchAll(/^\| <a id="([^"]+)"><\/a>`([^`]+)` \| (\d{3}) \| (.+) \|$/gm)]
    const listed = rows.map(([, anchor, code, status, sentence]) => {
      expect(anchor).toBe(code)
      return [code, [Number(status), sentence]]
    })
    expect(Object.fromEntries(listed)).toEqual(problems)
    expect(rows).toHaveLength(Object.keys(problems).length)
  })

  it.each([
    ['for a program: problem details', {}, true],
    ['for fetch: problem details', { accept: '*/*', 'user-agent': 'node' }, true],
    ['for an EventSource: problem details', { accept: 'text/event-stream' }, true],
    ['for curl: a sentence', { accept: '*/*', 'user-agent': 'curl/8.5.0' }, false],
    ['for who asks for text: a sentence', { accept: 'text/plain' }, false],
    [
      'for curl that asks for JSON: problem details',
      { accept: 'application/json', 'user-agent': 'curl/8' },
      true,
    ],
  ])('%s', async (_, headers, isProblem) => {
    const answer = await ask(url, '/r/a_b', { headers: headers })
    const [status, title] = problems['bad-room']
    expect(answer.status).toBe(status)
    expect(answer.headers['cache-control']).toBe('no-store')
    if (isProblem) {
      expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8')
      const type = 'urn:hearsay:problem:bad-room'
      expect(answer.json()).toEqual({ type, title, status, code: 'bad-room' })
    } else {
      expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8')
      expect(answer.text).toBe(`${title}\n`)
    }
  })
})

describe('for a browser', () => {
  it.each(['/r/a_b', '/R/a', '/r/', '/nowhere', '/r/a/transcript?format=pdf'])(
    'a refusal is a page with the sentence and a way on, which runs nothing and loads our mark alone: %s',
    async (path) => {
      const plain = await ask(url, path, { headers: { accept: 'text/plain' } })
      const { status, headers, text } = await ask(url, path, {
        headers: { accept: 'text/html,*/*;q=0.8' },
      })
      expect(status).toBe(plain.status)
      expect(headers).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'content-security-policy': expect.stringMatching(
          /^default-src 'none'; .*; img-src 'self'; /,
        ),
      })
      expect(text).toMatch(/<meta name="viewport" content="width=device-width">/)
      expect(text).toContain('color-scheme:light dark')
      expect(text).toContain(`<p>${plain.text.trimEnd().replaceAll('"', '&quot;')}</p>`)
      expect(text).toContain('<a href="/"')
    },
  )
})

describe('operation', () => {
  it('/healthz, /readyz, /metrics', async () => {
    expect((await ask(url, '/healthz')).json()).toEqual({ status: 'ok' })
    expect((await ask(url, '/readyz')).json()).toEqual({ status: 'ready' })
    const stream = await hear(url, '/r/metered')
    await say(url, 'metered', 'x')
    await stream.texts(1)
    const { headers, text } = await ask(url, '/metrics')
    expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/)
    expect(text).toMatch(/^hearsay_listeners 1$/m)
    expect(Number(/^hearsay_said_total (\d+)$/m.exec(text)?.[1])).toBeGreaterThanOrEqual(1)
    expect(text).not.toContain('metered')
    stream.leave()
  })
})

describe('what was said', () => {
  it('is counted once, however often its key comes', async () => {
    const total = async (): Promise<number> =>
      Number(/^hearsay_said_total (\d+)$/m.exec((await ask(url, '/metrics')).text)?.[1])
    const before = await total()
    const headers = { ...bearer('counting'), 'idempotency-key': 'once' }
    const statuses = []
    for (let i = 0; i < 3; i++) statuses.push((await say(url, 'counted', 'x', headers)).status)
    statuses.push((await ask(url, '/chat?message=x')).status)
    statuses.push((await say(url, 'counted', '')).status)
    expect([statuses, (await total()) - before]).toEqual([[201, 200, 200, 201, 400], 2])
  })
})

describe('the pages', () => {
  it('have their policy under every address, and no page of another origin around them', async () => {
    const headers = { accept: 'text/html' }
    for (const path of ['/', '/r/a']) {
      const answer = await ask(url, path, { headers })
      // Where the pages are not built there are none.
      if (answer.status === 404) continue
      const policy = String(answer.headers['content-security-policy'])
      expect([path, policy]).toEqual([path, expect.stringContaining("default-src 'none'")])
      expect(policy).toContain("frame-ancestors 'none'")
      expect(policy).toContain("require-trusted-types-for 'script'")
      expect(policy).not.toContain('unsafe')
    }
  })

  it('keep to themselves in windows that others opened, where the browser heeds that', async () => {
    const headers = { accept: 'text/html' }
    const name = 'cross-origin-opener-policy'
    const plain = await ask(url, '/', { headers })
    if (plain.status === 404) return
    const safe = await ask(url, '/', { headers: { ...headers, 'sec-fetch-dest': 'document' } })
    expect([plain.headers[name], safe.headers[name]]).toEqual([undefined, 'same-origin'])
  })

  it.each([
    '/../package.json',
    '/%2e%2e/package.json',
    '/..%2fpackage.json',
    '/assets/..%2f..%2fpackage.json',
    '/.git/config',
  ])('are all there is to be had: not %s', async (path) => {
    expect((await ask(url, path)).status).toBe(404)
  })
})

describe('CORS', () => {
  it('with an allow-list: pages of other origins read nothing and say nothing', async () => {
    const own = await open('--allow-origin', 'https://ours.example,http://localhost:5173')
    try {
      const post = (headers: Record<string, string>) => say(own.url, 'lobby', 'x', headers)
      for (const headers of [
        { origin: 'https://evil.example' },
        { origin: 'null' },
        { origin: 'http://ours.example' },
        { origin: 'https://ours.example.evil.example' },
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site' },
      ]) {
        for (const refused of [
          await post(headers),
          await ask(own.url, '/chat?message=x', { headers }),
          await ask(own.url, '/r/lobby/typing', { method: 'POST', headers }),
          await ask(own.url, '/r/lobby/messages/x-1', { method: 'DELETE', headers }),
        ]) {
          expect([refused.status, refused.json()['code']]).toEqual([403, 'wrong-origin'])
          expect(refused.headers['access-control-allow-origin']).toBeUndefined()
          expect(refused.headers.vary).toBe('Origin')
        }
      }
      expect((await ask(own.url, '/r/lobby?follow=0')).text).toBe('-- lobby --\n')
      const host = new URL(own.url).host.replace('localhost', '127.0.0.1')
      for (const headers of [
        {},
        { origin: 'https://ours.example', 'sec-fetch-site': 'cross-site' },
        { origin: `http://${host}`, host, 'sec-fetch-site': 'same-origin' },
        { 'sec-fetch-site': 'same-origin' },
      ])
        expect((await post(headers as Record<string, string>)).status).toBe(201)
      const origin = 'https://ours.example'
      const heard = await ask(own.url, '/r/lobby?follow=0', { headers: { origin } })
      expect(heard.headers['access-control-allow-origin']).toBe(origin)
      expect(heard.headers.vary).toBe('Origin, Accept')
    } finally {
      await own.close()
    }
  })

  it('what a page of another origin may read includes where and when', async () => {
    const { headers } = await say(url, 'exposed', 'x', { origin: 'https://any.example' })
    expect(headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-expose-headers': 'Location, Retry-After',
    })
    expect(headers['access-control-allow-credentials']).toBeUndefined()
    expect(headers['set-cookie']).toBeUndefined()
  })
})
