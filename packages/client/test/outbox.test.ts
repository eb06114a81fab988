import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Message } from '@hearsay/protocol'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import { Outbox } from '../src/outbox.ts'
import type { Kept, Store } from '../src/store.ts'
import { TestClock } from './clock.ts'
import { Fixture, problem } from './fixture.ts'
import { until } from './until.ts'

let server: Fixture
let clock: TestClock
let said: Message[]
const opened: Outbox[] = []

beforeEach(async () => {
  server = await new Fixture().listen()
  clock = new TestClock()
  said = []
})

afterEach(async () => {
  for (const outbox of opened.splice(0)) outbox.close()
  await server.stop()
})

function open(store?: Store): Outbox {
  const outbox = new Outbox({
    server: { base: server.url, secret: 'x'.repeat(43) },
    room: 'lobby',
    onChange: () => {},
    onSaid: (message) => said.push(message),
    clock,
    store: store && (async () => store),
  })
  opened.push(outbox)
  return outbox
}

/** A store that outlives an outbox. */
function shelf(): { rows: Map<number, Kept>; store: Store } {
  const rows = new Map<number, Kept>()
  const put = async (message: Kept): Promise<number> => {
    const n = message.n ?? rows.size + 1
    rows.set(n, { ...message, n })
    return n
  }
  const store = {
    all: async () => [...rows.values()],
    put,
    remove: async (n: number) => rows.delete(n),
  }
  return { rows, store }
}

const phases = (outbox: Outbox): string[] => outbox.pending.map(({ state }) => state.phase)
const isEmpty = (outbox: Outbox): Promise<void> =>
  until('it is empty', () => outbox.pending.length === 0)

/** Answers the next posts by this instead. */
function answerPosts(
  answer: (count: number) => [status: number, retryAfter?: string] | 'cut',
): void {
  let count = 0
  server.intercept = ({ method }, response) => {
    if (method !== 'POST') return false
    const answered = answer(++count)
    if (answered === 'cut') response.destroy()
    else if (answered[0] < 300) return false
    else {
      const [status, retryAfter] = answered
      problem(
        response,
        status,
        'told',
        retryAfter === undefined ? {} : { 'retry-after': retryAfter },
      )
    }
    return true
  }
}

test('a message is pending at once, and said in the order of writing', async () => {
  const outbox = open()
  const added = ['a', 'b', 'c'].map((text) => outbox.add(text))
  expect(outbox.pending.map(({ text }) => text)).toEqual(['a', 'b', 'c'])
  expect(phases(outbox)).toEqual(['waiting', 'waiting', 'waiting'])
  const keys = await Promise.all(added)
  expect(new Set(keys).size).toBe(3)
  await isEmpty(outbox)
  expect(server.texts('lobby')).toEqual(['a', 'b', 'c'])
  expect(said.map(({ key }) => key)).toEqual(keys)
})

test('the reply and the name go along', async () => {
  const bodies: string[] = []
  const told = open()
  server.intercept = ({ headers }) => {
    bodies.push(`${headers.authorization?.slice(0, 9)} ${headers['content-type']}`)
    return false
  }
  await told.add('a', { replyTo: 'e1-7', name: 'Ana' })
  expect(told.pending[0]).toMatchObject({ text: 'a', replyTo: 'e1-7', name: 'Ana', room: 'lobby' })
  await isEmpty(told)
  expect(bodies).toEqual(['Bearer xx application/json'])
})

test('without a store it says that nothing is kept', async () => {
  const outbox = open()
  await outbox.add('a')
  expect(outbox.durable).toBe(false)
})

test('what was said is forgotten where nothing is kept: a program may speak for years', async () => {
  const keys: string[] = []
  server.intercept = ({ headers }) => {
    keys.push(String(headers['idempotency-key']))
    return false
  }
  const secret = 's'.repeat(43)
  const script = `
    import { getHeapSnapshot } from 'node:v8'
    import { Outbox } from '${new URL('../src/outbox.ts', import.meta.url).href}'
    const server = { base: '${server.url}', secret: '${secret}' }
    let onSaid
    const isSaid = new Promise((resolve) => {
      let left = 20
      onSaid = () => --left === 0 && resolve()
    })
    globalThis.outbox = new Outbox({ server, room: 'lobby', onChange() {}, onSaid })
    for (let i = 0; i < 20; i++) void outbox.add('a')
    await isSaid
    getHeapSnapshot().pipe(process.stdout)`
  const args = ['--input-type=module', '--eval', script]
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: Infinity })
  expect(stdout).toContain(secret)
  expect(keys).toHaveLength(20)
  // The last of them may still be about.
  expect(keys.slice(0, 10).filter((key) => stdout.includes(key))).toEqual([])
})

