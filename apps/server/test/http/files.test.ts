import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'
import { limits, type Attachment, type Message } from '@hearsay/protocol'
import { ask, bearer, type Answer } from '../../../../test/harness/ask.ts'
import { hear } from '../../../../test/harness/hear.ts'
import { png } from '../../../../test/harness/picture.ts'
import { folder } from '../../../../test/harness/server.ts'
import { readConfig, serve, type Running } from '../../src/index.ts'

const hour = 60 * 60 * 1000
const ann = bearer('ann')
const ben = bearer('ben')
const owner = bearer('owner')
const dirs: ReturnType<typeof folder>[] = []
let server: Running
let now = Date.UTC(2030, 0, 1, 12)

afterEach(async () => {
  await server.close()
  for (const dir of dirs.splice(0)) dir.remove()
})

async function start(...flags: string[]): Promise<void> {
  const kept = flags.includes('--data') ? [] : ['--memory']
  const all = ['--port', '0', '--files', '100', ...kept, ...flags]
  server = await serve(readConfig(all, {}), () => now)
}

const send = (
  who: Record<string, string>,
  bytes: Uint8Array,
  query = '',
  room = 'a',
): Promise<Answer> =>
  ask(server.url, `/r/${room}/files${query}`, {
    method: 'POST',
    headers: { ...who, 'content-type': 'application/octet-stream' },
    body: bytes,
  })
const piece = (
  who: Record<string, string>,
  id: unknown,
  at: number,
  bytes: Uint8Array,
): Promise<Answer> =>
  ask(server.url, `/r/a/files/${String(id)}?at=${at}`, {
    method: 'PATCH',
    headers: { ...who, 'content-type': 'application/octet-stream' },
    body: bytes,
  })
