import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ask, bearer, say } from '../../../../test/harness/ask.ts'
import { hear } from '../../../../test/harness/hear.ts'
import { open } from '../../../../test/harness/server.ts'
import type { Running } from '../../src/index.ts'

let server: Running
/** The rules' clock and the timer that tells rooms are the test's; sockets and all else are the machine's. */
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['performance', 'setInterval', 'clearInterval'] })
  server = await open()
})
afterEach(async () => {
  const closed = server.close()
  vi.useRealTimers()
  await closed
})

const people = async (): Promise<Record<string, unknown>> =>
  (await ask(server.url, '/r/tunnel/people')).json()

it('somebody has left after 12 s of absence; who comes back before was never gone', async () => {
  const watcher = await hear(server.url, '/r/tunnel', bearer('watcher'))
  await watcher.first('hello')
  vi.advanceTimersByTime(1000)
  // Who is here already, and that one came.
  await watcher.until(() => watcher.told('presence').length === 2)
  const ann = async () => {
    const stream = await hear(server.url, '/r/tunnel?name=Ann', bearer('ann'))
    await stream.first('hello')
    return stream
  }
  const first = await ann()
  vi.advanceTimersByTime(1000)
  await watcher.until(() => watcher.told('presence').length === 3)
  expect(watcher.told('presence')[2]).toMatchObject({
    count: 2,
    joined: [{ name: 'Ann' }],
    left: [],
  })

  const listeners = async (): Promise<number> => {
    const headers = { accept: 'application/json' }
    return (await ask(server.url, '/r/tunnel', { headers })).json()['listeners'] as number
  }
  first.leave()
  while ((await listeners()) > 1);
  vi.advanceTimersByTime(11_000)
  expect(await people()).toMatchObject({ count: 2 })
  const second = await ann()
  vi.advanceTimersByTime(30_000)
  expect(await people()).toMatchObject({ count: 2 })

  second.leave()
  while ((await listeners()) > 1);
  vi.advanceTimersByTime(13_000)
  await watcher.until(() => watcher.told('presence').length === 4)
  expect(watcher.told('presence')[3]).toMatchObject({
    count: 1,
    joined: [],
    left: [{ name: 'Ann' }],
  })
  expect(await people()).toMatchObject({ count: 1 })
  watcher.leave()
})

it('a crowd is told as its number', async () => {
  const watcher = await hear(server.url, '/r/crowd', bearer('watcher'))
  await watcher.first('hello')
  const crowd = await Promise.all(
    Array.from({ length: 101 }, (_, i) => hear(server.url, '/r/crowd', bearer(`person-${i}`))),
  )
  expect(await watcher.first('presence')).toMatchObject({ count: 1, people: [{}] })
  vi.advanceTimersByTime(1000)
  await watcher.until(() => watcher.told('presence').length === 2)
  expect(watcher.told('presence')[1]).toEqual({ room: 'crowd', count: 102 })
  const late = await hear(server.url, '/r/crowd', bearer('late'))
  expect(await late.first('presence')).toEqual({ room: 'crowd', count: 103 })
  late.leave()
  const answer = await ask(server.url, '/r/crowd/people')
  expect(answer.json()).toEqual({ room: 'crowd', count: 103 })
  for (const stream of crowd) stream.leave()
  watcher.leave()
})

it('who is away is told to be, until he is back or says something', async () => {
  const watcher = await hear(server.url, '/r/desk', bearer('watcher'))
  const ann = await hear(server.url, '/r/desk?name=Ann', bearer('ann'))
  await ann.first('hello')
  const away = async (
    method: 'PUT' | 'DELETE',
    who: Record<string, string> = bearer('ann'),
  ): Promise<unknown> => (await ask(server.url, '/r/desk/away', { method, headers: who })).status
  /** What the room is told next of Ann. */
  const told = async (): Promise<unknown> => {
    const before = watcher.told('presence').length
    vi.advanceTimersByTime(1000)
    await watcher.until(() => watcher.told('presence').length > before)
    return watcher.told('presence').at(-1)
  }
  await told()
  expect(await away('PUT')).toBe(204)
  expect(await told()).toMatchObject({ count: 2, joined: [{ name: 'Ann', away: true }], left: [] })
  const here = (await ask(server.url, '/r/desk/people')).json()['people'] as object[]
  expect(here.map((one) => 'away' in one)).toEqual([false, true])
  expect(await away('DELETE')).toBe(204)
  const [back] = ((await told()) as { joined: object[] }).joined
  expect(back).not.toHaveProperty('away')
  await away('PUT')
  await told()
  const said = await say(server.url, 'desk', 'back at the desk', bearer('ann'))
  expect(said.json()['from']).not.toHaveProperty('away')
  expect(((await told()) as { joined: object[] }).joined[0]).not.toHaveProperty('away')
  // Somebody who is not here is not away either, and a guest has no name among those who are.
  expect(await away('PUT', bearer('stranger'))).toBe(204)
  expect(await away('PUT', {})).toBe(204)
  expect((await ask(server.url, '/r/desk/people')).json()).toMatchObject({ count: 2 })
  ann.leave()
  watcher.leave()
})

