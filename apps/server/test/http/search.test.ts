import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Found, History, Message } from '@hearsay/protocol'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { edit, message, remove, trim } from '../../../../test/conformance/entries.ts'
import { ask, bearer, say } from '../../../../test/harness/ask.ts'
import { folder, open } from '../../../../test/harness/server.ts'
import type { Running } from '../../src/index.ts'
import { openLog } from '../../src/log/local.ts'
import type { Log } from '../../src/log/log.ts'

let server: Running
let url: string
beforeAll(async () => {
  server = await open('--limits', 'off')
  url = server.url
})
afterAll(() => server.close())

const ann = bearer('ann')
const q = (query: string): string => encodeURIComponent(query)

async function search(room: string, query: string, rest = ''): Promise<Found> {
  const answer = await ask(url, `/r/${room}/messages?q=${q(query)}${rest}`)
  expect([answer.status, answer.headers['content-type']]).toEqual([
    200,
    'application/json; charset=utf-8',
  ])
  return answer.json() as Found
}
const texts = ({ messages }: { messages: readonly Message[] }): string[] =>
  messages.map(({ text }) => text)
const said = async (room: string, text: string): Promise<Message> =>
  (await say(url, room, text, ann)).json() as unknown as Message

describe('a search', () => {
  it('finds messages with all the words, newest first, whatever their case and accents', async () => {
    for (const text of ['One café', 'two CAFE, one!', 'cafeteria', 'tea']) await said('case', text)
    expect(texts(await search('case', 'cafe'))).toEqual(['two CAFE, one!', 'One café'])
    expect(texts(await search('case', 'CAFÉ two'))).toEqual(['two CAFE, one!'])
    expect(texts(await search('case', 'cafe tea'))).toEqual([])
    expect(texts(await search('nobody-was-here', 'cafe'))).toEqual([])
  })

  it('finds words of scripts that put no space between them', async () => {
    for (const text of ['今日は良い天気です', '天気', '気天', 'สวัสดีครับ']) await said('kanji', text)
    expect(texts(await search('kanji', '天気'))).toEqual(['天気', '今日は良い天気です'])
    expect(texts(await search('kanji', 'ครับ'))).toEqual(['สวัสดีครับ'])
  })

  it('follows what is said, edited and deleted after the first search', async () => {
    await said('live', 'marmalade one')
    expect(texts(await search('live', 'marmalade'))).toEqual(['marmalade one'])
    const { id } = await said('live', 'marmalade two')
    expect(texts(await search('live', 'marmalade'))).toEqual(['marmalade two', 'marmalade one'])
    await ask(url, `/r/live/messages/${id}`, {
      method: 'PATCH',
      headers: { ...ann, 'content-type': 'text/plain' },
      body: 'honey',
    })
    expect(texts(await search('live', 'marmalade'))).toEqual(['marmalade one'])
    expect(texts(await search('live', 'honey'))).toEqual(['honey'])
    await ask(url, `/r/live/messages/${id}`, { method: 'DELETE', headers: ann })
    expect(texts(await search('live', 'honey'))).toEqual([])
  })

  it('is paged with the cursor it answers', async () => {
    for (let i = 0; i < 7; i++) await said('pages', `page ${i}`)
    const found: string[] = []
    let before: string | null = null
    do {
      const page = await search('pages', 'page', `&limit=3${before ? `&before=${before}` : ''}`)
      found.push(...texts(page))
      ;({ before } = page)
    } while (before !== null)
    expect(found).toEqual([6, 5, 4, 3, 2, 1, 0].map((i) => `page ${i}`))
  })

  it.each([
    ['nothing', 'q='],
    ['no word', `q=${q('"*()-:^ 🎉')}`],
    ['too much', `q=${'a'.repeat(101)}`],
    ['two queries', 'q=a&q=b'],
    ['a wrong way', 'q=a&after=x-1'],
    ['around', 'q=a&around=x-1'],
    ['a cursor of elsewhere', 'q=a&before=zzz-1'],
    ['no page', 'q=a&limit=0'],
  ])('for %s is 400', async (_, query) => {
    const answer = await ask(url, `/r/case/messages?${query}`)
    expect([answer.status, answer.json()['code']]).toEqual([400, 'bad-query'])
  })

  it('takes any query, in which nothing is an operator', async () => {
    for (const text of ['alpha beta', 'alpha', 'beta OR gamma']) await said('any', text)
    expect(texts(await search('any', 'alpha OR beta'))).toEqual([])
    expect(texts(await search('any', 'gamma OR beta'))).toEqual(['beta OR gamma'])
    expect(texts(await search('any', 'NOT alpha'))).toEqual([])
    expect(texts(await search('any', 'text:alpha'))).toEqual([])
    const piece = fc.constantFrom(
      'alpha',
      '"',
      '*',
      '^',
      'NEAR(',
      ')',
      ' AND ',
      '-',
      ':',
      '\0',
      '{',
    )
    const query = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 30 }),
      fc.array(piece, { maxLength: 8 }).map((all) => all.join('')),
    )
    await fc.assert(
      fc.asyncProperty(query, async (text) => {
        const { status } = await ask(url, `/r/any/messages?q=${q(text.slice(0, 100))}`)
        const isEmpty = !/[\p{L}\p{N}\p{M}\p{Co}]/u.test(text.slice(0, 100))
        expect(status).toBe(isEmpty ? 400 : 200)
      }),
      { numRuns: 200 },
    )
  })

  it('is for who may hear the room, and has its limit', async () => {
    const limited = await open()
    try {
      const made = await ask(limited.url, '/rooms', {
        method: 'POST',
        headers: { ...ann, 'content-type': 'application/json' },
        body: JSON.stringify({ room: 'mine', settings: { hear: 'invited' } }),
      })
      expect(made.status).toBe(201)
      const refused = await ask(limited.url, '/r/mine/messages?q=a', { headers: bearer('bob') })
      expect([refused.status, refused.json()['code']]).toEqual([403, 'by-invitation'])
      const statuses: number[] = []
      for (let i = 0; i < 12; i++)
        statuses.push(
          (await ask(limited.url, '/r/open/messages?q=a', { headers: bearer('bob') })).status,
        )
      expect(statuses.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 200))
      expect(statuses).toContain(429)
    } finally {
      await limited.close()
    }
  })
})

