/** The page and the client in Firefox, as Debian has it; where there is none, these are skipped. */
import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import puppeteer, { type Browser, type BrowserContext, type Page } from 'puppeteer-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { bundle } from '../../packages/client/test/browser/bundle.ts'
import { say } from '../harness/ask.ts'
import { folder, freePort, started, type Process } from '../harness/server.ts'

const places = ['/usr/bin/firefox-esr', '/usr/bin/firefox']
const firefox = [process.env['HEARSAY_FIREFOX'] ?? '', ...places].find((path) => existsSync(path))

let browser: Browser
let server: Process
let flags: string[]
const data = folder()
const contexts: BrowserContext[] = []

/** A person with a Firefox of their own, in a room. */
async function person(name: string, room: string): Promise<Page> {
  const context = await browser.createBrowserContext()
  contexts.push(context)
  const page = await context.newPage()
  page.setDefaultTimeout(60_000)
  await page.goto(`http://127.0.0.1:${flags[1]}/r/${room}`)
  await page.locator('#join-name').fill(name)
  await page.locator('.join .primary').click()
  await page.waitForSelector('#composer')
  await page.waitForSelector('.dot.live')
  return page
}

async function write(page: Page, text: string): Promise<void> {
  await page.locator('#composer').fill(text)
  await page.focus('#composer')
  await page.keyboard.press('Enter')
}

/** The messages that are stored, once there are this many and none waits. */
async function said(page: Page, count: number): Promise<(string | null)[]> {
  await page.waitForFunction(
    (all) =>
      document.querySelectorAll('.row').length === all && !document.querySelector('.row.pending'),
    { polling: 50 },
    count,
  )
  return page.$$eval('.row .text', (rows) => rows.map((row) => row.textContent))
}

describe.skipIf(firefox === undefined)('in Firefox', () => {
  beforeAll(async () => {
    flags = ['--port', String(await freePort()), '--data', data.path, '--limits', 'off']
    server = await started(flags)
    browser = await puppeteer.launch({ browser: 'firefox', executablePath: firefox as string })
  })
  afterEach(async () => {
    for (const context of contexts.splice(0)) await context.close()
  })
  afterAll(async () => {
    await browser?.close()
    await server?.stop('SIGKILL')
    data.remove()
  })

  test('two people talk; the server is killed and comes back; each message is there once, in one order', async () => {
    const ada = await person('Ada', 'fox')
    const ben = await person('Ben', 'fox')
    await write(ada, 'Hello **Ben**')
    await expect.poll(() => said(ben, 1)).toEqual(['Hello Ben'])
    await write(ben, 'Hello Ada')
    await expect.poll(() => said(ada, 2)).toEqual(['Hello Ben', 'Hello Ada'])
    await server.stop('SIGKILL')
    await write(ada, 'while it is away')
    await ada.waitForSelector('.row.pending')
    server = await started(flags)
    const all = ['Hello Ben', 'Hello Ada', 'while it is away']
    await expect.poll(() => said(ada, 3)).toEqual(all)
    await expect.poll(() => said(ben, 3)).toEqual(all)
  }, 120_000)

  test('the EventSource that can be dropped in goes on where it was, after the server was killed', async () => {
    const script = await bundle(
      `import { EventSource } from '@hearsay/client/eventsource'\nObject.assign(globalThis, { DropIn: EventSource })`,
    )
    // A page of somebody else's, from another origin.
    const pages = createServer((_, res) => {
      res.setHeader('content-type', 'text/html; charset=utf-8')
      res.end(`<!doctype html><title>drop-in</title><script type="module">${script}</script>`)
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => pages.once('listening', resolve))
    const page = await browser.newPage()
    try {
      await page.goto(`http://127.0.0.1:${(pages.address() as AddressInfo).port}/`)
      await page.waitForFunction(() => 'DropIn' in globalThis)
      await page.evaluate((address) => {
        const { DropIn } = globalThis as never as { DropIn: typeof EventSource }
        const heard: string[] = []
        const source = new DropIn(address)
        source.onmessage = ({ data }) => void heard.push(data as string)
        Object.assign(globalThis, { heard, source })
      }, `${server.url}/sse`)
      await page.waitForFunction(
        () => (globalThis as never as { source: EventSource }).source.readyState === 1,
      )
      const heard = (): Promise<string[]> =>
        page.evaluate(() => (globalThis as never as { heard: string[] }).heard)
      const hears = (count: number): Promise<unknown> =>
        page.waitForFunction(
          (all) => (globalThis as never as { heard: string[] }).heard.length >= all,
          { polling: 50 },
          count,
        )
      await say(server.url, 'lobby', 'one')
      await hears(1)
      await server.stop('SIGKILL')
      server = await started(flags)
      await say(server.url, 'lobby', 'two')
      await say(server.url, 'lobby', 'three')
      await hears(3)
      await expect.poll(() => heard()).toEqual(['one', 'two', 'three'])
    } finally {
      await page.close()
      pages.close()
    }
  }, 120_000)
})