it('who takes a name is called by it before anything is said, and by the made one when it is dropped', async () => {
  const watcher = await hear(server.url, '/r/naming', bearer('watcher'))
  const ann = await hear(server.url, '/r/naming', bearer('ann'))
  await ann.first('hello')
  const call = (method: 'PUT' | 'DELETE', name?: string): ReturnType<typeof ask> =>
    ask(server.url, '/r/naming/name', {
      method,
      headers: { ...bearer('ann'), 'content-type': 'application/json' },
      ...(name === undefined ? {} : { body: JSON.stringify({ name }) }),
    })
  const made = (await call('DELETE')).json()['name']
  expect(made).toMatch(/^[a-z]+ [a-z]+$/)
  const taken = await call('PUT', '  Ann\u200b  Lee ')
  expect(taken.status).toBe(200)
  expect(taken.json()).toMatchObject({ name: 'Ann Lee', role: 'speak' })
  vi.advanceTimersByTime(1000)
  await watcher.until(() => watcher.told('presence').length === 2)
  expect(watcher.told('presence')[1]).toMatchObject({ count: 2 })
  expect(JSON.stringify(watcher.told('presence')[1])).toContain('"name":"Ann Lee"')
  expect(JSON.stringify(watcher.told('presence'))).not.toContain(`"${String(made)}"`)
  await ask(server.url, '/r/naming/typing', { method: 'POST', headers: bearer('ann') })
  expect(await watcher.first('typing')).toMatchObject({ from: { name: 'Ann Lee' } })
  // In another room nothing is known of it.
  const elsewhere = await hear(server.url, '/r/elsewhere', bearer('ann'))
  const { people: there } = (await elsewhere.first('presence')) as { people: { name: string }[] }
  expect(there[0]?.name).not.toBe('Ann Lee')
  for (const [name, code] of [
    ['Host', 'reserved-name'],
    ['\u200b', 'bad-name'],
    ['x'.repeat(33), 'bad-name'],
  ] as const)
    expect((await call('PUT', name)).json()).toMatchObject({ status: 400, code })
  await call('DELETE')
  const { people: here } = (await ask(server.url, '/r/naming/people')).json()
  expect(here).toMatchObject([{}, { name: made }])
  for (const stream of [ann, elsewhere, watcher]) stream.leave()
})

it('names are changed as often as by saying something, and the first one costs no change', async () => {
  const ann = await hear(server.url, '/r/masks', bearer('ann'))
  await ann.first('hello')
  const take = async (name: string): Promise<unknown> =>
    (
      await ask(server.url, '/r/masks/name', {
        method: 'PUT',
        headers: { ...bearer('ann'), 'content-type': 'application/json' },
        body: JSON.stringify({ name }),
      })
    ).json()['code']
  const answers = []
  for (let i = 0; i < 7; i++) answers.push(await take(`Ann ${i}`))
  expect(answers).toEqual([...Array.from({ length: 6 }, () => undefined), 'slow-down'])
  // The same once more is none.
  expect(await take('Ann 5')).toBeUndefined()
  ann.leave()
})

it('who is put out in the second in which his name changed is told to have left', async () => {
  const host = bearer('host')
  const json = { 'content-type': 'application/json' }
  await ask(server.url, '/rooms', {
    method: 'POST',
    headers: { ...host, ...json },
    body: '{"room":"porch"}',
  })
  const watcher = await hear(server.url, '/r/porch', host)
  const ann = await hear(server.url, '/r/porch?name=Ann', bearer('ann'))
  await ann.first('hello')
  vi.advanceTimersByTime(1000)
  await watcher.until(() => watcher.told('presence').length === 2)
  const before = watcher.told('presence').length
  const { from } = (
    await say(server.url, 'porch', 'I am Anna', { ...bearer('ann'), name: 'Anna' })
  ).json() as {
    from: { person: string }
  }
  const kicked = await ask(server.url, '/r/porch/kicks', {
    method: 'POST',
    headers: { ...host, ...json },
    body: JSON.stringify({ person: from.person }),
  })
  expect(kicked.status).toBeLessThan(300)
  vi.advanceTimersByTime(1000)
  await watcher.until(() => watcher.told('presence').length > before)
  expect(watcher.told('presence').at(-1)).toMatchObject({
    count: 1,
    left: [{ person: from.person }],
  })
  watcher.leave()
})

it('a crowd is told nothing while only names change in it, and all who are there once it is none any more', async () => {
  const watcher = await hear(server.url, '/r/square', bearer('watcher'))
  await watcher.first('hello')
  const crowd = await Promise.all(
    Array.from({ length: 100 }, (_, i) => hear(server.url, '/r/square', bearer(`person-${i}`))),
  )
  const told = (): Record<string, unknown>[] => watcher.told('presence')
  vi.advanceTimersByTime(1000)
  await watcher.until(() => told().at(-1)?.['count'] === 101)
  const before = told().length
  await ask(server.url, '/r/square/away', { method: 'PUT', headers: bearer('person-1') })
  vi.advanceTimersByTime(1000)
  for (const stream of crowd.slice(0, 60)) stream.leave()
  const listeners = async (): Promise<unknown> =>
    (await ask(server.url, '/r/square', { headers: { accept: 'application/json' } })).json()[
      'listeners'
    ]
  while ((await listeners()) !== 41);
  while (told().length < before + 2) {
    vi.advanceTimersByTime(1000)
    await listeners()
  }
  expect(told().at(-2)).toEqual({ room: 'square', count: 41 })
  expect(told().at(-1)).toMatchObject({ room: 'square', count: 41 })
  expect(told().at(-1)!['people']).toHaveLength(41)
  for (const stream of crowd) stream.leave()
  watcher.leave()
})

it('a stream of many rooms counts as often as it comes into one', async () => {
  const rooms = Array.from({ length: 100 }, (_, i) => `room=many-${i}`).join('&')
  const streams = []
  // 2,000 at once for all behind one address, and no time goes by here.
  for (let i = 0; i < 20; i++)
    streams.push(await hear(server.url, `/events?${rooms}`, bearer('many')))
  for (const stream of streams) await stream.first('hello')
  const last = await hear(server.url, `/events?${rooms}`, bearer('many'))
  expect(await last.first('busy')).toMatchObject({ reason: 'overload' })
  for (const stream of [...streams, last]) stream.leave()
})
