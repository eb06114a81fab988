import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, bearer, say, type Answer } from '../../../../test/harness/ask.ts'
import { hear } from '../../../../test/harness/hear.ts'
import { open } from '../../../../test/harness/server.ts'
import { readConfig, serve, type Running } from '../../src/index.ts'

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
const make = async (settings: object = { listed: false }): Promise<string> =>
  String((await call('POST', '/rooms', owner, { settings })).json()['room'])

interface Made {
  readonly secret: string
  readonly link: { readonly id: string }
}
const linkTo = async (room: string, role: string): Promise<Made> =>
  (await call('POST', `/r/${room}/links`, owner, { role })).json() as unknown as Made
const join = (room: string, { secret }: Made, headers: object): Promise<Answer> =>
  call('POST', `/r/${room}/join`, headers, { secret })
const roleOf = async (room: string, headers: object): Promise<unknown> =>
  ((await call('GET', `/r/${room}/settings`, headers)).json()['you'] as { role: string }).role
const personOf = async (room: string, headers: object): Promise<string> =>
  ((await call('GET', `/r/${room}/settings`, headers)).json()['you'] as { person: string }).person
const actsOf = async (room: string): Promise<Record<string, unknown>[]> =>
  (await call('GET', `/r/${room}/log`, owner)).json()['acts'] as never

