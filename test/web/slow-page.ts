import type { Browser } from 'playwright-core'
import { enter, person, say } from './browser.ts'

/** Messages in the room, and those that are said on each page. */
const THERE = 100
const SAID = 10
/** A phone of the cheaper kind, next to the machine of a developer. */
const SLOWER = 4
/** Milliseconds between two keys: 100 words a minute, faster than all but a few people type. */
const KEY = 120

/** What a page took on a slow processor. Times are in milliseconds. */
export interface SlowPage {
  /** From the navigation until first content was painted, with nothing in the browser's cache. */
  readonly content: number
  /** Of each message, the first after opening among them, from the event of the Enter key until its row was in the document. */
  readonly drawn: readonly number[]
  /** And until it was on the screen: by the browser's own account of the frame (Event Timing §3.2), to the next 8. */
  readonly shown: readonly number[]
}

/** Opens a room as somebody new and writes in it as fast as a hand does, all on a processor that is slowed down. */
export async function slowPage(browser: Browser, server: string, room: string): Promise<SlowPage> {
  for (let n = 0; n < THERE; n++) await say(server, room, `message ${n}, said before`)
  const { page, context } = await person(browser)
  const session = await context.newCDPSession(page)
  await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWER })
  await enter(page, `${server}/r/${room}`, 'Ada')
  const content = await page.evaluate(
    () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
  )
  await page.evaluate(() => {
    const times = new Map<number, { drawn?: number; shown?: number }>()
    Object.assign(globalThis, { times })
    addEventListener(
      'keydown',
      ({ key, timeStamp: pressed }) => {
        if (key !== 'Enter') return
        const text = document.querySelector<HTMLTextAreaElement>('#composer')?.value ?? ''
        const list = document.querySelector('.messages') as HTMLElement
        const time: { drawn?: number } = {}
        times.set(pressed, time)
        const watch = new MutationObserver(() => {
          if (![...list.children].slice(-3).some((row) => row.textContent?.includes(text))) return
          watch.disconnect()
          time.drawn = performance.now() - pressed
        })
        watch.observe(list, { childList: true, subtree: true })
      },
      { capture: true },
    )
    const timings = new PerformanceObserver((list) => {
      for (const { startTime, duration } of list.getEntriesByName('keydown')) {
        const time = times.get(startTime)
        if (time) time.shown = duration
      }
    })
    timings.observe({ type: 'event', durationThreshold: 16 } as PerformanceObserverInit)
  })
  for (let n = 0; n < SAID; n++) {
    await page.locator('#composer').pressSequentially(`one's own ${n}`, { delay: KEY })
    await page.locator('#composer').press('Enter')
    await page.locator('.row:not(.pending)', { hasText: `one's own ${n}` }).waitFor()
  }
  const times = await page.waitForFunction((count) => {
    const { times } = globalThis as unknown as {
      times: Map<number, { drawn: number; shown?: number }>
    }
    const all = [...times.values()]
    // The browser tells of a frame once it has nothing else to do.
    return all.length === count && all.every(({ shown }) => shown) ? all : null
  }, SAID)
  const all = (await times.jsonValue()) as { drawn: number; shown: number }[]
  await context.close()
  return { content, drawn: all.map(({ drawn }) => drawn), shown: all.map(({ shown }) => shown) }
}