const call = (
  method: string,
  path: string,
  who: Record<string, string>,
  body?: unknown,
): Promise<Answer> =>
  ask(server.url, path, {
    method,
    headers: { ...who, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
const say = (
  who: Record<string, string>,
  files: readonly unknown[],
  text = '',
  room = 'a',
): Promise<Answer> => call('POST', `/r/${room}`, who, { text, files })
const get = (id: unknown, room = 'a'): Promise<Answer> =>
  ask(server.url, `/r/${room}/files/${String(id)}`)
/** Sends a file in as many pieces as it needs. */
async function sendAll(
  who: Record<string, string>,
  bytes: Uint8Array,
  query = '',
): Promise<Attachment> {
  const first = bytes.subarray(0, limits.piece)
  let answer = await send(who, first, `?size=${bytes.length}${query}`)
  while (answer.status === 202) {
    const { id, at } = answer.json() as { id: string; at: number }
    answer = await piece(who, id, at, bytes.subarray(at, at + limits.piece))
  }
  expect([answer.status, answer.text]).toEqual([201, expect.any(String)])
  return answer.json() as Attachment
}
/** All bytes of a folder. */
function bytesOf(dir: string): Buffer {
  const names = readdirSync(dir, { recursive: true, withFileTypes: true })
  const files = names.filter((each) => each.isFile())
  return Buffer.concat(files.map(({ parentPath, name }) => readFileSync(join(parentPath, name))))
}

it('takes none where it was not told to', async () => {
  await start('--files', '0')
  const refused = await send(ann, png(1, 1))
  expect([refused.status, refused.json()['code']]).toEqual([403, 'no-files'])
  expect((await say(ann, ['x'.repeat(32)])).json()['code']).toBe('no-files')
})

it('a picture goes out with its message, as it looks and with nothing told beside that', async () => {
  await start()
  const stream = await hear(server.url, '/r/a')
  const sent = await send(ann, png(3, 2, { secret: 'taken at home' }), '?name=home.png')
  expect(sent.status).toBe(201)
  const file = sent.json() as Attachment
  expect(file).toEqual({
    id: expect.stringMatching(/^[\w-]{32}$/) as string,
    type: 'image/png',
    size: png(3, 2).length,
    width: 3,
    height: 2,
  })
  // Before it is said nobody has it.
  expect((await get(file.id)).status).toBe(404)
  const said = await say(ann, [file.id], 'look')
  expect(said.status).toBe(201)
  const message = said.json() as unknown as Message
  expect(message).toMatchObject({ text: 'look', files: [file] })
  await stream.until(() => stream.told('message').length === 1)
  expect(stream.told('message')[0]).toMatchObject({ id: message.id, files: [file] })
  stream.leave()
  const { messages } = (await ask(server.url, '/r/a/messages')).json() as { messages: Message[] }
  expect(messages[0]).toEqual(message)
  const got = await get(file.id)
  expect(got.bytes).toEqual(png(3, 2))
  expect(got.headers).toMatchObject({
    'content-type': 'image/png',
    'content-length': `${file.size}`,
    'content-disposition': 'inline',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
  })
  const head = await ask(server.url, `/r/a/files/${file.id}`, { method: 'HEAD' })
  expect([head.status, head.bytes.length]).toEqual([200, 0])
  expect((await get(file.id, 'b')).status).toBe(404)
  for (const wrong of ['x'.repeat(32), '..%2F..%2Fperson.key', `${file.id}x`])
    expect((await get(wrong)).status).toBe(404)
})

it('a message needs no text beside a picture, and one without either is refused', async () => {
  await start()
  const { id } = await sendAll(ann, png(1, 1))
  expect((await say(ann, [id], ' \n')).json()).toMatchObject({ text: '', files: [{ id }] })
  expect((await say(ann, [], '')).json()['code']).toBe('empty-text')
  expect((await say(ann, [id, id], '')).json()['code']).toBe('bad-body')
})

it('comes in pieces, each of them once, and goes on where it was', async () => {
  await start()
  const bytes = randomBytes(300_000)
  const parts = [0, 1, 2].map((i) => bytes.subarray(i * limits.piece, (i + 1) * limits.piece))
  const first = await send(ann, parts[0]!, '?size=300000&name=..%2Fnotes.bin')
  const { id } = first.json()
  expect([first.status, first.json()]).toEqual([202, { id, at: limits.piece }])
  // The answer was lost, and the piece is sent again; then one is left out.
  expect((await piece(ann, id, limits.piece, parts[1]!)).json()['at']).toBe(2 * limits.piece)
  expect((await piece(ann, id, limits.piece, parts[1]!)).json()['at']).toBe(2 * limits.piece)
  const wrong = await piece(ann, id, 5, parts[2]!)
  expect([wrong.status, wrong.json()]).toMatchObject([
    409,
    { code: 'bad-piece', at: 2 * limits.piece },
  ])
  expect((await piece(ben, id, 2 * limits.piece, parts[2]!)).json()['code']).toBe('file-gone')
  const last = await piece(ann, id, 2 * limits.piece, parts[2]!)
  const file = { id, type: 'application/octet-stream', size: 300_000, name: 'notes.bin' }
  expect([last.status, last.json()]).toEqual([201, file])
  expect((await piece(ann, id, 2 * limits.piece, parts[2]!)).json()).toEqual(file)
  await say(ann, [id])
  const got = await get(id)
  expect(got.bytes.equals(bytes)).toBe(true)
  expect(got.headers['content-disposition']).toBe("attachment; filename*=UTF-8''notes.bin")
  // What is not gone on with for two minutes is let go of.
  const other = (await send(ann, parts[0]!, '?size=300000')).json()
  now += 2 * 60_000 + 1
  expect((await piece(ann, other['id'], limits.piece, parts[1]!)).json()['code']).toBe('file-gone')
})

it('what could run in a browser is given as a file of no kind', async () => {
  await start()
  for (const text of ['<script>alert(1)</script>', '<svg onload="alert(1)" xmlns="x"/>']) {
    const { id } = await sendAll(ann, Buffer.from(text), '&name=x.svg')
    await say(ann, [id])
    expect((await get(id)).headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-disposition': "attachment; filename*=UTF-8''x.svg",
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
    })
  }
})

it('refuses what is damaged, too large or somebody else’s, and keeps nothing of it', async () => {
  await start()
  const code = async (answer: Promise<Answer>): Promise<unknown> => (await answer).json()['code']
  expect(await code(send(ann, png(3, 2).subarray(0, 40)))).toBe('bad-picture')
  expect(await code(send(ann, png(8000, 6000, { noise: randomBytes(9) })))).toBe('bad-picture')
  expect(await code(send(ann, Buffer.of(1), `?size=${limits.file + 1}`))).toBe('file-too-large')
  expect(await code(send(ann, randomBytes(limits.piece + 1)))).toBe('too-large')
  expect(await code(send(ann, Buffer.of(1, 2), '?size=1'))).toBe('bad-body')
  expect(await code(send(ann, new Uint8Array()))).toBe('bad-body')
  expect(await code(send(ann, Buffer.of(1), '?size=x'))).toBe('bad-query')
  expect(await code(send({}, png(1, 1)))).toBe('not-a-guest')
  const { id } = await sendAll(ann, png(1, 1))
  expect(await code(say(ben, [id]))).toBe('file-gone')
  expect(await code(say({}, [id]))).toBe('not-a-guest')
  expect(await code(say(ann, [id], '', 'b'))).toBe('file-gone')
  expect(await code(say(ann, ['../etc']))).toBe('bad-body')
  expect((await get(id)).status).toBe(404)
})

it('three of the largest at once are too many for one person, and no other waits for him', async () => {
  await start()
  const large = (): Promise<Attachment> => sendAll(ann, randomBytes(limits.file))
  for (let i = 0; i < 2; i++) await large()
  const refused = await send(ann, randomBytes(limits.piece), `?size=${limits.file}`)
  expect([refused.status, refused.json()['code']]).toEqual([429, 'slow-down'])
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
  await sendAll(ben, png(1, 1))
  // Anybody can own a room.
  const room = String((await call('POST', '/rooms', owner, {})).json()['room'])
  const begin = (): Promise<Answer> => send(owner, Buffer.of(1), `?size=${limits.file}`, room)
  const codes: number[] = []
  for (let i = 0; i < 3; i++) codes.push((await begin()).status)
  expect(codes).toEqual([202, 202, 429])
})

it('who only begins files keeps nobody else from sending some', async () => {
  await start('--trust-proxy', '127.0.0.1/32')
  const from = (address: string, who: string): Record<string, string> => ({
    ...bearer(who),
    'x-forwarded-for': address,
  })
  const begin = (i: number): Promise<Answer> =>
    send(from('192.0.2.1', `eve-${i}`), Buffer.of(1), `?size=${limits.file}`)
  const answers = [await begin(1), await begin(2), await begin(3), await begin(4)]
  expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 507])
  expect(answers[3]!.headers['retry-after']).toBe('5')
  expect((await send(from('198.51.100.1', 'ann'), png(1, 1))).status).toBe(201)
  now += 2 * 60_000 + 1
  expect((await begin(5)).status).toBe(202)
  // One person pays at once for all that he begins.
  const codes: unknown[] = []
  for (let i = 0; i < 6; i++) {
    codes.push(
      (await send(from(`203.0.113.${i}`, 'mal'), Buffer.of(1), `?size=${limits.file}`)).status,
    )
  }
  expect(codes.filter((code) => code === 429)).toHaveLength(4)
})

