import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { joinRoom, type Room, type RoomOptions } from '../src/chat.ts'
import { newSecret } from '../src/identity.ts'
import { TestClock } from './clock.ts'
import { block, Fixture, problem } from './fixture.ts'
import { until } from './until.ts'

let server: Fixture
const joined: Room[] = []

beforeEach(async () => {
  server = await new Fixture().listen()
})

afterEach(async () => {
  for (const room of joined.splice(0)) room.leave()
  await server.stop()
})

function join(options: RoomOptions = {}): Room {
  const room = joinRoom('lobby', { base: server.url, secret: newSecret(), ...options })
  joined.push(room)
  return room
}

const texts = ({ snapshot }: Room): string[] => snapshot.messages.map(({ text }) => text)
const sayMany = (from: number, to: number): void => {
  for (let i = from; i <= to; i++) server.say('lobby', `${i}`)
}
const range = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => `${from + i}`)
const refuseStreams = (): void => {
  server.intercept = ({ headers }, response) => {
    if (headers.accept !== 'text/event-stream') return false
    response.writeHead(503).end()
    return true
  }
}
const isLive = (room: Room): Promise<void> =>
  until('it is live, and nothing more is asked for', () => {
    const { loaded, connection, older, newer } = room.snapshot
    return loaded && connection.phase === 'live' && older !== 'loading' && newer !== 'loading'
  })

test('a room is joined, heard and spoken in', async () => {
  sayMany(1, 3)
  const room = join()
  await isLive(room)
  expect(texts(room)).toEqual(['1', '2', '3'])
  expect(room.snapshot).toMatchObject({ older: 'end', newer: 'end', pending: [], me: null })
  const key = await room.say('4')
  await until('it is said', () => room.snapshot.pending.length === 0)
  expect(texts(room)).toEqual(['1', '2', '3', '4'])
  expect(room.snapshot.messages.at(-1)?.key).toBe(key)
  expect(room.snapshot.me).toMatchObject({ person: 'p1', name: 'quiet otter' })
})

test('what was written is there from the first turn, and never twice nor gone in between', async () => {
  const room = join()
  await isLive(room)
  const seen: string[][] = []
  const note = (): void => {
    const { messages, pending } = room.snapshot
    seen.push([...messages.map(({ text }) => text), ...pending.map(({ text }) => text)])
  }
  room.subscribe(note)
  const said = room.say('a')
  note()
  await said
  await room.say('b')
  await until('all is said', () => server.log.length === 2 && room.snapshot.pending.length === 0)
  expect(new Set(seen.map((shown) => shown.join()))).toEqual(new Set(['a', 'a,b']))
})

test('what a page shows as said is not pending, though no answer came and no stream told of it', async () => {
  let isOpen = false
  server.intercept = ({ method, headers }, response) => {
    const key = headers['idempotency-key']
    // It is stored, and the answer is lost.
    if (method === 'POST') server.sayOnce('lobby', String(key), 'a')
    else if (isOpen || headers.accept !== 'text/event-stream') return false
    response.destroy()
    return true
  }
  const clock = new TestClock()
  const room = join({ clock })
  await room.say('a')
  await until('its answer is lost', () => server.log.length === 1)
  expect(room.snapshot.pending).toHaveLength(1)
  isOpen = true
  room.reconnect()
  await until('the page is there', () => room.snapshot.messages.length > 0)
  expect([texts(room), room.snapshot.pending]).toEqual([['a'], []])
})

test('listeners are called once a turn, and not after they left', async () => {
  const room = join()
  await isLive(room)
  const calls: number[] = []
  const stop = room.subscribe(({ pending }) => calls.push(pending.length))
  const said = Promise.all([room.say('a'), room.say('b'), room.say('c')])
  expect(calls).toEqual([])
  await Promise.resolve()
  expect(calls).toEqual([3])
  stop()
  await said
  await until('all came', () => texts(room).length === 3)
  expect(calls).toEqual([3])
})

