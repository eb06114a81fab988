import type { Browser } from 'playwright-core'
import { enter, person, say } from './browser.ts'

/** Messages in the room, and those that are said on each page. */
const THERE = 100
const SAID = 10
/** A phone of the cheaper kind, next to the machine of a developer. */
const SLOWER = 4

/** What a page took on a slow processor. Times are in milliseconds. */
export interface SlowPage {
  /** From the navigation until first content was painted, with nothing in the browser's cache. */
  readonly content: number
  /** Of each message, from the event of the Enter key until its row was in the document. */
  readonly drawn: readonly number[]
  /** Of each message, from the event of the Enter key until the frame that shows its row had been made. */
  readonly painted: readonly number[]
}

/** Opens a room as somebody new and says something in it, all on a processor that is slowed down. */
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
    const times: { drawn: number; painted: number }[] = []
    Object.assign(globalThis, { times })
    addEventListener(
      'keydown',
      ({ key, timeStamp: pressed }) => {
        if (key !== 'Enter') return
        const text = document.querySelector<HTMLTextAreaElement>('#composer')?.value ?? ''
        const list = document.querySelector('.messages') as HTMLElement
        const watch = new MutationObserver(() => {
          if (![...list.children].slice(-3).some((row) => row.textContent?.includes(text))) return
          watch.disconnect()
          const drawn = performance.now() - pressed
          // A task that is posted in a frame's callback runs after that frame was laid out and painted.
          requestAnimationFrame(() => {
            const after = new MessageChannel()
            after.port1.onmessage = () =>
              times.push({ drawn, painted: performance.now() - pressed })
            after.port2.postMessage(null)
          })
        })
        watch.observe(list, { childList: true, subtree: true })
      },
      { capture: true },
    )
  })
  for (let n = 0; n < SAID; n++) {
    await page.locator('#composer').pressSequentially(`one's own ${n}`)
    await page.locator('#composer').press('Enter')
    await page.locator('.row:not(.pending)', { hasText: `one's own ${n}` }).waitFor()
  }
  const times = await page.evaluate(
    () => (globalThis as unknown as { times: { drawn: number; painted: number }[] }).times,
  )
  await context.close()
  return {
    content,
    drawn: times.map(({ drawn }) => drawn),
    painted: times.map(({ painted }) => painted),
  }
}
