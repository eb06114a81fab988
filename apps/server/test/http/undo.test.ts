import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ask, bearer, say, type Answer } from '../../../../test/harness/ask.ts'
import { hear } from '../../../../test/harness/hear.ts'
import { folder, started } from '../../../../test/harness/server.ts'
import { readConfig, serve, type Running } from '../../src/index.ts'
import { Shreds } from '../../src/log/shreds.ts'

const MINUTE = 60_000
const owner = bearer('owner')
const ann = bearer('ann')
const eve = bearer('eve')

let home: ReturnType<typeof folder>
let server: Running
let url: string
let now: number

const start = async (...flags: string[]): Promise<void> => {
  const config = readConfig(['--port', '0', '--data', home.path, ...flags], {})
  server = await serve(config, () => now)
  url = server.url
}
const restart = async (): Promise<void> => {
  await server.close()
  await start('--limits', 'off')
}
beforeEach(async () => {
  now = Date.UTC(2030, 0, 1, 12)
  home = folder()
  await start('--limits', 'off')
})
afterEach(async () => {
  await server.close()
  home.remove()
})

const codeOf = ({ status, json }: Answer): unknown[] => [status, json()['code']]
const call = (method: string, path: string, headers: object, body?: unknown): Promise<Answer> =>
  ask(url, path, {
    method,
    headers: { ...headers, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
const make = async (settings: object = {}): Promise<string> => {
  const body = Object.keys(settings).length > 0 ? { settings } : {}
  return String((await call('POST', '/rooms', owner, body)).json()['room'])
}
const moderator = async (room: string, headers: object): Promise<void> => {
  const made = await call('POST', `/r/${room}/links`, owner, { role: 'moderate' })
  await call('POST', `/r/${room}/join`, headers, { secret: made.json()['secret'] })
}
interface Act {
  readonly id: string
  readonly what: string
  readonly about: string
  readonly until?: string
  readonly messages?: number
}
const acts = async (room: string): Promise<Act[]> =>
  (await call('GET', `/r/${room}/log`, owner)).json()['acts'] as Act[]
const undo = (room: string, act: unknown, headers: object = owner): Promise<Answer> =>
  call('POST', `/r/${room}/undo`, headers, { act })
const remove = (room: string, what: object, headers: object = owner): Promise<Answer> =>
  call('POST', `/r/${room}/removals`, headers, what)
const texts = async (room: string): Promise<unknown[]> =>
  ((await ask(url, `/r/${room}/messages`)).json()['messages'] as { text: string }[]).map(
    ({ text }) => text,
  )

/** All that anybody can read of a room by any call. */
async function readings(room: string): Promise<string> {
  const paths = [
    ...['messages', 'messages?q=secret', 'transcript?format=md', 'transcript?format=ndjson'],
    ...['transcript?format=html', 'held', 'settings', 'people'],
  ].map((path) => `/r/${room}/${path}`)
  const all = [...paths, `/r/${room}?follow=0&last=200`].map((path) => ask(url, path))
  const lines = { accept: 'application/x-ndjson' }
  all.push(ask(url, `/r/${room}?follow=0&last=200`, { headers: lines }))
  all.push(ask(url, `/r/${room}?follow=0&after=x-0`, { headers: lines }))
  return (await Promise.all(all)).map(({ text }) => text).join('\n')
}

/** What somebody who steals the folder can read: the bytes as they are, and all that the keys in it open. */
function stolen(): string {
  const copy = folder()
  try {
    cpSync(home.path, copy.path, { recursive: true })
    const raw = readdirSync(copy.path).map((file) => readFileSync(join(copy.path, file), 'latin1'))
    const db = new DatabaseSync(join(copy.path, 'hearsay.db'))
    const shreds = new Shreds(db)
    const opened = (sql: string, drawer?: string): string[] =>
      db
        .prepare(sql)
        .all()
        .map((row) => shreds.unmask(row['seq'] as number, row['body'] as Uint8Array, drawer))
    const texts = [
      ...opened('SELECT seq, body FROM entries WHERE body IS NOT NULL'),
      ...opened('SELECT seq, body FROM hidden', 'hidden'),
    ]
    db.close()
    return [...raw, ...texts].join('\n')
  } finally {
    copy.remove()
  }
}

describe('Illegal content, doxxing: a removal', () => {
  it('of what newcomers said is a tombstone for everyone, and comes back to everyone', async () => {
    const room = await make()
    await say(url, room, 'good evening', ann)
    now += 20 * MINUTE
    const stream = await hear(url, `/r/${room}?last=50`)
    const bare = await hear(url, `/r/${room}?last=50`, { accept: 'text/plain' })
    const first = (await say(url, room, 'secret one', eve)).json()['id']
    await call('PUT', `/r/${room}/messages/${String(first)}/reactions/%F0%9F%91%8D`, ann)
    await say(url, room, 'secret two', bearer('mallory'))
    await say(url, room, 'what is this?', ann)
    await say(url, room, 'I look after it', owner)
    const before = (await ask(url, `/r/${room}/messages`)).text
    const done = await remove(room, { newcomers: true, minutes: 10 })
    expect([done.status, done.json()]).toEqual([
      201,
      {
        act: expect.any(String) as string,
        messages: 2,
        until: new Date(now + 60 * MINUTE).toISOString(),
      },
    ])
    await stream.until(() => stream.told('delete').length === 2)
    expect(await texts(room)).toEqual(['good evening', '', '', 'what is this?', 'I look after it'])
    expect(await readings(room)).not.toMatch(/secret (one|two)/)
    await restart()
    expect(await readings(room)).not.toMatch(/secret (one|two)/)
    const [line] = await acts(room)
    expect(line).toMatchObject({ what: 'removal', about: 'newcomers', messages: 2 })
    // What only stands on the stream (who is here) has no id.
    const last = stream.events.findLast(({ id }) => id !== undefined)!.id!
    const again = await hear(url, `/r/${room}`, { 'last-event-id': last })
    const back = await undo(room, line!.id)
    expect([back.status, back.json()]).toEqual([200, { act: line!.id, messages: 2 }])
    await again.until(() => again.told('edit').length === 2)
    expect(again.told('edit')).toMatchObject([
      { target: first, text: 'secret one', restored: true },
      { text: 'secret two', restored: true },
    ])
    expect((await ask(url, `/r/${room}/messages`)).text).toBe(before)
    // Each event names the one before it: a client can prove that it has them all.
    const whole = await ask(url, `/r/${room}?follow=0&last=200`, {
      headers: { accept: 'application/x-ndjson' },
    })
    const events = whole.text
      .split('\n')
      .filter((each) => each.includes('"prev"'))
      .map((each) => (JSON.parse(each) as { data: { id: string; prev: string | null } }).data)
    expect(events.slice(1).map(({ prev }) => prev)).toEqual(events.slice(0, -1).map(({ id }) => id))
    expect(codeOf(await undo(room, line!.id))).toEqual([409, 'not-undoable'])
    for (const each of [stream, bare, again]) each.leave()
  })

  it('of newcomers leaves alone who had listened for long before his first word', async () => {
    await server.close()
    vi.useFakeTimers({ toFake: ['performance'] })
    await start('--limits', 'off')
    try {
      const room = await make()
      const stream = await hear(url, `/r/${room}`, { ...ann })
      await stream.first('hello')
      now += 11 * MINUTE
      vi.advanceTimersByTime(11 * MINUTE)
      const late = await hear(url, `/r/${room}`, { ...eve })
      await late.first('hello')
      await say(url, room, 'my first word', ann)
      await say(url, room, 'spam', eve)
      await say(url, room, 'spam', bearer('mallory'))
      expect((await remove(room, { newcomers: true, minutes: 10 })).json()).toMatchObject({
        messages: 2,
      })
      expect(await texts(room)).toEqual(['my first word', '', ''])
      for (const each of [stream, late]) each.leave()
    } finally {
      vi.useRealTimers()
    }
  })

  it('is shredded after its hour, also across a restart', async () => {
    const room = await make()
    const { id, from } = (await say(url, room, 'secret one', eve)).json() as {
      id: string
      from: { person: string }
    }
    await say(url, room, 'kept', ann)
    await call('PATCH', `/r/${room}/messages/${id}`, eve, { text: 'secret edited' })
    const { act } = (await remove(room, { person: from.person })).json()
    expect(stolen()).toContain('secret edited')
    now += 60 * MINUTE
    expect(codeOf(await undo(room, act))).toEqual([410, 'too-late'])
    await server.close()
    await start('--limits', 'off')
    expect(stolen()).not.toContain('secret')
    expect(stolen()).toContain('kept')
    expect((await acts(room))[0]).toMatchObject({ what: 'removal', messages: 0 })
    expect((await acts(room))[0]).not.toHaveProperty('until')
    expect(await texts(room)).toEqual(['', 'kept'])
  })

  it('survives a kill as it was, and is shredded all the same', async () => {
    await server.close()
    const child = await started(['--port', '0', '--data', home.path, '--limits', 'off'])
    url = child.url
    const room = await make({ review: 'everyone' })
    await say(url, room, 'secret question', eve)
    await call('PATCH', `/r/${room}/settings`, owner, { review: 'off' })
    await say(url, room, 'secret one', eve)
    const { act } = (await remove(room, { newcomers: true })).json()
    await child.stop('SIGKILL')
    now = Date.now() + 30 * MINUTE
    await start('--limits', 'off')
    expect(stolen()).toMatch(/secret one[^]*secret question|secret question[^]*secret one/)
    expect((await undo(room, act)).json()).toMatchObject({ messages: 1 })
    expect(await texts(room)).toEqual(['secret one'])
    await remove(room, { newcomers: true, minutes: 60 })
    await server.close()
    now += 24 * 60 * MINUTE
    await start('--limits', 'off')
    expect(stolen()).not.toContain('secret')
  })

  it('of what its author then deletes is final at once', async () => {
    const room = await make()
    const id = String((await say(url, room, 'secret', eve)).json()['id'])
    const { act } = (await remove(room, { messages: [id] })).json()
    expect((await call('DELETE', `/r/${room}/messages/${id}`, eve)).status).toBe(200)
    expect(stolen()).not.toContain('secret')
    expect(codeOf(await undo(room, act))).toEqual([409, 'not-undoable'])
  })

  it('names one kind, reaches nobody who looks after the room as well, and is for hosts alone', async () => {
    const room = await make()
    await moderator(room, ann)
    const id = String((await say(url, room, 'by the owner', owner)).json()['id'])
    expect((await remove(room, { messages: [id, 'x-9'] }, ann)).json()).toMatchObject({
      act: null,
      messages: 0,
    })
    for (const bad of [{}, { minutes: 3 }, { messages: [id], newcomers: true }, { messages: [] }])
      expect(codeOf(await remove(room, bad))).toEqual([400, 'bad-body'])
    expect(codeOf(await remove(room, { messages: [id] }, eve))).toEqual([403, 'not-allowed'])
    expect(codeOf(await undo(room, id, eve))).toEqual([403, 'not-allowed'])
    expect(codeOf(await undo(room, id))).toEqual([404, 'not-found'])
  })
})

describe('taking back', () => {
  it('a ban, its end, a mute, a report that was closed', async () => {
    const room = await make()
    const { id, from } = (await say(url, room, 'hm', eve)).json() as {
      id: string
      from: { person: string }
    }
    const { person } = from
    const banned = await call('POST', `/r/${room}/bans`, owner, { person, remove: true })
    expect(banned.json()).toMatchObject({ removal: { messages: 1 } })
    const [removal, ban] = await acts(room)
    expect([removal!.what, ban!.what]).toEqual(['removal', 'ban'])
    expect(codeOf(await say(url, room, 'let me in', eve))).toEqual([403, 'banned'])
    expect((await undo(room, ban!.id)).status).toBe(200)
    expect((await say(url, room, 'thanks', eve)).status).toBe(201)
    expect(codeOf(await undo(room, ban!.id))).toEqual([409, 'not-undoable'])
    expect((await undo(room, removal!.id)).json()).toMatchObject({ messages: 1 })
    expect(await texts(room)).toEqual(['hm', 'thanks'])
    await call('POST', `/r/${room}/bans`, owner, { person, reason: 'rude' })
    await call('DELETE', `/r/${room}/bans/${person}`, owner)
    const [lift] = await acts(room)
    expect((await undo(room, lift!.id)).status).toBe(200)
    const refused = await say(url, room, 'again?', eve)
    expect(codeOf(refused)).toEqual([403, 'banned'])
    expect(refused.json()['detail']).toContain('rude')
    await call('DELETE', `/r/${room}/bans/${person}`, owner)
    await call('POST', `/r/${room}/mutes`, owner, { person, minutes: 5 })
    await call('POST', `/r/${room}/mutes`, owner, { person, minutes: 500 })
    const [longer] = await acts(room)
    await undo(room, longer!.id)
    expect((await call('GET', `/r/${room}/mutes`, owner)).json()['mutes']).toMatchObject([
      { until: new Date(now + 5 * MINUTE).toISOString() },
    ])
    await call('POST', `/r/${room}/reports`, ann, { message: id, reason: 'rude' })
    await call('DELETE', `/r/${room}/reports/${id}`, owner)
    const [closed, made] = await acts(room)
    expect(made).not.toHaveProperty('until')
    await undo(room, closed!.id)
    expect((await call('GET', `/r/${room}/reports`, owner)).json()['reports']).toMatchObject([
      { id, reason: 'rude', reporters: 1 },
    ])
  })

  it('puts back what was before, however long ago and however much was done since', async () => {
    const room = await make()
    const personOf = async (headers: object): Promise<string> =>
      ((await say(url, room, 'hm', headers)).json()['from'] as { person: string }).person
    const person = await personOf(eve)
    const other = await personOf(ann)
    const words = { patterns: ['elm*'], contacts: false }
    await call('PUT', `/r/${room}/filter`, owner, words)
    await call('POST', `/r/${room}/bans`, owner, { person, minutes: 4000, reason: 'first' })
    // More than the log of acts keeps, once they are older than a day.
    for (let i = 0; i < 501; i++) {
      await call('POST', `/r/${room}/mutes`, owner, { person: other })
      await call('DELETE', `/r/${room}/mutes/${other}`, owner)
    }
    now += 25 * 60 * MINUTE
    await call('POST', `/r/${room}/bans`, owner, { person, minutes: 60, reason: 'second' })
    await call('PUT', `/r/${room}/filter`, owner, { patterns: [], contacts: true })
    const [filter, ban] = await acts(room)
    expect([filter!.what, ban!.what]).toEqual(['filter', 'ban'])
    for (const act of [filter!, ban!]) expect((await undo(room, act.id)).status).toBe(200)
    expect((await call('GET', `/r/${room}/filter`, owner)).json()).toEqual(words)
    const refused = await say(url, room, 'am I in?', eve)
    expect(codeOf(refused)).toEqual([403, 'banned'])
    expect(refused.json()['detail']).toContain('first')
  })

  it('a change of settings, by who may make it', async () => {
    const room = await make({ title: 'Tea' })
    await moderator(room, ann)
    await call('PATCH', `/r/${room}/settings`, owner, { title: 'Coffee', slow: 10 })
    const [change] = await acts(room)
    expect(change).toMatchObject({ what: 'settings', about: 'title slow' })
    expect(codeOf(await undo(room, change!.id, ann))).toEqual([403, 'not-allowed'])
    expect((await undo(room, change!.id)).status).toBe(200)
    expect((await call('GET', `/r/${room}/settings`, ann)).json()).toMatchObject({
      title: 'Tea',
      slow: 0,
    })
    await call('PATCH', `/r/${room}/settings`, ann, { locked: true })
    const [lock] = await acts(room)
    now += 60 * MINUTE
    expect(codeOf(await undo(room, lock!.id))).toEqual([410, 'too-late'])
    now -= MINUTE
    await call('PATCH', `/r/${room}/settings`, ann, { locked: false })
    expect(codeOf(await undo(room, lock!.id))).toEqual([409, 'not-undoable'])
  })

  it('settings have a limit of their own, which holds for the host too', async () => {
    await server.close()
    await start()
    const room = await make()
    const codes = new Set<number>()
    let last: Answer | undefined
    for (let i = 0; i < 60 && !codes.has(429); i += 1) {
      last = await call('PATCH', `/r/${room}/settings`, owner, { slow: i })
      codes.add(last.status)
    }
    expect([...codes]).toEqual([200, 429])
    expect(Number(last!.headers['retry-after'])).toBeGreaterThan(0)
  })
})

describe('Illegal content, shadow mute: review', () => {
  const held = async (room: string, headers: object): Promise<{ id: string; text: string }[]> =>
    (await call('GET', `/r/${room}/held`, headers)).json()['held'] as never

  it('holds what newcomers say: nobody hears it but its author and who decides', async () => {
    const room = await make()
    await say(url, room, 'I was here', ann)
    now += 20 * MINUTE
    await call('PATCH', `/r/${room}/settings`, owner, { review: 'newcomers' })
    const stream = await hear(url, `/r/${room}`)
    await stream.first('hello')
    expect((await say(url, room, 'still here', ann)).status).toBe(201)
    const key = { 'idempotency-key': 'k' }
    const said = await say(url, room, 'secret offer', { ...eve, ...key })
    expect([said.status, said.json()]).toMatchObject([202, { held: true, text: 'secret offer' }])
    const again = await say(url, room, 'secret offer', { ...eve, ...key })
    expect([again.status, again.json()]).toEqual([202, said.json()])
    expect((await say(url, room, 'from a guest')).status).toBe(202)
    await restart()
    expect(await readings(room)).not.toMatch(/secret offer|from a guest/)
    expect(await held(room, eve)).toMatchObject([{ text: 'secret offer' }])
    expect(await held(room, ann)).toEqual([])
    expect(await held(room, {})).toEqual([])
    const waiting = await held(room, owner)
    expect(waiting.map(({ text }) => text)).toEqual(['secret offer', 'from a guest'])
    const path = `/r/${room}/held/${waiting[0]!.id}`
    expect(codeOf(await call('POST', path, eve))).toEqual([403, 'not-allowed'])
    expect(codeOf(await call('DELETE', path, ann))).toEqual([404, 'not-found'])
    const live = await hear(url, `/r/${room}`)
    await live.first('hello')
    const approved = await call('POST', path, owner)
    expect(approved.status).toBe(201)
    expect(await live.texts(1)).toEqual(['secret offer'])
    expect(approved.json()).toMatchObject({ from: said.json()['from'], key: 'k' })
    expect((await say(url, room, 'secret offer', { ...eve, ...key })).json()['id']).toBe(
      approved.json()['id'],
    )
    expect(codeOf(await call('POST', path, owner))).toEqual([404, 'not-found'])
    // Of whom something was approved, he is no newcomer.
    expect((await say(url, room, 'thank you', eve)).status).toBe(201)
    expect((await say(url, room, 'guests stay new')).status).toBe(202)
    expect((await acts(room)).find(({ what }) => what === 'held')).toMatchObject({
      about: approved.json()['id'],
      done: true,
    })
    for (const each of [stream, live]) each.leave()
  })

  it('what is refused, taken back or left for a day is gone from the disk', async () => {
    const room = await make({ review: 'everyone' })
    const key = { 'idempotency-key': 'k' }
    for (const [text, who] of [
      ['secret one', { ...eve, ...key }],
      ['secret two', eve],
      ['secret three', ann],
    ] as const)
      expect((await say(url, room, text, who)).status).toBe(202)
    expect((await say(url, room, 'the host is not held', owner)).status).toBe(201)
    const [one, two] = await held(room, owner)
    expect((await call('DELETE', `/r/${room}/held/${one!.id}`, owner)).status).toBe(204)
    expect(stolen()).not.toContain('secret one')
    const again = await say(url, room, 'secret one', { ...eve, ...key })
    expect([again.status, again.json()]).toMatchObject([200, { text: '', deleted: true }])
    expect((await call('DELETE', `/r/${room}/held/${two!.id}`, eve)).status).toBe(204)
    expect(stolen()).not.toContain('secret two')
    expect(stolen()).toContain('secret three')
    now += 24 * 60 * MINUTE
    await restart()
    expect(stolen()).not.toContain('secret three')
    expect(await held(room, owner)).toEqual([])
  })

  it('is not got round by an edit, and has an end', async () => {
    const room = await make()
    const id = String((await say(url, room, 'harmless', eve)).json()['id'])
    await call('PATCH', `/r/${room}/settings`, owner, { review: 'everyone' })
    const edited = await call('PATCH', `/r/${room}/messages/${id}`, eve, { text: 'buy this' })
    expect(codeOf(edited)).toEqual([403, 'in-review'])
    for (let i = 0; i < 20; i += 1) expect((await say(url, room, `${i}`, eve)).status).toBe(202)
    const full = await say(url, room, 'one more', eve)
    expect(codeOf(full)).toEqual([429, 'review-full'])
    expect(Number(full.headers['retry-after'])).toBeGreaterThan(0)
    expect((await call('DELETE', `/r/${room}/messages/${id}`, eve)).status).toBe(200)
    await call('PATCH', `/r/${room}/settings`, owner, { review: 'off' })
    expect((await say(url, room, 'at last', eve)).status).toBe(201)
  })
})
