import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import { hash } from 'node:crypto'
import { once } from 'node:events'
import { request } from 'node:http'

/** Chromium as people have it, without the calls home that a closed network would only delay. */
export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  })
}

/** A kind of device. */
export const devices = {
  desk: { viewport: { width: 1280, height: 800 } },
  phone: { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true },
} as const
/** What went wrong in a page that its user would not see. */
export const faults = new WeakMap<Page, string[]>()

/** A person with a browser of their own. */
export async function person(
  browser: Browser,
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<{ readonly context: BrowserContext; readonly page: Page }> {
  const context = await browser.newContext({ ...devices.desk, locale: 'en-GB', ...options })
  const page = await context.newPage()
  const wrong: string[] = []
  faults.set(page, wrong)
  page.on('pageerror', (error) => wrong.push(error.message))
  page.on('console', (message) => {
    // A request that was refused is told on the console too; whether that is right, a test says elsewhere.
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) {
      wrong.push(message.text())
    }
  })
  return { context, page }
}

/** Opens a room and, with a name, joins it. */
export async function enter(page: Page, address: string, name?: string): Promise<void> {
  await page.goto(address)
  await page.locator('.dot.live').waitFor()
  if (name === undefined) return
  await page.getByLabel('Your name here').fill(name)
  await page.getByRole('button', { name: 'Join', exact: true }).click()
  await page.locator('#composer').waitFor()
}

/** Says something by the page. */
export async function write(page: Page, text: string): Promise<void> {
  await page.locator('#composer').fill(text)
  const isTouch = await page.evaluate(() => matchMedia('(pointer: coarse)').matches)
  if (isTouch) await page.getByRole('button', { name: 'Send' }).tap()
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