describe('what does not get through', () => {
  test('is tried again, with longer and longer pauses, under the same key', async () => {
    answerPosts((count) => (count < 5 ? 'cut' : [201]))
    clock.drawn = 0.999
    const outbox = open()
    await outbox.add('a')
    const waited: number[] = []
    for (let i = 0; i < 4; i++) {
      await until('it waits', () => phases(outbox)[0] === 'waiting')
      await until('it has a timer', () => clock.next !== undefined && clock.next < 15_000)
      waited.push(Math.round((clock.next as number) / 100) / 10)
      clock.pass(clock.next as number)
    }
    await isEmpty(outbox)
    expect(waited).toEqual([0.5, 1, 2, 5])
    expect(server.texts('lobby')).toEqual(['a'])
  })

  test('what is sent as soon as the store is open, and fails, waits all of its pause', async () => {
    // The first connection of a process takes longest.
    await open().add('before')
    await until('it was said', () => said.length === 1)
    let asked = 0
    answerPosts((count) => {
      asked = count
      return 'cut'
    })
    const outbox = open()
    const added = outbox.add('a')
    // Set after the outbox has set its own, of 24 ms: it comes after that.
    const later = new Promise((resolve) => setTimeout(resolve, 30))
    await added
    await until('it has failed', () => clock.next === 250)
    await later
    await new Promise(setImmediate)
    expect(asked).toBe(1)
    expect(clock.next).toBe(250)
  })

  test('an answer that is lost does not make it two messages', async () => {
    server.intercept = ({ method, headers }, response) => {
      if (method !== 'POST' || server.posts > 0) return false
      server.posts++
      server.say('lobby', 'a', String(headers['idempotency-key']))
      response.destroy()
      return true
    }
    const outbox = open()
    const key = await outbox.add('a')
    await until('it was said', () => server.log.length === 1)
    // The echo comes over the stream.
    outbox.settle(key)
    expect(outbox.pending).toEqual([])
    await until('there is nothing to do', () => phases(outbox).length === 0)
    expect(server.texts('lobby')).toEqual(['a'])
  })

  test('what is answered by anything but the message is tried again: it was answered on the way', async () => {
    const answers = ['', '{}', 'null', '[]', '{"id":"e1-1","room":"another"}']
    const keys = new Set<unknown>()
    server.intercept = ({ method, headers }, response) => {
      keys.add(headers['idempotency-key'])
      const body = answers.shift()
      if (method !== 'POST' || body === undefined) return false
      response.writeHead(body ? 200 : 204, { 'content-type': 'application/json' }).end(body)
      return true
    }
    const outbox = open()
    const key = await outbox.add('a')
    await until('it is said', () => said.length > 0 || (outbox.poke(), false))
    expect(said.map(({ text }) => text)).toEqual(['a'])
    expect(answers).toEqual([])
    expect([...keys]).toEqual([key])
    expect(outbox.pending).toEqual([])
  })

  test('a server that does not answer at all is given up after 15 s', async () => {
    let asked = 0
    server.intercept = ({ method }) => method === 'POST' && ++asked > 0
    const outbox = open()
    await outbox.add('a')
    await until('it is on its way', () => asked === 1)
    expect(phases(outbox)).toEqual(['sending'])
    server.intercept = () => false
    clock.pass(15_000)
    await until('it waits', () => phases(outbox)[0] === 'waiting')
    outbox.poke()
    await isEmpty(outbox)
  })

  test('is tried again in ten minutes, however long the server asks to wait', async () => {
    answerPosts((count) => (count === 1 ? [503, '3000000'] : [201]))
    const outbox = open()
    await outbox.add('a')
    await until('it waits', () => clock.next === 600_000)
    expect(phases(outbox)).toEqual(['waiting'])
    clock.pass(600_000)
    await isEmpty(outbox)
  })

  test('can be given up, and what is written then goes at once, without its problem', async () => {
    answerPosts((count) => (count === 1 ? [503, '300'] : [201]))
    const outbox = open()
    const key = await outbox.add('a')
    await until('it has failed', () => clock.next === 300_000)
    const added = outbox.add('b')
    await outbox.discard(key)
    expect(outbox.pending.map(({ text, state }) => [text, 'problem' in state])).toEqual([
      ['b', false],
    ])
    await added
    await isEmpty(outbox)
    expect(server.texts('lobby')).toEqual(['b'])
  })

  test('what is behind it can be given up, and it waits on', async () => {
    answerPosts(() => [503, '300'])
    const outbox = open()
    await outbox.add('a')
    await until('it has failed', () => clock.next === 300_000)
    await outbox.discard(await outbox.add('b'))
    expect(clock.next).toBe(300_000)
    expect(outbox.pending[0]?.state).toMatchObject({ problem: { status: 503 } })
  })

  test('poke cuts a pause short', async () => {
    answerPosts((count) => (count === 1 ? [503] : [201]))
    const outbox = open()
    await outbox.add('a')
    await until('it waits', () => phases(outbox)[0] === 'waiting' && clock.next !== undefined)
    await until('it has been tried', () => said.length > 0 || (outbox.poke(), false))
    await isEmpty(outbox)
  })
})