it('takes no more than it may keep, and text goes on', async () => {
  await start('--files', '2')
  await sendAll(ann, randomBytes(600_000))
  const { text } = await ask(server.url, '/metrics')
  expect(text).toMatch(/^hearsay_file_bytes 60\d{4}$/m)
  const refused = await send(ann, Buffer.of(1), '?size=600000')
  expect([refused.status, refused.json()['code']]).toEqual([507, 'files-full'])
  expect((await say(ann, [], 'still here')).status).toBe(201)
  await server.close()
  await start('--files', '2')
  // What is on its way has its place already.
  const begun = await Promise.all([ann, ben].map((who) => send(who, Buffer.of(1), '?size=600000')))
  expect(begun.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([202, 507])
})

it('a deleted message’s file is gone at once, and nothing that reads it is left on the disk', async () => {
  const dir = folder()
  dirs.push(dir)
  await start('--data', dir.path)
  const secret = randomBytes(2000)
  const one = await sendAll(ann, secret, '&name=plan.txt')
  const two = await sendAll(ann, png(2, 2))
  const message = (await say(ann, [one.id])).json() as unknown as Message
  await say(ann, [two.id])
  const files = (): string[] => readdirSync(join(dir.path, 'files'))
  expect(files()).toHaveLength(2)
  // What lies there says nothing to who does not have the id.
  const before = bytesOf(dir.path)
  expect([before.includes(secret), before.includes('plan.txt')]).toEqual([false, false])
  expect((await call('DELETE', `/r/a/messages/${message.id}`, ann)).status).toBe(200)
  expect((await get(one.id)).status).toBe(404)
  expect((await get(two.id)).status).toBe(200)
  expect(bytesOf(dir.path).includes(one.id)).toBe(false)
  const { messages } = (await ask(server.url, '/r/a/messages')).json() as { messages: Message[] }
  expect(messages[0]).not.toHaveProperty('files')
  // The next look takes the bytes away; what is said stays, over a restart too. What is none of its own it leaves alone.
  await server.close()
  now += hour + 6 * 60_000
  mkdirSync(join(dir.path, 'files', 'lost+found'))
  await start('--data', dir.path)
  expect(files()).toHaveLength(2)
  expect((await get(two.id)).bytes).toEqual(png(2, 2))
  await server.close()
  now += 23 * hour
  await start('--data', dir.path)
  expect(files()).toEqual(['lost+found'])
  expect((await get(two.id)).status).toBe(404)
})

it('what no message has within the hour is let go of', async () => {
  const dir = folder()
  dirs.push(dir)
  await start('--data', dir.path)
  const { id } = await sendAll(ann, png(2, 2))
  now += hour
  // It can't be said any more, and what is being said just now is not taken away.
  expect((await say(ann, [id])).json()['code']).toBe('file-gone')
  await server.close()
  await start('--data', dir.path)
  expect(readdirSync(join(dir.path, 'files'))).toHaveLength(1)
  await server.close()
  now += 6 * 60_000
  await start('--data', dir.path)
  expect(readdirSync(join(dir.path, 'files'))).toEqual([])
})

it('what was said with a file is said once, also when its answer is asked for after the file is gone', async () => {
  await start()
  const { id } = await sendAll(ann, png(2, 2))
  const said = (): Promise<Answer> =>
    call('POST', '/r/a', ann, { text: 'look', files: [id], key: 'k' })
  const first = await said()
  expect(first.status).toBe(201)
  now += 25 * hour
  const again = await said()
  expect([again.status, again.json()['id']]).toEqual([200, first.json()['id']])
  expect((await say(ann, [id])).json()['code']).toBe('file-gone')
})

it('what a host hides nobody gets, and what he puts back is there again', async () => {
  await start()
  const room = String((await call('POST', '/rooms', owner, {})).json()['room'])
  const path = `/r/${room}`
  const { id } = (await send(ann, png(2, 2), '', room)).json() as Attachment
  const message = (await say(ann, [id], 'x', room)).json() as unknown as Message
  const removal = await call('POST', `${path}/removals`, owner, { messages: [message.id] })
  expect((await get(id, room)).status).toBe(404)
  const seen = async (): Promise<unknown> =>
    ((await ask(server.url, `${path}/messages`)).json() as { messages: Message[] }).messages[0]
  expect(await seen()).not.toHaveProperty('files')
  const stream = await hear(server.url, path)
  expect((await call('POST', `${path}/undo`, owner, { act: removal.json()['act'] })).status).toBe(
    200,
  )
  expect((await get(id, room)).status).toBe(200)
  expect(await seen()).toMatchObject({ files: [{ id }] })
  await stream.until(() => stream.told('edit').length === 1)
  expect(stream.told('edit')[0]).toMatchObject({ restored: true, files: [{ id }] })
  stream.leave()
})

it('is held with its message, and approved with it', async () => {
  await start()
  const room = String((await call('POST', '/rooms', owner, {})).json()['room'])
  await call('PATCH', `/r/${room}/settings`, owner, { review: 'everyone' })
  const { id } = (await send(ann, png(2, 2), '', room)).json() as Attachment
  const held = await say(ann, [id], '', room)
  expect([held.status, held.json()]).toMatchObject([202, { held: true, files: [{ id }] }])
  expect((await get(id, room)).status).toBe(200)
  const said = await call('POST', `/r/${room}/held/${String(held.json()['id'])}`, owner)
  expect(said.json()).toMatchObject({ text: '', files: [{ id }] })
  expect((await get(id, room)).status).toBe(200)
  const other = (await send(ann, png(2, 2), '', room)).json() as Attachment
  const waits = await say(ann, [other.id], '', room)
  await call('DELETE', `/r/${room}/held/${String(waits.json()['id'])}`, owner)
  expect((await get(other.id, room)).status).toBe(404)
})

it('whoever looks after a room says whether files are wanted in it', async () => {
  await start()
  const room = String((await call('POST', '/rooms', owner, {})).json()['room'])
  const { id } = (await send(ann, png(2, 2), '', room)).json() as Attachment
  await call('PATCH', `/r/${room}/settings`, owner, { files: false })
  const refused = await send(ann, png(2, 2), '', room)
  expect([refused.status, refused.json()['code']]).toEqual([403, 'no-files'])
  expect((await say(ann, [id], 'x', room)).json()['code']).toBe('no-files')
  expect((await send(owner, png(2, 2), '', room)).status).toBe(201)
  await call('PATCH', `/r/${room}/settings`, owner, { files: true })
  expect((await say(ann, [id], 'x', room)).status).toBe(201)
})

it('names hide nothing, and a host’s filter reads them', async () => {
  await start()
  const named = async (name: string): Promise<unknown> =>
    (await sendAll(ann, Buffer.from('x'), `&name=${encodeURIComponent(name)}`)).name
  expect(await named(`holiday.jpg${'\u2800'.repeat(70)}.exe`)).toBe('holiday.jpg.exe')
  expect(await named('a\u200b\u202e\u200fb\u061c.txt')).toBe('ab.txt')
  expect(await named('\u200b\u3164\u2800')).toBeUndefined()
  expect(await named(`${'x'.repeat(200)}.txt`)).toBe(`${'x'.repeat(96)}.txt`)
  const room = String((await call('POST', '/rooms', owner, {})).json()['room'])
  const filter = { patterns: ['jane doe'], contacts: true }
  await call('PUT', `/r/${room}/filter`, owner, filter)
  for (const [name, status] of [
    ['plan.txt', 201],
    ['Jane Doe.txt', 202],
    ['call 030 1234567.txt', 202],
  ] as const) {
    const query = `?name=${encodeURIComponent(name)}`
    const { id } = (await send(ann, Buffer.from('x'), query, room)).json() as Attachment
    expect([name, (await say(ann, [id], 'see', room)).status]).toEqual([name, status])
  }
})

it('a file that is damaged on the disk is not there', async () => {
  const dir = folder()
  dirs.push(dir)
  await start('--data', dir.path)
  const ids: string[] = []
  for (const size of [3000, 4000]) {
    const { id } = await sendAll(ann, randomBytes(size))
    await say(ann, [id])
    ids.push(id)
  }
  await server.close()
  const place = join(dir.path, 'files')
  const [short, long] = readdirSync(place)
    .map((name) => join(place, name))
    .toSorted((one, other) => readFileSync(one).length - readFileSync(other).length)
  truncateSync(short!, 4000)
  writeFileSync(long!, randomBytes(readFileSync(long!).length))
  await start('--data', dir.path)
  for (const id of ids) expect((await get(id)).status).toBe(404)
})

it('what could not be kept begins anew, and a start on such a place says what is wrong', async () => {
  const dir = folder()
  dirs.push(dir)
  await start('--data', dir.path)
  const place = join(dir.path, 'files')
  writeFileSync(place, 'no folder')
  const bytes = randomBytes(limits.piece + 1)
  const { id } = (await send(ann, bytes.subarray(0, -1), `?size=${bytes.length}`)).json()
  const last = bytes.subarray(-1)
  const told = vi.spyOn(console, 'error').mockImplementation(() => {})
  expect((await piece(ann, id, limits.piece, last)).json()['code']).toBe('unavailable')
  expect(told).toHaveBeenCalledOnce()
  told.mockRestore()
  rmSync(place)
  expect((await piece(ann, id, limits.piece, last)).json()['code']).toBe('file-gone')
  expect((await sendAll(ann, bytes)).size).toBe(bytes.length)
  await server.close()
  rmSync(place, { recursive: true })
  writeFileSync(place, 'no folder')
  await expect(start('--data', dir.path)).rejects.toThrow(`${place} can't be used: ENOTDIR.`)
})

it('of one person two come in at a time: who begins another has lost sight of the oldest', async () => {
  await start()
  const begin = async (): Promise<unknown> =>
    (await send(ann, randomBytes(limits.piece), '?size=200000')).json()['id']
  const [one, two, three] = [await begin(), await begin(), await begin()]
  const rest = randomBytes(200_000 - limits.piece)
  expect((await piece(ann, one, limits.piece, rest)).json()['code']).toBe('file-gone')
  expect((await piece(ann, two, limits.piece, rest)).status).toBe(201)
  expect((await piece(ann, three, limits.piece, rest)).status).toBe(201)
})

it('one network fills half of it at most', async () => {
  await start('--files', '20', '--trust-proxy', '127.0.0.1/32')
  const from = (address: string, who: string): Record<string, string> => ({
    ...bearer(who),
    'x-forwarded-for': address,
  })
  await sendAll(from('192.0.2.1', 'eve'), randomBytes(limits.file))
  const begin = (address: string): Promise<Answer> =>
    send(from(address, 'mal'), Buffer.of(1), `?size=${limits.file}`)
  expect((await begin('192.0.2.1')).json()['code']).toBe('files-full')
  expect((await begin('198.51.100.1')).status).toBe(202)
})

it('while newcomers are held up they send none', async () => {
  await start()
  const room = String((await call('POST', '/rooms', owner, {})).json()['room'])
  await call('PATCH', `/r/${room}/settings`, owner, { guard: 'on' })
  const refused = await send(ann, png(1, 1), '', room)
  expect([refused.status, refused.json()['code']]).toEqual([429, 'newcomers-wait'])
  expect((await send(owner, png(1, 1), '', room)).status).toBe(201)
})

it('an answer of which nothing is taken for a minute is cut', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  await start()
  const { id } = await sendAll(ann, randomBytes(limits.file))
  await say(ann, [id])
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  socket.write(`GET /r/a/files/${id} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
  // It takes the beginning, and nothing more.
  await new Promise((resolve) => socket.once('data', resolve))
  socket.pause()
  const closed = new Promise((resolve) => socket.once('close', resolve))
  vi.advanceTimersByTime(60_000)
  vi.useRealTimers()
  socket.resume()
  let bytes = 0
  socket.on('data', (data: Buffer) => (bytes += data.length))
  await closed
  expect(bytes).toBeLessThan(limits.file)
  // Others have theirs.
  expect((await get(id)).bytes).toHaveLength(limits.file)
})

it('every form says where it is: text, the tutorial’s stream, transcripts', async () => {
  await start()
  const { id } = (await send(ann, png(4, 3), '', 'lobby')).json() as Attachment
  const note = await send(ann, Buffer.from('x'), '?name=a%3Cb%5D.txt', 'lobby')
  const { id: other } = note.json() as Attachment
  await say(ann, [id, other], 'two files', 'lobby')
  const read = async (path: string, accept = '*/*'): Promise<string> =>
    (await ask(server.url, path, { headers: { accept } })).text
  const text = await read('/r/lobby?follow=0')
  expect(text).toContain(`: two files\n    /r/lobby/files/${id}\n    /r/lobby/files/${other}\n`)
  const html = await read('/r/lobby/transcript?format=html')
  expect(html).toContain(`<a href="/r/lobby/files/${id}" lang="" dir="auto">png 4 x 3</a>`)
  expect(html).toContain(`<a href="/r/lobby/files/${other}" lang="" dir="auto">a&lt;b].txt</a>`)
  const markdown = await read('/r/lobby/transcript?format=md')
  expect(markdown).toContain(`[png 4 x 3](/r/lobby/files/${id})`)
  expect(markdown).toContain(`[a\\<b\\].txt](/r/lobby/files/${other})`)
  const stream = await hear(server.url, '/sse?last=1')
  await stream.until(() => stream.text.includes(other))
  expect(stream.text).toContain(
    `data: two files\ndata: /r/lobby/files/${id}\ndata: /r/lobby/files/${other}\n`,
  )
  stream.leave()
})
