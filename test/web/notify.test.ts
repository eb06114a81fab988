/** How a page that is out of sight calls its reader: notifications, by worker or page, and the sound; one for all tabs. */
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { asHost, enter, giveTitle, launchWhole, person, say, write } from './browser.ts'
import { setting } from './setting.ts'

const { browser, server, newRoom } = await setting('notify', [], launchWhole)

/** Somebody who lets pages notify, with a clock of the test's. */
async function reader(options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
  const { context, page } = await person(browser, { permissions: ['notifications'], ...options })
  await context.clock.install()
  return page
}

/** As on phones: only a worker may show notifications. */
const asOnPhones = (): void => {
  window.Notification = new Proxy(Notification, {
    construct() {
      throw new TypeError('Illegal constructor. Use ServiceWorkerRegistration.showNotification().')
    },
  })
}

/** How long what a loaded machine does for the first time may take. */
const patience = { timeout: 20_000 }

/** Waits until the page hears the room, and watches over who is to be called. */
async function begin(page: Page): Promise<void> {
  await page.locator('.dot.live').waitFor()
  await page.waitForFunction(() => document.title.includes('·'))
}

/** Opens the room, as Ada where she isn't yet, and waits until what comes from here on is called for. */
async function attend(page: Page, room: string, hasWorker = true): Promise<void> {
  const isNew = page.context().pages().length === 1
  await enter(page, `${server.url}/r/${room}`, isNew ? 'Ada' : undefined)
  await begin(page)
  if (hasWorker) await page.evaluate(async () => void (await navigator.serviceWorker.ready))
}

/** So much later that what is said is no history to any page. */
const settle = (page: Page): Promise<void> => page.clock.fastForward(3000)

const show = (page: Page, visibilityState: 'visible' | 'hidden'): Promise<void> =>
  page.evaluate((state) => {
    Object.defineProperty(document, 'visibilityState', { value: state, configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))
  }, visibilityState)

/**
 * What the worker shows now. Not to be asked while something is about to be shown: Chromium then forgets what is kept of it
 * and not yet in sight.
 */
const shown = (page: Page): Promise<{ title: string; body: string; silent: boolean | null }[]> =>
  page.evaluate(async () => {
    const worker = await navigator.serviceWorker.getRegistration()
    const all = (await worker?.getNotifications()) ?? []
    return all.map(({ title, body, silent }) => ({ title, body, silent }))
  })

/** Each notification and each sound of all pages of a browser; and those notifications that the worker has shown. */
interface Calls {
  readonly made: string[]
  readonly shown: string[]
}