test('what a listener throws is told as any error, and the others are called', async () => {
  const handlers = process.listeners('uncaughtException')
  const thrown: Error[] = []
  process.removeAllListeners('uncaughtException')
  process.on('uncaughtException', (error) => thrown.push(error))
  try {
    const room = join()
    let calls = 0
    room.subscribe(() => {
      throw new Error('of the first')
    })
    room.subscribe(() => calls++)
    await until('it is told', () => thrown.length > 0)
    expect(thrown[0]?.message).toBe('of the first')
    expect(calls).toBeGreaterThan(0)
    room.leave()
  } finally {
    process.removeAllListeners('uncaughtException')
    for (const handler of handlers) process.on('uncaughtException', handler)
  }
})

test('who one is and what holds in the room, once not told, is asked again with the next stream', async () => {
  const odd = ['{}', '503']
  server.intercept = ({ url }, response) => {
    const answer = url?.endsWith('/settings') ? odd.shift() : undefined
    if (answer === '503') response.writeHead(503).end()
    else if (answer) response.writeHead(200, { 'content-type': 'application/json' }).end(answer)
    return answer !== undefined
  }
  const clock = new TestClock()
  const room = join({ clock })
  await isLive(room)
  await until('it is known', () => {
    if (room.snapshot.connection.phase === 'live') server.cutStreams()
    clock.pass(500)
    return room.snapshot.role !== null
  })
  expect(odd).toEqual([])
  expect(room.snapshot).toMatchObject({ role: 'speak', me: { person: 'p1' } })
})

test('what was heard of the room is not undone by an answer from before it', async () => {
  const held = server.hold('/settings')
  const room = join()
  await until('it is asked for', () => held.length === 1)
  server.intercept = () => false
  const titles: unknown[] = []
  room.subscribe(({ settings }) => titles.push(settings.title))
  const data = { id: 'e1-1', prev: null, room: 'lobby', settings: { title: 'new' } }
  for (const { response } of server.streams) response.write(`id: e1-1\n${block('room', data)}`)
  await until('it is heard', () => titles.includes('new'))
  server.settings = { ...server.settings, title: 'newer' }
  held[0]?.()
  await until('it is asked for again', () => titles.includes('newer'))
  expect(titles).not.toContain('')
})

test('an event between the first page and the stream is not missed', async () => {
  let isFirst = true
  server.intercept = ({ url, headers }) => {
    // Said after the page was read, before the stream is there.
    if (headers.accept === 'text/event-stream' && isFirst) {
      isFirst = false
      server.say('lobby', 'between')
    }
    return url === ''
  }
  const room = join()
  await isLive(room)
  await until('it is there', () => texts(room).length === 1)
})

test('the page is there before the stream is', async () => {
  sayMany(1, 3)
  refuseStreams()
  const room = join()
  await until('it is loaded', () => room.snapshot.loaded)
  expect(texts(room)).toEqual(['1', '2', '3'])
  expect(room.snapshot.connection.phase).not.toBe('live')
})

