import type { Message, Problem } from '@hearsay/protocol'
import { createChallenge } from 'altcha-lib'
import { deriveKey } from 'altcha-lib/algorithms/web/pbkdf2'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
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

describe('a proof that is not taken', () => {
  let fixture: Fixture
  let answers: object[]
  let proofs: unknown[]
  beforeEach(async () => {
    fixture = await new Fixture().listen()
    proofs = []
    fixture.intercept = ({ method, headers }, response) => {
      const answer = answers[proofs.length] as Problem | undefined
      if (method !== 'POST' || !answer) return false
      proofs.push(headers['proof-of-work'])
      response.writeHead(answer.status, { 'content-type': 'application/problem+json' })
      response.end(JSON.stringify(answer))
      return true
    }
  })
  afterEach(() => fixture.stop())

  test('is no end: the next try asks anew', async () => {
    const challenge = await createChallenge({
      algorithm: 'PBKDF2/SHA-256',
      cost: 1,
      deriveKey,
      hmacSignatureSecret: 'of the server alone',
    })
    answers = [
      { code: 'newcomers-wait', status: 429, retryAfter: 30, challenge },
      { code: 'bad-proof', status: 403 },
    ]
    const said: Message[] = []
    const [outbox] = open(fixture.url, 'lobby', said)
    await outbox.add('hello')
    await until('it is said', () => said.length === 1)
    expect(proofs).toEqual([undefined, expect.any(String)])
  })

  test('where none was sent, as by a broken server, ends the tries: not one after the other without a pause', async () => {
    answers = Array.from({ length: 9 }, () => ({ code: 'bad-proof', status: 403 }))
    const said: Message[] = []
    const [outbox] = open(fixture.url, 'lobby', said)
    await outbox.add('hello')
    await until('it failed', () => outbox.pending[0]?.state.phase === 'failed')
    expect(proofs).toEqual([undefined])
    expect(outbox.pending[0]?.text).toBe('hello')
  })
})
