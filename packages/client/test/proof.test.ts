import type { Message } from '@hearsay/protocol'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { changeSettings, makeRoom } from '../src/hosting.ts'
import { newSecret } from '../src/identity.ts'
import { Outbox } from '../src/outbox.ts'
import { TestClock } from './clock.ts'
import { Fixture } from './fixture.ts'
import { RealServer } from './server.ts'
import { until } from './until.ts'

let server: RealServer
let room: string
const opened: Outbox[] = []
beforeAll(async () => {
  server = await RealServer.start('--memory')
  const host = { base: server.url, secret: newSecret() }
  room = (await makeRoom(host)).room
  await changeSettings(host, room, { guard: 'on' })
})
afterEach(() => {
  for (const outbox of opened.splice(0)) outbox.close()
})
afterAll(() => server.stop())

/** Its clock stands still: nothing is said because time has passed. */
function open(
  base: string,
  where: string,
  said: Message[],
  phases: Set<unknown> = new Set(),
): [Outbox, TestClock] {
  const clock = new TestClock()
  const outbox: Outbox = new Outbox({
    server: { base, secret: newSecret() },
    room: where,
    onChange: () => phases.add(outbox?.pending[0]?.state.phase),
    onSaid: (message) => said.push(message),
    clock,
  })
  opened.push(outbox)
  return [outbox, clock]
}

test('a newcomer in a room that guards itself works instead of waiting, once for all he says', async () => {
  const said: Message[] = []
  const phases = new Set<unknown>()
  const [outbox] = open(server.url, room, said, phases)
  for (const text of ['may I?', 'thank you', 'bye']) await outbox.add(text)
  await until('all is said', () => said.length === 3)
  expect(said.map(({ text }) => text)).toEqual(['may I?', 'thank you', 'bye'])
  expect(outbox.pending).toEqual([])
  expect(phases).toContain('held')
})

test('what can not be worked off waits its time', async () => {
  const fixture = await new Fixture().listen()
  let refusals = 0
  fixture.intercept = ({ method, headers }, response) => {
    if (method !== 'POST' || refusals > 0) return false
    refusals++
    expect(headers['proof-of-work']).toBeUndefined()
    response.writeHead(429, { 'content-type': 'application/problem+json', 'retry-after': '30' })
    const challenge = { parameters: { algorithm: 'none', keyPrefix: 'zz' }, signature: '' }
    response.end(JSON.stringify({ code: 'newcomers-wait', status: 429, retryAfter: 30, challenge }))
    return true
  }
  const said: Message[] = []
  const [outbox, clock] = open(fixture.url, 'lobby', said)
  await outbox.add('hello')
  await until('it is held', () => outbox.pending[0]?.state.phase === 'held')
  clock.pass(30_000)
  await until('it is said', () => said.length === 1)
  await fixture.stop()
})

test('a proof that is not taken is no end: the next try asks anew', async () => {
  const fixture = await new Fixture().listen()
  const proofs: unknown[] = []
  fixture.intercept = ({ method, headers }, response) => {
    if (method !== 'POST' || proofs.length === 2) return false
    proofs.push(headers['proof-of-work'])
    const code = proofs.length === 1 ? 'bad-proof' : 'slow-down'
    const status = proofs.length === 1 ? 403 : 429
    response.writeHead(status, { 'content-type': 'application/problem+json', 'retry-after': '1' })
    response.end(JSON.stringify({ code, status, title: code }))
    return true
  }
  const said: Message[] = []
  const [outbox, clock] = open(fixture.url, 'lobby', said)
  await outbox.add('hello')
  await until('it is held', () => outbox.pending[0]?.state.phase === 'held')
  clock.pass(1000)
  await until('it is said', () => said.length === 1)
  await fixture.stop()
})
