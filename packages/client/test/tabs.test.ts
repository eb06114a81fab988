import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  freeze,
  isIn,
  joinIn,
  launch,
  openTab,
  sayIn,
  servePage,
  shows,
  textsIn,
  isOurNode,
} from './browser/browser.ts'
import { Fixture, problem } from './fixture.ts'
import { until } from './until.ts'

let browser: Browser
let context: BrowserContext
let server: Fixture

beforeAll(async () => {
  browser = await launch()
})
afterAll(() => browser.close())

beforeEach(async ({ skip }) => {
  skip(!isOurNode)
  server = await new Fixture().listen()
  await servePage(server)
  context = await browser.newContext()
})
afterEach(async () => {
  await context.close()
  await server.stop()
})

async function openTabs(count: number): Promise<Page[]> {
  const pages: Page[] = []
  for (let i = 0; i < count; i++) {
    const page = await openTab(context, server.url)
    await joinIn(page)
    await isIn(page, 'live')
    pages.push(page)
  }
  return pages
}

test('ten tabs have one stream, each speaks, all hear everything in one order', async () => {
  const pages = await openTabs(10)
  expect(server.streams.size).toBe(1)
  await Promise.all(pages.map((page, i) => sayIn(page, `from ${i}`)))
  await until('all were said', () => server.log.length === 10)
  for (const page of pages) await shows(page, server.texts('lobby'))
  expect(server.streams.size).toBe(1)
  expect(server.opened).toBe(1)
}, 60_000)

describe('the leader', () => {
  test('closes, another takes over, nothing is missed', async () => {
    const [leader, ...others] = await openTabs(4)
    server.say('lobby', 'before')
    for (const page of others) await shows(page, ['before'])
    const closed = leader!.close()
    for (let i = 0; i < 20; i++) {
      server.say('lobby', `during ${i}`)
      await new Promise(setImmediate)
    }
    await closed
    server.say('lobby', 'after')
    for (const page of others) await shows(page, server.texts('lobby'))
    await until('there is one stream', () => server.streams.size === 1)
    // The new one went on from its cursor: nothing was fetched twice.
    expect(server.opened).toBe(2)
  })

  test('crashes, another takes over', async () => {
    const [leader, ...others] = await openTabs(3)
    const crashed = leader!.waitForEvent('crash')
    void leader!.goto('chrome://crash').catch(() => {})
    await crashed
    server.say('lobby', 'after')
    for (const page of others) await shows(page, ['after'])
    await until('there is one stream', () => server.streams.size === 1)
  })

  test('is frozen, another takes over; thawed, it follows, and has missed nothing', async () => {
    const [leader, ...others] = await openTabs(3)
    const thaw = await freeze(leader!)
    server.say('lobby', 'while frozen')
    for (const page of others) await shows(page, ['while frozen'])
    // Two may take over at once: then one of them gives way to the other.
    expect(server.opened).toBeGreaterThan(1)
    await thaw()
    await shows(leader!, ['while frozen'])
    server.say('lobby', 'thawed')
    for (const page of [leader!, ...others]) await shows(page, ['while frozen', 'thawed'])
    await until('there is one stream', () => server.streams.size === 1)
  }, 60_000)
})

test('a tab that comes late and one that slept get what they missed', async () => {
  const [first, second] = await openTabs(2)
  const thaw = await freeze(second!)
  // More than the leader keeps for latecomers.
  for (let i = 0; i < 300; i++) server.say('lobby', `${i}`)
  await shows(first!, server.texts('lobby'))
  await thaw()
  await shows(second!, server.texts('lobby'))
  const late = await openTab(context, server.url)
  await joinIn(late)
  await shows(late, server.texts('lobby').slice(-50))
  server.say('lobby', 'end')
  await shows(late, server.texts('lobby').slice(-51))
  await until('there is one stream', () => server.streams.size === 1)
})