test('what the server answered is told while it waits, and forgotten when it is said', async () => {
  answerPosts((count) => (count === 1 ? [507] : [201]))
  const outbox = open()
  await outbox.add('a')
  await outbox.add('b')
  const problems = (): unknown[] =>
    outbox.pending.map(({ state }) => ('problem' in state ? state.problem?.status : undefined))
  await until('it waits and says why', () => problems().join() === '507,507')
  expect(phases(outbox)).toEqual(['waiting', 'waiting'])
  await until('both are said', () => outbox.pending.length === 0 || (outbox.poke(), false))
  expect(server.texts('lobby')).toEqual(['a', 'b'])
})

describe('review', () => {
  /** What waits for the host, by its key; then what became of it. */
  const hold = (became: (key: string) => 'held' | 'said' | 'refused'): string[] => {
    const calls: string[] = []
    server.intercept = ({ method, url, headers }, response) => {
      const key = String(headers['idempotency-key'])
      calls.push(`${method} ${url?.replace('/r/lobby', '')}`)
      if (method === 'DELETE') response.writeHead(204).end()
      else {
        const now = became(key)
        if (now === 'said') return false
        const body = { id: 'e1-77', room: 'lobby', text: '', key }
        response.writeHead(now === 'held' ? 202 : 200, { 'content-type': 'application/json' })
        response.end(JSON.stringify({ ...body, [now === 'held' ? 'held' : 'deleted']: true }))
      }
      return true
    }
    return calls
  }

  test('what waits for the host stays, holds nothing up, and goes when it is heard', async () => {
    let first = ''
    hold((key) => (key === first || first === '' ? 'held' : 'said'))
    const outbox = open()
    const key = await outbox.add('may I?')
    first = key
    await until('it waits', () => phases(outbox).join() === 'review')
    await outbox.add('meanwhile')
    await until('the next is said', () => said.length === 1)
    expect(said.map(({ text }) => text)).toEqual(['meanwhile'])
    expect(phases(outbox)).toEqual(['review'])
    outbox.settle(key)
    await isEmpty(outbox)
  })

  test('after a minute it is asked what became of it: let through it is said, refused it says so', async () => {
    let became: 'held' | 'said' | 'refused' = 'held'
    const calls = hold(() => became)
    const outbox = open()
    await outbox.add('may I?')
    await until('it waits', () => phases(outbox).join() === 'review')
    outbox.poke()
    expect(calls).toHaveLength(1)
    became = 'refused'
    clock.pass(60_000)
    await until('it was refused', () => phases(outbox).join() === 'failed')
    const [refused] = outbox.pending
    expect(refused?.state).toMatchObject({ problem: { code: 'not-let-through' } })
    await outbox.retry(refused?.key ?? '')
    expect(phases(outbox)).toEqual(['failed'])
    await outbox.discard(refused?.key ?? '')
    became = 'held'
    await outbox.add('and this?')
    await until('it waits', () => phases(outbox).join() === 'review')
    became = 'said'
    clock.pass(60_000)
    await isEmpty(outbox)
    expect(said.map(({ text }) => text)).toEqual(['and this?'])
  })

  test('what is refused while it waits can be tried again', async () => {
    let isMuted = false
    let became: 'held' | 'said' = 'held'
    hold(() => became)
    const held = server.intercept
    server.intercept = (request, response, body) => {
      if (!isMuted) return held?.(request, response, body) ?? false
      problem(response, 403, 'muted')
      return true
    }
    const outbox = open()
    const key = await outbox.add('may I?')
    await until('it waits', () => phases(outbox).join() === 'review')
    isMuted = true
    clock.pass(60_000)
    await until('it was refused', () => phases(outbox).join() === 'failed')
    isMuted = false
    became = 'said'
    await outbox.retry(key)
    await isEmpty(outbox)
    expect(said.map(({ text }) => text)).toEqual(['may I?'])
  })

  test('where the question does not get through, it is asked again', async () => {
    let isCut = false
    let became: 'held' | 'said' = 'held'
    const calls = hold(() => became)
    const held = server.intercept
    server.intercept = (request, response, body) => {
      if (!isCut) return held?.(request, response, body) ?? false
      isCut = false
      calls.push('cut')
      response.destroy()
      return true
    }
    const outbox = open()
    await outbox.add('may I?')
    await until('it waits', () => phases(outbox).join() === 'review')
    isCut = true
    became = 'said'
    clock.pass(60_000)
    await until('it was asked', () => calls.includes('cut'))
    await until('it is said', () => said.length === 1 || (outbox.poke(), false))
  })

  test('to give it up takes it back from the server', async () => {
    const calls = hold(() => 'held')
    const outbox = open()
    const key = await outbox.add('may I?')
    await until('it waits', () => phases(outbox).join() === 'review')
    await outbox.discard(key)
    expect(calls).toEqual(['POST ', 'DELETE /held/e1-77'])
    expect(outbox.pending).toEqual([])
  })
})

