import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Running } from '../../apps/server/src/index.ts'
import { ask } from '../harness/ask.ts'
import { open } from '../harness/server.ts'
import { devices, launch, person, say } from './browser.ts'
import { states } from './states.ts'

/** What axe-core says of a page, as far as it is read here. */
interface Violation {
  readonly id: string
  readonly help: string
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[]
}

/** `npm test` brings it, see scripts/axe.mjs. */
const file =
  process.env['HEARSAY_AXE'] ??
  resolve(import.meta.dirname, '../../.cache/axe-core/axe-4.14.1.min.js')

let browser: Browser
let server: Running
let axe: string
let rooms = 0

beforeAll(async () => {
  if (!existsSync(file)) throw new Error('axe-core is not there. To get it: node scripts/axe.mjs')
  axe = readFileSync(file, 'utf8')
  browser = await launch()
  server = await open('--limits', 'off')
})
afterAll(async () => {
  await browser?.close()
  await server?.close()
})

/**
 * All that axe finds wrong, its best practices among it. It is run past the page's own rules, by the debugger's door: the page
 * lets no script in, and stays as it is.
 */
async function wrong(page: Page): Promise<string[]> {
  const door = await page.context().newCDPSession(page)
  const evaluate = async (expression: string): Promise<unknown> => {
    const { result, exceptionDetails } = await door.send('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    })
    if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails))
    return result.value
  }
  // What fades in is looked at when it is there.
  await evaluate(
    'for (const it of document.getAnimations()) if (it.effect?.getComputedTiming().iterations !== Infinity) it.finish()',
  )
  if (!(await evaluate('"axe" in globalThis'))) await evaluate(`${axe};undefined`)
  const options = { resultTypes: ['violations'], rules: { 'target-size': { enabled: true } } }
  const found = (await evaluate(
    `axe.run(document, ${JSON.stringify(options)}).then((found) => found.violations)`,
  )) as Violation[]
  await door.detach()
  return found.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id} (${help}): ${html}\n${failureSummary}`),
  )
}

/** The same in both themes, as where the person turns the light off. */
async function wrongInBoth(page: Page): Promise<string[]> {
  await page.emulateMedia({ colorScheme: 'light' })
  const light = await wrong(page)
  await page.emulateMedia({ colorScheme: 'dark' })
  return [...light, ...(await wrong(page)).map((each) => `in the dark: ${each}`)]
}

/** Shows this document at this path, whatever the server says there. */
async function show(page: Page, path: string, html: string): Promise<void> {
  await page.route(server.url + path, (route) =>
    route.fulfill({ contentType: 'text/html; charset=utf-8', body: html }),
  )
  await page.goto(server.url + path)
}

describe.each(['desk', 'phone'] as const)('on a %s axe finds nothing', (device) => {
  test.each(Object.keys(states))('%s', async (name) => {
    const { context, page } = await person(browser, devices[device])
    const room = `axe-${++rooms}`
    const address = `${server.url}/r/${room}`
    await states[name]?.({ page, room, server: server.url, address })
    expect(await wrongInBoth(page)).toEqual([])
    await context.close()
  })

  test('a transcript', async () => {
    const { context, page } = await person(browser, devices[device])
    const { id } = await say(server.url, 'transcript', 'What is kept of a room')
    await say(server.url, 'transcript', 'صباح الخير!', 'ليلى', { replyTo: id })
    // It comes as a file to be kept: here it is opened.
    const { text } = await ask(server.url, '/r/transcript/transcript?format=html')
    await show(page, '/transcript.html', text)
    await page.getByText('What is kept').first().waitFor()
    expect(await wrongInBoth(page)).toEqual([])
    await context.close()
  })

  test('a room without JavaScript', async () => {
    const { context, page } = await person(browser, devices[device])
    // axe itself is a script: so the page is shown as one that runs none would be read (HTML, 4.12.2).
    const { text } = await ask(server.url, '/r/plain', { headers: { accept: 'text/html' } })
    await show(page, '/r/plain', text.replaceAll(/<script.*<\/script>|<\/?noscript>/g, ''))
    await page.getByLabel('Say something').waitFor()
    expect(await wrongInBoth(page)).toEqual([])
    await context.close()
  })

  test('an address that is no room', async () => {
    const { context, page } = await person(browser, devices[device])
    const { text } = await ask(server.url, '/', { headers: { accept: 'text/html' } })
    await show(page, '/r/Not_A_Room', text)
    await page.locator('h1').waitFor()
    expect(await wrongInBoth(page)).toEqual([])
    await context.close()
  })
})