describe('history', () => {
  test('goes back page by page to the start', async () => {
    sayMany(1, 120)
    const room = join()
    await isLive(room)
    expect(texts(room)).toEqual(range(71, 120))
    expect(room.snapshot.older).toBe('more')
    const older = room.older()
    expect(room.snapshot.older).toBe('loading')
    await Promise.all([older, room.older()])
    expect(texts(room)).toEqual(range(21, 120))
    await room.older()
    expect(texts(room)).toEqual(range(1, 120))
    expect(room.snapshot.older).toBe('end')
    const { messages } = room.snapshot
    await room.older()
    expect(room.snapshot.messages).toBe(messages)
  })

  test('keeps a bounded stretch, and comes forward again', async () => {
    sayMany(1, 300)
    const room = join({ keep: 100 })
    await isLive(room)
    await room.older()
    await room.older()
    expect(texts(room)).toEqual(range(151, 250))
    expect(room.snapshot.newer).toBe('more')
    server.say('lobby', '301')
    await until('it was heard', () => room.snapshot.unseen === 1)
    await room.newer()
    expect(texts(room)).toEqual(range(201, 300))
    expect(room.snapshot).toMatchObject({ newer: 'more', unseen: 1 })
    await room.newer()
    expect(texts(room)).toEqual(range(202, 301))
    expect(room.snapshot).toMatchObject({ newer: 'end', unseen: 0 })
    server.say('lobby', '302')
    await until('it came', () => texts(room).at(-1) === '302')
  })

  test('that was asked for before a full stretch moved on leaves no hole in it', async () => {
    sayMany(1, 300)
    const room = join({ keep: 100 })
    await isLive(room)
    await room.older()
    const held = server.hold('before=')
    const older = room.older()
    await until('it is asked for', () => held.length === 1)
    sayMany(301, 303)
    await until('it is heard', () => texts(room).at(-1) === '303')
    held[0]?.()
    await older
    expect(texts(room)).toEqual(range(204, 303))
    expect(room.snapshot.older).toBe('more')
  })

  test.each(['before=', 'after='])(
    'in both directions, "%s" last, leaves no hole',
    async (last) => {
      sayMany(1, 600)
      const room = join({ keep: 100, around: 'e1-300' })
      await isLive(room)
      await room.newer()
      const held = server.hold(last)
      const both = [room.older(), room.newer()]
      await Promise.race(both)
      await until('it is asked for', () => held.length === 1)
      held[0]?.()
      await Promise.all(both)
      expect(texts(room)).toEqual(last === 'after=' ? range(226, 325) : range(326, 425))
    },
  )

  test('opens around a message, and goes to the newest from there', async () => {
    sayMany(1, 200)
    const room = join({ around: 'e1-100' })
    await isLive(room)
    expect(texts(room)).toEqual(range(75, 125))
    expect(room.snapshot).toMatchObject({ older: 'more', newer: 'more' })
    // When the second is sent, the first was answered; whether that was before it was heard or after.
    for (const text of ['201', '202']) await room.say(text)
    await until('both were heard', () => room.snapshot.heard.length === 2)
    expect(room.snapshot.unseen).toBe(2)
    expect(texts(room)).toEqual(range(75, 125))
    await room.latest()
    expect(texts(room)).toEqual(range(153, 202))
    expect(await room.around('e1-7')).toBe(true)
    expect(texts(room)).toEqual(range(1, 32))
    expect(await room.around('e1-999')).toBe(false)
    expect(texts(room)).toEqual(range(1, 32))
  })

  test('around a message stays where it is when the stream opens after more of it has come', async () => {
    sayMany(1, 400)
    refuseStreams()
    const room = join({ around: 'e1-100' })
    await until('it is loaded', () => room.snapshot.loaded)
    await room.newer()
    await room.newer()
    await room.newer()
    expect(texts(room)).toEqual(range(75, 275))
    // Nobody has heard of this: it was after the pages and before the stream.
    server.log[79] = { ...server.log[79]!, text: '', deleted: true, deletedBy: 'author' }
    server.intercept = () => false
    room.reconnect()
    await isLive(room)
    await until('it is known', () => room.snapshot.messages[5]?.deleted === true)
    const isGone = (text: string): boolean => text === '80'
    expect(texts(room).slice(0, 201)).toEqual(
      range(75, 275).map((text) => (isGone(text) ? '' : text)),
    )
    expect(room.snapshot.older).toBe('more')
  })

  test('a reader who went up stays there when the stream opens after a page full was said', async () => {
    sayMany(1, 60)
    refuseStreams()
    const room = join()
    await until('it is loaded', () => room.snapshot.loaded)
    expect(texts(room)).toEqual(range(11, 60))
    room.atEnd = false
    sayMany(61, 400)
    server.intercept = () => false
    room.reconnect()
    await isLive(room)
    await until('it is known that there is more', () => texts(room).length > 50)
    expect(texts(room).slice(0, 50)).toEqual(range(11, 60))
    expect(room.snapshot.newer).toBe('more')
  })

  test('a reader who went up stays there when what he sees can not be got again just then', async () => {
    sayMany(1, 200)
    // By itself it is tried again once this clock goes on.
    const room = join({ around: 'e1-50', clock: new TestClock() })
    await isLive(room)
    room.atEnd = false
    server.intercept = ({ url }, response) => {
      if (!url?.includes('after=')) return false
      response.destroy()
      return true
    }
    server.signal('lobby', 'gap', { after: 'e1-1', oldest: 'e1-2', reason: 'epoch' })
    await until('it did not come', () => room.snapshot.newer === 'failed')
    server.intercept = () => false
    expect(texts(room)).toEqual(range(25, 75))
    // And at the next chance it is.
    server.log[49] = { ...server.log[49]!, text: 'changed', edited: new Date().toISOString() }
    server.signal('lobby', 'gap', { after: 'e1-1', oldest: 'e1-2', reason: 'epoch' })
    await until('it was got again', () => texts(room)[25] === 'changed')
  })

  test('nothing is added above what is being got again, so nothing of it vanishes', async () => {
    sayMany(1, 200)
    const room = join({ around: 'e1-100', clock: new TestClock() })
    await isLive(room)
    room.atEnd = false
    const held: (() => void)[] = []
    server.intercept = ({ url }, response) => {
      if (!url?.includes('after=')) return false
      // Answered later, and not at all.
      held.push(() => response.destroy())
      return true
    }
    const again = (): void =>
      server.signal('lobby', 'gap', { after: 'e1-1', oldest: 'e1-2', reason: 'epoch' })
    again()
    await until('it is asked for', () => held.length === 1)
    expect(room.snapshot).toMatchObject({ older: 'loading', newer: 'loading' })
    await Promise.all([room.older(), room.newer()])
    expect(texts(room)).toEqual(range(75, 125))
    held[0]?.()
    await until('it did not come', () => room.snapshot.older === 'more')
    // Not 'more': a page that asks for it as soon as there is more would ask without end.
    expect(room.snapshot.newer).toBe('failed')
    server.intercept = () => false
    await room.older()
    expect(texts(room)).toEqual(range(25, 125))
    server.log[99] = { ...server.log[99]!, text: 'changed', edited: new Date().toISOString() }
    again()
    await until('it was got again', () => texts(room)[75] === 'changed')
    expect(texts(room).with(75, '100').slice(0, 101)).toEqual(range(25, 125))
    expect(room.snapshot.older).toBe('more')
  })

  test('a message that can not be got opens at the end, rather than nothing', async () => {
    sayMany(1, 3)
    server.intercept = ({ url }, response) => {
      if (!url?.includes('around=')) return false
      response.destroy()
      return true
    }
    const room = join({ around: 'e1-2' })
    await isLive(room)
    expect(texts(room)).toEqual(range(1, 3))
  })

  test('a message that is not there any more opens at the end', async () => {
    sayMany(1, 3)
    const room = join({ around: 'e1-77' })
    await isLive(room)
    expect(texts(room)).toEqual(range(1, 3))
  })

  test.each([
    ['is not there', 200],
    ['does not come', 503],
  ])('comes though one message was asked for meanwhile that %s', async (_name, status) => {
    sayMany(1, 3)
    const held = server.hold('/messages')
    const clock = new TestClock()
    const room = join({ clock })
    const isUp = (): boolean => room.snapshot.connection.phase === 'live'
    await until('the page is asked for, and with the stream again', () => isUp() && !!held[1])
    server.intercept = (_, response) => status > 200 && Boolean(response.writeHead(status).end())
    expect(await room.around('e1-77')).toBe(false)
    server.intercept = () => false
    for (const answer of held) answer()
    if (status > 200) await until('it is tried again', () => clock.next === 250)
    clock.pass(250)
    await until('it is loaded', () => room.snapshot.loaded)
    expect(texts(room)).toEqual(range(1, 3))
  })

  test('that does not get through is told, and can be asked for again', async () => {
    sayMany(1, 60)
    const room = join()
    await isLive(room)
    server.intercept = ({ url }, response) => {
      if (!url?.includes('before=')) return false
      response.destroy()
      return true
    }
    await room.older()
    expect(room.snapshot.older).toBe('failed')
    server.intercept = () => false
    await room.older()
    expect(texts(room)).toEqual(range(1, 60))
  })

  describe('that fails once', () => {
    /** Shown are 1 and 2, of which the page was read before 3 was said; 4 is heard, and the page of all is under way. */
    const joinWithHole = async (clock: TestClock): Promise<{ room: Room; fail: () => void }> => {
      sayMany(1, 2)
      refuseStreams()
      const room = join({ clock })
      await until('it is loaded', () => room.snapshot.loaded)
      sayMany(3, 3)
      let fail: (() => void) | undefined
      server.intercept = ({ url }, response) => {
        if (fail || !url?.includes('/messages')) return false
        fail = () => response.writeHead(502).end()
        return true
      }
      room.reconnect()
      await until('it is asked for', () => fail !== undefined)
      sayMany(4, 4)
      await until('it is heard', () => texts(room).includes('4'))
      return { room, fail: () => fail?.() }
    }

    test('leaves no hole: what came after it is not shown until what is missing is there', async () => {
      const clock = new TestClock()
      const { room, fail } = await joinWithHole(clock)
      fail()
      await until('it failed', () => room.snapshot.newer === 'failed')
      expect(texts(room)).toEqual(range(1, 2))
      expect(room.snapshot.unseen).toBe(1)
      sayMany(5, 5)
      await until('it is heard', () => room.snapshot.unseen === 2)
      expect(texts(room)).toEqual(range(1, 2))
      clock.pass(500)
      await until('it is whole', () => room.snapshot.newer === 'end')
      expect(texts(room)).toEqual(range(1, 5))
      expect(room.snapshot.unseen).toBe(0)
    })

    test('for it was answered by something else, is got again', async () => {
      sayMany(1, 3)
      const odd = ['{}', 'null', '{"messages":"none"}']
      server.intercept = ({ url }, response) => {
        const body = url?.includes('/messages') ? odd.shift() : undefined
        if (body === undefined) return false
        response.writeHead(200, { 'content-type': 'application/json' }).end(body)
        return true
      }
      const clock = new TestClock()
      const room = join({ clock })
      await until('it is loaded', () => room.snapshot.loaded || (clock.pass(500), false))
      expect(texts(room)).toEqual(range(1, 3))
    })

    test('is got at once by who asks for it', async () => {
      const { room, fail } = await joinWithHole(new TestClock())
      fail()
      await until('it failed', () => room.snapshot.newer === 'failed')
      await room.newer()
      expect(room.snapshot.newer).toBe('end')
      expect(texts(room)).toEqual(range(1, 4))
    })

    test('is the first, which came later than what was heard, and leaves no hole either', async () => {
      const clock = new TestClock()
      sayMany(1, 2)
      let answerFirst = (): void => {}
      let count = 0
      server.intercept = ({ url, headers }, response) => {
        if (headers.accept === 'text/event-stream') sayMany(3, 3)
        if (!url?.includes('/messages') || ++count > 3) return false
        const messages = server.log.slice(0, 2)
        if (count > 1) response.writeHead(502).end()
        else {
          answerFirst = () => {
            response.writeHead(200, { 'content-type': 'application/json' })
            response.end(JSON.stringify({ messages, before: null, after: null }))
          }
        }
        return true
      }
      const room = join({ clock })
      await until('the others have failed', () => count === 3)
      sayMany(4, 4)
      await until('it is heard', () => texts(room).includes('4'))
      answerFirst()
      await until('it is known', () => room.snapshot.newer === 'failed')
      expect(texts(room)).toEqual(range(1, 2))
      clock.pass(500)
      await until('it is whole', () => room.snapshot.newer === 'end')
      expect(texts(room)).toEqual(range(1, 4))
    })

    test('after a gap: what is gone does not stand among what is new', async () => {
      sayMany(1, 5)
      const clock = new TestClock()
      const room = join({ clock })
      await isLive(room)
      let asked = 0
      server.intercept = ({ url }, response) =>
        Boolean(url?.includes('/messages') && ++asked && response.writeHead(502).end())
      // The server was put back to an earlier day.
      server.log.length = 3
      server.signal('lobby', 'gap', { after: 'e1-5', oldest: 'e1-4', reason: 'epoch' })
      for (const text of ['new 4', 'new 5', 'new 6']) server.say('lobby', text)
      const isCut = (): boolean => room.snapshot.newer === 'failed' && room.snapshot.unseen === 1
      await until('it failed', isCut)
      expect(texts(room)).toEqual(range(1, 5))
      asked = 0
      clock.pass(500)
      await until('it failed again', () => asked > 0 && isCut())
      expect(texts(room)).toEqual(range(1, 5))
      server.intercept = () => false
      clock.pass(1000)
      await until('it is whole', () => room.snapshot.newer === 'end')
      expect(texts(room)).toEqual(['1', '2', '3', 'new 4', 'new 5', 'new 6'])
    })
  })

  test('of which the server has lost a part: a gap, and all anew', async () => {
    sayMany(1, 5)
    const clock = new TestClock()
    const room = join({ clock })
    await isLive(room)
    clock.pass(2000)
    server.cutStreams()
    await until('it is down', () => room.snapshot.connection.phase === 'waiting')
    sayMany(6, 10)
    server.oldest = 9
    clock.pass(30_000)
    await until('it is told', () => room.snapshot.gaps.length > 0)
    await until('it is whole again', () => texts(room).join() === '9,10')
    expect(room.snapshot.gaps).toEqual([
      { room: 'lobby', after: 'e1-5', oldest: 'e1-9', reason: 'expired' },
    ])
  })

  test('of which the server has lost what was shown goes on with what came after it, for a reader who went up', async () => {
    sayMany(1, 300)
    const clock = new TestClock()
    const room = join({ clock })
    await isLive(room)
    await room.older()
    room.atEnd = false
    clock.pass(2000)
    server.cutStreams()
    await until('it is down', () => room.snapshot.connection.phase === 'waiting')
    sayMany(301, 600)
    server.oldest = 302
    clock.pass(30_000)
    await until('it is anew', () => texts(room)[0] === '302')
    expect(room.snapshot).toMatchObject({ older: 'end', newer: 'more' })
    expect(room.snapshot.gaps).toHaveLength(1)
  })

  test('of a server that is not there yet comes when it is', async () => {
    sayMany(1, 3)
    server.intercept = (_request, response) => Boolean(response.destroy())
    const room = join()
    await until('it failed', () => room.snapshot.connection.phase === 'waiting')
    expect(room.snapshot.loaded).toBe(false)
    server.intercept = () => false
    room.reconnect()
    await isLive(room)
    expect(texts(room)).toEqual(range(1, 3))
  })
})

