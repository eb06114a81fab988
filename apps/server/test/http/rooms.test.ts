import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { ask, bearer, say, type Answer } from '../../../../test/harness/ask.ts'
import { hear } from '../../../../test/harness/hear.ts'
import { folder, open } from '../../../../test/harness/server.ts'
import type { Running } from '../../src/index.ts'

let server: Running
let url: string
beforeAll(async () => {
  server = await open('--limits', 'off')
  url = server.url
})
afterAll(() => server.close())

const owner = bearer('owner')
const ann = bearer('ann')
const bob = bearer('bob')
const codeOf = ({ status, json }: Answer): unknown[] => [status, json()['code']]

const call = (method: string, path: string, headers: object, body?: unknown): Promise<Answer> =>
  ask(url, path, {
    method,
    headers: { ...headers, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })

interface Made {
  readonly room: string
  readonly owner: {
    readonly secret: string
    readonly url: string
    readonly link: { readonly id: string }
  }
}
const make = async (settings: object = {}): Promise<Made> => {
  const body = Object.keys(settings).length > 0 ? { settings } : {}
  const answer = await call('POST', '/rooms', owner, body)
  expect(answer.status).toBe(201)
  return answer.json() as unknown as Made
}
const linkTo = async (
  room: string,
  link: object,
): Promise<{ secret: string; link: { id: string } }> =>
  (await call('POST', `/r/${room}/links`, owner, link)).json() as never
const join = (room: string, secret: string, headers: object): Promise<Answer> =>
  call('POST', `/r/${room}/join`, headers, { secret })
const personOf = async (room: string, headers: object): Promise<string> =>
  ((await say(url, room, 'hello', headers)).json()['from'] as { person: string }).person

describe('making a room', () => {
  it('answers its owner link once, and its maker owns it', async () => {
    const made = await make({ title: 'Tea', topic: 'leaves' })
    expect(made.owner.url).toMatch(
      new RegExp(`^http://[^/]+/r/${made.room}#k=${made.owner.secret}$`),
    )
    const settings = await call('GET', `/r/${made.room}/settings`, owner)
    expect(settings.json()).toMatchObject({ title: 'Tea', topic: 'leaves', you: { role: 'own' } })
    const links = await call('GET', `/r/${made.room}/links`, owner)
    expect(links.text).not.toContain(made.owner.secret)
  })

  it('takes no room that is there, and none for a guest', async () => {
    const { room } = await make()
    expect(codeOf(await call('POST', '/rooms', owner, { room }))).toEqual([409, 'room-taken'])
    await say(url, 'first-come', 'I was here', ann)
    const late = await call('POST', '/rooms', owner, { room: 'first-come' })
    expect(codeOf(late)).toEqual([409, 'room-taken'])
    expect(codeOf(await call('POST', '/rooms', {}, {}))).toEqual([401, 'not-a-guest'])
  })

  it('refuses settings that are none', async () => {
    const { room } = await make()
    for (const bad of [
      {},
      { slow: -1 },
      { slow: 'x' },
      { nonsense: 1 },
      { hear: 'nobody' },
      { title: 'x'.repeat(81) },
    ])
      expect(codeOf(await call('PATCH', `/r/${room}/settings`, owner, bad))).toEqual([
        400,
        'bad-body',
      ])
  })

  it('is shown in the list only where its owner wants it', async () => {
    const hidden = await make()
    const listed = await make({ listed: true, title: 'Open' })
    const { rooms } = (await ask(url, '/rooms')).json() as unknown as {
      rooms: { room: string; title: string }[]
    }
    expect(rooms.find(({ room }) => room === listed.room)?.title).toBe('Open')
    expect(rooms.some(({ room }) => room === hidden.room)).toBe(false)
  })

  it('pages the list, and the log, from one place', async () => {
    const { room } = await make()
    expect(codeOf(await ask(url, '/rooms?after=a&after=b'))).toEqual([400, 'bad-query'])
    const log = await call('GET', `/r/${room}/log?before=a&before=b`, owner)
    expect(codeOf(log)).toEqual([400, 'bad-query'])
  })

  it('says in words what is wrong with what it was sent', async () => {
    const { room } = await make()
    for (const [path, body, sentence] of [
      ['links', { role: 'god' }, '"role" takes "read" or "speak" or "moderate" or "own".'],
      ['links', { role: 'read', extra: 1 }, 'This call takes no "extra".'],
      ['removals', { newcomers: false }, '"newcomers" takes true.'],
      ['links', { role: 'read', hours: 0 }, '"hours" must be >= 1.'],
    ] as const) {
      const answer = await call('POST', `/r/${room}/${path}`, owner, body)
      expect([answer.status, answer.json()['detail']]).toEqual([400, sentence])
    }
  })
})

describe('links', () => {
  it('give their role to who comes by them, and take it back with them', async () => {
    const { room } = await make({ speak: 'speakers' })
    expect(codeOf(await say(url, room, 'hi', ann))).toEqual([403, 'listen-only'])
    const { secret, link } = await linkTo(room, { role: 'speak' })
    expect((await join(room, secret, ann)).json()).toMatchObject({ from: { role: 'speak' } })
    expect((await say(url, room, 'hi', ann)).status).toBe(201)
    expect((await call('DELETE', `/r/${room}/links/${link.id}`, owner)).status).toBe(204)
    expect(codeOf(await say(url, room, 'hi again', ann))).toEqual([403, 'listen-only'])
    expect(codeOf(await join(room, secret, bob))).toEqual([403, 'bad-link'])
  })

  it('let in as many as they say, the same person any number of times', async () => {
    const { room } = await make({ hear: 'invited' })
    const { secret } = await linkTo(room, { role: 'speak', uses: 1 })
    expect((await join(room, secret, ann)).status).toBe(200)
    expect((await join(room, secret, ann)).status).toBe(200)
    expect(codeOf(await join(room, secret, bob))).toEqual([403, 'bad-link'])
    expect(codeOf(await ask(url, `/r/${room}/messages`, { headers: { ...bob } }))).toEqual([
      403,
      'by-invitation',
    ])
    expect((await ask(url, `/r/${room}/messages`, { headers: { ...ann } })).status).toBe(200)
    const stream = await ask(url, `/r/${room}`, {
      headers: { ...bob, accept: 'text/event-stream' },
    })
    expect(codeOf(stream)).toEqual([403, 'by-invitation'])
  })

  it('are made, seen and revoked by the owner alone', async () => {
    const { room, owner: own } = await make()
    const { secret } = await linkTo(room, { role: 'moderate' })
    await join(room, secret, ann)
    for (const headers of [ann, bob]) {
      expect(codeOf(await call('GET', `/r/${room}/links`, headers))).toEqual([403, 'not-allowed'])
      expect(codeOf(await call('POST', `/r/${room}/links`, headers, { role: 'own' }))).toEqual([
        403,
        'not-allowed',
      ])
      expect(codeOf(await call('DELETE', `/r/${room}/links/${own.link.id}`, headers))).toEqual([
        403,
        'not-allowed',
      ])
    }
  })

  it('of the owner rotate: the old secret is worth nothing, the room is never without one', async () => {
    const { room, owner: old } = await make()
    const last = await call('DELETE', `/r/${room}/links/${old.link.id}`, owner)
    expect(codeOf(last)).toEqual([403, 'not-allowed'])
    const rotated = await call('POST', `/r/${room}/links/${old.link.id}/rotate`, owner)
    expect(rotated.status).toBe(201)
    expect(codeOf(await join(room, old.secret, bob))).toEqual([403, 'bad-link'])
    expect((await call('GET', `/r/${room}/links`, owner)).status).toBe(200)
    expect((await join(room, String(rotated.json()['secret']), bob)).json()).toMatchObject({
      from: { role: 'own' },
    })
  })

  it('a moderator removes what others said and slows the room, but owns nothing', async () => {
    const { room } = await make()
    await join(room, (await linkTo(room, { role: 'moderate' })).secret, ann)
    const id = String((await say(url, room, 'rubbish', bob)).json()['id'])
    expect((await call('DELETE', `/r/${room}/messages/${id}`, ann)).status).toBe(200)
    const tombstone = (await call('GET', `/r/${room}/messages/${id}`, bob)).json()
    expect(tombstone).toMatchObject({ text: '', deletedBy: 'host', deleted: true })
    for (const path of ['?follow=0&last=9', '/transcript?format=md', '/transcript?format=html'])
      expect((await ask(url, `/r/${room}${path}`)).text).toContain('removed by host')
    expect((await call('PATCH', `/r/${room}/settings`, ann, { locked: true })).status).toBe(200)
    expect(codeOf(await say(url, room, 'hi', bob))).toEqual([403, 'room-locked'])
    expect((await say(url, room, 'quiet, please', ann)).status).toBe(201)
    expect(codeOf(await call('PATCH', `/r/${room}/settings`, ann, { title: 'mine' }))).toEqual([
      403,
      'not-allowed',
    ])
  })

  it('a room that is closed is closed for everyone', async () => {
    const { room } = await make({ closed: true })
    for (const headers of [owner, ann])
      expect(codeOf(await say(url, room, 'hi', headers))).toEqual([403, 'room-closed'])
  })

  it('everyone is told what became of the room, in words too', async () => {
    const { room } = await make()
    const stream = await hear(url, `/r/${room}`)
    for (const settings of [
      { title: 'Tea', topic: 'leaves' },
      { slow: 3 },
      { slow: 0, locked: true },
      { locked: false },
      { keepCount: 9 },
      { closed: true },
      { closed: false },
    ])
      await call('PATCH', `/r/${room}/settings`, owner, settings)
    await stream.until(() => stream.told('room').length === 7)
    expect(stream.told('room')[5]).toMatchObject({ settings: { closed: true } })
    const lines = await ask(url, `/r/${room}?follow=0&last=9`)
    const told = lines.text.split('\n').map((line) => line.replace(/^.*\] /, ''))
    expect(told.slice(1, -1)).toEqual([
      'called the room: Tea, set the topic: leaves',
      'made the room slow: one message in 3 s',
      'locked the room, made the room as fast as before',
      'unlocked the room',
      'changed the room',
      'closed the room',
      'opened the room again',
    ])
    stream.leave()
  })

  it('a slow room says how long to wait', async () => {
    const { room } = await make({ slow: 60 })
    expect((await say(url, room, 'one', ann)).status).toBe(201)
    const second = await say(url, room, 'two', ann)
    expect(codeOf(second)).toEqual([429, 'slow-down'])
    expect(Number(second.headers['retry-after'])).toBeGreaterThan(50)
    expect((await say(url, room, 'one', owner)).status).toBe(201)
    expect((await say(url, room, 'two', owner)).status).toBe(201)
  })
})

