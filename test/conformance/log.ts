import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { idOf, seqOf } from '../../apps/server/src/log/epochs.ts'
import {
  LogError,
  type Appended,
  type Entry,
  type Log,
  type Logged,
  type Stretch,
} from '../../apps/server/src/log/log.ts'
import { agree, steps } from './agree.ts'
import { keeping } from './kept.ts'
import {
  edit,
  from,
  hour,
  message,
  noon,
  react,
  record,
  remove,
  settle,
  texts,
  trim,
} from './entries.ts'

/** A place where a log can be kept. */
export interface Place {
  /** Opens the log that is there. */
  readonly open: () => Promise<Log>
  /** A log that was closed and is opened again is still the same. */
  readonly lasting: boolean
  readonly remove: () => Promise<void>
}

/** What every pair of order and store promises. */
export function conformance(name: string, make: () => Promise<Place>): void {
  const open: Log[] = []
  const places: Place[] = []
  const start = async (): Promise<{ log: Log; place: Place }> => {
    const place = await make()
    places.push(place)
    const log = await place.open()
    open.push(log)
    return { log, place }
  }
  const again = async (log: Log, place: Place): Promise<Log> => {
    await log.close()
    const next = await place.open()
    open.push(next)
    return next
  }
  afterEach(async () => {
    await Promise.all(open.splice(0).map((log) => log.close()))
    await Promise.all(places.splice(0).map((place) => place.remove()))
  })

  describe(`${name}: order`, () => {
    test('gives each entry an id, the one before it in its room, and a place in one order', async () => {
      const { log } = await start()
      const a = await log.append(message('a', 'one'))
      const b = await log.append(message('b', 'two'))
      const c = await log.append(message('a', 'three'))
      expect([a, b, c].map(({ event }) => event.seq)).toEqual([1, 2, 3])
      expect(a.first).toBe(true)
      expect(a.event.id).toMatch(/^[a-z0-9]{1,16}-1$/)
      expect(JSON.parse(a.event.json)).toEqual({
        id: a.event.id,
        prev: null,
        room: 'a',
        at: new Date(noon).toISOString(),
        from,
        text: 'one',
      })
      expect(JSON.parse(b.event.json)).toMatchObject({ prev: null })
      expect(JSON.parse(c.event.json)).toMatchObject({ prev: a.event.id })
      expect(Object.keys(JSON.parse(c.event.json) as object).slice(0, 4)).toEqual(
        ['id', 'prev', 'room', 'at'], // prettier: one line
      )
    })

    test('announces every entry once, in order, before its append resolves', async () => {
      const { log } = await start()
      const announced: number[] = []
      const batches: number[] = []
      log.follow((events) => {
        batches.push(events.length)
        announced.push(...events.map(({ seq }) => seq))
        expect(log.head).toBe(announced.at(-1))
      })
      const many = Array.from({ length: 3_000 }, async (_, i) => {
        const { event } = await log.append(message(`r${i % 7}`, `m${i}`))
        expect(announced).toContain(event.seq)
        return event.seq
      })
      expect(await Promise.all(many)).toEqual(many.map((_, i) => i + 1))
      expect(announced).toEqual(many.map((_, i) => i + 1))
      // One fsync for many: that is what makes it fast.
      expect(batches.length).toBeLessThan(10)
    })

    test('takes any text, and a replay gives it back exactly as it was announced', async () => {
      const { log } = await start()
      const announced = new Map<number, string>()
      log.follow((events) => {
        for (const { seq, json } of events) announced.set(seq, json)
      })
      await fc.assert(
        fc.asyncProperty(fc.array(fc.string({ unit: 'binary' }), { minLength: 1 }), async (all) => {
          const before = log.head
          await Promise.all(all.map((text) => log.append(message('a', text))))
          const { events } = await log.after(['a'], before, log.head, 1_000)
          expect(events.map(({ json }) => (JSON.parse(json) as { text: string }).text)).toEqual(all)
          expect(events.map(({ json }) => json)).toEqual(
            events.map(({ seq }) => announced.get(seq)),
          )
        }),
        { numRuns: 30 },
      )
    })

    test('refuses entries after close, and waits for those before it', async () => {
      const { log } = await start()
      const waiting = Array.from({ length: 2_500 }, (_, i) => log.append(message('a', `${i}`)))
      const closed = log.close()
      await expect(log.append(message('a', 'late'))).rejects.toMatchObject({ code: 'closed' })
      await closed
      expect(await Promise.all(waiting)).toHaveLength(2_500)
      await expect(log.facts('a')).rejects.toMatchObject({ code: 'closed' })
    })

    test('an entry that is none fails alone', async () => {
      const { log } = await start()
      const settled = await Promise.allSettled([
        log.append(message('a', 'one')),
        log.append({ ...message('a', 'when?'), at: Number.NaN }),
        log.append(edit('a', 'nowhere-1', 'x')),
        log.append(message('a', 'two')),
      ])
      expect(settled.map(({ status }) => status)).toEqual([
        'fulfilled',
        'rejected',
        'rejected',
        'fulfilled',
      ])
      expect(texts(await log.after(['a'], 0, log.head, 10))).toEqual(['one', 'two'])
    })
  })

  describe(`${name}: reading`, () => {
    test('stretches join without a hole, over several rooms, whatever their size', async () => {
      const { log } = await start()
      for (let i = 0; i < 60; i += 1) void log.append(message(['a', 'b', 'c'][i % 3]!, `${i}`))
      await log.append(message('d', 'last'))
      for (const limit of [1, 7, 1_000]) {
        const all: Logged[] = []
        let stretch: Stretch
        do {
          stretch = await log.after(['a', 'c', 'nobody'], all.at(-1)?.seq ?? 0, 50, limit)
          expect(stretch.events.length).toBeLessThanOrEqual(limit)
          all.push(...stretch.events)
        } while (stretch.more)
        const expected = Array.from({ length: 50 }, (_, i) => i + 1).filter((seq) => seq % 3 !== 2)
        expect(all.map(({ seq }) => seq)).toEqual(expected)
        expect(all.map(({ id }) => id)).toEqual(all.map(({ seq }) => idOf(log.epochs, seq)))
      }
    })

    test('a stretch is bounded in bytes too', async () => {
      const { log } = await start()
      for (let i = 0; i < 100; i += 1) void log.append(message('a', 'x'.repeat(40_000)))
      await log.append(message('a', 'last'))
      const { events, more } = await log.after(['a'], 0, log.head, 1_000)
      expect(more).toBe(true)
      expect(events.length).toBeLessThan(40)
    })

    test('the newest events hold as many messages as were asked for', async () => {
      const { log } = await start()
      const ids: string[] = []
      for (let i = 0; i < 5; i += 1) {
        const { event } = await log.append(message('a', `m${i}`))
        ids.push(event.id)
        await log.append(react('a', event.id, 'ok', true))
      }
      const two = await log.newest('a', log.head, 2)
      expect(two.events.map(({ seq }) => seq)).toEqual([7, 8, 9, 10])
      expect((await log.newest('a', 8, 1)).events.map(({ seq }) => seq)).toEqual([7, 8])
      expect((await log.newest('a', log.head, 100)).events).toHaveLength(10)
      expect((await log.newest('a', log.head, 0)).events).toEqual([])
      expect(await log.newest('b', log.head, 5)).toEqual({ events: [], more: false, expired: [] })
    })

    test('history goes both ways from any message, and says where it ends', async () => {
      const { log } = await start()
      const ids: string[] = []
      for (let i = 1; i <= 9; i += 1) {
        ids.push((await log.append(message('a', `${i}`))).event.id)
        await log.append(message('b', 'noise'))
      }
      const id = (n: number): string => ids[n - 1]!
      const seq = (n: number): number => n * 2 - 1
      const at = async (range: Parameters<Log['page']>[1]): Promise<unknown[]> => {
        const page = await log.page('a', range)
        return [
          page.messages.map((json) => Number((JSON.parse(json) as { text: string }).text)),
          page.before,
          page.after,
        ]
      }
      expect(await at({ limit: 3 })).toEqual([[7, 8, 9], id(7), null])
      expect(await at({ before: seq(7), limit: 3 })).toEqual([[4, 5, 6], id(4), id(6)])
      expect(await at({ before: seq(3), limit: 3 })).toEqual([[1, 2], null, id(2)])
      expect(await at({ after: seq(3), limit: 3 })).toEqual([[4, 5, 6], id(4), id(6)])
      expect(await at({ after: seq(7), limit: 3 })).toEqual([[8, 9], id(8), null])
      expect(await at({ after: seq(2), before: seq(5), limit: 9 })).toEqual([[3, 4], id(3), id(4)])
      expect(await at({ around: seq(5), limit: 3 })).toEqual([[4, 5, 6], id(4), id(6)])
      expect(await at({ around: seq(9), limit: 4 })).toEqual([[8, 9], id(8), null])
      expect(await at({ after: seq(9), limit: 3 })).toEqual([[], null, null])
      expect(await log.page('nobody', { limit: 3 })).toEqual({
        messages: [],
        before: null,
        after: null,
      })
    })

    test('100,000 messages read page by page while others are said', async () => {
      const { log } = await start()
      const many = Array.from({ length: 100_000 }, (_, i) => log.append(message('a', `${i}`)))
      await Promise.all(many)
      let read = 0
      let said = 0
      let before: number | undefined
      let reading = true
      const talking = (async (): Promise<void> => {
        while (reading) {
          await log.append(message('b', 'and on'))
          said += 1
        }
      })()
      for (;;) {
        const page = await log.page('a', {
          limit: 200,
          ...(before === undefined ? {} : { before }),
        })
        read += page.messages.length
        if (page.before === null) break
        before = Number(page.before.split('-')[1])
      }
      reading = false
      await talking
      expect(read).toBe(100_000)
      // Reads and appends take turns: neither stands behind all of the other.
      expect(said).toBeGreaterThan(50)
    }, 120_000)

    test('facts count what is kept, and settings are merged', async () => {
      const { log } = await start()
      expect(await log.facts('a')).toBeNull()
      await log.append(settle('a', { title: 'Tea', slow: 3 }))
      await log.append(message('a', 'one'))
      await log.append(settle('a', { slow: null, topic: 'x' }))
      expect(await log.facts('a')).toEqual({
        room: 'a',
        messages: 1,
        oldest: idOf(log.epochs, 1),
        newest: idOf(log.epochs, 3),
        expired: false,
        settings: { title: 'Tea', slow: null, topic: 'x' },
      })
    })
  })

  describe(`${name}: changes`, () => {
    test('an edit is an event, and the message says the new text from then on', async () => {
      const { log } = await start()
      const { event } = await log.append(message('a', 'frist'))
      const rewritten: unknown[] = []
      log.follow((_, changed) => rewritten.push(...changed))
      const edited = await log.append(edit('a', event.id, 'first, and longer than it was'))
      expect(JSON.parse(edited.event.json)).toMatchObject({
        target: event.id,
        text: 'first, and longer than it was',
        prev: event.id,
      })
      const now = (await log.message('a', event.seq))!
      expect(JSON.parse(now)).toMatchObject({
        id: event.id,
        text: 'first, and longer than it was',
        edited: new Date(noon).toISOString(),
      })
      expect((await log.after(['a'], 0, log.head, 10)).events[0]!.json).toBe(now)
      expect(rewritten).toEqual([{ seq: event.seq, room: 'a', json: now }])
    })

    test('a deletion leaves a tombstone, of the edits too, and can be said twice', async () => {
      const { log } = await start()
      const { event } = await log.append({
        ...message('a', 'secret'),
        replyTo: 'x-1',
        key: 'k',
      } as Entry)
      await log.append(edit('a', event.id, 'a secret'))
      await log.append(react('a', event.id, 'ok', true))
      const gone = await log.append(remove('a', event.id))
      const replay = await log.after(['a'], 0, log.head, 10)
      expect(replay.events.map(({ kind }) => kind)).toEqual([
        'message',
        'edit',
        'reaction',
        'delete',
      ])
      expect(JSON.stringify(replay)).not.toContain('secret')
      const tomb = JSON.parse(replay.events[0]!.json) as object
      expect(tomb).toMatchObject({ text: '', deleted: true, replyTo: 'x-1', key: 'k', from })
      expect(tomb).not.toHaveProperty('edited')
      const page = await log.page('a', { limit: 5 })
      expect(page.messages.map((json) => JSON.parse(json) as unknown)).toEqual([tomb])
      expect(await log.append(remove('a', event.id))).toEqual({ event: gone.event, first: false })
      for (const late of [edit('a', event.id, 'back'), react('a', event.id, 'ok', true)]) {
        await expect(log.append(late)).rejects.toMatchObject({ code: 'not-found' })
      }
    })

    test('reactions are folded into history, however often they are said', async () => {
      const { log } = await start()
      const { event } = await log.append(message('a', 'cake?'))
      const first = await log.append(react('a', event.id, '🍰', true, 'ann'))
      expect(await log.append(react('a', event.id, '🍰', true, 'ann'))).toEqual({
        event: first.event,
        first: false,
      })
      await log.append(react('a', event.id, '🍰', true, 'bob'))
      await log.append(react('a', event.id, '__proto__', true, 'bob'))
      await log.append(react('a', event.id, '👎', true, 'bob'))
      await log.append(react('a', event.id, '👎', false, 'bob'))
      const { reactions } = JSON.parse((await log.message('a', event.seq))!) as {
        reactions: Record<string, string[]>
      }
      expect(Object.entries(reactions)).toEqual([
        ['🍰', ['ann', 'bob']],
        ['__proto__', ['bob']],
      ])
    })

    test('what is changed must be a message of the same room', async () => {
      const { log } = await start()
      const { event } = await log.append(message('a', 'mine'))
      const reaction = await log.append(react('a', event.id, 'ok', true))
      const wrong = [
        remove('b', event.id),
        remove('a', reaction.event.id),
        remove('a', `other-${event.seq}`),
        remove('a', idOf(log.epochs, 999)),
        remove('a', 'rubbish'),
        edit('a', '', 'x'),
      ]
      for (const entry of wrong) {
        const refused = log.append(entry)
        await expect(refused).rejects.toBeInstanceOf(LogError)
        await expect(refused).rejects.toMatchObject({ code: 'not-found' })
      }
      expect(await log.facts('b')).toBeNull()
    })
  })

  describe(`${name}: keys`, () => {
    test('the same key of the same person in the same room is one entry', async () => {
      const { log } = await start()
      const all = await Promise.all(
        Array.from({ length: 50 }, (_, i) => log.append(message('a', `try ${i}`, 'ann', 'k'))),
      )
      expect(all.map(({ first }) => first)).toEqual(all.map((_, i) => i === 0))
      expect(new Set(all.map(({ event }) => event.json)).size).toBe(1)
      const others = await Promise.all([
        log.append(message('a', 'x', 'bob', 'k')),
        log.append(message('b', 'x', 'ann', 'k')),
        log.append(message('a', 'x', 'ann', 'k2')),
      ])
      expect(others.map(({ first }) => first)).toEqual([true, true, true])
    })

    test('a key answers for a day after its entry was trimmed, and no longer', async () => {
      const { log } = await start()
      const first = await log.append(message('a', 'secret', 'ann', 'k'))
      await log.append(message('a', 'next'))
      await trim(log, { count: 1 }, noon + 23 * hour)
      const again = await log.append(message('a', 'secret', 'ann', 'k'))
      expect(again).toMatchObject({ first: false, event: { id: first.event.id } })
      expect(JSON.parse(again.event.json)).toMatchObject({ text: '', deleted: true })
      await trim(log, { count: 1 }, noon + 25 * hour)
      expect(await log.append(message('a', 'secret', 'ann', 'k'))).toMatchObject({ first: true })
    })
  })

  describe(`${name}: retention`, () => {
    test('keeps the newest messages, and says what a cursor has missed', async () => {
      const { log } = await start()
      for (let i = 1; i <= 1_300; i += 1) void log.append(message('a', `${i}`))
      const other = await log.append(message('b', 'stays'))
      await log.append(react('a', idOf(log.epochs, 1_299), 'ok', true))
      const gone: number[] = []
      log.follow((events, rewritten) => {
        expect(events).toEqual([])
        gone.push(...rewritten.filter(({ json }) => json === null).map(({ seq }) => seq))
      })
      expect(await trim(log, { count: 10 }, noon)).toBe(1_290)
      expect(gone).toEqual(Array.from({ length: 1_290 }, (_, i) => i + 1))
      expect(await trim(log, { count: 10 }, noon)).toBe(0)
      const { events, expired } = await log.after(['a', 'b'], 1_289, log.head, 100)
      expect(events.map(({ seq }) => seq)).toEqual([
        ...Array.from({ length: 10 }, (_, i) => 1_291 + i),
        other.event.seq,
        other.event.seq + 1,
      ])
      expect(expired).toEqual([{ room: 'a', oldest: idOf(log.epochs, 1_291), lost: 1 }])
      expect((await log.after(['a', 'b'], 1_290, log.head, 100)).expired).toEqual([])
      expect(await log.facts('a')).toMatchObject({ messages: 10 })
    })

    test('a room that lost its settings alone has lost no message', async () => {
      const { log, place } = await start()
      const append = (entry: Entry, at: number): Promise<Appended> =>
        log.append({ ...entry, at: noon + at * hour })
      /** Whether messages expired, once all from before this hour is gone. */
      const trimmed = async (at: number): Promise<unknown> => {
        await trim(log, { age: hour }, noon + (at + 1) * hour)
        return (await log.facts('a'))!.expired
      }
      await append(settle('a', { title: 'Tea' }), 0)
      const { event } = await append(message('a', 'one'), 1)
      expect(await trimmed(1)).toBe(false)
      // What was deleted was not removed as its time was over.
      await append(remove('a', event.id), 1)
      await append(message('a', 'two'), 2)
      expect(await trimmed(2)).toBe(false)
      await append(message('a', 'three'), 3)
      expect(await trimmed(3)).toBe(true)
      if (place.lasting) expect((await (await again(log, place)).facts('a'))!.expired).toBe(true)
    })

    test('counts the messages that a cursor has missed, and nothing else', async () => {
      const { log, place } = await start()
      const said: Appended[] = []
      for (let i = 1; i <= 4; i += 1) said.push(await log.append(message('a', `${i}`)))
      const id = (i: number): string => idOf(log.epochs, said[i]!.event.seq)
      await log.append(react('a', id(3), 'ok', true))
      await log.append(edit('a', id(1), 'two'))
      await log.append(remove('a', id(2)))
      said.push(await log.append(message('a', '5')))
      await trim(log, { count: 1 }, noon)
      const lost = async (from: Log, after: number): Promise<unknown> =>
        (await from.after(['a'], after, from.head, 100)).expired.map((each) => each.lost)
      const all = async (from: Log): Promise<void> => {
        expect(await lost(from, 0)).toEqual([3])
        expect(await lost(from, said[0]!.event.seq)).toEqual([2])
        expect(await lost(from, said[1]!.event.seq)).toEqual([1])
        expect(await lost(from, said[2]!.event.seq)).toEqual([1])
        expect(await lost(from, said[3]!.event.seq)).toEqual([0])
        expect(await lost(from, said[4]!.event.seq)).toEqual([])
      }
      await all(log)
      await all(place.lasting ? await again(log, place) : log)
    })

    test('says no number where it can not remember all that a room lost', async () => {
      const { log } = await start()
      for (let i = 1; i <= 10_100; i += 1) void log.append(message('a', `${i}`))
      await log.append(message('a', 'last'))
      await trim(log, { count: 1 }, noon)
      const lost = async (after: number): Promise<unknown> =>
        (await log.after(['a'], after, log.head, 1)).expired[0]?.lost
      expect(await lost(99)).toBeUndefined()
      expect(await lost(100)).toBe(10_000)
      expect(await lost(10_099)).toBe(1)
    })

    test('keeps what is young enough, in order, whatever clocks did in between', async () => {
      const { log } = await start()
      for (const at of [0, 1, 5, 2, 9]) {
        await log.append({ ...message('a', `${at}`), at: noon + at * hour })
      }
      expect(await trim(log, { age: 4 * hour }, noon + 7 * hour)).toBe(2)
      expect(texts(await log.after(['a'], 2, log.head, 9))).toEqual(['5', '2', '9'])
    })

    test('a room keeps what its own settings say, from when they say it, and after a start too', async () => {
      const { log, place } = await start()
      const standard = { count: 4, age: 10 * hour }
      const kept = async (from: Log): Promise<Record<string, number>> => {
        const all = ['few', 'short', 'long', 'plain'].map(async (room) => {
          const facts = await from.facts(room)
          return [room, facts!.messages] as const
        })
        return Object.fromEntries(await Promise.all(all))
      }
      await log.append(settle('few', { keepCount: 2 }))
      await log.append(settle('short', { keepHours: 3 }))
      await log.append(settle('long', { keepHours: 30, keepCount: 9 }))
      for (let i = 0; i < 6; i += 1)
        for (const room of ['few', 'short', 'long', 'plain'])
          await log.append(message(room, `${i}`))
      await trim(log, standard, noon)
      expect(await kept(log)).toEqual({ few: 2, short: 4, long: 6, plain: 4 })
      // Nothing was said since: what time alone takes is found too.
      expect(await trim(log, standard, noon + 3 * hour)).toBe(0)
      expect(await trim(log, standard, noon + 3 * hour + 1)).toBe(4)
      const now = place.lasting ? await again(log, place) : log
      expect(await trim(now, standard, noon + 10 * hour)).toBe(0)
      await now.append({ ...message('short', 'again'), at: noon + 9 * hour })
      expect(await trim(now, standard, noon + 10 * hour + 1)).toBe(6)
      expect(await kept(now)).toEqual({ few: 0, short: 1, long: 6, plain: 0 })
      expect(await trim(now, standard, noon + 12 * hour + 1)).toBe(1)
      await now.append(settle('long', { keepCount: 1 }))
      expect(await trim(now, standard, noon + 13 * hour)).toBe(6)
      expect(await kept(now)).toEqual({ few: 0, short: 0, long: 1, plain: 0 })
      // Another standard than before holds for all that is there already.
      await now.append({ ...message('plain', 'x'), at: noon + 13 * hour })
      expect(await trim(now, standard, noon + 14 * hour)).toBe(0)
      expect(await trim(now, { age: hour / 2 }, noon + 14 * hour)).toBe(1)
    })

    test('goes over many rooms in bounded steps', async () => {
      const { log } = await start()
      const rooms = Array.from({ length: 1_300 }, (_, i) => `r${i}`)
      await Promise.all(rooms.map((room) => log.append(message(room, 'x'))))
      const steps: number[] = []
      for (let more = true; more;) {
        const step = await log.trim({ age: hour }, noon + 2 * hour)
        steps.push(step.removed)
        more = step.more
      }
      expect(steps.reduce((sum, removed) => sum + removed)).toBe(1_300)
      expect(Math.max(...steps)).toBeLessThanOrEqual(500)
      const facts = await Promise.all(rooms.map((room) => log.facts(room)))
      expect(facts.every((each) => each?.messages === 0)).toBe(true)
    })

    test('a room that lost everything goes on where it was', async () => {
      const { log, place } = await start()
      for (let i = 0; i < 3; i += 1) await log.append(message('a', `${i}`))
      const last = idOf(log.epochs, 3)
      expect(await trim(log, { count: 0 }, noon + 48 * hour)).toBe(3)
      expect((await log.after(['a'], 0, 3, 9)).expired).toEqual([
        { room: 'a', oldest: null, lost: 3 },
      ])
      expect(await log.facts('a')).toMatchObject({ messages: 0, newest: null, oldest: null })
      const now = place.lasting ? await again(log, place) : log
      expect(now.head).toBe(3)
      const { event } = await now.append(message('a', 'new'))
      expect(event.seq).toBe(4)
      expect(JSON.parse(event.json)).toMatchObject({ prev: last })
    })

    test('a trimmed message does not live on in its edit', async () => {
      const { log } = await start()
      const { event } = await log.append(message('a', 'secret'))
      await log.append(message('a', 'next'))
      await log.append(edit('a', event.id, 'secret too'))
      await trim(log, { count: 1 }, noon)
      const stretch = await log.after(['a'], 1, log.head, 9)
      expect(JSON.stringify(stretch)).not.toContain('secret')
      expect(stretch.events).toHaveLength(2)
    })
  })

  describe(`${name}: what is kept for a while`, () => {
    keeping(async () => {
      const { log, place } = await start()
      let now = log
      return {
        log,
        again: async () => {
          if (place.lasting) now = await again(now, place)
          return now
        },
      }
    })
  })

  describe(`${name}: lives`, () => {
    test('each start is an epoch; ids and cursors of the ones before stay good', async (context) => {
      const { log, place } = await start()
      if (!place.lasting) return context.skip('this log ends with its process')
      const { event } = await log.append(message('a', 'one', 'ann', 'k'))
      const second = await again(log, place)
      const third = await again(second, place)
      expect(new Set(third.epochs.map(({ epoch }) => epoch)).size).toBe(3)
      expect(third.epochs.map(({ first }) => first)).toEqual([1, 2, 2])
      expect(third.head).toBe(1)
      expect(seqOf(third.epochs, third.head, event.id)).toBe(1)
      expect(seqOf(third.epochs, third.head, `${third.epochs[0]!.epoch}-2`)).toBe('epoch')
      expect(seqOf(third.epochs, third.head, `${third.epochs[2]!.epoch}-2`)).toBe('unknown')
      expect(seqOf(third.epochs, third.head, `${third.epochs[0]!.epoch}-0`)).toBe(0)
      const next = await third.append(message('a', 'two'))
      expect(next.event.id).toBe(`${third.epochs[2]!.epoch}-2`)
      expect(JSON.parse(next.event.json)).toMatchObject({ prev: event.id })
      expect(await third.append(message('a', 'again', 'ann', 'k'))).toEqual({ event, first: false })
      return undefined
    })

    test('of who did what a day is kept, and the newest thousand; what stands stays', async () => {
      const { log } = await start()
      const first = { ...record('a', 'bans', 'first', 1), key: 'k' }
      const all = Array.from({ length: 1004 }, (_, n) => record('a', 'bans', `${n % 2}`, n))
      await log.append(record('b', 'bans', 'x', 1))
      const { event } = await log.append(first)
      await Promise.all(all.map((entry) => log.append(entry)))
      const count = async (room: string): Promise<number> =>
        (await log.recorded(room, log.head + 1, 2000)).length
      expect([await count('a'), await count('b')]).toEqual([1005, 1])
      const later = first.at + 24 * 60 * 60 * 1000
      await log.append({ ...record('a', 'bans', 'last', 1), at: later })
      expect([await count('a'), await count('b')]).toEqual([1000, 1])
      expect(JSON.parse((await log.recorded('a', log.head + 1, 2000)).at(-1)!)).toMatchObject({
        value: 5,
      })
      expect(await log.records('a')).toHaveLength(4)
      // Its key still answers.
      const again = await log.append({ ...first, at: later })
      expect([again.first, again.event.seq]).toEqual([false, event.seq])
    })

    test('records are kept beside the stream, which they leave as it was', async () => {
      const { log, place } = await start()
      const first = await log.append(message('a', 'one'))
      await log.append(record('a', 'links', 'x', { role: 'own' }))
      await log.append(record('a', 'links', 'x', { role: 'speak' }))
      await log.append(record('a', 'bans', 'x', true))
      await log.append(record('a', 'bans', 'x', null))
      await log.append(record('a', 'bans', 'y', 1))
      const second = await log.append(message('a', 'two'))
      expect(JSON.parse(second.event.json)).toMatchObject({ prev: first.event.id })
      const now = place.lasting ? await again(log, place) : log
      expect(texts(await now.after(['a'], 0, now.head, 9))).toEqual(['one', 'two'])
      expect(texts(await now.newest('a', now.head, 9))).toEqual(['one', 'two'])
      const kept = await now.records('a')
      expect(kept.toSorted((one, other) => one.space.localeCompare(other.space))).toEqual([
        { space: 'bans', name: 'y', value: 1 },
        { space: 'links', name: 'x', value: { role: 'speak' } },
      ])
      const values = (all: readonly string[]): unknown[] =>
        all.map((json) => (JSON.parse(json) as { value: unknown }).value)
      expect(values(await now.recorded('a', now.head + 1, 3))).toEqual([1, null, true])
      expect(values(await now.recorded('a', 4, 9))).toEqual([{ role: 'speak' }, { role: 'own' }])
      // Each with what was kept before it.
      const befores = (await now.recorded('a', now.head + 1, 9)).map(
        (json) => (JSON.parse(json) as { before: unknown }).before,
      )
      expect(befores).toEqual([null, true, null, { role: 'own' }, null])
      await now.append(record('empty', 'links', 'x', 1))
      expect(await now.facts('empty')).toMatchObject({ messages: 0, newest: null, oldest: null })
      expect(await now.records('nobody')).toEqual([])
    })

    test('agrees with a model of it, whatever is done in whatever order', async () => {
      const { log, place } = await start()
      let now = log
      let run = 0
      const reopen = place.lasting
        ? async (): Promise<Log> => {
            now = await again(now, place)
            return now
          }
        : null
      await fc.assert(
        fc.asyncProperty(steps, async (all) => {
          run += 1
          await agree(now, all, `-${run}`, reopen)
        }),
        // What it found is told, where to make it smaller would take too long.
        { numRuns: 40, interruptAfterTimeLimit: 100_000, markInterruptAsFailure: true },
      )
    }, 120_000)
  })
}
