import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ask } from '../harness/ask.ts'
import { folder, freePort, started, type Process } from '../harness/server.ts'
import { enter, faults, launch, person, write } from './browser.ts'

const KILLS = 50

let browser: Browser
let server: Process
const data = folder()

beforeAll(async () => {
  browser = await launch()
})
afterAll(async () => {
  await browser.close()
  await server?.stop('SIGKILL')
  data.remove()
})

/** Nothing that was written in the page waits any more: all of it is stored. */
const isSaid = (page: Page): Promise<unknown> =>
  page.waitForFunction(() => !document.querySelector('.row.pending'), undefined, {
    timeout: 120_000,
  })

/** The messages that the page shows, once it shows this many. */
async function shown(page: Page, count: number): Promise<readonly (readonly string[])[]> {
  await page.waitForFunction((all) => document.querySelectorAll('.row').length >= all, count, {
    timeout: 60_000,
  })
  return page
    .locator('.row')
    .evaluateAll((rows) =>
      rows.map((row) => [row.id, row.querySelector('.text')?.textContent ?? '']),
    )
}

test(
  `three people write through the page while the server is killed ${KILLS} times: each message once, in one order, on all three`,
  { timeout: 900_000 },
  async () => {
    const port = await freePort()
    const flags = ['--port', String(port), '--data', data.path, '--limits', 'off']
    server = await started(flags)
    const url = `http://127.0.0.1:${port}`
    const names = ['Ada', 'Ben', 'Cleo']
    const pages = await Promise.all(
      names.map(async (name) => {
        const { page } = await person(browser)
        await enter(page, `${url}/r/kills`, name)
        return page
      }),
    )
    for (let kill = 0; kill < KILLS; kill++) {
      const writing = pages.map((page, at) => write(page, `${names[at]} ${kill}`))
      // Somebody's message is on its way, the others are still at it.
      await Promise.race(writing)
      await server.stop('SIGKILL')
      server = await started(flags)
      await Promise.all(writing)
      // By turns one of them is told that there is a network again, as by a phone that leaves a tunnel, and is waited for.
      // The others try by themselves, and are met by the next kill wherever they are.
      const next = pages[kill % pages.length] as Page
      await next.evaluate(() => dispatchEvent(new Event('online')))
      await isSaid(next)
    }
    await Promise.all(pages.map(isSaid))
    const all = KILLS * names.length
    const [first, ...others] = await Promise.all(pages.map((page) => shown(page, all)))
    for (const other of others) expect(other).toEqual(first)
    expect(first).toHaveLength(all)
    // What each wrote is there once, in the order in which it was written.
    for (const name of names) {
      const own = first?.map(([, text]) => text).filter((text) => text?.startsWith(`${name} `))
      expect(own).toEqual(Array.from({ length: KILLS }, (_, kill) => `${name} ${kill}`))
    }
    const history = await ask(url, '/r/kills/messages?limit=200')
    const kept = history.json()['messages'] as { readonly id: string; readonly text: string }[]
    expect(kept.map(({ id, text }) => [`m-${id}`, text])).toEqual(first)
    expect(pages.flatMap((page) => faults.get(page.context()))).toEqual([])
  },
)
