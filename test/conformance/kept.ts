import { expect, test } from 'vitest'
import type { Log } from '../../apps/server/src/log/log.ts'
import { edit, hide, hold, hour, message, noon, putBack, react, remove, texts } from './entries.ts'

const parse = (json: string | null): Record<string, unknown> =>
  JSON.parse(json!) as Record<string, unknown>

/** What every log promises of what is kept only for a while: what is hidden, and what is held. */
export function keeping(start: () => Promise<{ log: Log; again: () => Promise<Log> }>): void {
  test('what is hidden is deleted for everyone, and an edit brings it back as it was', async () => {
    const { log, again } = await start()
    const { event } = await log.append(message('a', 'first', 'ann', 'k'))
    await log.append(edit('a', event.id, 'said'))
    await log.append(react('a', event.id, '🍰', true, 'bob'))
    const before = await log.message('a', event.seq)
    const gone = await log.append(hide('a', event.id, 'x'))
    expect(parse(gone.event.json)).toMatchObject({ target: event.id })
    expect(gone.event.kind).toBe('delete')
    const seen = JSON.stringify([
      await log.after(['a'], 0, log.head, 9),
      await log.page('a', { limit: 9 }),
      await log.message('a', event.seq),
      await log.search('a', ['said'], { limit: 9 }),
      (await log.append(message('a', 'again', 'ann', 'k'))).event,
    ])
    expect(seen).not.toMatch(/said|first|🍰":|again/)
    expect(parse(await log.message('a', event.seq))).not.toHaveProperty('reactions')
    for (const late of [edit('a', event.id, 'x'), react('a', event.id, 'ok', true)])
      await expect(log.append(late)).rejects.toMatchObject({ code: 'not-found' })
    expect(await log.append(hide('a', event.id, 'y'))).toEqual({ event: gone.event, first: false })
    const now = await again()
    expect(await now.hidden('a')).toEqual([{ act: 'x', messages: 1 }])
    expect(await now.hiddenBy('a', 'x')).toEqual([event.id])
    const back = await now.append(putBack('a', event.id))
    expect(back.event.kind).toBe('edit')
    expect(parse(back.event.json)).toMatchObject({
      prev: gone.event.id,
      target: event.id,
      text: 'said',
      restored: true,
      reactions: { '🍰': ['bob'] },
    })
    expect(await now.message('a', event.seq)).toBe(before)
    expect((await now.search('a', ['said'], { limit: 9 })).messages).toEqual([before])
    expect(await now.hidden('a')).toEqual([])
    await expect(now.append(putBack('a', event.id))).rejects.toMatchObject({ code: 'not-found' })
  })

  test('after its hour, or once its author deletes it, what was hidden can not be put back', async () => {
    const { log, again } = await start()
    const late = (await log.append(message('a', 'secret'))).event
    const own = (await log.append(message('a', 'secret too'))).event
    const gone = (await log.append(hide('a', late.id, 'x', noon + hour))).event
    await log.append(hide('a', own.id, 'x', noon))
    expect(await log.expire(noon)).toBe(noon + hour)
    expect((await log.append(remove('a', own.id))).first).toBe(false)
    expect(await log.hiddenBy('a', 'x')).toEqual([late.id])
    const now = await again()
    expect(await now.expire(noon + 2 * hour - 1)).toBe(noon + 2 * hour)
    expect(await now.expire(noon + 2 * hour)).toBeNull()
    for (const { id } of [late, own])
      await expect(now.append(putBack('a', id))).rejects.toMatchObject({ code: 'not-found' })
    expect((await now.append(remove('a', late.id))).event).toEqual(gone)
    expect(texts(await now.after(['a'], 0, 2, 9))).toEqual(['', ''])
  })

  test('what is put back, hidden again and deleted lives on in no event', async () => {
    const { log } = await start()
    const { event } = await log.append(message('a', 'secret'))
    await log.append(react('a', event.id, 'ok', true, 'bob'))
    for (const act of ['x', 'y']) {
      await log.append(hide('a', event.id, act))
      await log.append(putBack('a', event.id))
    }
    const last = await log.append(remove('a', event.id))
    const { events } = await log.after(['a'], 0, log.head, 99)
    expect(JSON.stringify(events)).not.toMatch(/secret|"reactions"/)
    expect(await log.append(remove('a', event.id))).toEqual({ event: last.event, first: false })
  })

  test('what is held is in no event, no history and no search, and its key finds it', async () => {
    const { log, again } = await start()
    const first = (await log.append(message('a', 'hello'))).event
    const held = await log.append(hold('a', 'may I?', 'bob', 'k'))
    expect(parse(held.event.json)).toMatchObject({ held: true, text: 'may I?', key: 'k' })
    expect(parse(held.event.json)).not.toHaveProperty('prev')
    const next = (await log.append(message('a', 'hello again'))).event
    expect(parse(next.json)).toMatchObject({ prev: first.id })
    const now = await again()
    expect(await now.append(message('a', 'may I?', 'bob', 'k'))).toEqual({
      event: held.event,
      first: false,
    })
    const seen = JSON.stringify([
      await now.after(['a'], 0, now.head, 9),
      await now.newest('a', now.head, 9),
      await now.page('a', { limit: 9 }),
      await now.message('a', held.event.seq),
      await now.search('a', ['may'], { limit: 9 }),
      await now.recorded('a', now.head + 1, 9),
    ])
    expect(seen).not.toContain('may I')
    expect(await now.held('a', 0, 9)).toEqual([held.event.json])
    expect(await now.facts('a')).toMatchObject({ messages: 2, newest: next.id })
    for (const entry of [remove('a', held.event.id), edit('a', held.event.id, 'x')])
      await expect(now.append(entry)).rejects.toMatchObject({ code: 'not-found' })
  })

  test('what is approved is a message from then on, once; what is refused is nowhere', async () => {
    const { log } = await start()
    const held = (await log.append(hold('a', 'may I?', 'bob', 'k'))).event
    const first = (await log.append(message('a', 'hello'))).event
    const approval = { ...message('a', 'may I?', 'bob', 'k'), held: held.id }
    const approved = await log.append(approval)
    expect(approved.first).toBe(true)
    expect(parse(approved.event.json)).toMatchObject({ prev: first.id, text: 'may I?', key: 'k' })
    expect(await log.append(approval)).toEqual({ event: approved.event, first: false })
    expect(await log.append(hold('a', 'may I?', 'bob', 'k'))).toEqual({
      event: approved.event,
      first: false,
    })
    const other = (await log.append(hold('a', 'buy this', 'eve', 'k'))).event
    const drop = {
      kind: 'drop',
      room: 'a',
      at: noon,
      from: approval.from,
      target: other.id,
    } as const
    await log.append(drop)
    for (const late of [drop, { ...message('a', 'buy this', 'eve', 'k2'), held: other.id }])
      await expect(log.append(late)).rejects.toMatchObject({ code: 'not-found' })
    expect(await log.held('a', 0, 9)).toEqual([])
    const again = await log.append(hold('a', 'buy this', 'eve', 'k'))
    expect(parse(again.event.json)).toMatchObject({ id: other.id, text: '', deleted: true })
    expect(texts(await log.after(['a'], 0, log.head, 9))).toEqual(['hello', 'may I?'])
  })

  test('of one person 20 wait and of a room 500, each for a day', async () => {
    const { log } = await start()
    const all = Array.from({ length: 25 }, (_, i) => log.append(hold('a', `${i}`, 'eve')))
    const settled = await Promise.allSettled(all)
    expect(settled.map(({ status }) => status)).toEqual([
      ...Array.from({ length: 20 }, () => 'fulfilled'),
      ...Array.from({ length: 5 }, () => 'rejected'),
    ])
    await expect(all[24]).rejects.toMatchObject({ code: 'too-many' })
    await Promise.all(Array.from({ length: 480 }, (_, i) => log.append(hold('a', 'x', `p${i}`))))
    await expect(log.append(hold('a', 'x', 'ann'))).rejects.toMatchObject({ code: 'too-many' })
    await log.append(hold('b', 'x', 'eve'))
    expect(await log.held('a', 0, 999)).toHaveLength(500)
    expect(await log.expire(noon + 24 * hour - 1)).toBe(noon + 24 * hour)
    expect(await log.held('a', 0, 999)).toHaveLength(500)
    expect(await log.expire(noon + 24 * hour)).toBeNull()
    expect(await log.held('a', 0, 999)).toEqual([])
    await log.append(hold('a', 'x', 'eve'))
  })

  test('the seq of what is gone is given to nobody else, however often the log is opened', async () => {
    const { log, again } = await start()
    const first = await log.append(message('a', 'one'))
    await log.append(hold('a', 'nobody decides on it'))
    await log.expire(noon + 24 * hour)
    const once = await again()
    expect(once.head).toBe(2)
    const other = await once.append(hold('a', 'nor on this'))
    expect(other.event.seq).toBe(3)
    await once.expire(noon + 24 * hour)
    const twice = await again()
    const { event } = await twice.append(message('a', 'two'))
    expect(event.seq).toBe(4)
    expect(JSON.parse(event.json)).toMatchObject({ prev: first.event.id })
  })
}
