import { solveChallenge, type Challenge } from 'altcha-lib'
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ask, bearer, type Answer } from '../../../../test/harness/ask.ts'
import { hear, type Stream } from '../../../../test/harness/hear.ts'
import { open } from '../../../../test/harness/server.ts'
import type { Running } from '../../src/index.ts'
import { Proofs } from '../../src/rooms/proofs.ts'
import { Raids } from '../../src/rooms/raids.ts'

let server: Running
let url: string
let room: string
const open_: Stream[] = []
/** The rules' clock is the test's; sockets and all else are the machine's. */
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['performance', 'setInterval', 'clearInterval'] })
  server = await open('--trust-proxy', '127.0.0.1/32')
  url = server.url
  room = String((await call('POST', '/rooms', owner, {})).json()['room'])
})
afterEach(async () => {
  for (const stream of open_.splice(0)) stream.leave()
  const closed = server.close()
  vi.useRealTimers()
  await closed
})

const minute = 60_000
const owner = bearer('owner')
const ann = bearer('ann')
const codeOf = ({ status, json }: Answer): unknown[] => [status, json()['code']]
const call = (method: string, path: string, headers: object, body?: unknown): Promise<Answer> =>
  ask(url, path, {
    method,
    headers: { ...headers, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
const say = (headers: object, where = room): Promise<Answer> =>
  call('POST', `/r/${where}`, headers, { text: 'hello' })
/** Somebody from a network of his own. */
const stranger = (i: number): Record<string, string> => ({
  ...bearer(`stranger-${i}`),
  'x-forwarded-for': `10.0.${i >> 8}.${i & 255}`,
})
const listen = async (headers: Record<string, string>, where = room): Promise<Stream> => {
  const stream = await hear(url, `/r/${where}`, headers)
  open_.push(stream)
  await stream.first('hello')
  return stream
}
const raidOf = async (headers: object = owner, where = room): Promise<unknown> =>
  (await call('GET', `/r/${where}/settings`, headers)).json()['raid']
/** So many strangers say something; answers how many were heard. */
const crowd = async (count: number, from = 0, where = room): Promise<number> => {
  let heard = 0
  for (let i = from; i < from + count; i++)
    if ((await say(stranger(i), where)).status === 201) heard++
  return heard
}
/** One of them says as much at once as one person may; answers how much of it was heard. */
const flood = async (i: number): Promise<number> => {
  let heard = 0
  for (let word = 0; word < 20; word++) if ((await say(stranger(i))).status === 201) heard++
  return heard
}
const challengeOf = (answer: Answer): Challenge => {
  expect(codeOf(answer)).toEqual([429, 'newcomers-wait'])
  return answer.json()['challenge'] as Challenge
}
const prove = async (challenge: Challenge): Promise<{ 'proof-of-work': string }> => {
  const solution = await solveChallenge({ challenge, deriveKey })
  expect(solution).not.toBeNull()
  const proof = Buffer.from(JSON.stringify({ challenge, solution })).toString('base64')
  return { 'proof-of-work': proof }
}
const actsOf = async (): Promise<unknown[]> =>
  (await call('GET', `/r/${room}/log`, owner)).json()['acts'] as unknown[]

describe('PoW as cure-all: a crowd that comes to wreck a room', () => {
  it('is held up; who was there is not, and the host hears of it', async () => {
    const watcher = await listen(ann)
    expect((await say(bearer('bob'))).status).toBe(201)
    vi.advanceTimersByTime(3 * minute)
    const heard = await crowd(200)
    expect(heard).toBeGreaterThanOrEqual(40)
    expect(heard).toBeLessThanOrEqual(50)
    expect(await watcher.first('raid')).toEqual({
      room,
      since: expect.any(String) as string,
      until: expect.any(String) as string,
    })
    // Who listened and who spoke before: untouched, as often as ever.
    for (let i = 0; i < 5; i++)
      for (const old of [ann, bearer('bob'), owner]) expect((await say(old)).status).toBe(201)
    const refused = await say(stranger(9999))
    expect(codeOf(refused)).toEqual([429, 'newcomers-wait'])
    expect(refused.headers['retry-after']).toBe('30')
    const text = await ask(url, `/r/${room}`, {
      method: 'POST',
      headers: { ...stranger(9998), 'content-type': 'text/plain', 'user-agent': 'curl/8' },
      body: 'hi',
    })
    expect([text.status, text.text]).toEqual([
      429,
      'Many newcomers came at once, so who is new here waits a little before he speaks. Try again in 30 seconds.\n',
    ])
    expect(await raidOf()).toMatchObject({ since: expect.any(String) as string })
    expect(await raidOf(ann)).toBeUndefined()
    await vi.waitFor(async () =>
      expect((await actsOf())[0]).toMatchObject({ what: 'raid', done: true }),
    )
  })

  it('leaves alone who came a moment before it began, whether he listens or spoke', async () => {
    const watcher = await listen(ann)
    expect((await say(bearer('bob'))).status).toBe(201)
    // Both counts are at rest again, two minutes are not over.
    vi.advanceTimersByTime(5000)
    await crowd(60)
    expect(await watcher.first('raid')).toMatchObject({ since: expect.any(String) as string })
    for (let i = 0; i < 15; i++)
      for (const old of [ann, bearer('bob')]) expect((await say(old)).status).toBe(201)
    expect(codeOf(await say(stranger(0)))).toEqual([429, 'newcomers-wait'])
    expect(codeOf(await say(stranger(59)))).toEqual([429, 'newcomers-wait'])
  })

  it('takes no word from those who have said little, where the flood comes from people who were there', async () => {
    await call('PATCH', `/r/${room}/settings`, owner, { guard: 'off' })
    const heard = await Promise.all(Array.from({ length: 60 }, (_, i) => flood(i)))
    const taken = heard.reduce((sum, each) => sum + each, 0)
    expect(taken).toBeGreaterThan(500)
    expect(taken).toBeLessThan(1000)
    for (let i = 0; i < 100; i++) expect((await say(stranger(1000 + i))).status).toBe(201)
  })

  it('knows a crowd that came in silence and speaks a little later', async () => {
    await listen(ann)
    vi.advanceTimersByTime(5000)
    for (let i = 0; i < 60; i++) await listen(stranger(i))
    vi.advanceTimersByTime(20_000)
    expect(await crowd(60)).toBeLessThanOrEqual(42)
    expect((await say(ann)).status).toBe(201)
    expect(codeOf(await say(stranger(0)))).toEqual([429, 'newcomers-wait'])
  })

  it('takes nobody for a newcomer who came two minutes ago, however long the crowd has been coming', async () => {
    for (let i = 0; i < 200; i++) {
      await listen(stranger(i))
      vi.advanceTimersByTime(900)
    }
    await crowd(100, 500)
    expect(await raidOf()).toBeDefined()
    expect((await say(stranger(0))).status).toBe(201)
    expect(codeOf(await say(stranger(199)))).toEqual([429, 'newcomers-wait'])
  })

  it('lets a newcomer in who waits, a word at a time', async () => {
    await crowd(60)
    expect(codeOf(await say(stranger(500)))).toEqual([429, 'newcomers-wait'])
    vi.advanceTimersByTime(29_000)
    expect((await say(stranger(500))).headers['retry-after']).toBe('1')
    vi.advanceTimersByTime(1000)
    expect((await say(stranger(500))).status).toBe(201)
    expect(codeOf(await say(stranger(500)))).toEqual([429, 'newcomers-wait'])
  })

  it('lets a newcomer in who proves his work: himself, rightly, once', async () => {
    await crowd(60)
    const ben = stranger(500)
    const challenge = challengeOf(await say(ben))
    const proof = await prove(challenge)
    expect(codeOf(await say({ ...stranger(501), ...proof }))).toEqual([403, 'bad-proof'])
    for (const bad of ['x', 'bnVsbA==', btoa('{"challenge":{"parameters":{}}}'), 'A'.repeat(5000)])
      expect(codeOf(await say({ ...ben, 'proof-of-work': bad }))).toEqual([403, 'bad-proof'])
    expect((await say({ ...ben, ...proof })).status).toBe(201)
    expect((await say(ben)).status).toBe(201)
    // Another raid asks anew, and the proof of the last one is used.
    await call('PATCH', `/r/${room}/settings`, owner, { guard: 'off' })
    expect(await raidOf()).toBeUndefined()
    await call('PATCH', `/r/${room}/settings`, owner, { guard: 'on' })
    challengeOf(await say(ben))
    expect(codeOf(await say({ ...ben, ...proof }))).toEqual([403, 'bad-proof'])
  })

  it('takes no cheaper work than was asked for, and one answer to a challenge', async () => {
    await call('PATCH', `/r/${room}/settings`, owner, { guard: 'on' })
    const ben = stranger(500)
    const challenge = challengeOf(await say(ben))
    const cheap = structuredClone(challenge)
    cheap.parameters.cost = 1
    expect(codeOf(await say({ ...ben, ...(await prove(cheap)) }))).toEqual([403, 'bad-proof'])
    const guess = { challenge, solution: { counter: 0, derivedKey: '00'.repeat(32) } }
    const guessed = { 'proof-of-work': btoa(JSON.stringify(guess)) }
    expect(codeOf(await say({ ...ben, ...guessed }))).toEqual([403, 'bad-proof'])
    expect(codeOf(await say({ ...ben, ...(await prove(challenge)) }))).toEqual([403, 'bad-proof'])
    const next = await prove(challengeOf(await say(ben)))
    expect((await say({ ...ben, ...next })).status).toBe(201)
  })

  it('counts a proof once where it comes several times at once, and forgets none for forged ones', async () => {
    const key = 'a'.repeat(26)
    const proofs = new Proofs(() => Date.now())
    const whose = { room, person: key }
    const challenge = await proofs.challenge(whose, 0)
    const { 'proof-of-work': proof } = await prove(challenge)
    const all = await Promise.all(Array.from({ length: 4 }, () => proofs.isGood(proof, whose)))
    expect(all.filter(Boolean)).toHaveLength(1)
    for (let i = 0; i < 20_001; i += 1) {
      const forged = { challenge: { ...challenge, signature: `${i}` }, solution: { counter: 0 } }
      expect(await proofs.isGood(btoa(JSON.stringify(forged)), whose)).toBe(false)
    }
    expect(await proofs.isGood(proof, whose)).toBe(false)
  })

  it('takes no proof of another room, or of another server', async () => {
    const other = String((await call('POST', '/rooms', owner, {})).json()['room'])
    for (const where of [room, other])
      await call('PATCH', `/r/${where}/settings`, owner, { guard: 'on' })
    const ben = stranger(1)
    const challenge = challengeOf(await say(ben))
    const proof = await prove(challenge)
    expect(codeOf(await say({ ...ben, ...proof }, other))).toEqual([403, 'bad-proof'])
    expect((await say({ ...ben, ...proof })).status).toBe(201)
    await server.close()
    server = await open('--trust-proxy', '127.0.0.1/32')
    url = server.url
    room = String((await call('POST', '/rooms', owner, { room })).json()['room'])
    await call('PATCH', `/r/${room}/settings`, owner, { guard: 'on' })
    expect(codeOf(await say({ ...ben, ...proof }))).toEqual([403, 'bad-proof'])
  })

  it('is over after calm, and says so', async () => {
    const watcher = await listen(ann)
    vi.advanceTimersByTime(3 * minute)
    await crowd(60)
    vi.advanceTimersByTime(4 * minute)
    expect(await raidOf()).toBeDefined()
    vi.advanceTimersByTime(2 * minute)
    await watcher.until(() => watcher.told('raid').length === 2)
    expect(watcher.told('raid')[1]).toEqual({ room, since: null, until: null })
    expect(await raidOf()).toBeUndefined()
    expect((await say(stranger(500))).status).toBe(201)
    await vi.waitFor(async () =>
      expect((await actsOf())[0]).toMatchObject({
        what: 'raid',
        done: false,
        from: { person: '' },
      }),
    )
  })

  it('goes on for as long as it is not calm', async () => {
    await crowd(60)
    for (let i = 0; i < 4; i++) {
      vi.advanceTimersByTime(2 * minute)
      expect(await crowd(120, 100 + i * 120)).toBeLessThan(120)
    }
    expect(await raidOf()).toBeDefined()
  })
})

describe('PoW as cure-all: what is no raid', () => {
  it('300 who listen: each is heard, and who was there speaks on', async () => {
    await say(ann)
    vi.advanceTimersByTime(3 * minute)
    for (let i = 0; i < 300; i++) await listen(stranger(i))
    expect(open_.every(({ status, isOver }) => status === 200 && !isOver)).toBe(true)
    expect((await say(ann)).status).toBe(201)
    for (const stream of open_) await stream.texts(1)
  })

  it('five who type fast into the tutorial’s page, behind one address', async () => {
    const type = (): Promise<Answer> => ask(url, '/chat?message=typed%20fast')
    for (let second = 0; second < 60; second++) {
      for (const answer of await Promise.all(Array.from({ length: 10 }, type)))
        expect(answer.status).toBe(201)
      vi.advanceTimersByTime(1000)
    }
  })

  it('twenty friends who find each other in a new room, and talk', async () => {
    for (let word = 0; word < 7; word++) expect(await crowd(20, 0, 'friends')).toBe(20)
  })

  it('a room whose host wants none, and who came by a link', async () => {
    await call('PATCH', `/r/${room}/settings`, owner, { guard: 'off' })
    expect(await crowd(60)).toBe(60)
    await call('PATCH', `/r/${room}/settings`, owner, { guard: 'on' })
    const { secret } = (await call('POST', `/r/${room}/links`, owner, { role: 'speak' })).json()
    const guest = stranger(700)
    expect(codeOf(await say(guest))).toEqual([429, 'newcomers-wait'])
    expect((await call('POST', `/r/${room}/join`, guest, { secret })).status).toBe(200)
    expect((await say(guest)).status).toBe(201)
  })
})

it('newcomers are held for review where the host would rather read them', async () => {
  await say(ann)
  vi.advanceTimersByTime(3 * minute)
  await call('PATCH', `/r/${room}/settings`, owner, { guard: 'review' })
  await crowd(60)
  vi.advanceTimersByTime(10_000)
  expect((await say(stranger(500))).status).toBe(202)
  expect((await say(ann)).status).toBe(201)
})

it('100,000 made-up people in a raid make nobody forgotten, and cost a bounded memory', () => {
  let now = 0
  const raids = new Raids({
    clock: () => now,
    monotonic: () => now,
    isAutomatic: true,
    hereSince: () => undefined,
    tell: () => {},
  })
  expect(raids.say('room', 'ann', 'auto', true)).toBeNull()
  now += 3 * minute
  let heard = 0
  for (let i = 0; i < 100_000; i++) {
    if (raids.say('room', `forged-${i}`, 'auto', true) === null) heard++
    raids.arrived('room', `listening-${i}`, 'auto', false)
  }
  expect(heard).toBeLessThan(50)
  expect(raids.isNewcomer('room', 'forged-0')).toBe(true)
  expect(raids.say('room', 'ann', 'auto', true)).toBeNull()
  raids.close()
})

it('a crowd that comes back after a start is no raid', () => {
  let now = 0
  const raids = new Raids({
    clock: () => now,
    monotonic: () => now,
    isAutomatic: true,
    hereSince: () => undefined,
    tell: () => {},
  })
  for (let i = 0; i < 1000; i++) raids.arrived('room', `regular-${i}`, 'auto', true)
  expect(raids.of('room', 'auto')).toBeUndefined()
  for (let i = 0; i < 300; i++) raids.arrived('room', `new-${i}`, 'auto', false)
  expect(raids.of('room', 'auto')).toMatchObject({ since: 0 })
  expect(raids.say('room', 'regular-7', 'auto', true)).toBeNull()
  expect(raids.say('room', 'new-7', 'auto', true)).toMatchObject({ canProve: true })
  // Later on a cursor proves nothing: whoever listened has one.
  now += 20 * minute
  for (let i = 0; i < 300; i++) raids.arrived('other', `new-${i}`, 'auto', true)
  expect(raids.of('other', 'auto')).toBeDefined()
  raids.close()
})
