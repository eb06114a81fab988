import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import type { Fixture } from '../fixture.ts'
import { bundle } from './bundle.ts'

/** What is tested in the browser is not told by the Node that drives it: once, on the house's own, is enough. */
export const isOurNode: boolean = process.versions.node.startsWith('24.')

let script: Promise<string> | undefined

/** Chromium without its windows, where the machine has it so; otherwise the whole of it. */
export function launch(args: readonly string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['HEARSAY_HEADLESS'] ?? '/usr/bin/chromium',
    // As root it has no sandbox of its own. The rest keeps it from asking the network for things.
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--disable-background-networking',
      ...args,
    ],
  })
}

/** Lets a fixture serve the page in which the client runs. */
export async function servePage(server: Fixture): Promise<void> {
  script ??= bundle('./page.ts')
  const body = `<!doctype html><title>room</title><script type="module">${await script}</script>`
  server.pages.set('/', { type: 'text/html; charset=utf-8', body })
}

/** A tab on the page. What goes wrong in it fails the test. */
export async function openTab(context: BrowserContext, address: string): Promise<Page> {
  const page = await context.newPage()
  page.on('pageerror', (error) => {
    throw error
  })
  await page.goto(address)
  await page.waitForFunction(() => 'hearsay' in globalThis)
  return page
}

/** Joins a room in a tab. */
export async function joinIn(page: Page, room = 'lobby', base?: string): Promise<void> {
  await page.evaluate(([name, at]) => globalThis.hearsay.join(name, at ? { base: at } : {}), [
    room,
    base,
  ] as const)
}

/** Says something from a tab, without waiting until it has gone out. */
export async function sayIn(page: Page, text: string, room = 'lobby'): Promise<void> {
  await page.evaluate(([name, said]) => globalThis.hearsay.joined[name]!.room.say(said), [
    room,
    text,
  ] as const)
}

/** The texts that a tab shows, those that are pending last and in brackets. */
export function textsIn(page: Page, room = 'lobby'): Promise<string[]> {
  return page.evaluate((name) => {
    const { messages, pending } = globalThis.hearsay.joined[name]!.room.snapshot
    return [...messages.map(({ text }) => text), ...pending.map(({ text }) => `[${text}]`)]
  }, room)
}

/** Waits until a tab shows just these texts. */
export async function shows(page: Page, texts: readonly string[], room = 'lobby'): Promise<void> {
  await page.waitForFunction(
    ([name, wanted]) => {
      const { messages, pending } = globalThis.hearsay.joined[name]!.room.snapshot
      const shown = [...messages.map(({ text }) => text), ...pending.map(({ text }) => `[${text}]`)]
      return JSON.stringify(shown) === wanted
    },
    [room, JSON.stringify(texts)] as const,
    { polling: 20, timeout: 20_000 },
  )
}

/** Waits until a tab's connection is in this phase. */
export async function isIn(page: Page, phase: string, room = 'lobby'): Promise<void> {
  await page.waitForFunction(
    ([name, wanted]) => globalThis.hearsay.joined[name]!.room.snapshot.connection.phase === wanted,
    [room, phase] as const,
    { polling: 20, timeout: 20_000 },
  )
}

/** Stops a tab as it stands, as a browser does to tabs it thinks nobody needs. Answers how to let it go on. */
export async function freeze(page: Page): Promise<() => Promise<void>> {
  const session = await page.context().newCDPSession(page)
  await session.send('Debugger.enable')
  const paused = new Promise((resolve) => session.once('Debugger.paused', resolve))
  // Never answers while it is paused.
  session.send('Runtime.evaluate', { expression: 'debugger' }).catch(() => {})
  await paused
  return async () => {
    await session.send('Debugger.resume')
    await session.detach()
  }
}
