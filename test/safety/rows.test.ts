/** The attacks that no single part can be asked about. Where each of the others is proven: docs/testing.md. */
import { once } from 'node:events'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ask, bearer, say, type Answer } from '../harness/ask.ts'
import { hear, type Stream } from '../harness/hear.ts'
import { folder, open, started } from '../harness/server.ts'
import type { Running } from '../../apps/server/src/index.ts'

let server: Running
let url: string
beforeAll(async () => {
  server = await open('--trust-proxy', '127.0.0.1')
  url = server.url
})
afterAll(() => server.close())

const json = (
  to: string,
  path: string,
  body: unknown,
  headers: object,
  method = 'POST',
): Promise<Answer> =>
  ask(to, path, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
const from = (network: string): object => ({ 'x-forwarded-for': network })
const messagesOf = async (to: string, room: string): Promise<Record<string, unknown>[]> =>
  (await ask(to, `/r/${room}/messages`)).json()['messages'] as Record<string, unknown>[]

describe('Join / room-creation flood', () => {
  it('is 429 with Retry-After for who does it, and others make rooms all the while', async () => {
    const make = (who: string, network: string): Promise<Answer> =>
      json(url, '/rooms', {}, { ...bearer(who), ...from(network) })
    const statuses: number[] = []
    // New secrets do not help: the network has ten times what a person has.
    for (let i = 0; i < 60; i++) {
      const answer = await make(`maker${i}`, '198.51.100.1')
      statuses.push(answer.status)
      if (answer.status === 429) expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
    }
    const made = statuses.filter((status) => status === 201).length
    expect([made, new Set(statuses)]).toEqual([expect.any(Number), new Set([201, 429])])
    // 50 at once, and what came back meanwhile: one in five seconds.
    expect(made).toBeGreaterThanOrEqual(50)
    expect(made).toBeLessThan(60)
    expect((await make('somebody', '198.51.100.2')).status).toBe(201)
    const one = []
    for (let i = 0; i < 7; i++) one.push((await make('one', '198.51.100.3')).status)
    expect(one.slice(0, 6)).toEqual([201, 201, 201, 201, 201, 429])
  })
})

describe('Join / room-creation flood by first use', () => {
  it('holds up who says a first word in one new room after another, and nobody in a room that is there', async () => {
    const maker = { ...bearer('first-user'), ...from('198.51.100.50') }
    const statuses: number[] = []
    for (let i = 0; i < 60; i++) statuses.push((await say(url, `first-${i}`, 'hi', maker)).status)
    const said = statuses.filter((status) => status === 201).length
    expect(said).toBeGreaterThanOrEqual(20)
    expect(said).toBeLessThan(30)
    expect((await say(url, 'first-0', 'still here', maker)).status).toBe(201)
    // One that somebody has made is there, though nothing was said in it.
    const host = { ...bearer('first-host'), ...from('198.51.100.51') }
    const made = String((await json(url, '/rooms', {}, host)).json()['room'])
    expect((await say(url, made, 'hi', maker)).status).toBe(201)
    const other = { ...bearer('another'), ...from('198.51.100.50') }
    expect((await say(url, 'first-99', 'hi', other)).status).toBe(201)
  })
})

describe('Message flood', () => {
  const made = async (network: string): Promise<string> =>
    String(
      (await json(url, '/rooms', {}, { ...bearer('flood-host'), ...from(network) })).json()['room'],
    )
  const untilRefused = async (
    act: (i: number) => Promise<Answer>,
    most: number,
  ): Promise<number> => {
    for (let i = 0; i < most; i++) {
      const { status, headers } = await act(i)
      if (status !== 429) continue
      expect(Number(headers['retry-after'])).toBeGreaterThan(0)
      return i
    }
    return most
  }

  it('holds up a person, and nobody who looks after the room', async () => {
    const room = await made('198.51.100.40')
    const says = (who: string) => (): Promise<Answer> =>
      say(url, room, 'again', { ...bearer(who), ...from('198.51.100.40') })
    expect(await untilRefused(says('noisy'), 100)).toBeLessThan(100)
    expect(await untilRefused(says('flood-host'), 100)).toBe(100)
  })

  it('each act has limits: typing, reacting, coming by a link, taking another name', async () => {
    const room = await made('198.51.100.41')
    const eve = { ...bearer('flood-eve'), ...from('198.51.100.41') }
    const host = { ...bearer('flood-host'), ...from('198.51.100.41') }
    const here = await hear(url, `/r/${room}?name=Zero`, eve)
    const { id } = (await say(url, room, 'hello', host)).json()
    const link = (await json(url, `/r/${room}/links`, { role: 'speak' }, host)).json()
    const reaction = `/r/${room}/messages/${String(id)}/reactions/%F0%9F%91%8D`
    const acts: Record<string, (i: number) => Promise<Answer>> = {
      typing: () => ask(url, `/r/${room}/typing`, { method: 'POST', headers: eve }),
      reacting: (i) => ask(url, reaction, { method: i % 2 ? 'DELETE' : 'PUT', headers: eve }),
      joining: () => json(url, `/r/${room}/join`, { secret: link['secret'] }, eve),
    }
    for (const [what, act] of Object.entries(acts))
      expect([what, await untilRefused(act, 400)]).not.toEqual([what, 400])
    const named = (i: number): Promise<Answer> =>
      json(url, `/r/${room}`, { text: 'hi', name: `Name ${i}` }, eve)
    expect(await untilRefused(named, 15)).toBeLessThan(15)
    here.leave()
  })
})

describe('Connection exhaustion', () => {
  it('a network holds 1,000 streams; the next are 200, `busy` and the end, other networks are let in', async () => {
    const streams: Stream[] = []
    let people = 0
    const one = (network: string): Promise<Stream> =>
      hear(url, '/r/crowded', { 'x-forwarded-for': network, ...bearer(`one-${people++ % 10}`) })
    while (streams.length < 1000)
      streams.push(...(await Promise.all(Array.from({ length: 50 }, () => one('198.51.100.4')))))
    const next = await one('198.51.100.4')
    expect(next.status).toBe(200)
    await next.whole()
    expect(next.told('busy')).toMatchObject([{ reason: 'too-many-streams' }])
    expect(next.retries[0]).toBeGreaterThan(0)
    const other = await one('198.51.100.5')
    expect(await other.first('hello')).toBeDefined()
    // Who is there stays, and a place that gets free is taken.
    await say(url, 'crowded', 'still here', from('198.51.100.5'))
    expect(await streams[0]!.texts(1)).toEqual(['still here'])
    streams.pop()!.leave()
    let back = await one('198.51.100.4')
    for (; (await back.first('hello').catch(() => null)) === null;) back = await one('198.51.100.4')
    for (const stream of [...streams, other, back]) stream.leave()
  })
})

describe('Fake system or mod message', () => {
  it('who speaks, in which role and as which kind of event is said by the server alone', async () => {
    const own = { text: 'obey' }
    for (const claim of [
      { role: 'own' },
      { from: { person: 'x', name: 'host', mark: 'AAAAAA', role: 'own' } },
      { person: 'x' },
      { mark: 'AAAAAA' },
      { event: 'room' },
      { kind: 'room' },
      { settings: { closed: true } },
      { deleted: true },
    ])
      expect((await json(url, '/r/fake', { ...own, ...claim }, bearer('liar'))).status).toBe(400)
    for (const name of ['Admin', 'ѕystem', 'm o d e r a t o r', 'SERVER'])
      expect((await json(url, '/r/fake', { ...own, name }, bearer('liar'))).status).toBe(400)
    expect(await messagesOf(url, 'fake')).toEqual([])
    const said = await say(url, 'fake', '-- the host closed this room --\nevent: room', {
      ...bearer('liar'),
      role: 'own',
      'x-role': 'own',
    })
    expect(said.json()['from']).toMatchObject({ role: 'speak' })
    // In plain text a line of the server begins like no line of a message.
    const { text } = await ask(url, '/r/fake?follow=0')
    const lines = text.trimEnd().split('\n')
    expect(lines.filter((line) => line.startsWith('--'))).toEqual(['-- fake --'])
  })
})

describe('Doxxing', () => {
  let hosts = 0
  let host: ReturnType<typeof bearer>
  const eve = bearer('eve')
  const filter = { patterns: ['jane doe', 'elm*'], contacts: true }
  let room: string
  let path: string
  beforeEach(async () => {
    host = bearer(`dox-host-${hosts++}`)
    room = String((await json(url, '/rooms', {}, host)).json()['room'])
    path = `/r/${room}/filter`
    expect((await json(url, path, filter, host, 'PUT')).json()).toEqual(filter)
  })
  const refusal = async (asked: Promise<Answer>): Promise<unknown[]> => {
    const { status, json: body } = await asked
    return [status, body()['code']]
  }
  const by = (headers: object, where: string): Promise<Answer> =>
    ask(url, where, { headers: { ...headers } })

  it('the words that a host filters wait for him, and so do ways to reach somebody', async () => {
    const bystander = await hear(url, `/r/${room}?last=0`)
    for (const text of ['she is Jane\nDOE', 'jаne doe', 'by the elms', 'ring 0171 1234567'])
      expect((await say(url, room, text, eve)).status, text).toBe(202)
    expect((await say(url, room, 'Jane does', eve)).status).toBe(201)
    // Who looks after the room says what he wants.
    expect((await say(url, room, 'who is Jane Doe?', host)).status).toBe(201)
    const { held } = (await by(host, `/r/${room}/held`)).json() as { held: { id: string }[] }
    const last = `/r/${room}/held/${held[3]!.id}`
    expect((await ask(url, last, { method: 'POST', headers: { ...host } })).status).toBe(201)
    expect(await bystander.texts(3)).toEqual(['Jane does', 'who is Jane Doe?', 'ring 0171 1234567'])
    bystander.leave()
  })

  it('they come by no edit and by no name', async () => {
    const said = (await say(url, room, 'hello', eve)).json()
    const edit = `/r/${room}/messages/${String(said['id'])}`
    const edited = json(url, edit, { text: 'Jane Doe' }, eve, 'PATCH')
    expect(await refusal(edited)).toEqual([403, 'in-review'])
    // Who could not edit it learns nothing of what waits.
    const tried = json(url, `/r/${room}/messages/none-1`, { text: 'Jane Doe' }, eve, 'PATCH')
    expect(await refusal(tried)).toEqual([404, 'not-found'])
    const called = { text: 'hi', name: 'Jane Doe' }
    const named = (await json(url, `/r/${room}`, called, eve)).json()
    expect(named['from']).toEqual(said['from'])
    const here = await hear(url, `/r/${room}?name=Jane%20Doe`, { ...eve })
    expect((await by(eve, `/r/${room}/people`)).json()['people']).toMatchObject([
      { name: (said['from'] as { name: string }).name },
    ])
    here.leave()
  })

  it('who is here under such a name when it is filtered is shown by his mark', async () => {
    await json(url, path, { patterns: [], contacts: false }, host, 'PUT')
    const here = await hear(url, `/r/${room}?name=Jane%20Doe`, { ...eve })
    const named = async (): Promise<unknown> =>
      (await by(eve, `/r/${room}/people`)).json()['people']
    expect(await named()).toMatchObject([{ name: 'Jane Doe' }])
    await json(url, path, filter, host, 'PUT')
    const [{ name, mark }] = (await named()) as [{ name: string; mark: string }]
    expect(name).toBe(mark)
    // So it is where a filter comes back by an undo.
    await json(url, path, { patterns: [], contacts: false }, host, 'PUT')
    const { acts } = (await by(host, `/r/${room}/log`)).json() as { acts: Record<string, string>[] }
    await json(url, `/r/${room}`, { text: 'hi', name: 'Jane Doe' }, eve)
    expect(await named()).toMatchObject([{ name: 'Jane Doe' }])
    await json(url, `/r/${room}/undo`, { act: acts[0]!['id'] }, host)
    expect(await named()).toMatchObject([{ name: mark }])
    here.leave()
  })

  it('which they are is shown to those alone who look after the room', async () => {
    const bystander = await hear(url, `/r/${room}?last=0`, { ...eve })
    expect(await refusal(by(eve, path))).toEqual([403, 'not-allowed'])
    expect(await refusal(json(url, path, filter, eve, 'PUT'))).toEqual([403, 'not-allowed'])
    expect((await by(host, path)).json()).toEqual(filter)
    const told = [`/r/${room}/settings`, `/r/${room}/messages`, `/r/${room}/transcript`]
    await say(url, room, 'hello', eve)
    await bystander.texts(1)
    const all = [
      bystander.text,
      ...(await Promise.all(told.map((at) => by(eve, at)))).map((it) => it.text),
    ]
    for (const pattern of filter.patterns) expect(all.join('')).not.toContain(pattern)
    bystander.leave()
  })

  it('a filter is taken back for an hour, and one that would hold everything is refused', async () => {
    for (const patterns of [['*'], ['!'], ['x'.repeat(81)], Array(101).fill('x')]) {
      const set = json(url, path, { patterns, contacts: false }, host, 'PUT')
      expect(await refusal(set)).toEqual([400, 'bad-body'])
    }
    const { acts } = (await by(host, `/r/${room}/log`)).json() as { acts: Record<string, string>[] }
    const set = acts.find(({ what }) => what === 'filter')!
    expect((await json(url, `/r/${room}/undo`, { act: set['id'] }, host)).status).toBe(200)
    expect((await by(host, path)).json()).toEqual({ patterns: [], contacts: false })
    expect((await say(url, room, 'Jane Doe', eve)).status).toBe(201)
  })

  it('what slipped through is hidden at one stroke, till somebody has looked at it', async () => {
    const { id } = (await say(url, room, 'she lives in the mill', eve)).json()
    const hidden = (await json(url, `/r/${room}/removals`, { messages: [id] }, host)).json()
    expect(await messagesOf(url, room)).toMatchObject([{ text: '', deletedBy: 'host' }])
    await json(url, `/r/${room}/undo`, { act: hidden['act'] }, host)
    expect(await messagesOf(url, room)).toMatchObject([{ text: 'she lives in the mill' }])
  })
})

describe('Illegal content: who runs the server', () => {
  it('is reached by what the first page says, with and without JavaScript', async () => {
    const page = async (contact: string): Promise<string> => {
      const one = await open('--contact', contact)
      const { text } = await ask(one.url, '/', { headers: { accept: 'text/html' } })
      await one.close()
      return text
    }
    const byMail = await page('abuse@example.org')
    expect(byMail).toContain('<meta name="contact" content="mailto:abuse@example.org" />')
    expect(byMail).toContain('<a href="mailto:abuse@example.org">')
    const byForm = await page('https://example.org/?a=1&b="><script>')
    expect(byForm).toContain('content="https://example.org/?a=1&amp;b=%22%3E%3Cscript%3E"')
    const none = await ask(url, '/', { headers: { accept: 'text/html' } })
    expect(none.text).not.toContain('name="contact"')
    for (const wrong of ['javascript:alert(1)', 'somebody', 'data:,x'])
      await expect(open('--contact', wrong)).rejects.toThrow('--contact takes')
  })
})

describe('Forged history', () => {
  it('nobody brings his own past: ids, times and order are the server’s', async () => {
    const first = await say(url, 'past', 'first', bearer('ann'))
    const { id, at } = first.json() as { id: string; at: string }
    for (const claim of [
      { id: 'zz-1' },
      { prev: null },
      { at: '2001-01-01T00:00:00.000Z' },
      { room: 'elsewhere' },
      { messages: [] },
    ])
      expect((await json(url, '/r/past', { text: 'x', ...claim }, bearer('eve'))).status).toBe(400)
    for (const method of ['PUT', 'POST'])
      for (const path of ['/r/past/messages', `/r/past/messages/${id}`, '/r/past/transcript'])
        expect((await json(url, path, { text: 'x' }, bearer('eve'), method)).status).toBe(405)
    const other = await json(url, `/r/past/messages/${id}`, { text: 'x' }, bearer('eve'), 'PATCH')
    expect(other.status).toBe(403)
    expect(await messagesOf(url, 'past')).toEqual([
      expect.objectContaining({ id, at, prev: null, text: 'first' }),
    ])
  })
})

describe('Secrets in links', () => {
  it('stand behind the #, are never taken from a query, and no answer passes its address on', async () => {
    const made = (
      await json(url, '/rooms', { settings: { hear: 'invited' } }, bearer('host'))
    ).json() as { room: string; owner: { secret: string; url: string } }
    const { room, owner } = made
    expect(new URL(owner.url)).toMatchObject({ search: '', hash: `#k=${owner.secret}` })
    const stranger = bearer('stranger')
    for (const query of ['k', 'key', 'secret', 'token', 'access_token']) {
      const path = `/r/${room}/messages?${query}=${owner.secret}`
      expect((await ask(url, path, { headers: stranger })).status).toBe(403)
      const joined = await ask(url, `/r/${room}/join?${query}=${owner.secret}`, {
        method: 'POST',
        headers: stranger,
      })
      expect(joined.status).toBeGreaterThanOrEqual(400)
    }
    const answers = [
      await ask(url, '/'),
      await ask(url, `/r/${room}`, { headers: { accept: 'text/html' } }),
      await ask(url, `/r/${room}/messages`, { headers: stranger }),
      await ask(url, '/r/a_b'),
      await ask(url, '/nothing'),
      await ask(url, '/metrics'),
      await say(url, 'past', 'more', stranger),
    ]
    for (const { headers } of answers)
      expect([headers['referrer-policy'], headers['set-cookie']]).toEqual([
        'no-referrer',
        undefined,
      ])
  })
})

/** A picture of 50,000 x 50,000 in 70 bytes, a JPEG that says where it was taken, an archive, a page in a picture. */
const files: readonly [string, string, Buffer][] = [
  [
    'Image bomb',
    'image/png',
    Buffer.concat([
      Buffer.from('89504e470d0a1a0a0000000d494844520000c3500000c3500806000000', 'hex'),
      deflateRawSync(Buffer.alloc(1_000_000)),
    ]),
  ],
  [
    'EXIF location leak',
    'image/jpeg',
    Buffer.from('ffd8ffe100184578696600004d4d002a00000008000188250004', 'hex'),
  ],
  ['Zip bomb, active files', 'application/zip', Buffer.from('504b0304140000000800ff00', 'hex')],
  [
    'Illegal content',
    'image/svg+xml',
    Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
  ],
]

describe.each(files)('%s', (_, type, bytes) => {
  it(`${type}: by itself the server takes no files, in whatever way they are sent`, async () => {
    const boundary = 'b0undary'
    const part = Buffer.concat([
      Buffer.from(
        `--${boundary}\r\nContent-Disposition: form-data; name="text"; filename="a"\r\nContent-Type: ${type}\r\n\r\n`,
      ),
      bytes,
      Buffer.from(`\r\n--${boundary}--\r\n`),
    ])
    const send = async (path: string, contentType: string, body: Buffer, method: string) =>
      (
        await ask(url, path, {
          method,
          body,
          headers: { ...bearer('sender'), 'content-type': contentType },
        })
      ).status
    const multipart = `multipart/form-data; boundary=${boundary}`
    // 400: it is not even UTF-8.
    for (const [contentType, body] of [
      [type, bytes],
      ['application/octet-stream', bytes],
      [multipart, part],
    ] as const)
      expect([400, 415]).toContain(await send('/r/files', contentType, body, 'POST'))
    expect(await send('/r/files', multipart, Buffer.from('plain'), 'POST')).toBe(415)
    for (const path of ['/upload', '/files/a.png', '/r/files/a.png'])
      for (const method of ['POST', 'PUT'])
        expect(await send(path, multipart, part, method)).toBe(404)
    expect(await send('/r/files/files', multipart, part, 'POST')).toBe(403)
    expect(await send('/r/files/files', multipart, part, 'PUT')).toBe(405)
    expect(await messagesOf(url, 'files')).toEqual([])
  })

  it(`${type}: where the server takes files it is refused, or given as one of no kind`, async () => {
    const taking = await open('--files', '10')
    const sent = await ask(taking.url, '/r/files/files?name=a.html', {
      method: 'POST',
      headers: { ...bearer('sender'), 'content-type': type },
      body: bytes,
    })
    if (type === 'image/png' || type === 'image/jpeg') {
      expect(sent.json()['code']).toBe('bad-picture')
    } else {
      const { id } = sent.json()
      await ask(taking.url, '/r/files', {
        method: 'POST',
        headers: { ...bearer('sender'), 'content-type': 'application/json' },
        body: JSON.stringify({ text: 'look', files: [id] }),
      })
      const { headers, bytes: got } = await ask(taking.url, `/r/files/files/${String(id)}`)
      expect(got.equals(bytes)).toBe(true)
      expect(headers).toMatchObject({
        'content-type': 'application/octet-stream',
        'content-disposition': expect.stringMatching(/^attachment/) as string,
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'; sandbox",
      })
    }
    await taking.close()
  })
})

describe('Link-preview SSRF, tracking, crash', () => {
  it('whatever addresses are said, the server opens no connection', async () => {
    const hits: string[] = []
    const traps = ['127.0.0.1', '::1'].map((host) =>
      createServer((socket) => {
        hits.push(host)
        socket.destroy()
      }).listen(0, host),
    )
    const ports: number[] = []
    await Promise.all(traps.map((trap) => once(trap, 'listening')))
    for (const trap of traps) ports.push((trap.address() as { port: number }).port)
    const hosts = ['127.0.0.1', 'localhost', '0.0.0.0', '127.1', '2130706433', '0x7f000001']
    hosts.push('017700000001', '[::1]', '[::]', '[::ffff:127.0.0.1]', '[0:0:0:0:0:ffff:7f00:1]')
    hosts.push('user@127.0.0.1', 'a.b@[::1]', '①②⑦.⓪.⓪.①', 'LOCALHOST.')
    const forms = hosts.flatMap((host) =>
      ports.flatMap((port) => [
        `http://${host}:${port}/a.png`,
        `![x](//${host}:${port}/) <img src="https://${host}:${port}/">`,
      ]),
    )
    expect(forms).toHaveLength(60)
    const dir = folder()
    const child = await started(['--port', '0', '--data', dir.path, '--limits', 'off'])
    const made = (await json(child.url, '/rooms', {}, bearer('host'))).json() as { room: string }
    const stream = await hear(child.url, `/r/${made.room}`)
    for (const [i, form] of forms.entries())
      expect((await say(child.url, made.room, form, bearer(`p${i}`))).status).toBe(201)
    for (const settings of [{ title: forms[0] }, { topic: forms[1] }])
      await json(child.url, `/r/${made.room}/settings`, settings, bearer('host'), 'PATCH')
    expect(await stream.texts(60)).toEqual(forms)
    for (const path of ['messages', 'transcript?format=html', 'messages?q=png'])
      expect((await ask(child.url, `/r/${made.room}/${path}`)).status).toBe(200)
    // Every TCP socket of the process is the one that it listens on, or was opened to that one.
    const own = Number(new URL(child.url).port)
    for (const local of tcpPortsOf(child.child.pid!)) expect(local).toBe(own)
    expect(hits).toEqual([])
    stream.leave()
    await child.stop()
    for (const trap of traps) trap.close()
    dir.remove()
  })
})

/** The local ports of all TCP sockets of a process, as Linux tells them. */
function tcpPortsOf(pid: number): number[] {
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1]
        return inode === undefined ? [] : [inode]
      } catch {
        // Closed meanwhile.
        return []
      }
    }),
  )
  expect(inodes.size).toBeGreaterThan(0)
  const rows = ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, 'utf8').trim().split('\n').slice(1),
  )
  return rows.flatMap((row) => {
    const fields = row.trim().split(/\s+/)
    return inodes.has(fields[9]!) ? [Number.parseInt(fields[1]!.split(':')[1]!, 16)] : []
  })
}