describe('a link', () => {
  it('takes nothing from a host who tries the one that he made for others', async () => {
    const room = await make()
    const moderate = await linkTo(room, 'moderate')
    for (const role of ['read', 'speak', 'moderate']) {
      const answer = await join(room, await linkTo(room, role), owner)
      expect([answer.status, answer.json()['from']]).toMatchObject([200, { role: 'own' }])
    }
    expect(await roleOf(room, owner)).toBe('own')
    expect((await join(room, moderate, ann)).status).toBe(200)
    await join(room, await linkTo(room, 'speak'), ann)
    expect(await roleOf(room, ann)).toBe('moderate')
    await join(room, await linkTo(room, 'own'), ann)
    expect(await roleOf(room, ann)).toBe('own')
  })

  it('lets in no more than it says, also of those who come at once', async () => {
    const room = await make({ hear: 'invited' })
    const made = (
      await call('POST', `/r/${room}/links`, owner, { role: 'speak', uses: 3 })
    ).json() as unknown as Made
    const all = Array.from({ length: 12 }, (_, i) => join(room, made, bearer(`one-of-many-${i}`)))
    const codes = (await Promise.all(all)).map(({ status }) => status)
    expect(codes.toSorted((one, other) => one - other)).toEqual([
      200,
      200,
      200,
      ...Array.from({ length: 9 }, () => 403),
    ])
  })

  it('lets nobody in any more once it has expired; who came by it stays', async () => {
    let now = Date.UTC(2030, 0, 1)
    const later = await serve(readConfig(['--port', '0', '--memory'], {}), () => now)
    const post = async (path: string, headers: object, body: object): Promise<Answer> =>
      ask(later.url, path, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    const room = String((await post('/rooms', owner, {})).json()['room'])
    const link = { role: 'moderate', hours: 2 }
    const { secret } = (await post(`/r/${room}/links`, owner, link)).json() as { secret: string }
    now += 2 * 3_600_000 - 1
    expect((await post(`/r/${room}/join`, ann, { secret })).status).toBe(200)
    now += 1
    expect(codeOf(await post(`/r/${room}/join`, bob, { secret }))).toEqual([403, 'bad-link'])
    const { you } = (
      await ask(later.url, `/r/${room}/settings`, { headers: { ...ann } })
    ).json() as { you: { role: string } }
    expect(you.role).toBe('moderate')
    await later.close()
  })

  it('lets nobody in who is banned, or was put out a moment ago', async () => {
    for (const out of ['bans', 'kicks']) {
      const room = await make()
      const link = await linkTo(room, 'moderate')
      await call('POST', `/r/${room}/${out}`, owner, { person: await personOf(room, ann) })
      const code = out === 'bans' ? 'banned' : 'removed'
      expect(codeOf(await join(room, link, ann))).toEqual([403, code])
      const { links } = (await call('GET', `/r/${room}/links`, owner)).json() as unknown as {
        links: { id: string; used: number }[]
      }
      expect(links.find(({ id }) => id === link.link.id)?.used).toBe(0)
    }
  })

  it('that is revoked or rotated puts out at once whom it alone let hear', async () => {
    const room = await make({ hear: 'invited' })
    const [revoked, rotated, kept] = [
      await linkTo(room, 'speak'),
      await linkTo(room, 'speak'),
      await linkTo(room, 'speak'),
    ]
    const carl = bearer('carl')
    await join(room, revoked, ann)
    await join(room, rotated, bob)
    await join(room, kept, carl)
    const of = (headers: object) => hear(url, `/r/${room}`, { ...headers })
    const streams = { ann: await of(ann), bob: await of(bob), carl: await of(carl) }
    for (const each of Object.values(streams)) await each.first('hello')
    await call('DELETE', `/r/${room}/links/${revoked.link.id}`, owner)
    await streams.ann.whole()
    expect(streams.bob.isOver).toBe(false)
    await call('POST', `/r/${room}/links/${rotated.link.id}/rotate`, owner)
    await streams.bob.whole()
    await say(url, room, 'among us', carl)
    expect(await streams.carl.texts(1)).toEqual(['among us'])
    for (const stream of [streams.ann, streams.bob])
      expect(JSON.stringify(stream.events)).not.toContain('among us')
    streams.carl.leave()
  })

  it('shows everyone at once in the role that he has now', async () => {
    const room = await make()
    const link = await linkTo(room, 'moderate')
    const stream = await hear(url, `/r/${room}`, { ...ann })
    await stream.first('hello')
    const shown = async (): Promise<string[]> =>
      ((await ask(url, `/r/${room}/people`)).json()['people'] as { role: string }[]).map(
        ({ role }) => role,
      )
    expect(await shown()).toEqual(['speak'])
    await join(room, link, ann)
    expect(await shown()).toEqual(['moderate'])
    await call('DELETE', `/r/${room}/links/${link.link.id}`, owner)
    expect(await shown()).toEqual(['speak'])
    await call('PATCH', `/r/${room}/settings`, owner, { speak: 'speakers' })
    expect(await shown()).toEqual(['read'])
    stream.leave()
  })
})

it('a room that is for the invited from now on puts out everyone else, guests too', async () => {
  const room = await make()
  await join(room, await linkTo(room, 'read'), ann)
  const streams = [ann, bob, {}].map((headers) => hear(url, `/r/${room}`, { ...headers }))
  const [invited, stranger, guest] = await Promise.all(streams)
  for (const each of [invited, stranger, guest]) await each!.first('hello')
  await call('PATCH', `/r/${room}/settings`, owner, { hear: 'invited' })
  await stranger!.whole()
  await guest!.whole()
  await say(url, room, 'only us', owner)
  expect(await invited!.texts(1)).toEqual(['only us'])
  invited!.leave()
})

describe('a moderator whom the owner', () => {
  it('banned looks after nothing any more, his own ban least of all', async () => {
    const room = await make()
    await join(room, await linkTo(room, 'moderate'), ann)
    const id = String((await say(url, room, 'mine', bob)).json()['id'])
    const own = String((await say(url, room, 'my own', ann)).json()['id'])
    const [person, other] = [await personOf(room, ann), await personOf(room, bob)]
    await call('POST', `/r/${room}/bans`, owner, { person })
    const act = (await actsOf(room))[0]!['id']
    const wanted: [string, string, unknown?][] = [
      ['DELETE', `bans/${person}`],
      ['POST', 'undo', { act }],
      ['POST', 'bans', { person: other }],
      ['POST', 'kicks', { person: other }],
      ['POST', 'removals', { newcomers: true }],
      ['PATCH', 'settings', { locked: true }],
      ['DELETE', `messages/${id}`],
      ['PATCH', `messages/${id}`, { text: 'x' }],
      ['GET', 'log'],
      ['GET', 'bans'],
      ['GET', 'held'],
      ['GET', 'reports'],
    ]
    for (const [method, path, body] of wanted) {
      const answer = await call(method, `/r/${room}/${path}`, ann, body)
      expect([method, path, ...codeOf(answer)]).toEqual([method, path, 403, 'banned'])
    }
    // What is his own he may still take back for good.
    expect((await call('DELETE', `/r/${room}/messages/${own}`, ann)).status).toBe(200)
    expect((await call('DELETE', `/r/${room}/bans/${person}`, owner)).status).toBe(204)
    expect((await call('GET', `/r/${room}/log`, ann)).status).toBe(200)
  })

  it('muted is silent, and does not take that back himself', async () => {
    const room = await make()
    const moderate = await linkTo(room, 'moderate')
    await join(room, moderate, ann)
    await join(room, moderate, bob)
    const person = await personOf(room, ann)
    expect((await call('POST', `/r/${room}/mutes`, owner, { person })).status).toBe(201)
    expect(codeOf(await say(url, room, 'but', ann))).toEqual([403, 'muted'])
    const act = (await actsOf(room))[0]!['id']
    for (const [method, path, body] of [
      ['DELETE', `mutes/${person}`, undefined],
      ['POST', 'undo', { act }],
    ] as const)
      expect(codeOf(await call(method, `/r/${room}/${path}`, ann, body))).toEqual([
        403,
        'not-allowed',
      ])
    expect(codeOf(await say(url, room, 'but', ann))).toEqual([403, 'muted'])
    expect((await call('DELETE', `/r/${room}/mutes/${person}`, bob)).status).toBe(204)
    expect((await say(url, room, 'thanks', ann)).status).toBe(201)
  })
})

it('Ban evasion by a new secret: the network is known too of who only ever says something, and never listens', async () => {
  const room = await make()
  const said = await say(url, room, 'buy this', ann)
  const { person } = said.json()['from'] as { person: string }
  await call('POST', `/r/${room}/bans`, owner, { person })
  for (const headers of [bob, bearer('yet-another'), {}])
    expect(codeOf(await say(url, room, 'buy this', headers))).toEqual([403, 'banned'])
  expect((await say(url, 'any-other-room', 'hello', bob)).status).toBe(201)
  await call('DELETE', `/r/${room}/bans/${person}`, owner)
  expect((await say(url, room, 'hello', bob)).status).toBe(201)
})

it('a moderator edits what others said, which everyone sees; nobody edits who looks after the room as he does', async () => {
  const room = await make()
  await join(room, await linkTo(room, 'moderate'), ann)
  const stream = await hear(url, `/r/${room}`)
  const idOf = async (headers: object): Promise<string> =>
    String((await say(url, room, 'call me at 555-0100', headers)).json()['id'])
  const [bobs, anns, owners] = [await idOf(bob), await idOf(ann), await idOf(owner)]
  const edit = (id: string, headers: object, text: string) =>
    call('PATCH', `/r/${room}/messages/${id}`, headers, { text })
  const message = async (id: string) => (await ask(url, `/r/${room}/messages/${id}`)).json()
  const edited = await edit(bobs, ann, 'call me at (number removed)')
  expect([edited.status, edited.json()['from']]).toMatchObject([200, { role: 'moderate' }])
  expect(await stream.first('edit')).toEqual(edited.json())
  expect(await message(bobs)).toMatchObject({
    text: 'call me at (number removed)',
    editedBy: 'host',
    from: { person: await personOf(room, bob) },
  })
  for (const format of ['md', 'html'])
    expect((await ask(url, `/r/${room}/transcript?format=${format}`)).text).toContain(
      'edited by host',
    )
  expect((await actsOf(room))[0]).toMatchObject({ what: 'edit', about: bobs, done: true })
  expect((await edit(bobs, bob, 'write to me')).status).toBe(200)
  expect(await message(bobs)).not.toHaveProperty('editedBy')
  expect((await edit(anns, ann, 'mine')).status).toBe(200)
  expect(await message(anns)).not.toHaveProperty('editedBy')
  for (const [id, headers, code] of [
    [owners, ann, 'not-allowed'],
    [owners, bob, 'not-yours'],
    [anns, bob, 'not-yours'],
  ] as const) {
    expect(codeOf(await edit(id, headers, 'x'))).toEqual([403, code])
    expect(codeOf(await call('DELETE', `/r/${room}/messages/${id}`, headers))).toEqual([403, code])
  }
  expect((await edit(anns, owner, 'the owner may')).status).toBe(200)
  stream.leave()
})

it('the host’s log has the deletion of what others said, and nothing of what people take back themselves', async () => {
  const room = await make()
  await join(room, await linkTo(room, 'moderate'), ann)
  const ids: string[] = []
  for (const headers of [bob, bob, ann])
    ids.push(String((await say(url, room, 'x', headers)).json()['id']))
  const remove = (id: string, headers: object) =>
    call('DELETE', `/r/${room}/messages/${id}`, headers)
  await remove(ids[0]!, bob)
  await remove(ids[1]!, ann)
  await remove(ids[1]!, ann)
  await remove(ids[2]!, ann)
  const removals = (await actsOf(room)).filter(({ what }) => what === 'removal')
  expect(removals).toEqual([
    expect.objectContaining({
      about: ids[1],
      messages: 0,
      from: expect.objectContaining({ role: 'moderate' }) as object,
    }),
  ])
  // It is final, so there is nothing to take back.
  expect(removals[0]).not.toHaveProperty('until')
})

it('Homoglyph, zero-width, RTL: a title, a topic, a label and a reason are one line that turns nothing round', async () => {
  const room = await make()
  const odd = ' a\u202eb\u2066\n c\u2028d '
  const changed = await call('PATCH', `/r/${room}/settings`, owner, { title: odd, topic: odd })
  expect(changed.json()).toMatchObject({ title: 'ab c d', topic: 'ab c d' })
  const made = await call('POST', '/rooms', owner, { settings: { title: odd } })
  const its = await call('GET', `/r/${String(made.json()['room'])}/settings`, owner)
  expect(its.json()).toMatchObject({ title: 'ab c d' })
  const link = await call('POST', `/r/${room}/links`, owner, { role: 'read', label: odd })
  expect(link.json()).toMatchObject({ link: { label: 'ab c d' } })
  const message = String((await say(url, room, 'x', ann)).json()['id'])
  const person = await personOf(room, ann)
  await call('POST', `/r/${room}/reports`, bob, { message, reason: odd })
  expect((await call('GET', `/r/${room}/reports`, owner)).json()).toMatchObject({
    reports: [{ reason: 'ab c d' }],
  })
  for (const penalty of ['mutes', 'kicks', 'bans'])
    expect(
      (await call('POST', `/r/${room}/${penalty}`, owner, { person, reason: odd })).json(),
    ).toMatchObject({ reason: 'ab c d' })
  // What would speak to a terminal is refused.
  for (const [method, path, body] of [
    ['PATCH', 'settings', { title: '\u001b[2J' }],
    ['PATCH', 'settings', { topic: '\u0007' }],
    ['POST', 'links', { role: 'read', label: '\u0000' }],
    ['POST', 'bans', { person, reason: '\u001b]0;x\u0007' }],
  ] as const)
    expect(codeOf(await call(method, `/r/${room}/${path}`, owner, body))).toEqual([400, 'bad-body'])
})

it('Join / room-creation flood: who owns a room has limits too in what is kept about it', async () => {
  const strict = await open()
  const post = (path: string, body: object): Promise<Answer> =>
    ask(strict.url, path, {
      method: 'POST',
      headers: { ...owner, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const room = String((await post('/rooms', {})).json()['room'])
  const untilLimited = async (path: string, body: (i: number) => object): Promise<number> => {
    for (let i = 0; ; i++) {
      const answer = await post(`/r/${room}/${path}`, body(i))
      if (answer.status !== 201) {
        expect(codeOf(answer)).toEqual([429, 'slow-down'])
        expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
        return i
      }
    }
  }
  const person = (i: number): { person: string } => ({ person: String(i).padStart(26, '0') })
  // Enough for a host who puts out a crowd one by one.
  expect(await untilLimited('bans', person)).toBeGreaterThanOrEqual(100)
  expect(codeOf(await post(`/r/${room}/kicks`, person(0)))).toEqual([429, 'slow-down'])
  expect(await untilLimited('links', () => ({ role: 'read' }))).toBeGreaterThanOrEqual(30)
  await strict.close()
  const many = await make()
  const statuses = new Set<number>()
  for (let i = 0; i < 99; i++)
    statuses.add((await call('POST', `/r/${many}/links`, owner, { role: 'read' })).status)
  expect([...statuses]).toEqual([201])
  expect(codeOf(await call('POST', `/r/${many}/links`, owner, { role: 'read' }))).toEqual([
    403,
    'not-allowed',
  ])
})