test('a tab that slept while the log was put back from a backup is told, though its number is lower now', async () => {
  const [first, second] = await openTabs(2)
  for (let i = 0; i < 20; i++) server.say('lobby', `${i}`)
  await shows(second!, server.texts('lobby'))
  const thaw = await freeze(second!)
  server.restore(5)
  await shows(first!, server.texts('lobby'))
  server.say('lobby', 'new')
  await shows(first!, server.texts('lobby'))
  await thaw()
  await shows(second!, server.texts('lobby'))
  server.say('lobby', 'newer')
  for (const page of [first!, second!]) await shows(page, server.texts('lobby'))
  expect((await textsIn(second!)).slice(-2)).toEqual(['new', 'newer'])
})

test('tabs in different rooms share the stream too; a room is left with its last tab', async () => {
  const [a, b] = [await openTab(context, server.url), await openTab(context, server.url)]
  await joinIn(a, 'a')
  await isIn(a, 'live', 'a')
  await joinIn(b, 'b')
  await isIn(b, 'live', 'b')
  await until('there is one stream', () => server.streams.size === 1)
  expect([...server.streams][0]?.rooms).toEqual(['a', 'b'])
  server.say('a', 'a1')
  server.say('b', 'b1')
  await shows(a, ['a1'], 'a')
  await shows(b, ['b1'], 'b')
  await b.close()
  await until('the room is left', () =>
    [...server.streams].every(({ rooms }) => rooms.join() === 'a'),
  )
  server.say('a', 'a2')
  await shows(a, ['a1', 'a2'], 'a')
})

test('a quiet room is resumed where the stream is, not where it last spoke', async () => {
  const asked: (string | undefined)[] = []
  const [quiet, busy] = [await openTab(context, server.url), await openTab(context, server.url)]
  await joinIn(quiet, 'quiet')
  await isIn(quiet, 'live', 'quiet')
  await joinIn(busy, 'busy')
  await isIn(busy, 'live', 'busy')
  for (let i = 0; i < 20; i++) server.say('busy', `${i}`)
  await shows(busy, server.texts('busy'), 'busy')
  server.intercept = ({ headers }) => {
    if (headers.accept === 'text/event-stream') asked.push(String(headers['last-event-id']))
    return false
  }
  await busy.close()
  await until('it was asked for anew', () => asked.length > 0)
  expect(new Set(asked)).toEqual(new Set(['e1-20']))
})

test('a new leader goes on from where it is, not from where another was when it last asked', async () => {
  const [leader, next] = await openTabs(2)
  const other = await openTab(context, server.url)
  await joinIn(other, 'b')
  await isIn(other, 'live', 'b')
  server.say('b', 'b1')
  await shows(other, ['b1'], 'b')
  // With another room it asks for this one anew, and says how far it has heard it.
  await joinIn(other, 'c')
  await until('the stream has it', () =>
    [...server.streams].some(({ rooms }) => rooms.includes('c')),
  )
  server.say('c', 'c1')
  await shows(other, ['c1'], 'c')
  for (let i = 0; i < 20; i++) server.say('lobby', `${i}`)
  server.say('b', 'b2')
  server.say('lobby', 'end')
  await shows(other, ['b1', 'b2'], 'b')
  await shows(next!, server.texts('lobby'))
  server.oldest = 20
  const asked: unknown[] = []
  server.intercept = ({ headers }) => {
    if (headers.accept === 'text/event-stream') asked.push(headers['last-event-id'])
    return false
  }
  await leader!.close()
  await until('it was asked for anew', () => asked.length > 0)
  expect(asked[0]).toBe('e1-24')
  server.say('b', 'b3')
  await shows(other, ['b1', 'b2', 'b3'], 'b')
  const gaps = await other.evaluate(() => globalThis.hearsay.joined['b']!.room.snapshot.gaps)
  expect(gaps).toEqual([])
})

