import type { Browser, Page } from 'playwright-core'
import { ask } from '../harness/ask.ts'
import { enter, faults, person } from './browser.ts'

export const TABS = 20

/**
 * What was seen of twenty tabs of one browser in one room. Times are in milliseconds, and were taken within the pages, by the
 * clock of the machine that all of them share: that a driver needs seconds to press twenty keys is not the page's affair.
 */
export interface TwentyTabs {
  /** Open streams on the server: with all tabs open, and after the one that had the stream was closed. */
  readonly streams: readonly number[]
  /** From the first Enter until the server had stored a message of every tab, by the time that it gave to the last. */
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

/** When things happened in a tab: milliseconds since 1970. */
interface Times {
  readonly entered: number
  readonly complete: number
}

/** When the server stored the last message of the room. */
async function lastStored(server: string, room: string): Promise<number> {
  const { json } = await ask(server, `/r/${room}/messages`)
  const messages = json()['messages'] as readonly { readonly at: string }[]
  return Math.max(...messages.map(({ at }) => Date.parse(at)))
}

const now = (): number => performance.timeOrigin + performance.now()

/**
 * Waits in a tab until it shows so many messages that the server has stored. Where `at` is given, Enter is pressed there in
 * the composer at that time, by an event of the page's own.
 */
function watch(tab: Page, count: number, at?: number): Promise<Times> {
  return tab.evaluate(
    ([all, when]) =>
      new Promise<Times>((resolve) => {
        const clock = (): number => performance.timeOrigin + performance.now()
        const box = document.querySelector<HTMLTextAreaElement>('#composer')
        let entered = NaN
        const look = (): void => {
          if (document.querySelectorAll('.row:not(.pending)').length < all) return
          seen.disconnect()
          resolve({ entered, complete: clock() })
        }
        const seen = new MutationObserver(look)
        seen.observe(document.body, { childList: true, subtree: true })
        look()
        if (when === undefined) return
        setTimeout(() => {
          entered = clock()
          const init = { key: 'Enter', bubbles: true, cancelable: true }
          box?.dispatchEvent(new KeyboardEvent('keydown', init))
        }, when - clock())
      }),
    [count, at] as const,
  )
}

/**
 * Opens the tabs, over HTTP/1.1, which allows a browser six connections to a server; says something from each, in all at the
 * same moment; closes the one that has the stream; and says something again.
 */
export async function twentyTabs(
  browser: Browser,
  server: string,
  room: string,
): Promise<TwentyTabs> {
  const address = `${server}/r/${room}`
  const { context, page: leader } = await person(browser)
  await enter(leader, address, 'Ada')
  const others: Page[] = []
  while (others.length < TABS - 1) {
    const tab = await context.newPage()
    await enter(tab, address)
    others.push(tab)
  }
  const tabs = [leader, ...others]
  const before = await streams(server)

  // Written first and sent after, so that the time is that of sending.
  for (const [at, tab] of tabs.entries()) await tab.locator('#composer').fill(`from tab ${at}`)
  const when = now() + 1000
  const times = await Promise.all(tabs.map((tab) => watch(tab, TABS, when)))
  const first = Math.min(...times.map(({ entered }) => entered))
  const complete = Math.max(...times.map((tab) => tab.complete)) - first
  const posts = (await lastStored(server, room)) - first

  const [speaker, ...rest] = others as [Page, ...Page[]]
  await speaker.locator('#composer').fill('after that')
  const whole = rest.map((tab) => watch(tab, TABS + 1))
  const closing = now()
  await leader.close()
  whole.push(watch(speaker, TABS + 1, now()))
  const healed = Math.max(...(await Promise.all(whole)).map((tab) => tab.complete)) - closing

  const after = await streams(server)
  const shown = await Promise.all(others.map((tab) => tab.locator('.row .text').allTextContents()))
  await context.close()
  return {
    streams: [before, after],
    posts,
    complete,
    healed,
    shown,
    faults: faults.get(context) ?? [],
  }
}