describe('history', () => {
  it('can be read around a message', async () => {
    const ids: string[] = []
    for (let i = 0; i < 9; i++) ids.push((await said('around', `m${i}`)).id)
    const page = (
      await ask(url, `/r/around/messages?around=${ids[4]}&limit=4`)
    ).json() as unknown as History
    expect(texts(page)).toEqual(['m3', 'm4', 'm5', 'm6'])
    expect([page.before, page.after]).toEqual([ids[3], ids[6]])
    for (const query of ['around=x', `around=${ids[4]}&before=${ids[5]}`, 'limit=1&limit=2']) {
      const { status } = await ask(url, `/r/around/messages?${query}`)
      expect([query, status]).toEqual([query, 400])
    }
  })
})

async function ids(log: Log, room: string, word: string): Promise<number[]> {
  const { messages } = await log.search(room, [word], { limit: 200 })
  return messages.map((json) => Number((JSON.parse(json) as Message).id.split('-')[1]))
}

describe('the index', () => {
  it('agrees with looking through everything, whatever is said, edited, deleted and trimmed', async () => {
    const word = fc.constantFrom('red', 'green', 'blue')
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ do: fc.constant('say' as const), text: word }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('find' as const), text: word }) },
      fc.record({
        do: fc.constantFrom('edit' as const, 'delete' as const),
        at: fc.nat(),
        text: word,
      }),
      fc.record({ do: fc.constant('trim' as const), keep: fc.integer({ min: 1, max: 8 }) }),
    )
    const log = await openLog({ dir: null })
    let rooms = 0
    const run = fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const room = `r${rooms++}`
      let model: { id: string; seq: number; text: string }[] = []
      for (const each of steps) {
        const target = 'at' in each && model.length > 0 ? model[each.at % model.length]! : undefined
        if (each.do === 'say') {
          const { event } = await log.append(message(room, `x ${each.text} y`))
          model.push({ id: event.id, seq: event.seq, text: each.text })
        } else if (each.do === 'trim') {
          await trim(log, { count: each.keep }, 0)
          model = model.slice(-each.keep)
        } else if (each.do === 'find') {
          const expected = model.filter(({ text }) => text === each.text).map(({ seq }) => seq)
          expect(await ids(log, room, each.text)).toEqual(expected.reverse())
        } else if (target && target.text !== '') {
          target.text = each.do === 'edit' ? each.text : ''
          await log.append(
            each.do === 'edit' ? edit(room, target.id, each.text) : remove(room, target.id),
          )
        }
      }
    })
    await fc.assert(run, { numRuns: 60 })
    await log.close()
  })

  it('holds the newest 20,000 messages and says so; more rooms than it has room for are searched all the same', async () => {
    const log = await openLog({ dir: null })
    const many = Array.from({ length: 20_100 }, (_, i) => log.append(message('big', `number ${i}`)))
    const all = await Promise.all(many)
    const found = await log.search('big', ['number'], { limit: 2 })
    expect(found.since).toBe(all[100]!.event.id)
    expect(found.messages.map((json) => (JSON.parse(json) as Message).text)).toEqual([
      'number 20099',
      'number 20098',
    ])
    expect(await ids(log, 'big', '99')).toEqual([])
    expect(await ids(log, 'big', '100')).toEqual([all[100]!.event.seq])
    await log.append(message('big', 'one more'))
    expect((await log.search('big', ['more'], { limit: 2 })).since).toBe(all[101]!.event.id)
    const rooms = Array.from({ length: 45 }, (_, i) => `small${i}`)
    await Promise.all(rooms.map((room) => log.append(message(room, `about ${room}`))))
    for (const round of [1, 2]) {
      const counts = await Promise.all(
        rooms.map(async (room) => (await ids(log, room, room)).length),
      )
      expect([round, counts]).toEqual([round, rooms.map(() => 1)])
    }
    await log.close()
  })

  it('leaves no word of a deleted message in any file', async () => {
    const data = folder()
    const log = await openLog({ dir: data.path })
    const { event } = await log.append(message('a', 'the word is xylophone'))
    expect(await ids(log, 'a', 'xylophone')).toEqual([event.seq])
    await log.append(remove('a', event.id))
    expect(await ids(log, 'a', 'xylophone')).toEqual([])
    for (const file of readdirSync(data.path))
      expect([file, readFileSync(join(data.path, file)).includes('xylophone')]).toEqual([
        file,
        false,
      ])
    await log.close()
    data.remove()
  })
})
