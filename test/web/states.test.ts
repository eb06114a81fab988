import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Running } from '../../apps/server/src/index.ts'
import { ask } from '../harness/ask.ts'
import { open } from '../harness/server.ts'
import { devices, finishFades, launch, newcomer, say, stage } from './browser.ts'
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
/** Two people at once: while one waits for the server or a frame, the other goes on. */
const lanes: { readonly page: Page; last: Promise<unknown> }[] = []

beforeAll(async () => {
  if (!existsSync(file)) throw new Error('axe-core is not there. To get it: node scripts/axe.mjs')
  axe = readFileSync(file, 'utf8')
  browser = await launch()
  for (let lane = 0; lane < 2; lane++) {
    lanes.push({ page: await stage(browser, devices.desk), last: Promise.resolve() })
  }
  server = await open('--limits', 'off', '--files', '100', '--contact', 'help@example.org')
})
afterAll(async () => {
  await browser?.close()
  await server?.close()
})

/** What axe looks at: everything, its best practices among it; or what colours alone decide. */
const everything = { rules: { 'target-size': { enabled: true } } }
const colours = { runOnly: ['color-contrast', 'link-in-text-block'] }

/** What axe finds wrong. It is run past the page's own rules, by the debugger's door: the page lets no script in. */
async function violations(page: Page, what: object): Promise<string[]> {
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
  await finishFades(page)
  if (!(await evaluate('"axe" in globalThis'))) await evaluate(`${axe};undefined`)
  const options = { resultTypes: ['violations'], ...what }
  const found = (await evaluate(
    `axe.run(document, ${JSON.stringify(options)}).then((found) => found.violations)`,
  )) as Violation[]
  await door.detach()
  return found.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id} (${help}): ${html}\n${failureSummary}`),
  )
}

/**
 * The same in both themes, as where the person turns the light off. A theme is other colours and nothing else, see the first
 * test: so the second time only the rules about colours are asked.
 */
async function wrongInBoth(page: Page): Promise<string[]> {
  await page.emulateMedia({ colorScheme: 'light' })
  const light = await violations(page, everything)
  await page.emulateMedia({ colorScheme: 'dark' })
  return [...light, ...(await violations(page, colours)).map((each) => `in the dark: ${each}`)]
}

/** The same page as on a phone. Answers how to go back to the desk. */
async function toPhone(page: Page): Promise<() => Promise<void>> {
  const door = await page.context().newCDPSession(page)
  const touch = (enabled: boolean): Promise<unknown> =>
    door.send('Emulation.setTouchEmulationEnabled', { enabled })
  await touch(true)
  await page.setViewportSize(devices.phone.viewport)
  expect(await page.evaluate(() => matchMedia('(pointer: coarse)').matches)).toBe(true)
  return async () => {
    await touch(false)
    await door.detach()
    await page.setViewportSize(devices.desk.viewport)
  }
}

/** What is wider than the window or than what it scrolls in, at 400 % on a screen of 1280 by 1024 (WCAG 1.4.10). */
async function wide(page: Page): Promise<string[]> {
  await page.setViewportSize({ width: 320, height: 256 })
  return page.evaluate(() => {
    const boxes = [document.documentElement, ...document.querySelectorAll('body *')]
    return boxes
      .filter((it) => {
        const { overflowX } = getComputedStyle(it)
        const isScrolled = it === document.documentElement || /auto|scroll/.test(overflowX)
        // Code scrolls in a box of its own, and a field of one line in itself.
        return isScrolled && !it.closest('pre, input') && it.scrollWidth > it.clientWidth
      })
      .map((it) => `at 320 pixels ${it.localName}.${it.className}: ${it.scrollWidth}`)
  })
}

/** What has the focus and does not show it where the person's own colours take the place of the page's. */
async function unseen(page: Page): Promise<string[]> {
  await page.emulateMedia({ forcedColors: 'active' })
  const found = new Set<string>()
  for (let presses = 0; presses < 8; presses++) {
    await page.keyboard.press('Tab')
    const dark = await page.evaluate(() => {
      const it = document.activeElement
      // What is in a frame is a document of its own, in which the browser's own outline stands.
      if (!it || it === document.body || it.localName === 'iframe') return null
      const shows = (element: Element | null): boolean => {
        if (!element) return false
        const { outlineStyle, outlineWidth } = getComputedStyle(element)
        // The browser's own is as it should be.
        if (outlineStyle === 'auto') return true
        return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2
      }
      const { width, height } = it.getBoundingClientRect()
      const isThere = width > 4 && height > 4 && !it.closest('.sr')
      const isShown = shows(it) || shows(it.closest('.write:focus-within'))
      return isThere && isShown ? null : it.outerHTML.slice(0, 120)
    })
    if (dark) found.add(dark)
  }
  return [...found]
}

/** What moves where the person wants nothing to. */
async function moving(page: Page): Promise<string[]> {
  await page.emulateMedia({ reducedMotion: 'reduce' })
  return page.evaluate(() =>
    document.getAnimations().flatMap((it) => {
      const effect = it.effect as KeyframeEffect
      // What takes no time only comes later.
      if (effect.getComputedTiming().activeDuration === 0) return []
      return `moves: ${effect.target?.outerHTML.slice(0, 120)}`
    }),
  )
}

/** Shows this document at this path, whatever the server says there. */
async function show(page: Page, path: string, html: string): Promise<void> {
  await page.route(server.url + path, (route) =>
    route.fulfill({ contentType: 'text/html; charset=utf-8', body: html }),
  )
  await page.goto(server.url + path)
}

test('a theme is other colours and nothing else', () => {
  const source = resolve(import.meta.dirname, '../../apps/web/src')
  const files = readdirSync(source, { recursive: true, withFileTypes: true }).filter((it) =>
    it.isFile(),
  )
  const askers = files.filter((it) =>
    /prefers-color-scheme|\[data-theme/.test(readFileSync(join(it.parentPath, it.name), 'utf8')),
  )
  // It sets `color-scheme`, and names every colour.
  expect(askers.map(({ name }) => name)).toEqual(['base.css'])
})

let turns = 0

/** What does not hold of a page that a newcomer is led to. */
async function wrong(lead: (page: Page) => Promise<unknown>): Promise<string[]> {
  const lane = lanes[turns++ % lanes.length] as (typeof lanes)[number]
  const look = async (): Promise<string[]> => {
    const { page } = lane
    await newcomer(page, server.url)
    await lead(page)
    const onDesk = await wrongInBoth(page)
    const back = await toPhone(page)
    // What a phone shows, a desk shows too, in the same colours: here once, as it was left, in the dark.
    const onPhone = [...(await violations(page, everything)), ...(await wide(page))]
    await back()
    return [
      ...onDesk,
      ...onPhone.map((each) => `on a phone: ${each}`),
      ...(await unseen(page)),
      ...(await moving(page)),
    ]
  }
  const mine = lane.last.then(look)
  lane.last = mine.catch(() => {})
  return mine
}

describe('axe finds nothing, nothing is too wide, and the focus is in sight', () => {
  test.concurrent.each(Object.entries(states))('%s', async (_, lead) => {
    const found = await wrong(async (page) => {
      const room = `state-${++rooms}`
      await lead({ page, room, server: server.url, address: `${server.url}/r/${room}` })
    })
    expect(found).toEqual([])
  })

  test.concurrent('a transcript', async () => {
    const { id } = await say(server.url, 'transcript', 'What is kept of a room')
    await say(server.url, 'transcript', 'صباح الخير!', 'ليلى', { replyTo: id })
    // It comes as a file to be kept: here it is opened.
    const { text } = await ask(server.url, '/r/transcript/transcript?format=html')
    const found = await wrong(async (page) => {
      await show(page, '/transcript.html', text)
      await page.getByText('What is kept').first().waitFor()
    })
    expect(found).toEqual([])
  })

  test.concurrent('an address that is no room', async () => {
    const { text } = await ask(server.url, '/', { headers: { accept: 'text/html' } })
    const found = await wrong(async (page) => {
      await show(page, '/r/Not_A_Room', text)
      await page.locator('h1').waitFor()
    })
    expect(found).toEqual([])
  })
})