describe('looking after a room', () => {
  it('Ban evasion by rename: a ban holds for the person under any name, and is taken back', async () => {
    const { room } = await make()
    const person = await personOf(room, ann)
    const banned = await call('POST', `/r/${room}/bans`, owner, {
      person,
      minutes: 5,
      reason: 'rude',
    })
    expect(banned.status).toBe(201)
    const renamed = await call('POST', `/r/${room}`, ann, {
      text: 'it is me',
      name: 'Somebody else',
    })
    expect(codeOf(renamed)).toEqual([403, 'banned'])
    expect(renamed.json()['reason']).toBe('rude')
    expect(renamed.json()['detail']).toContain('rude')
    expect(codeOf(await ask(url, `/r/${room}/people`, { headers: { ...ann } }))).toEqual([
      403,
      'banned',
    ])
    expect((await call('GET', `/r/${room}/bans`, owner)).json()).toMatchObject({
      bans: [{ person, reason: 'rude' }],
    })
    // What he had said he may still take back for good.
    const { messages } = (await ask(url, `/r/${room}/messages`, { headers: { ...owner } })).json()
    const [{ id }] = messages as [{ id: string }]
    expect((await call('DELETE', `/r/${room}/messages/${id}`, ann)).status).toBe(200)
    expect((await call('DELETE', `/r/${room}/bans/${person}`, owner)).status).toBe(204)
    expect((await say(url, room, 'sorry', ann)).status).toBe(201)
  })

  it.each(['kicks', 'bans'])('%s end the streams of a person and of a guest', async (calls) => {
    const { room } = await make()
    const other = await hear(url, `/r/${room}`, ann)
    const wanted = [bob, {}].map(async (headers) => ({
      headers,
      person: await personOf(room, headers),
      stream: await hear(url, `/r/${room}`, headers),
    }))
    for (const { headers, person, stream } of await Promise.all(wanted)) {
      const out = await call('POST', `/r/${room}/${calls}`, owner, { person, reason: 'loud' })
      expect(out.status).toBe(201)
      await stream.whole()
      expect(other.isOver).toBe(false)
      const code = calls === 'kicks' ? 'removed' : 'banned'
      const again = await ask(url, `/r/${room}`, {
        headers: { ...headers, accept: 'text/event-stream' },
      })
      expect(codeOf(again)).toEqual([403, code])
      expect(codeOf(await say(url, room, 'but', headers))).toEqual([403, code])
    }
    other.leave()
  })

  it('Ban evasion by a new secret: a ban holds for the network too, until the key after its own is renewed', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    const own = await open('--limits', 'off')
    const post = (path: string, headers: object, body: object): Promise<Answer> =>
      ask(own.url, path, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    try {
      const room = String((await post('/rooms', owner, {})).json()['room'])
      const stream = await hear(own.url, `/r/${room}`, ann)
      const said = await say(own.url, room, 'hello', ann)
      const { person } = said.json()['from'] as { person: string }
      const minute = 60_000
      vi.advanceTimersByTime(24 * 60 * minute - minute)
      expect((await post(`/r/${room}/bans`, owner, { person })).status).toBe(201)
      await stream.whole()
      expect(codeOf(await say(own.url, room, 'it is not me', bob))).toEqual([403, 'banned'])
      vi.advanceTimersByTime(2 * minute)
      expect(codeOf(await say(own.url, room, 'nor me', bob))).toEqual([403, 'banned'])
      vi.advanceTimersByTime(24 * 60 * minute)
      expect((await say(own.url, room, 'somebody else', bob)).status).toBe(201)
    } finally {
      vi.useRealTimers()
      await own.close()
    }
  })

  it('who was kicked comes back after a minute, and the host sees who did it', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const timed = await open('--limits', 'off')
    url = timed.url
    const { room } = await make()
    const person = await personOf(room, bob)
    const moderate = (await linkTo(room, { role: 'moderate' })).secret
    await join(room, moderate, ann)
    expect(codeOf(await call('POST', `/r/${room}/kicks`, bob, { person }))).toEqual([
      403,
      'not-allowed',
    ])
    expect(
      (await call('POST', `/r/${room}/kicks`, ann, { person, reason: 'too loud' })).status,
    ).toBe(201)
    const removed = await say(url, room, 'hm', bob)
    expect(codeOf(removed)).toEqual([403, 'removed'])
    expect(removed.json()['detail']).toContain('too loud')
    expect(Number(removed.headers['retry-after'])).toBe(60)
    vi.setSystemTime(Date.now() + 60_000)
    expect((await say(url, room, 'here again', bob)).status).toBe(201)
    const { acts } = (await call('GET', `/r/${room}/log`, owner)).json() as unknown as {
      acts: object[]
    }
    expect(acts[0]).toMatchObject({ what: 'kick', about: person, done: true })
    expect((await call('GET', `/r/${room}/bans`, owner)).json()).toEqual({ bans: [] })
    vi.useRealTimers()
    url = server.url
    await timed.close()
  })

  it('Shadow mute: who is muted is told so, hears and does not speak', async () => {
    const { room } = await make()
    const person = await personOf(room, ann)
    await call('POST', `/r/${room}/mutes`, owner, { person })
    expect(codeOf(await say(url, room, 'hm', ann))).toEqual([403, 'muted'])
    expect((await ask(url, `/r/${room}/messages`, { headers: { ...ann } })).status).toBe(200)
  })

  it('who looks after the room is not put out by another who does, nor by anybody else', async () => {
    const { room } = await make()
    const { secret } = await linkTo(room, { role: 'moderate' })
    await join(room, secret, ann)
    await join(room, secret, bob)
    const person = await personOf(room, ann)
    expect(codeOf(await call('POST', `/r/${room}/bans`, bob, { person }))).toEqual([
      403,
      'not-allowed',
    ])
    expect(codeOf(await call('POST', `/r/${room}/bans`, bearer('nobody'), { person }))).toEqual([
      403,
      'not-allowed',
    ])
    expect((await call('POST', `/r/${room}/bans`, owner, { person })).status).toBe(201)
  })

  it('Vote or report brigading: reports count networks, do nothing by themselves, and name nobody', async () => {
    const { room } = await make()
    const id = String((await say(url, room, 'odd', bob)).json()['id'])
    for (const name of ['a', 'b', 'c'])
      expect(
        (await call('POST', `/r/${room}/reports`, bearer(name), { message: id, reason: 'spam' }))
          .status,
      ).toBe(204)
    const { reports } = (await call('GET', `/r/${room}/reports`, owner)).json() as unknown as {
      reports: object[]
    }
    expect(reports).toEqual([
      { id, message: id, reason: 'spam', at: expect.any(String) as string, reporters: 1 },
    ])
    expect((await ask(url, `/r/${room}/messages/${id}`)).json()).toMatchObject({ text: 'odd' })
    expect(codeOf(await call('GET', `/r/${room}/reports`, ann))).toEqual([403, 'not-allowed'])
    expect((await call('DELETE', `/r/${room}/reports/${id}`, owner)).status).toBe(204)
    expect((await call('GET', `/r/${room}/reports`, owner)).json()).toEqual({ reports: [] })
  })

  it('Vote or report brigading: what many report has an end, and the same once more writes nothing', async () => {
    const { room } = await make()
    const seqOfNext = async (text: string): Promise<number> =>
      Number(/\d+$/.exec(String((await say(url, room, text, bob)).json()['id']))![0])
    const report = async (message: unknown): Promise<Answer> =>
      call('POST', `/r/${room}/reports`, ann, { message })
    const odd = async (): Promise<unknown> => (await say(url, room, 'odd', bob)).json()['id']
    const first = await odd()
    expect((await report(first)).status).toBe(204)
    for (let i = 1; i < 500; i += 1) expect((await report(await odd())).status).toBe(204)
    const full = await report(await odd())
    expect(codeOf(full)).toEqual([429, 'review-full'])
    expect(full.headers['retry-after']).toBe('60')
    const before = await seqOfNext('before')
    expect((await report(first)).status).toBe(204)
    expect(await seqOfNext('after')).toBe(before + 1)
    expect((await call('DELETE', `/r/${room}/reports/${String(first)}`, owner)).status).toBe(204)
    expect((await report(await odd())).status).toBe(204)
  })

  it('the host sees what was done by whom, newest first', async () => {
    const { room } = await make()
    const person = await personOf(room, ann)
    await call('POST', `/r/${room}/mutes`, owner, { person })
    await call('DELETE', `/r/${room}/mutes/${person}`, owner)
    const { acts } = (await call('GET', `/r/${room}/log`, owner)).json() as unknown as {
      acts: object[]
    }
    expect(acts.slice(0, 2)).toMatchObject([
      { what: 'mute', about: person, done: false, from: { role: 'own' } },
      { what: 'mute', about: person, done: true, from: { role: 'own' } },
    ])
    expect(codeOf(await call('GET', `/r/${room}/log`, ann))).toEqual([403, 'not-allowed'])
  })
})

describe('a restart', () => {
  it('Owner loss or theft: roles, bans and settings are as they were, and secrets are on no disk', async () => {
    const home = folder()
    const { path } = home
    const first = await open('--limits', 'off', '--data', path)
    url = first.url
    const { room, owner: own } = await make({ title: 'Kept' })
    const { secret } = await linkTo(room, { role: 'moderate' })
    await join(room, secret, ann)
    const person = await personOf(room, bob)
    await call('POST', `/r/${room}/bans`, ann, { person })
    await first.close()
    const files = await import('node:fs').then(({ readdirSync, readFileSync }) =>
      readdirSync(path).map((file) => readFileSync(`${path}/${file}`, 'latin1')),
    )
    for (const text of files) {
      expect(text).not.toContain(own.secret)
      expect(text).not.toContain(secret)
    }
    const second = await open('--limits', 'off', '--data', path)
    url = second.url
    expect((await call('GET', `/r/${room}/settings`, ann)).json()).toMatchObject({
      title: 'Kept',
      you: { role: 'moderate' },
    })
    expect(codeOf(await say(url, room, 'still out', bob))).toEqual([403, 'banned'])
    await second.close()
    url = server.url
    home.remove()
  })
})
