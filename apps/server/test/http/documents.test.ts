import { once } from 'node:events'
import { connect } from 'node:net'
import asyncApiSpecs from '@asyncapi/specs'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, bearer } from '../../../../test/harness/ask.ts'
import { hear, Hearing, type Heard } from '../../../../test/harness/hear.ts'
import { open } from '../../../../test/harness/server.ts'
import { calls } from '../../src/calls.ts'
import { readConfig, type Running } from '../../src/index.ts'
import type { Parts } from '../../src/parts.ts'
import { httpServer } from '../../src/server.ts'
import { compiler, Documented, type Document } from './documents.ts'

interface AsyncDocument {
  readonly channels: Readonly<Record<string, { readonly messages: Record<string, unknown> }>>
  readonly components: {
    readonly schemas: Readonly<Record<string, object>>
    readonly messages: Readonly<
      Record<string, { readonly payload: object; readonly headers?: object }>
    >
  }
}

let server: Running
let url: string
let document: Document
let streams: AsyncDocument
beforeAll(async () => {
  server = await open('--limits', 'off', '--files', '10')
  url = server.url
  const read = async (path: string): Promise<unknown> => (await ask(url, path)).json()
  document = (await read('/openapi.json')) as Document
  streams = (await read('/asyncapi.json')) as AsyncDocument
})
afterAll(() => server.close())

const host = bearer('host')
const guest = bearer('somebody')
const json = { 'content-type': 'application/json' }
const templateOf = (url: string): string => url.replace(/:(\w+)/g, '{$1}')

describe('the documents', () => {
  it('are valid OpenAPI 3.1 and AsyncAPI 3.0', async () => {
    const validator = new Validator()
    const told = await validator.validate(structuredClone(document) as never)
    expect([told.valid, told.errors, validator.version]).toEqual([true, undefined, '3.1'])
    const ajv = new Ajv({ strict: false, logger: false, validateFormats: true })
    addFormats.default(ajv)
    const validate = ajv.compile(
      (asyncApiSpecs as unknown as { schemasWithoutId: Record<string, object> }).schemasWithoutId[
        '3.0.0'
      ]!,
    )
    expect([validate(streams), validate.errors]).toEqual([true, null])
  })

  it('have every schema as something that JSON Schema 2020-12 can check by', () => {
    for (const api of [document, streams]) {
      const compile = compiler(api)
      for (const name of Object.keys(api.components.schemas))
        expect(typeof compile({ $ref: `#/components/schemas/${name}` })).toBe('function')
    }
  })

  it('name each call once', () => {
    const ids = Object.values(document.paths).flatMap((path) =>
      Object.values(path).map(({ operationId }) => operationId),
    )
    expect(ids).toHaveLength(new Set(ids).size)
    expect(ids.filter((id) => !id.endsWith('Head')).toSorted()).toEqual(
      Object.keys(calls).toSorted(),
    )
  })

  it('describe the routes that the server has, and no other', async () => {
    const app = httpServer({ config: readConfig(['--memory'], {}) } as Parts)
    const routes = registered(app.printRoutes({ commonPrefix: false }))
    await app.close()
    expect(Object.keys(document.paths).toSorted()).toEqual(routes.map(templateOf).toSorted())
    for (const [template, operations] of Object.entries(document.paths)) {
      const path = template.replace('{room}', 'a').replace(/\{\w+\}/g, 'x')
      const { headers } = await ask(url, path, { method: 'OPTIONS' })
      const allowed = headers.allow!.split(', ').filter((method) => method !== 'OPTIONS')
      const described = Object.keys(operations).map((method) => method.toUpperCase())
      expect([template, described.toSorted()]).toEqual([template, allowed.toSorted()])
    }
  })
})

/** The paths in Fastify's drawing of its routes. */
function registered(drawing: string): string[] {
  const paths = new Set<string>()
  const above: string[] = []
  for (const line of drawing.split('\n')) {
    const [, indent, part, methods] = /^([│ ]*)[├└]── (\S+)(?: \((.+)\))?/.exec(line) ?? []
    if (indent === undefined || part === undefined) continue
    const depth = indent.length / 4
    above.length = depth
    above.push(part)
    if (methods !== undefined) paths.add(above.join(''))
  }
  return [...paths]
}