describe('what others do', () => {
  const ana = { person: 'p2', name: 'Ana', mark: 'DEF456', role: 'speak' } as const

  test('who is here', async () => {
    const room = join()
    await isLive(room)
    server.signal('lobby', 'presence', { count: 1, people: [ana] })
    await until('she is here', () => room.snapshot.people.count === 1)
    expect(room.snapshot.people.list).toEqual([ana])
    server.signal('lobby', 'presence', { count: 0, left: [ana] })
    await until('she is gone', () => room.snapshot.people.count === 0)
  })

  test('what waits for who looks after the room', async () => {
    const room = join()
    await isLive(room)
    expect(room.snapshot.waiting).toBeNull()
    server.signal('lobby', 'waiting', { held: 2, reports: 1 })
    await until('it is told', () => room.snapshot.waiting?.held === 2)
    expect(room.snapshot.waiting).toMatchObject({ held: 2, reports: 1 })
  })

  test('typing lasts five seconds, or until the message, or until it is told to be over', async () => {
    const clock = new TestClock()
    // Whoever speaks here is somebody else.
    server.settings = { title: '', you: { ...ana, person: 'p0' } }
    const room = join({ clock })
    await isLive(room)
    server.signal('lobby', 'typing', { from: ana })
    await until('she types', () => room.snapshot.typing.length === 1)
    clock.pass(4999)
    expect(room.snapshot.typing).toEqual([ana])
    clock.pass(1)
    expect(room.snapshot.typing).toEqual([])
    server.signal('lobby', 'typing', { from: { ...ana, person: 'p1' } })
    await until('someone types', () => room.snapshot.typing.length === 1)
    server.say('lobby', 'said')
    await until('it is said', () => texts(room).length === 1)
    expect(room.snapshot.typing).toEqual([])
    server.signal('lobby', 'typing', { from: ana })
    await until('she types again', () => room.snapshot.typing.length === 1)
    server.signal('lobby', 'typing', { from: ana, over: true })
    await until('she stopped', () => room.snapshot.typing.length === 0)
  })

  test('one is not told of oneself', async () => {
    const room = join()
    await isLive(room)
    await room.say('a')
    await until('it is said', () => room.snapshot.me !== null)
    server.signal('lobby', 'typing', { from: room.snapshot.me! })
    server.signal('lobby', 'typing', { from: ana })
    await until('she types', () => room.snapshot.typing.length > 0)
    expect(room.snapshot.typing).toEqual([ana])
  })

  test("one's own typing is told at most every three seconds, anew after a message, and its end", async () => {
    const clock = new TestClock()
    let told = 0
    let ended = 0
    server.intercept = ({ url, method }, response) => {
      if (!url?.endsWith('/typing')) return false
      if (method === 'DELETE') ended++
      else told++
      response.writeHead(204).end()
      return true
    }
    const room = join({ clock })
    await isLive(room)
    for (let i = 0; i < 10; i++) room.typing()
    await until('it was told', () => told === 1)
    clock.pass(2999)
    room.typing()
    clock.pass(1)
    room.typing()
    await until('it was told again', () => told === 2)
    await room.say('a')
    room.typing()
    await until('it was told again', () => told === 3)
    room.typing(false)
    room.typing(false)
    await until('its end was told', () => ended === 1)
    room.typing()
    await until('it was told at once', () => told === 4)
    clock.pass(5000)
    room.typing(false)
    await until('its end was told', () => ended === 2)
    room.typing()
    // By then it is over for the others too.
    clock.pass(5001)
    room.typing(false)
    room.typing()
    await until('it was told once more', () => told === 6)
    expect(ended).toBe(2)
  })
})

