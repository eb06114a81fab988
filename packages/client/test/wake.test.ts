import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  isIn,
  joinIn,
  launch,
  openTab,
  sayIn,
  servePage,
  shows,
  isOurNode,
} from './browser/browser.ts'
import { Fixture } from './fixture.ts'
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
  // In every tab the clock and the visibility are the test's.
  await context.addInitScript(() => {
    const real = Date.now.bind(Date)
    let ahead = 0
    Date.now = () => real() + ahead
    let shown = 'visible'
    Object.defineProperty(document, 'visibilityState', { get: () => shown })
    Object.assign(globalThis, {
      later: (milliseconds: number) => (ahead += milliseconds),
      turn: (state: string) => {
        shown = state
        document.dispatchEvent(new Event('visibilitychange'))
      },
    })
  })
})
afterEach(async () => {
  await context.close()
  await server.stop()
})

async function openRoom(): Promise<Page> {
  const page = await openTab(context, server.url)
  await joinIn(page)
  await isIn(page, 'live')
  return page
}

const later = (page: Page, milliseconds: number): Promise<unknown> =>
  page.evaluate(
    (ms) => (globalThis as unknown as { later(ms: number): void }).later(ms),
    milliseconds,
  )
const turn = (page: Page, state: 'hidden' | 'visible'): Promise<unknown> =>
  page.evaluate((to) => (globalThis as unknown as { turn(to: string): void }).turn(to), state)

test('shown again after more than five seconds: a fresh stream with the last id', async () => {
  const page = await openRoom()
  server.say('lobby', 'a')
  await shows(page, ['a'])
  const asked: unknown[] = []
  server.intercept = ({ headers }) => {
    if (headers.accept === 'text/event-stream') asked.push(headers['last-event-id'])
    return false
  }
  await turn(page, 'hidden')
  await later(page, 6000)
  await turn(page, 'visible')
  await until('there is a fresh one', () => asked.length === 1)
  expect(asked).toEqual(['e1-1'])
  await until('the old one is gone', () => server.streams.size === 1)
  await isIn(page, 'live')
})

test('shown again after a moment: the stream is left alone', async () => {
  const page = await openRoom()
  await turn(page, 'hidden')
  await later(page, 4000)
  await turn(page, 'visible')
  server.say('lobby', 'a')
  await shows(page, ['a'])
  expect(server.opened).toBe(1)
})

test('online again: a fresh stream at once', async () => {
  const page = await openRoom()
  await later(page, 2000)
  await page.evaluate(() => dispatchEvent(new Event('online')))
  await until('there is a fresh one', () => server.opened === 2)
})

test('offline is said at once, what is written waits and goes out on return', async () => {
  const page = await openRoom()
  await context.setOffline(true)
  await page.waitForFunction(() => {
    const { connection } = globalThis.hearsay.joined['lobby']!.room.snapshot
    return connection.phase === 'waiting' && connection.reason === 'offline'
  })
  await sayIn(page, 'a')
  await shows(page, ['[a]'])
  server.say('lobby', 'b')
  await context.setOffline(false)
  await shows(page, ['b', 'a'])
  await isIn(page, 'live')
  expect(server.texts('lobby')).toEqual(['b', 'a'])
})

test('where hidden pages are stopped (iOS) the stream is given up, and another tab has one', async () => {
  await context.addInitScript(() => {
    Object.defineProperty(navigator, 'standalone', { value: false })
    Object.defineProperty(navigator, 'maxTouchPoints', { value: 5 })
  })
  const [first, second] = [await openRoom(), await openRoom()]
  expect(server.opened).toBe(1)
  await turn(first, 'hidden')
  await isIn(first, 'waiting')
  await until('the other one has it', () => server.opened === 2)
  server.say('lobby', 'meanwhile')
  await shows(second, ['meanwhile'])
  await turn(first, 'visible')
  await shows(first, ['meanwhile'])
  await isIn(first, 'live')
  await until('there is one stream', () => server.streams.size === 1)
})
