import type { Browser, Page } from 'playwright-core'
import { ask } from '../harness/ask.ts'
import { enter, faults, person } from './browser.ts'

export const TABS = 20

/** What was seen of twenty tabs of one browser in one room. Times are in milliseconds, with those of the test's own steps. */
export interface TwentyTabs {
  /** Open streams on the server: with all tabs open, and after the one that had the stream was closed. */
  readonly streams: readonly number[]
  /** From the first Enter until the server had stored a message of every tab. */
  readonly posts: number
  /** From the first Enter until every tab showed every message. */
  readonly complete: number
  /** From the closing of the tab that had the stream until the others showed what was said after it. */
  readonly healed: number
  /** What each tab that was left shows at the end. */
  readonly shown: readonly (readonly string[])[]
  readonly faults: readonly string[]
}

async function streams(server: string): Promise<number> {
  const { text } = await ask(server, '/metrics')
  return Number(/^hearsay_listeners (\d+)/m.exec(text)?.[1])
}

/** Waits in all tabs at once until each shows this many messages that the server has stored. */
async function showAll(tabs: readonly Page[], count: number): Promise<void> {
  const isThere = (all: number): boolean =>
    document.querySelectorAll('.row:not(.pending)').length >= all
  await Promise.all(
    tabs.map((tab) => tab.waitForFunction(isThere, count, { polling: 10, timeout: 30_000 })),
  )
}

/** Waits until nothing that was written in a tab waits any more. */
async function allSaid(tabs: readonly Page[]): Promise<void> {
  const isSaid = (): boolean =>
    document.querySelector('.row') !== null && !document.querySelector('.row.pending')
  await Promise.all(
    tabs.map((tab) => tab.waitForFunction(isSaid, undefined, { polling: 10, timeout: 30_000 })),
  )
}

/**
 * Opens the tabs, over HTTP/1.1, which allows a browser six connections to a server; says something from each; closes the one
 * that has the stream; and says something again.
 */
export async function twentyTabs(
  browser: Browser,
  server: string,
  room: string,
): Promise<TwentyTabs> {
  const address = `${server}/r/${room}`
  const { context, page: leader } = await person(browser)
  await enter(leader, address, 'Ada')
  const wrong: string[] = []
  const others: Page[] = []
  while (others.length < TABS - 1) {
    const tab = await context.newPage()
    tab.on('pageerror', (error) => wrong.push(error.message))
    await enter(tab, address)
    others.push(tab)
  }
  const tabs = [leader, ...others]
  const before = await streams(server)

  // Written first and sent after, so that the time is that of sending.
  for (const [at, tab] of tabs.entries()) await tab.locator('#composer').fill(`from tab ${at}`)
  const began = performance.now()
  const sending = tabs.map((tab) => tab.locator('#composer').press('Enter'))
  const said = Promise.all(sending).then(async () => {
    await allSaid(tabs)
    return performance.now() - began
  })
  await showAll(tabs, TABS)
  const complete = performance.now() - began
  const posts = await said

  await others[0]?.locator('#composer').fill('after that')
  const closing = performance.now()
  await leader.close()
  await others[0]?.locator('#composer').press('Enter')
  await showAll(others, TABS + 1)
  const healed = performance.now() - closing

  const after = await streams(server)
  const shown = await Promise.all(others.map((tab) => tab.locator('.row .text').allTextContents()))
  await context.close()
  const all = [...(faults.get(leader) ?? []), ...wrong]
  return { streams: [before, after], posts, complete, healed, shown, faults: all }
}