describe('every answer', () => {
  it('is as the document says, whichever call it answers', async () => {
    const api = new Documented(url, document)
    const post = (path: string, body: object, headers = host): ReturnType<Documented['ask']> =>
      api.ask(path, {
        method: 'POST',
        headers: { ...headers, ...json },
        body: JSON.stringify(body),
      })
    const get = (path: string, headers = host): ReturnType<Documented['ask']> =>
      api.ask(path, { headers })
    const remove = (path: string, headers = host): ReturnType<Documented['ask']> =>
      api.ask(path, { method: 'DELETE', headers })

    await get('/')
    await get('/?room=Den')
    await post('/rooms', { room: 'den', settings: { listed: true, title: 'The den' } })
    await post('/rooms', { room: 'den' })
    await get('/rooms')
    const said = await post('/r/den', { text: 'hello there', key: 'k1' }, guest)
    const { id, from } = said.json() as { id: string; from: { person: string } }
    await post('/r/den', { text: 'hello there', key: 'k1' }, guest)
    await post('/r/den', { text: 'hi', replyTo: id })
    await post('/r/den', { text: '' })
    const form = {
      ...guest,
      accept: 'text/html',
      'content-type': 'application/x-www-form-urlencoded',
    }
    await api.ask('/r/den', { method: 'POST', headers: form, body: 'text=hi' })
    await api.ask(`/r/den/messages/${id}/reactions/%F0%9F%91%8D`, { method: 'PUT', headers: host })
    await api.ask(`/r/den/messages/${id}/reactions/x`, { method: 'PUT', headers: host })
    await remove(`/r/den/messages/${id}/reactions/%F0%9F%91%8D`)
    await api.ask(`/r/den/messages/${id}/reactions/%F0%9F%8E%89`, { method: 'PUT', headers: host })
    const edited = {
      method: 'PATCH',
      headers: { ...guest, ...json },
      body: '{"text":"hello again"}',
    }
    await api.ask(`/r/den/messages/${id}`, edited)
    await api.ask(`/r/den/messages/${id}`, { ...edited, headers: { ...host, ...json } })
    for (const query of ['', '?limit=1', `?around=${id}`, '?q=hello', '?q=', `?before=${id}`])
      await get(`/r/den/messages${query}`)
    await get(`/r/den/messages/${id}`)
    await get('/r/den/messages/none-1')
    const octets = { 'content-type': 'application/octet-stream' }
    const send = (path: string, method: string, body: string): ReturnType<Documented['ask']> =>
      api.ask(path, { method, headers: { ...guest, ...octets }, body })
    await send('/r/den/files?name=a.txt', 'POST', 'hi')
    await send('/r/den/files?size=0', 'POST', '')
    const begun = (await send('/r/den/files?size=9', 'POST', 'half')).json()['id'] as string
    for (const at of [1, 4, 8]) await send(`/r/den/files/${begun}?at=${at}`, 'PATCH', 'way')
    await send(`/r/den/files/${begun}?at=7`, 'PATCH', '..')
    await post('/r/den', { text: '', files: [begun] }, guest)
    await get(`/r/den/files/${begun}`)
    await get('/r/den/files/none')
    for (const format of ['md', 'html', 'ndjson', 'pdf'])
      await get(`/r/den/transcript?format=${format}`)
    for (const accept of ['application/json', 'text/html'])
      await api.ask('/r/den', { headers: { ...host, accept } })
    for (const accept of ['text/plain', 'application/x-ndjson'])
      await api.ask('/r/den?follow=0&last=5', { headers: { ...host, accept } })
    await api.ask('/r/-bad-')
    await api.ask('/r/den', { headers: { authorization: 'Bearer short' } })
    for (const method of ['POST', 'DELETE'])
      await api.ask('/r/den/typing', { method, headers: host })
    const naming = { headers: { ...host, ...json }, body: JSON.stringify({ name: 'Ada' }) }
    await api.ask('/r/den/name', { method: 'PUT', ...naming })
    await api.ask('/r/den/name', { method: 'DELETE', headers: host })
    for (const method of ['PUT', 'DELETE']) await api.ask('/r/den/away', { method, headers: host })
    await get('/r/den/people')
    await get('/r/den/settings')
    const change = {
      method: 'PATCH',
      headers: { ...host, ...json },
      body: '{"topic":"all things"}',
    }
    await api.ask('/r/den/settings', change)
    await api.ask('/r/den/settings', { ...change, headers: { ...guest, ...json } })
    await api.ask('/r/den/settings', { ...change, body: '{}' })

    const link = await post('/r/den/links', {
      role: 'moderate',
      label: 'for bob',
      hours: 2,
      uses: 3,
    })
    const made = link.json() as { link: { id: string }; secret: string }
    await get('/r/den/links')
    await get('/r/den/links', guest)
    const bob = bearer('bob')
    await post('/r/den/join', { secret: made.secret }, bob)
    await post('/r/den/join', { secret: 'x'.repeat(30) }, bob)
    await api.ask('/r/den/join', {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ secret: made.secret }),
    })
    const rotated = await post(`/r/den/links/${made.link.id}/rotate`, {})
    await remove(`/r/den/links/${(rotated.json() as typeof made).link.id}`)
    await remove('/r/den/links/none')

    for (const kind of ['mute', 'ban']) {
      await post(`/r/den/${kind}s`, { person: from.person, minutes: 5, reason: 'to see' })
      await get(`/r/den/${kind}s`)
      await get(`/r/den/${kind}s`, bob)
      await post('/r/den', { text: 'may I?' }, guest)
      await remove(`/r/den/${kind}s/${from.person}`)
      await remove(`/r/den/${kind}s/${from.person}`)
    }
    const guard = (to: string): Promise<unknown> =>
      api.ask('/r/den/settings', {
        method: 'PATCH',
        headers: { ...json, ...host },
        body: JSON.stringify({ guard: to }),
      })
    await guard('on')
    await get('/r/den/settings')
    const newcomer = bearer('newcomer')
    await post('/r/den', { text: 'let me in' }, newcomer)
    const proof = { ...newcomer, 'proof-of-work': 'none' }
    await post('/r/den', { text: 'let me in' }, proof)
    await guard('off')
    await post('/r/den/kicks', { person: from.person, reason: 'to see' })
    await post('/r/den/kicks', { person: from.person }, bob)
    await post('/r/den', { text: 'am I here?' }, guest)
    await post('/r/den/reports', { message: id, reason: 'to see' }, bob)
    await post('/r/den/reports', { message: 'none-1' }, bob)
    await get('/r/den/reports')
    await remove(`/r/den/reports/${id}`)
    await get('/r/den/filter')
    for (const patterns of [['elm*'], ['*']])
      await api.ask('/r/den/filter', {
        method: 'PUT',
        headers: { ...host, ...json },
        body: JSON.stringify({ patterns, contacts: true }),
      })
    const removed = await post('/r/den/removals', { messages: [id] })
    await post('/r/den/removals', {})
    await post('/r/den/undo', { act: removed.json()['act'] })
    await post('/r/den/undo', { act: removed.json()['act'] })
    await post('/r/den/undo', { act: id })
    const review = (room: string, review: string): ReturnType<Documented['ask']> =>
      api.ask(`/r/${room}/settings`, { ...change, body: JSON.stringify({ review }) })
    await post('/rooms', { room: 'lobby' })
    await review('lobby', 'everyone')
    await get('/chat?message=hello', guest)
    await review('lobby', 'off')
    await review('den', 'everyone')
    const held = await post('/r/den', { text: 'may I?' }, bearer('newcomer'))
    const other = await post('/r/den', { text: 'and this?' }, bearer('newcomer'))
    await get('/r/den/held')
    await post(`/r/den/held/${String(held.json()['id'])}`, {})
    await post(`/r/den/held/${String(held.json()['id'])}`, {})
    await remove(`/r/den/held/${String(other.json()['id'])}`)
    await review('den', 'off')
    await get('/r/den/log')
    await get('/r/den/log?before=x')
    await remove(`/r/den/messages/${id}`, bob)
    await remove(`/r/den/messages/${id}`)
    await get(`/r/den/messages/${id}`)
    await get('/chat?message=hello')
    await get('/chat')
    for (const path of ['/healthz', '/readyz', '/metrics', '/openapi.json', '/asyncapi.json'])
      await get(path)
    for (const path of ['/events?room=den', '/sse', '/r/den']) {
      const stream = await hear(url, path, host)
      await stream.first('hello')
      stream.leave()
      const { status, headers, text } = stream
      api.check(api.operation('GET', path), { status, headers, text })
    }
    await get('/events')
    await get('/events?room=DEN')
    const heads = Object.entries(document.paths).filter(([, { head }]) => head)
    for (const [template] of heads) {
      const path = template.replace('{room}', 'den').replace('{id}', id).replace('{file}', begun)
      await api.ask(path === '/events' ? '/events?room=den' : path, {
        method: 'HEAD',
        headers: host,
      })
    }

    // A room in upper case is where the other one is, whatever is asked of it.
    for (const [template, operations] of Object.entries(document.paths)) {
      if (!template.includes('{room}')) continue
      const path = template.replace('{room}', 'DEN').replace(/\{\w+\}/g, 'x')
      for (const method of Object.keys(operations).map((each) => each.toUpperCase())) {
        const { status, headers } = await api.ask(path, { method, headers: host })
        expect([path, method, status]).toEqual([path, method, 308])
        expect(headers.location).toBe(path.replace('DEN', 'den'))
      }
    }

    // Every call has been done, and answered in each way that is no refusal.
    const ways = Object.values(document.paths).flatMap((path) =>
      Object.values(path).flatMap(({ operationId, responses }) =>
        Object.keys(responses)
          .filter((status) => status < '400' && !(operationId.endsWith('Head') && status !== '200'))
          .map((status) => `${operationId} ${status}`),
      ),
    )
    expect(ways.filter((way) => !api.seen.has(way))).toEqual([])
  })
})

