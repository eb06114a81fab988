import {
  chromium,
  type Browser,
  type BrowserContext,
  type Locator,
  type Page,
} from 'playwright-core'
import { hash } from 'node:crypto'
import { once } from 'node:events'
import { request } from 'node:http'

/** Chromium without its windows, where the machine has it so: the page is drawn by the same code, in less than half the time. */
export function launch(...more: readonly string[]): Promise<Browser> {
  return open(process.env['HEARSAY_HEADLESS'], more)
}

/** Chromium as people have it. */
export function launchWhole(): Promise<Browser> {
  return open(process.env['HEARSAY_CHROMIUM'])
}

/** Without the calls home that a closed network would only delay. */
function open(program = '/usr/bin/chromium', more: readonly string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: program,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', ...more],
  })
}

/** A kind of device. */
export const devices = {
  desk: { viewport: { width: 1280, height: 800 } },
  phone: { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true },
} as const

/** Every look of the page: on which devices, and there with what its user chose. */
export const looks = {
  desk: {
    options: devices.desk,
    media: {
      light: { colorScheme: 'light' },
      dark: { colorScheme: 'dark' },
      contrast: { colorScheme: 'light', contrast: 'more' },
      forced: { colorScheme: 'dark', contrast: 'no-preference', forcedColors: 'active' },
      still: { colorScheme: 'light', forcedColors: 'none', reducedMotion: 'reduce' },
    },
  },
  phone: {
    options: devices.phone,
    media: { light: { colorScheme: 'light' }, dark: { colorScheme: 'dark' } },
  },
  // Text at 200 %, and nothing else (WCAG 1.4.4).
  large: { options: devices.desk, text: 32, media: { light: { colorScheme: 'light' } } },
  // A desk of 1280 by 1024 at 400 %, as WCAG 1.4.10 counts.
  zoomed: {
    options: { viewport: { width: 320, height: 256 } },
    media: { light: { colorScheme: 'light' } },
  },
} as const

/** Lets all that fades in have done so. */
export async function finishFades(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (const it of document.getAnimations()) {
      if (it.effect?.getComputedTiming().iterations !== Infinity) it.finish()
    }
  })
}

/** How bright an element is drawn, pixel by pixel and line by line, from 0 to 1. */
export async function drawn(element: Locator): Promise<readonly (readonly number[])[]> {
  const picture = await element.screenshot()
  return element.page().evaluate(
    async (bytes) => {
      const bitmap = await createImageBitmap(new Blob([new Uint8Array(bytes)]))
      const { width, height } = bitmap
      const pen = new OffscreenCanvas(width, height).getContext('2d')
      if (!pen) throw new Error('no canvas')
      pen.drawImage(bitmap, 0, 0)
      const { data } = pen.getImageData(0, 0, width, height)
      const bright = (at: number): number => (data[at]! + data[at + 1]! + data[at + 2]!) / 765
      return Array.from({ length: height }, (_, y) =>
        Array.from({ length: width }, (_, x) => bright(4 * (y * width + x))),
      )
    },
    [...picture],
  )
}

/** What went wrong in the pages of a person that the person would not see. */
export const faults = new WeakMap<BrowserContext, string[]>()

