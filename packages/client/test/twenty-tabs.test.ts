import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
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
import { RealServer } from './server.ts'

let browser: Browser
let pages: Fixture
let server: RealServer

beforeEach(({ skip }) => skip(!isOurNode))

beforeAll(async () => {
  browser = await launch()
  pages = await new Fixture().listen()
  await servePage(pages)
  server = await RealServer.start('--memory')
})
afterAll(async () => {
  await browser.close()
  await pages.stop()
  await server.stop()
})

/** The texts that a tab shows, once it shows this many and none is pending. */
async function allOf(page: Page, count: number): Promise<string[]> {
  const shown = await page.waitForFunction(
    (wanted) => {
      const { messages, pending } = globalThis.hearsay.joined['lobby']!.room.snapshot
      return messages.length === wanted && pending.length === 0 && messages.map(({ text }) => text)
    },
    count,
    { polling: 100, timeout: 20_000 },
  )
  return (await shown.jsonValue()) as string[]
}

/** The server may not have seen yet that one was closed. */
async function hasOneStream(): Promise<void> {
  await expect.poll(() => server.streams()).toBe(1)
}

test('twenty tabs of one browser over HTTP/1.1, on the server as it is', async () => {
  const context = await browser.newContext()
  const tabs: Page[] = []
  for (let i = 0; i < 20; i++) {
    const page = await openTab(context, pages.url)
    await joinIn(page, 'lobby', server.url)
    await isIn(page, 'live')
    tabs.push(page)
  }
  await hasOneStream()

  const began = performance.now()
  await Promise.all(tabs.map((page, i) => sayIn(page, `from ${i}`)))
  const shown = await Promise.all(tabs.map((page) => allOf(page, 20)))
  console.info(
    `a post from each of 20 tabs, all on all: ${Math.round(performance.now() - began)} ms`,
  )
  for (const texts of shown) expect(texts).toEqual(shown[0])
  await hasOneStream()

  const [leader, ...others] = tabs
  await leader!.close()
  const closed = performance.now()
  await sayIn(others[0]!, 'after')
  for (const page of others) await shows(page, [...shown[0]!, 'after'])
  console.info(`after the leader closed, all whole: ${Math.round(performance.now() - closed)} ms`)
  await hasOneStream()
  await context.close()
}, 60_000)