test('a room that was refused beside another one is heard once it lets in', async () => {
  let isBanned = true
  server.intercept = (_request, response, url) => {
    const asks = url.pathname === '/r/b' || url.searchParams.getAll('room').includes('b')
    if (isBanned && asks) problem(response, 403, 'banned')
    return isBanned && asks
  }
  const [a, b] = [await openTab(context, server.url), await openTab(context, server.url)]
  await joinIn(a, 'a')
  await isIn(a, 'live', 'a')
  await joinIn(b, 'b')
  await isIn(b, 'refused', 'b')
  await isIn(a, 'live', 'a')
  isBanned = false
  await b.evaluate(() => globalThis.hearsay.joined['b']!.room.reconnect())
  await isIn(b, 'live', 'b')
  server.say('b', 'b1')
  server.say('a', 'a1')
  await shows(b, ['b1'], 'b')
  await shows(a, ['a1'], 'a')
  await until('there is one stream', () => server.streams.size === 1)
})

test('everyone shows the same state, and anyone may try again', async () => {
  const pages = await openTabs(3)
  const { port } = server
  await server.stop()
  for (const page of pages) await isIn(page, 'waiting')
  await sayIn(pages[2]!, 'written meanwhile')
  await shows(pages[2]!, ['[written meanwhile]'])
  const again = await new Fixture().listen(port)
  await servePage(again)
  await pages[1]!.evaluate(() => globalThis.hearsay.joined['lobby']!.room.reconnect())
  for (const page of pages) await isIn(page, 'live')
  for (const page of pages) await shows(page, ['written meanwhile'])
  await until('there is one stream', () => again.streams.size === 1)
  server = again
})

test('a page that was put aside and comes back is whole again', async () => {
  const [page, other] = await openTabs(2)
  await page!.evaluate(() => dispatchEvent(new PageTransitionEvent('pagehide')))
  await isIn(page!, 'waiting')
  server.say('lobby', 'meanwhile')
  await shows(other!, ['meanwhile'])
  expect(await textsIn(page!)).toEqual([])
  await page!.evaluate(() =>
    dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })),
  )
  await shows(page!, ['meanwhile'])
})

describe('without a secure context there are no Web Locks', () => {
  async function openInsecure(count: number): Promise<Page[]> {
    // To the browser this name is a machine on the local network.
    await context.close()
    await browser.close()
    browser = await launch(['--host-resolver-rules=MAP room.test 127.0.0.1'])
    context = await browser.newContext()
    const pages: Page[] = []
    for (let i = 0; i < count; i++) {
      const page = await openTab(context, `http://room.test:${server.port}`)
      expect(await page.evaluate(() => 'locks' in navigator)).toBe(false)
      await joinIn(page)
      await isIn(page, 'live')
      pages.push(page)
    }
    return pages
  }

  test('tabs agree on a leader all the same, and on another when it goes', async () => {
    const [leader, ...others] = await openInsecure(4)
    await until('there is one stream', () => server.streams.size === 1)
    await Promise.all(others.map((page, i) => sayIn(page, `from ${i}`)))
    await until('all were said', () => server.log.length === 3)
    for (const page of [leader!, ...others]) await shows(page, server.texts('lobby'))
    await leader!.close()
    server.say('lobby', 'after')
    for (const page of others) await shows(page, server.texts('lobby'))
    await until('there is one stream', () => server.streams.size === 1)
  })

  test('what waits in one that is closed, another says: once, and in its order', async () => {
    const [a, b, c] = (await openInsecure(3)) as [Page, Page, Page]
    let isDown = true
    server.intercept = ({ method }, response) => {
      if (method !== 'POST' || !isDown) return false
      response.destroy()
      return true
    }
    for (const text of ['a1', 'a2']) await sayIn(a, text)
    for (const page of [b, c]) await shows(page, ['[a1]', '[a2]'])
    await a.close()
    isDown = false
    for (const page of [b, c]) await shows(page, ['a1', 'a2'])
    expect(server.texts('lobby')).toEqual(['a1', 'a2'])
  })
})