/** A person with a browser of their own. */
export async function person(
  browser: Browser,
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<{ readonly context: BrowserContext; readonly page: Page }> {
  const context = await browser.newContext({ ...devices.desk, locale: 'en-GB', ...options })
  const wrong: string[] = []
  faults.set(context, wrong)
  context.on('weberror', (fault) => wrong.push(fault.error().message))
  context.on('console', (message) => {
    // A request that was refused, or found no server, is told on the console too; whether that is right, a test says elsewhere.
    const asked = /Failed to load resource|error occurred when fetching the script/
    if (message.type() === 'error' && !asked.test(message.text())) {
      wrong.push(message.text())
    }
  })
  return { context, page: await context.newPage() }
}

/**
 * A page for many people who come one after the other, see `newcomer`. It has all files already, which is five times as fast
 * as a browser of their own for each.
 */
export async function stage(
  browser: Browser,
  options: Parameters<Browser['newContext']>[0],
): Promise<Page> {
  const context = await browser.newContext({
    ...options,
    locale: 'en-GB',
    serviceWorkers: 'block',
  })
  const page = await context.newPage()
  // Who goes while something was not sent yet is asked.
  page.on('dialog', (dialog) => void dialog.accept())
  return page
}

const scripts = new WeakMap<Page, { dispose(): Promise<void> }[]>()

/** Runs something before each document of this person. */
export async function before<Arg>(page: Page, run: (arg: Arg) => void, arg: Arg): Promise<void> {
  const all = scripts.get(page) ?? []
  scripts.set(page, all)
  all.push(await page.addInitScript(run as (arg: unknown) => void, arg))
}

/** Makes the page that of somebody who was never here. */
export async function newcomer(page: Page, server: string): Promise<void> {
  for (const script of scripts.get(page)?.splice(0) ?? []) await script.dispose()
  await page.unrouteAll({ behavior: 'ignoreErrors' })
  await page.context().setOffline(false)
  await page.emulateMedia({
    colorScheme: 'light',
    contrast: null,
    forcedColors: null,
    reducedMotion: null,
  })
  // A document of the server's that runs nothing.
  await page.goto(`${server}/icon.svg`)
  await page.evaluate(async () => {
    localStorage.clear()
    sessionStorage.clear()
    for (const { name } of await indexedDB.databases()) {
      const asked = indexedDB.deleteDatabase(name ?? '')
      await new Promise((done) => (asked.onsuccess = done))
    }
  })
}

/** What comes when the page has nothing better to do is there: its keys, its notices, what is read aloud. */
export function late(page: Page): Promise<void> {
  return page.locator('.announcer').waitFor({ state: 'attached' })
}

/** Opens a room and, with a name, joins it: all of the page is there then. */
export async function enter(page: Page, address: string, name?: string): Promise<void> {
  await page.goto(address)
  await page.locator('.dot.live').waitFor()
  if (name === undefined) return
  await page.getByLabel('Your name here').fill(name)
  await page.getByRole('button', { name: 'Join', exact: true }).click()
  await page.locator('#composer').waitFor()
  await late(page)
}

/** Makes a room and joins it as its host, in the page as a person does. @returns the room's name */
export async function asHost(page: Page, server: string, name = ''): Promise<string> {
  await page.goto(server)
  await page.getByRole('button', { name: 'Make a new room' }).click()
  await page.getByRole('link', { name: 'Go to the room' }).click()
  await page.locator('.dot.live').waitFor()
  await page.locator('#join-name').fill(name)
  await page.getByRole('button', { name: 'Join', exact: true }).click()
  await page.locator('#composer').waitFor()
  await late(page)
  return new URL(page.url()).pathname.split('/').at(-1) as string
}

/** Opens a dialog or drawer from the room's menu. */
export async function openPanel(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Menu' }).click()
  await page.getByRole('menuitem', { name }).click()
  await page.locator('dialog[open], .side').waitFor()
}

/** Gives the room a title, as its host; the panel stays open. */
export async function giveTitle(page: Page, title: string): Promise<void> {
  await openPanel(page, 'Look after this room')
  await page.getByLabel('Title').fill(title)
  await page.getByLabel('Title').press('Enter')
  await page.locator('.top h1', { hasText: title }).waitFor()
}

/** Says something by the page. */
export async function write(page: Page, text: string): Promise<void> {
  await page.locator('#composer').fill(text)
  const isTouch = await page.evaluate(() => matchMedia('(pointer: coarse)').matches)
  if (isTouch) await page.locator('.send').tap()
  else await page.locator('#composer').press('Enter')
}

/** Says something by a call, as the person that goes with the name. @throws Error where it was refused */
export async function say(
  server: string,
  room: string,
  text: string,
  name = 'Mira',
  rest: object = {},
): Promise<{ readonly id: string }> {
  const body = JSON.stringify({ text, name, ...rest })
  const auth = `Bearer ${hash('sha256', `secret of ${name}`, 'base64url')}`
  const asked = request(new URL(`/r/${room}`, server), {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: auth },
  })
  asked.end(body)
  const [answer] = await once(asked, 'response')
  let json = ''
  for await (const piece of answer.setEncoding('utf8')) json += piece
  if (answer.statusCode !== 201) throw new Error(`${answer.statusCode}: ${json}`)
  return JSON.parse(json) as { readonly id: string }
}