describe('every event', () => {
  it('is as the document says', async () => {
    const compile = compiler(streams)
    const { messages } = streams.components
    const made = await ask(url, '/rooms', {
      method: 'POST',
      headers: { ...host, ...json },
      body: '{"room":"hall"}',
    })
    expect(made.status).toBe(201)
    const stream = await hear(url, '/r/hall?after=none-1', guest)
    const bare = await hear(url, '/sse', guest)
    const hosts = await hear(url, '/r/hall', host)
    await stream.first('hello')
    await bare.first('hello')
    const act = async (path: string, method: string, body?: object): Promise<{ id: string }> =>
      (
        await ask(url, path, {
          method,
          headers: { ...host, ...json },
          ...(body ? { body: JSON.stringify(body) } : {}),
        })
      ).json() as { id: string }
    const { id } = await act('/r/hall', 'POST', { text: 'a\nb', key: 'k', replyTo: 'x-1' })
    const report = JSON.stringify({ message: id })
    await ask(url, '/r/hall/reports', {
      method: 'POST',
      headers: { ...host, ...json },
      body: report,
    })
    await hosts.first('waiting')
    await act(`/r/hall/messages/${id}`, 'PATCH', { text: 'c' })
    await act(`/r/hall/messages/${id}/reactions/%F0%9F%91%8D`, 'PUT')
    await act('/r/hall/settings', 'PATCH', { slow: 0, guard: 'on' })
    await act('/r/hall/settings', 'PATCH', { guard: 'auto' })
    await ask(url, '/r/hall/typing', { method: 'POST', headers: host })
    await act(`/r/hall/messages/${id}`, 'DELETE')
    await act('/r/lobby', 'POST', { text: 'bare\ntext' })
    const names = [
      'message',
      'edit',
      'reaction',
      'room',
      'raid',
      'typing',
      'delete',
      'presence',
      'hello',
      'gap',
    ]
    await stream.until(() =>
      names.every((name) => stream.events.some(({ event }) => event === name)),
    )
    await bare.until(() => bare.events.some(({ event }) => event === 'message'))
    // The tombstone: a replay of what was deleted.
    const again = await hear(url, '/r/hall?last=10', guest)
    await again.first('message')
    const busy = await lateStream()
    for (const { event, data, id } of [
      ...stream.events,
      ...hosts.events,
      ...again.events,
      ...busy,
    ]) {
      const { payload, headers } = messages[event]!
      const validate = compile(payload)
      expect([event, validate(JSON.parse(data)), validate.errors]).toEqual([event, true, null])
      expect([event, id !== undefined && id !== '']).toEqual([event, headers !== undefined])
    }
    const [text] = bare.events.filter(({ event }) => event === 'message')
    const isText = compile(messages['text']!.payload)
    expect([isText(text!.data), text!.data]).toEqual([true, 'bare\ntext'])
    expect(Object.keys(streams.channels['lobby']!.messages)).not.toContain('message')
    // All but `beat`, for which a test would wait a quarter of a minute.
    const all = new Set([...names, 'waiting', 'busy', 'beat', 'text'])
    expect(new Set(Object.keys(messages))).toEqual(all)
    for (const each of [stream, bare, hosts, again]) each.leave()
  })
})

/** What a stream hears that is asked for while the server ends: its request has begun before. */
async function lateStream(): Promise<Heard[]> {
  const ending = await open()
  const late = connect(Number(new URL(ending.url).port), '127.0.0.1')
  await once(late, 'connect')
  late.write('GET /r/hall HTTP/1.0\r\nAccept: text/event-stream\r\n')
  // Whoever comes after it is answered: it has been read.
  expect((await ask(ending.url, '/healthz')).status).toBe(200)
  const closed = ending.close()
  late.write('\r\n')
  const hearing = new Hearing()
  let answer = ''
  for await (const bytes of late as AsyncIterable<Buffer>) answer += bytes.toString()
  hearing.take(Buffer.from(answer.slice(answer.indexOf('\r\n\r\n') + 4)))
  await closed
  expect(hearing.events.map(({ event }) => event)).toEqual(['busy'])
  return hearing.events
}