describe('429', () => {
  test('holds it for as long as the server asks; what is behind it stays behind', async () => {
    answerPosts((count) => (count === 1 ? [429, '7'] : [201]))
    const outbox = open()
    await outbox.add('a')
    await outbox.add('b')
    await until('it is held', () => phases(outbox)[0] === 'held')
    expect(outbox.pending.map(({ state }) => state)).toEqual([
      { phase: 'held', until: clock.now() + 7000 },
      { phase: 'waiting' },
    ])
    // That the server can be reached is no reason to hurry.
    outbox.poke()
    clock.pass(6999)
    expect(phases(outbox)).toEqual(['held', 'waiting'])
    clock.pass(1)
    await isEmpty(outbox)
    expect(server.texts('lobby')).toEqual(['a', 'b'])
  })

  test('without a time is a second', async () => {
    answerPosts((count) => (count === 1 ? [429] : [201]))
    const outbox = open()
    await outbox.add('a')
    await until('it is held', () => phases(outbox)[0] === 'held')
    expect(outbox.pending[0]?.state).toEqual({ phase: 'held', until: clock.now() + 1000 })
  })

  test('for longer than a timer lasts, or than anyone waits, is a day, waited for in pieces', async () => {
    answerPosts((count) => (count === 1 ? [429, '3000000'] : [201]))
    const outbox = open()
    await outbox.add('a')
    await until('it is held', () => phases(outbox)[0] === 'held' && clock.next === 600_000)
    expect(outbox.pending[0]?.state).toEqual({ phase: 'held', until: clock.now() + 86_400_000 })
    for (let passed = 0; passed < 144; passed++) {
      await until('it waits', () => phases(outbox)[0] === 'held' && clock.next === 600_000)
      expect(server.posts).toBe(0)
      clock.pass(600_000)
    }
    await isEmpty(outbox)
  })

  test('is as long for a page with another time, as the machine had before its clock was set right', async () => {
    answerPosts((count) => (count === 1 ? [429, '20'] : [201]))
    const { rows, store } = shelf()
    clock.jump(3_600_000)
    const first = open(store)
    await first.add('a')
    await until('it is kept so', () => rows.get(1)?.until !== undefined)
    first.close()
    clock = new TestClock()
    const second = open(store)
    await until('it is held', () => phases(second)[0] === 'held')
    const end = clock.now() + 20_000
    expect(second.pending[0]?.state).toEqual({ phase: 'held', until: end })
    // What the other wrote falls to this one, which looks once more, and does not wait once more.
    clock.pass(1000)
    await new Promise((resolve) => setTimeout(resolve))
    expect(second.pending[0]?.state).toEqual({ phase: 'held', until: end })
    clock.pass(19_000)
    await isEmpty(second)
    expect(server.texts('lobby')).toEqual(['a'])
  })

  test('what is held can be given up, and the next goes', async () => {
    answerPosts((count) => (count === 1 ? [429, '3600'] : [201]))
    const outbox = open()
    const key = await outbox.add('a')
    await outbox.add('b')
    await until('it is held', () => phases(outbox)[0] === 'held')
    await outbox.discard(key)
    outbox.poke()
    await isEmpty(outbox)
    expect(server.texts('lobby')).toEqual(['b'])
  })
})