/** Hears of all that calls for somebody. */
async function watchCalls(context: BrowserContext): Promise<Calls> {
  const calls: Calls = { made: [], shown: [] }
  await context.exposeFunction('called', (what: string) => void calls.made.push(what))
  await context.exposeFunction('shown', (what: string) => void calls.shown.push(what))
  await context.addInitScript(() => {
    if (location.protocol === 'about:') return
    const { called, shown } = window as unknown as {
      readonly [name in 'called' | 'shown']: (what: string) => void
    }
    const { prototype } = ServiceWorkerRegistration
    prototype.showNotification = new Proxy(Reflect.get(prototype, 'showNotification') as never, {
      async apply(show: () => Promise<void>, worker, said: [string, NotificationOptions?]) {
        const [title, options] = said
        called(options?.body ?? title)
        await Reflect.apply(show, worker, said)
        shown(options?.body ?? title)
      },
    })
    window.Notification = class extends Notification {
      constructor(title: string, options?: NotificationOptions) {
        super(title, options)
        called(options?.body ?? title)
      }
    }
    window.AudioContext = class extends AudioContext {
      #tones = 0
      override createOscillator(): OscillatorNode {
        // Two tones make one sound.
        if (this.#tones++ % 2 === 0) called('a sound')
        return super.createOscillator()
      }
    }
  })
  return calls
}

/** Wants all that there is. */
const wantAll = (context: BrowserContext): Promise<unknown> =>
  context.addInitScript(() => {
    if (location.protocol === 'about:') return
    const chosen = { notify: 'all', sound: 'all' }
    localStorage.setItem('hearsay:preferences', JSON.stringify(chosen))
  })

/** Says something, and waits until each page has done with it whatever it does. */
async function sayTo(pages: readonly Page[], room: string, text: string): Promise<void> {
  await say(server.url, room, text)
  for (const page of pages) {
    await page.locator('.row', { hasText: text }).waitFor()
    // The browser answers these in turn, after those of the page.
    await page.evaluate(async () => {
      await navigator.locks?.query()
      await navigator.locks?.request('tested', () => {})
      await (await navigator.serviceWorker?.getRegistration())?.getNotifications()
    })
  }
}

test('where only a worker may notify, as on phones, the bell is kept: the newest of a room stands, without a sound, until it is seen', async () => {
  const room = newRoom()
  const page = await reader()
  const calls = await watchCalls(page.context())
  await page.addInitScript(asOnPhones)
  await attend(page, room)
  await page.getByRole('button', { name: 'Notifications are off' }).click()
  await page.getByText('Notifications are on while this page is open.').waitFor()
  await page.getByRole('button', { name: 'Notifications are on' }).waitFor()
  await settle(page)
  await show(page, 'hidden')
  await say(server.url, room, 'hello @Ada')
  await expect.poll(() => calls.shown, patience).toEqual(['Mira: hello @Ada'])
  const mention = { title: `Mira mentioned you in ${room}`, body: 'Mira: hello @Ada', silent: true }
  await expect.poll(() => shown(page)).toEqual([mention])
  // Another room's stands beside it, the same room's in its place.
  const other = await page.context().newPage()
  await attend(other, `${room}-too`)
  await settle(other)
  await show(other, 'hidden')
  await say(server.url, `${room}-too`, 'elsewhere')
  await expect.poll(() => calls.shown.at(-1), patience).toBe('Mira: elsewhere')
  const elsewhere = { title: `New message in ${room}-too`, body: 'Mira: elsewhere', silent: true }
  const both = expect.arrayContaining([mention, elsewhere]) as unknown
  await expect.poll(() => shown(page)).toEqual(both)
  await page.evaluate(() => {
    const kept = JSON.parse(localStorage.getItem('hearsay:preferences') ?? '{}') as object
    localStorage.setItem('hearsay:preferences', JSON.stringify({ ...kept, notifyText: false }))
  })
  await page.reload()
  await begin(page)
  await settle(page)
  await show(page, 'hidden')
  await say(server.url, room, 'a secret')
  await expect.poll(() => calls.shown.at(-1), patience).toBe(`New message in ${room}`)
  const newest = { title: `New message in ${room}`, body: '', silent: true }
  await expect.poll(() => shown(page)).toEqual(expect.arrayContaining([newest, elsewhere]))
  expect((await shown(page)).length).toBe(2)
  await show(page, 'visible')
  await expect.poll(() => shown(page), patience).toEqual([elsewhere])
})

test('a click on a notification brings up an open page of its room, else opens one', async () => {
  const room = newRoom()
  const page = await reader()
  const calls = await watchCalls(page.context())
  await wantAll(page.context())
  await attend(page, `${room}-too`)
  const there = await page.context().newPage()
  await attend(there, room)
  await settle(there)
  await show(there, 'hidden')
  await say(server.url, room, 'come')
  await expect.poll(() => calls.shown, patience).toEqual(['Mira: come'])
  const [worker] = page.context().serviceWorkers()
  if (!worker) throw new Error('There is no worker.')
  // A click that is none gives no leave to bring up anything: what would be brought up is told.
  const click = (): Promise<string[]> =>
    worker.evaluate(async () => {
      interface Event1 extends Event {
        waitUntil(done: Promise<void>): void
      }
      const scope = globalThis as unknown as {
        readonly registration: ServiceWorkerRegistration
        readonly clients: { openWindow: unknown }
        readonly WindowClient: { readonly prototype: object }
        readonly NotificationEvent: new (type: string, init: object) => Event1
      }
      const told: string[] = []
      scope.clients.openWindow = async (path: string) => void told.push(`opens ${path}`)
      Object.assign(scope.WindowClient.prototype, {
        async focus(this: { readonly url: string }) {
          told.push(`brings up ${new URL(this.url).pathname}`)
        },
      })
      const [notification] = await scope.registration.getNotifications()
      const event = new scope.NotificationEvent('notificationclick', { notification })
      let done: Promise<void> | undefined
      event.waitUntil = (promise) => void (done = promise)
      dispatchEvent(event)
      await done
      told.push(`${(await scope.registration.getNotifications()).length} left`)
      return told
    })
  expect(await click()).toEqual([`brings up /r/${room}`, '0 left'])
  await say(server.url, room, 'come again')
  await expect.poll(() => calls.shown.length, patience).toBe(2)
  await there.close()
  expect(await click()).toEqual([`opens /r/${room}`, '0 left'])
})

test('where there is no worker the page notifies by itself; where it may not either, the bell says so and stays off', async () => {
  const room = newRoom()
  const page = await reader({ serviceWorkers: 'block' })
  const calls = await watchCalls(page.context())
  await attend(page, room, false)
  await page.getByRole('button', { name: 'Notifications are off' }).click()
  await page.getByText('Notifications are on while this page is open.').waitFor()
  await settle(page)
  await show(page, 'hidden')
  await say(server.url, room, 'hello')
  await expect.poll(() => calls.made.at(-1), patience).toBe('Mira: hello')

  const other = await reader({ serviceWorkers: 'block' })
  await other.addInitScript(asOnPhones)
  await attend(other, room, false)
  const bell = other.getByRole('button', { name: 'Notifications are off' })
  await bell.click()
  await other.getByText('This browser can’t show notifications.').waitFor()
  await expect.poll(() => bell.getAttribute('aria-pressed')).toBe('false')
  // What was chosen when another browser, or an older page, believed in it.
  await wantAll(other.context())
  await other.reload()
  await other.getByRole('button', { name: 'Notifications are on' }).waitFor()
  await begin(other)
  await settle(other)
  await show(other, 'hidden')
  await say(server.url, room, 'anybody there?')
  await bell.waitFor()
})

test('without the browser’s notifications the bell says so; on an iPhone or iPad, what to do first', async () => {
  const room = newRoom()
  const page = await reader()
  await page.addInitScript(() => void delete (window as { Notification?: unknown }).Notification)
  await attend(page, room)
  const bell = page.getByRole('button', { name: 'Notifications are off' })
  await bell.click()
  await page.getByText('This browser can’t show notifications.').waitFor()
  await page.evaluate(() => void Object.assign(navigator, { standalone: false }))
  await bell.click()
  await page.getByText('add this page to the home screen first').waitFor()
  await expect.poll(() => bell.getAttribute('aria-pressed')).toBe('false')
})

test('who has a page of the room in sight is called by none of its pages', async () => {
  const room = newRoom()
  const back = await reader()
  const calls = await watchCalls(back.context())
  await wantAll(back.context())
  await attend(back, room)
  const front = await back.context().newPage()
  await attend(front, room)
  // Another room's page in sight is no reason to be silent.
  await attend(await back.context().newPage(), `${room}-too`)
  for (const page of [back, front]) await page.locator('.dot.live').waitFor()
  await settle(front)
  await show(back, 'hidden')
  await sayTo([back, front], room, 'read in front')
  expect(calls.made).toEqual([])
  await show(front, 'hidden')
  await sayTo([back, front], room, 'read by nobody')
  expect(calls.made.toSorted()).toEqual(['Mira: read by nobody', 'a sound'])
})

test('of several pages of a room that are out of sight one calls, for each message', async () => {
  const room = newRoom()
  const first = await reader()
  const calls = await watchCalls(first.context())
  await wantAll(first.context())
  const pages = [first]
  await attend(first, room)
  while (pages.length < 3) {
    const page = await first.context().newPage()
    pages.push(page)
    await attend(page, room)
  }
  await settle(first)
  for (const page of pages) await show(page, 'hidden')
  await sayTo(pages, room, 'one')
  await sayTo(pages, room, 'two')
  expect(calls.made.filter((what) => what !== 'a sound')).toEqual(['Mira: one', 'Mira: two'])
  expect(calls.made.length).toBe(4)
  await expect.poll(() => calls.shown.length, patience).toBe(2)
  expect((await shown(first)).map(({ body }) => body)).toEqual(['Mira: two'])
})

test('without locks each page calls, as it knows of no other', async () => {
  const room = newRoom()
  const first = await reader()
  await first.context().addInitScript(() => {
    Object.defineProperty(Navigator.prototype, 'locks', { value: undefined })
  })
  const calls = await watchCalls(first.context())
  await wantAll(first.context())
  await attend(first, room)
  const second = await first.context().newPage()
  await attend(second, room)
  await settle(second)
  for (const page of [first, second]) await show(page, 'hidden')
  await sayTo([first, second], room, 'to both')
  await expect
    .poll(() => calls.made.filter((what) => what === 'Mira: to both').length, patience)
    .toBe(2)
  await write(first, 'not for what one says oneself')
  await sayTo([first, second], room, 'and again')
  await expect
    .poll(() => calls.made.filter((what) => what === 'Mira: and again').length, patience)
    .toBe(2)
  expect(calls.made.length).toBe(8)
})

test('the icon of a mention differs from that of other messages by its shape, not by its colour alone', async () => {
  const shape = async (name: string): Promise<string> => {
    const svg = await (await fetch(`${server.url}/${name}.svg`)).text()
    // Sizes that differ a little are one shape.
    return svg
      .replaceAll(/#[\da-f]{6}/g, '')
      .replaceAll(/ r="[\d.]+"/g, '')
      .replaceAll(/\s+/g, ' ')
  }
  const [plain, unread, mention] = await Promise.all(
    ['icon', 'icon-unread', 'icon-mention'].map(shape),
  )
  expect(new Set([plain, unread, mention]).size).toBe(3)
})

test('a notification goes by the title that its host gave a room', async () => {
  const host = await reader()
  const calls = await watchCalls(host.context())
  await host.context().addInitScript(() => {
    const chosen = { notify: 'all', notifyText: false }
    localStorage.setItem('hearsay:preferences', JSON.stringify(chosen))
  })
  const room = await asHost(host, server.url)
  await giveTitle(host, 'Bread club')
  await host.reload()
  await begin(host)
  await settle(host)
  await show(host, 'hidden')
  await say(server.url, room, 'dough')
  await expect.poll(() => calls.made.at(-1), patience).toBe('New message in Bread club')
})