test('a refusal carries its reason to the page', async () => {
  server.intercept = (_request, response) => {
    problem(response, 403, 'banned')
    return true
  }
  const room = join()
  await until('it is refused', () => room.snapshot.connection.phase === 'refused')
  expect(room.snapshot.connection).toMatchObject({ problem: { code: 'banned', status: 403 } })
  server.intercept = () => false
  room.reconnect()
  await isLive(room)
})

test('whoever leaves leaves nothing behind', async () => {
  const room = join()
  await isLive(room)
  let calls = 0
  room.subscribe(() => calls++)
  room.leave()
  await until('the stream is gone', () => server.streams.size === 0)
  server.say('lobby', 'a')
  await new Promise(setImmediate)
  expect(calls).toBe(0)
})

test('to leave a room twice takes the stream from no other room of the page', async () => {
  vi.stubGlobal('document', new EventTarget())
  vi.stubGlobal('addEventListener', () => {})
  vi.stubGlobal('removeEventListener', () => {})
  try {
    const options = { base: server.url, secret: newSecret(), shareStream: false }
    const left = joinRoom('lounge', options)
    const room = join(options)
    await isLive(room)
    left.leave()
    left.leave()
    expect(room.snapshot.connection.phase).not.toBe('waiting')
    room.leave()
  } finally {
    vi.unstubAllGlobals()
  }
})

test('a room that was left says so, and takes nothing that it would not say', async () => {
  const room = join()
  await isLive(room)
  room.leave()
  expect(room.snapshot.connection).toEqual({ phase: 'closed' })
  await expect(room.say('a')).rejects.toThrow('left')
  expect(room.snapshot.pending).toEqual([])
})

test('whoever leaves does not wait for what was asked: a program can end', async () => {
  let open = 0
  let asked = 0
  server.intercept = (_request, response) => {
    asked++
    open++
    response.on('close', () => open--)
    return true
  }
  const room = join()
  await until('the page and the stream are asked for', () => asked === 2)
  room.leave()
  await until('nothing is open', () => open === 0)
})