describe('a refusal', () => {
  it.each([400, 401, 403, 404, 413])('%s stays with its reason; the next goes', async (status) => {
    answerPosts((count) => (count === 1 ? [status] : [201]))
    const outbox = open()
    await outbox.add('a')
    await outbox.add('b')
    await until('b was said', () => said.length === 1)
    expect(outbox.pending.map(({ text, state }) => [text, state])).toEqual([
      [
        'a',
        {
          phase: 'failed',
          problem: { type: 'about:blank', title: 'It is told.', status, code: 'told' },
        },
      ],
    ])
    expect(server.texts('lobby')).toEqual(['b'])
  })

  test('can be tried again, or given up', async () => {
    answerPosts((count) => (count < 3 ? [403] : [201]))
    const outbox = open()
    const [a, b] = [await outbox.add('a'), await outbox.add('b')]
    await until('both failed', () => phases(outbox).join() === 'failed,failed')
    await outbox.retry(a)
    await outbox.discard(b)
    await isEmpty(outbox)
    expect(server.texts('lobby')).toEqual(['a'])
    expect(said[0]?.key).toBe(a)
  })
})

test('whatever the server does, what is not refused is said once and in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('ok', 'cut', 'lost', '429', '503', '400'), { maxLength: 30 }),
      fc.integer({ min: 1, max: 8 }),
      async (acts, count) => {
        server = await new Fixture().listen()
        said = []
        clock = new TestClock()
        clock.drawn = 0
        const refused = new Set<string>()
        let at = 0
        server.intercept = ({ method, headers }, response) => {
          const act = acts[at++] ?? 'ok'
          if (method !== 'POST' || act === 'ok') return false
          const key = String(headers['idempotency-key'])
          if (act === '400') {
            // A key that was said before is answered, whatever else is wrong.
            if (server.log.some((message) => message.key === key)) return false
            refused.add(key)
          }
          if (act === 'lost') server.sayOnce('lobby', key)
          if (act === 'cut' || act === 'lost') response.destroy()
          else problem(response, Number(act), 'told', act === '429' ? { 'retry-after': '1' } : {})
          return true
        }
        const outbox = open()
        const keys = await Promise.all(Array.from({ length: count }, (_, i) => outbox.add(`${i}`)))
        await until('all is done', () => {
          clock.pass(1)
          if (phases(outbox)[0] === 'held' || outbox.pending.some(isHeld)) clock.pass(1000)
          return phases(outbox).every((phase) => phase === 'failed')
        })
        expect(server.log.map(({ key }) => key)).toEqual(keys.filter((key) => !refused.has(key)))
        outbox.close()
        await server.stop()
      },
    ),
    { numRuns: 60 },
  )
}, 60_000)

const isHeld = ({ state }: { readonly state: { readonly phase: string } }): boolean =>
  state.phase === 'held'