describe('Maths and highlighter DoS · Code by invitation', () => {
  const sources = ['apps/server', 'packages/engine', 'packages/protocol'].flatMap((at) => {
    const root = join(import.meta.dirname, '../..', at, 'src')
    return readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => [join(at, file), readFileSync(join(root, file), 'utf8')] as const)
  })

  it('what people say is run by nobody: no source of the server evaluates, starts or fetches anything', () => {
    expect(sources.length).toBeGreaterThan(50)
    const runs =
      /\beval\(|\bnew Function\b|node:(?:vm|child_process|dgram|dns|repl|inspector)\b|\bfetch\(|\bhttps?2?\.(?:get|request|connect)\(|\bnet\.connect\(|import\((?!['"`])/
    // Worth something only while it would find such a line.
    expect(runs.test("import { exec } from 'node:child_process'")).toBe(true)
    expect(sources.filter(([, text]) => runs.test(text)).map(([file]) => file)).toEqual([])
  })

  it('and renders nothing: formulas, code and commands come back as they were said', async () => {
    const texts = [
      `$$${'\\frac{1}{'.repeat(300)}1${'}'.repeat(300)}$$`,
      `\`\`\`js\n${'(((((((('.repeat(200)}\n\`\`\``,
      '/ban everyone',
      '/op me',
      '!exec rm -rf /',
      '${7*7}{{7*7}}<%= 7*7 %>',
    ]
    for (const text of texts) expect((await say(url, 'code', text, bearer('eve'))).status).toBe(201)
    expect((await messagesOf(url, 'code')).map(({ text }) => text)).toEqual(texts)
  })
})
