/** What people do without: a network, a script, a mouse. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Page, Request } from 'playwright-core'
import { expect, test } from 'vitest'
import { ask, bearer } from '../harness/ask.ts'
import { folder, freePort, started } from '../harness/server.ts'
import { devices, enter, person, say, write, late } from './browser.ts'
import { setting } from './setting.ts'

const { browser, server } = await setting('away')

/** The messages that the server has stored, as the page shows them. */
const said = (page: Page): Promise<string[]> =>
  page.locator('.row:not(.pending) .text').allTextContents()

test('a minute without a network: what was written meanwhile is said once, in order, and what was missed is there', async () => {
  const address = `${server.url}/r/tunnel`
  const { context, page } = await person(browser)
  await page.clock.install()
  await enter(page, address, 'Ada')
  await write(page, 'before the tunnel')
  await page.locator('.row:not(.pending)', { hasText: 'before' }).waitFor()
  await context.setOffline(true)
  const written = [1, 2, 3, 4, 5].map((n) => `in the tunnel ${n}`)
  for (const text of written) await write(page, text)
  await page.locator('.row.pending', { hasText: 'tunnel 5' }).waitFor()
  await write(page, 'a slip in the tunnel')
  const slip = page.locator('.row.pending', { hasText: 'a slip' })
  await slip.getByRole('button', { name: 'Take back' }).click()
  await slip.waitFor({ state: 'detached' })
  await say(server.url, 'tunnel', 'said meanwhile')
  // A minute by the page's own clock: all its tries, and its watch over silence, fall into it.
  await page.clock.runFor(60_000)
  await page.locator('.banner').waitFor()
  await expect.poll(() => said(page)).toEqual(['before the tunnel'])
  await expect.poll(() => page.locator('.row.pending').count()).toBe(5)
  await context.setOffline(false)
  await page.clock.runFor(5000)
  await page.locator('.row:not(.pending)', { hasText: 'tunnel 5' }).waitFor()
  await page.locator('.row.pending').first().waitFor({ state: 'detached' })
  await expect.poll(() => said(page)).toEqual(['before the tunnel', 'said meanwhile', ...written])
  // Another one sees the same.
  const { page: other } = await person(browser)
  await enter(other, address)
  await other.locator('.row', { hasText: 'tunnel 5' }).waitFor()
  expect(await said(other)).toEqual(await said(page))
})

test("where the device's clock is set back meanwhile, the page goes on trying, and says so", async () => {
  const address = `${server.url}/r/summer`
  const { page } = await person(browser)
  await enter(page, address, 'Ada')
  const set = (by: number): Promise<void> =>
    page.evaluate((it) => {
      const now = Date.now.bind(Date)
      Date.now = () => now() + it
    }, by)
  const isStream = (request: Request): boolean =>
    request.headers()['accept'] === 'text/event-stream'
  await page.route(/\/r\/summer$|\/events/, (route) =>
    isStream(route.request()) ? route.abort() : route.continue(),
  )
  const banner = page.locator('.banner')
  await set(6000)
  await page.evaluate(() => void dispatchEvent(new Event('online')))
  await page.waitForRequest(isStream)
  await set(6000)
  await banner.waitFor()
  await set(-3_600_000)
  for (let i = 0; i < 2; i++) await page.waitForRequest(isStream)
  await expect.poll(() => banner.innerText()).toMatch(/ in [1-3]?\d second|Reconnecting/)
})

test('what waits behind a message that came too early says so, and is taken back', async () => {
  const address = `${server.url}/r/burst`
  const { page } = await person(browser)
  await enter(page, address, 'Ada')
  const code = 'slow-down'
  const body = JSON.stringify({
    type: 'about:blank',
    title: code,
    status: 429,
    code,
    retryAfter: 99,
  })
  await page.route(address, (route) =>
    route.request().method() === 'POST'
      ? route.fulfill({ status: 429, contentType: 'application/problem+json', body })
      : route.continue(),
  )
  await write(page, 'too early')
  await page.locator('.pending.held').waitFor()
  for (const text of ['kept', 'a slip']) await write(page, text)
  const slip = page.locator('.pending', { hasText: 'a slip' })
  await slip.getByText('Waiting for its turn').waitFor()
  await slip.getByRole('button', { name: 'Take back' }).click()
  await slip.waitFor({ state: 'detached' })
  await page.locator('.pending', { hasText: 'kept' }).getByText('Waiting for its turn').waitFor()
  await expect.poll(() => page.getByText('Waiting for the connection').count()).toBe(0)
})

test('where a proxy answers in the server’s place, that is said in a sentence of the page', async () => {
  const address = `${server.url}/r/proxy`
  const { page } = await person(browser)
  await enter(page, address, 'Ada')
  await page.route(address, (route) =>
    route.request().method() === 'POST'
      ? route.fulfill({ status: 502, contentType: 'text/html', body: '<h1>Bad Gateway</h1>' })
      : route.continue(),
  )
  await write(page, 'Hello')
  const told = page.getByText('It waits here and goes out by itself.')
  await expect
    .poll(() => told.innerText())
    .toMatch(/^The server answered with a fault \(502\)\. It waits/)
})

test('without a network the page opens from what was kept, takes a message, and says it later, after another reload too', async () => {
  const address = `${server.url}/r/shell`
  const { context, page } = await person(browser)
  await enter(page, address, 'Ada')
  // All that the page asks for when it is open is kept by now, or is fetched when it is idle.
  await kept(page)
  await page.reload()
  await page.locator('.dot.live').waitFor()
  await context.setOffline(true)
  await page.reload()
  await page.locator('#composer').waitFor()
  await page.getByText('You are offline').waitFor()
  await write(page, 'written without a network')
  await page.locator('.row.pending', { hasText: 'without a network' }).waitFor()
  await page.reload()
  await page.locator('.row.pending', { hasText: 'without a network' }).waitFor()
  // A room in which this browser has never been opens as well: the page is the same for all.
  const elsewhere = await context.newPage()
  await elsewhere.goto(`${server.url}/r/never-seen`)
  await elsewhere.locator('.room').waitFor()
  await context.setOffline(false)
  await page.locator('.row:not(.pending)', { hasText: 'without a network' }).waitFor()
  await expect.poll(() => said(page)).toEqual(['written without a network'])
})

/** By now the worker has all that the page needs. */
async function kept(page: Page): Promise<void> {
  await page.evaluate(async () => void (await navigator.serviceWorker.ready))
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null)
}

test('where the server hangs the page opens from what was kept too, takes a message, and says it when the server goes on', async () => {
  const own = await started(['--port', '0', '--memory', '--limits', 'off'])
  try {
    const { page } = await person(browser)
    await enter(page, `${own.url}/r/hangs`, 'Ada')
    await kept(page)
    // It takes connections and answers none.
    own.child.kill('SIGSTOP')
    await page.reload()
    await write(page, 'written before an answer')
    await page.locator('.row.pending', { hasText: 'before an answer' }).waitFor()
    own.child.kill('SIGCONT')
    await page.locator('.row:not(.pending)', { hasText: 'before an answer' }).waitFor()
    await expect.poll(() => said(page)).toEqual(['written before an answer'])
  } finally {
    await own.stop('SIGKILL')
  }
})

test('what the server says in its page is kept anew with each visit, and a page of another build is not', async () => {
  const port = await freePort()
  const flags = ['--port', String(port), '--memory', '--limits', 'off']
  let own = await started(flags)
  const address = `${own.url}/r/kept`
  const other = createServer(({ url }, answer) => {
    answer.writeHead(url?.startsWith('/assets/') ? 404 : 200, {
      'content-type': 'text/html',
      connection: 'close',
    })
    answer.end('<title>Another build</title><script src="/assets/hearsay-other.js"></script>')
  })
  try {
    const { page } = await person(browser)
    await enter(page, address, 'Ada')
    await kept(page)
    await own.stop('SIGKILL')
    own = await started([...flags, '--contact', 'help@example.org'])
    await page.reload()
    await expect
      .poll(() => page.evaluate(async () => (await caches.match('/'))?.text()), { timeout: 30_000 })
      .toContain('help@example.org')
    await own.stop('SIGKILL')
    other.listen(port)
    await page.goto(address)
    await expect.poll(() => page.title()).toBe('Another build')
    other.close()
    await once(other, 'close')
    await page.goto(address)
    await page.locator('#composer').waitFor()
  } finally {
    await own.stop('SIGKILL')
    other.close()
  }
})

test('who closes the page while something waits is asked first', async () => {
  const { context, page } = await person(browser)
  await enter(page, `${server.url}/r/unsaid`, 'Ada')
  await late(page)
  const asked: string[] = []
  page.on('dialog', (dialog) => {
    asked.push(dialog.type())
    void dialog.dismiss()
  })
  await context.setOffline(true)
  await write(page, 'not said yet')
  await page.locator('.row.pending').waitFor()
  const question = page.waitForEvent('dialog')
  await page.close({ runBeforeUnload: true })
  await question
  expect(asked).toEqual(['beforeunload'])
  // It stays, and nothing is lost.
  await context.setOffline(false)
  await page.locator('.row:not(.pending)', { hasText: 'not said yet' }).waitFor()
})

test('what a server lost while one was away is told until it was read', async () => {
  const flags = ['--port', String(await freePort()), '--memory', '--limits', 'off']
  let own = await started(flags)
  const { url } = own
  try {
    const { page } = await person(browser)
    await enter(page, `${url}/r/lost`, 'Ada')
    await write(page, 'before')
    await page.locator('.row:not(.pending)', { hasText: 'before' }).waitFor()
    // In memory alone: the new one knows nothing of what was said.
    await own.stop('SIGKILL')
    own = await started(flags)
    await say(url, 'lost', 'after')
    const notice = page.locator('.notice', { hasText: 'may be missing' })
    await notice.waitFor()
    await page.locator('.row', { hasText: 'after' }).waitFor()
    await notice.getByRole('button', { name: 'Dismiss' }).click()
    await notice.waitFor({ state: 'detached' })
    await say(url, 'lost', 'and more')
    await page.locator('.row', { hasText: 'and more' }).waitFor()
    await expect.poll(() => notice.count()).toBe(0)
  } finally {
    await own.stop('SIGKILL')
  }
})

test('what expired while one was away is told by its number', async () => {
  const dir = folder()
  const port = ['--port', String(await freePort()), '--data', dir.path, '--limits', 'off']
  let own = await started(port)
  const { url } = own
  try {
    const made = await ask(url, '/rooms', {
      method: 'POST',
      headers: { ...bearer('owner'), 'content-type': 'application/json' },
      body: '{"room":"short","settings":{"keepCount":3}}',
    })
    expect(made.status).toBe(201)
    const { context, page } = await person(browser)
    await enter(page, `${url}/r/short`, 'Ada')
    await write(page, 'before')
    await page.locator('.row:not(.pending)', { hasText: 'before' }).waitFor()
    await context.setOffline(true)
    await say(url, 'short', 'mine stays unheard')
    for (const n of [2, 3, 4, 5, 6, 7]) await say(url, 'short', `said ${n}`)
    // Retention goes round soon after a start.
    await own.stop('SIGTERM')
    own = await started(port)
    const kept = async (): Promise<number> =>
      ((await ask(url, '/r/short/messages')).json()['messages'] as unknown[]).length
    while ((await kept()) > 3);
    await context.setOffline(false)
    // What the page had is not counted: seven were said, and three of them are there.
    await page.locator('.notice', { hasText: '4 messages expired while you were away.' }).waitFor()
    await page.locator('.row', { hasText: 'said 7' }).waitFor()
    await expect.poll(() => said(page)).toEqual(['said 5', 'said 6', 'said 7'])
  } finally {
    await own.stop('SIGKILL')
    dir.remove()
  }
})

test('without JavaScript one reads the room, says something by the form, and reads that too', async () => {
  const { page } = await person(browser, { javaScriptEnabled: false })
  for (let n = 0; n < 60; n++) await say(server.url, 'plain', `message ${n}`)
  await page.goto(`${server.url}/r/plain`)
  // Playwright names nothing within a noscript: by its place, then.
  const there = page.frameLocator('.plain iframe').locator('article p')
  await there.first().waitFor()
  await expect
    .poll(() => there.allTextContents())
    .toEqual(Array.from({ length: 50 }, (_, n) => `message ${n + 10}`))
  // The frame is of the page's own paper, by day and by night.
  const papers = new Set<string>()
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    const paper = (node: Element): string =>
      getComputedStyle(node.ownerDocument.documentElement).backgroundColor
    const [around, within] = [
      await page.locator('.plain').evaluate(paper),
      await there.first().evaluate(paper),
    ]
    expect(within).toBe(around)
    papers.add(around)
  }
  expect(papers.size).toBe(2)
  const isInSight = (text: string): Promise<boolean> =>
    there.filter({ hasText: text }).evaluate((node) => {
      const { top, bottom } = node.getBoundingClientRect()
      return top >= 0 && bottom <= innerHeight
    })
  await expect.poll(() => isInSight('message 59')).toBe(true)
  await say(server.url, 'plain', 'meanwhile')
  await page.locator('.plain a').first().click()
  await there.filter({ hasText: 'meanwhile' }).waitFor()
  await expect.poll(() => isInSight('meanwhile')).toBe(true)
  const field = page.locator('#plain-text')
  await expect.poll(() => page.locator('label[for=plain-text]').isVisible()).toBe(true)
  await field.fill('no script, <b>no</b> trouble & more')
  const answered = page.waitForResponse((response) => response.request().method() === 'POST')
  await page.locator('.plain [method=post] button').click()
  expect((await answered).status()).toBe(303)
  await there.filter({ hasText: 'trouble & more' }).waitFor()
  await expect.poll(() => there.last().textContent()).toBe('no script, <b>no</b> trouble & more')
  await expect.poll(() => isInSight('trouble & more')).toBe(true)
  await expect.poll(() => field.inputValue()).toBe('')
  expect(page.url()).toBe(`${server.url}/r/plain`)
  // All of it is read where it was asked for, and is no file that one must find.
  await page.locator('.plain a').last().click()
  await page.waitForURL(`${server.url}/r/plain/transcript?format=html`)
  await expect.poll(() => page.locator('article').count()).toBe(62)
})

test('without JavaScript one goes to another room by its name', async () => {
  const { page } = await person(browser, { javaScriptEnabled: false })
  await page.goto(server.url)
  const field = page.locator('#plain-room')
  const open = page.locator('.plain [action="/"] button')
  await field.fill(' Elsewhere ')
  await open.click()
  await page.waitForURL(`${server.url}/r/elsewhere`)
  await expect
    .poll(() => page.locator('label[for=plain-text]').textContent())
    .toContain('/r/elsewhere')
  // What is no name is told to be none, and what it says is no other address.
  await field.fill('../rooms?x=#y')
  await open.click()
  await page.getByText('A room name is').waitFor()
  expect(new URL(page.url()).pathname).toBe('/r/..%2Frooms%3Fx%3D%23y')
})

test('without JavaScript nothing that was written is lost: what can’t be said comes back in the form', async () => {
  const { page } = await person(browser, { javaScriptEnabled: false })
  const address = `${server.url}/r/plain-refused`
  await page.goto(address)
  const field = page.locator('#plain-text')
  const send = page.locator('.plain [method=post] button')
  const why = page.locator('#plain-wrong')
  const long = `first\n\n${'so it went on. '.repeat(350)}\nlast`
  for (const [text, words] of [
    [long, 'longer than 4000 characters'],
    ['line\n'.repeat(300), '200 lines'],
    ['   ', 'no text to say'],
  ] as const) {
    await field.fill(text)
    await send.click()
    await why.filter({ hasText: words }).waitFor()
    await expect.poll(() => field.inputValue()).toBe(text)
    expect(page.url()).toBe(address)
  }
  // Too large to be read at all: the browser still has it.
  const huge = 'x'.repeat(100_000)
  await field.fill(huge)
  await send.click()
  await page.getByText('larger than this call takes').waitFor()
  await page.goBack()
  await expect.poll(() => field.inputValue()).toBe(huge)
  await field.fill('short')
  await send.click()
  const there = page.frameLocator('.plain iframe').locator('article p')
  await there.filter({ hasText: 'short' }).waitFor()
  await expect.poll(() => there.count()).toBe(1)
})

test('two people talk by touch alone; with the keyboard open, composer and last message are in sight', async () => {
  const address = `${server.url}/r/touch`
  for (let n = 0; n < 30; n++) await say(server.url, 'touch', `message ${n}`)
  const people = []
  for (const name of ['Ada', 'Ben']) {
    const { page } = await person(browser, { ...devices.phone })
    await page.goto(address)
    await page.locator('.dot.live').waitFor()
    await page.getByLabel('Your name here').tap()
    await page.keyboard.insertText(name)
    await page.getByRole('button', { name: 'Join', exact: true }).tap()
    await page.locator('#composer').tap()
    people.push(page)
  }
  const [ada, ben] = people as [Page, Page]
  // The keyboard takes the lower half: the page asked to be made smaller by it (interactive-widget).
  await ada.setViewportSize({ width: 360, height: 360 })
  await ben.keyboard.insertText('Hello Ada')
  await ben.getByRole('button', { name: 'Send' }).tap()
  const row = ada.locator('.row', { hasText: 'Hello Ada' })
  await row.waitFor()
  for (const it of [row, ada.locator('#composer')]) {
    await expect
      .poll(() =>
        it.evaluate((node) => {
          const { top, bottom } = node.getBoundingClientRect()
          return top >= 0 && bottom <= (visualViewport?.height ?? innerHeight)
        }),
      )
      .toBe(true)
  }
  await ada.keyboard.insertText('Hello Ben')
  await ada.getByRole('button', { name: 'Send' }).tap()
  await ben.locator('.row', { hasText: 'Hello Ben' }).waitFor()
  // What a mouse does by hovering, a finger does by a button that is always there.
  await row.locator('.row-more').tap()
  await ada.getByRole('menuitem', { name: 'Reply' }).tap()
  await ada.locator('.context').waitFor()
})

test('what is taken back stands in the composer again, as it was typed and before what stands there by then', async () => {
  const address = `${server.url}/r/taken-back`
  const { page, context } = await person(browser)
  const { id } = await say(server.url, 'taken-back', 'who brings bread?')
  await enter(page, address, 'Ada')
  await late(page)
  await context.setOffline(true)
  const composer = page.locator('#composer')
  const takeBack = async (text: string): Promise<void> => {
    const row = page.locator('.row.pending', { hasText: text })
    await row.getByRole('button', { name: 'Take back' }).click()
    await row.waitFor({ state: 'detached' })
  }
  await page.locator(`[id="m-${id}"]`).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('menuitem', { name: 'Reply' }).click()
  await page.locator('.context').waitFor()
  await write(page, '//me, I think')
  await page.locator('.context').waitFor({ state: 'detached' })
  await takeBack('/me, I think')
  await expect.poll(() => composer.inputValue()).toBe('//me, I think')
  await page.locator('.context', { hasText: 'who brings bread?' }).waitFor()
  await expect.poll(() => composer.evaluate((it) => it === document.activeElement)).toBe(true)
  await write(page, 'first')
  await composer.fill('and then')
  await takeBack('first')
  await expect.poll(() => composer.inputValue()).toBe('first\nand then')
})

test('what is taken back while another message is edited is there when that is over', async () => {
  const address = `${server.url}/r/taken-back-2`
  const { page, context } = await person(browser)
  await enter(page, address, 'Ada')
  await write(page, 'said')
  await page.locator('.row:not(.pending)', { hasText: 'said' }).waitFor()
  await late(page)
  await context.setOffline(true)
  await write(page, 'not yet')
  const row = page.locator('.row.pending', { hasText: 'not yet' })
  await row.waitFor()
  const said = page.locator('.row:not(.pending)', { hasText: 'said' })
  await said.hover()
  await said.getByRole('button', { name: 'Actions for' }).click()
  await page.getByRole('menuitem', { name: 'Edit' }).click()
  await page.locator('.context').waitFor()
  await row.getByRole('button', { name: 'Take back' }).click()
  await row.waitFor({ state: 'detached' })
  await expect.poll(() => page.locator('#composer').inputValue()).toBe('said')
  await page.keyboard.press('Escape')
  await expect.poll(() => page.locator('#composer').inputValue()).toBe('not yet')
})

test.each([
  ['de-AT', 'Es dauert länger als sonst.'],
  ['pt-BR', 'This takes longer than usual.'],
])(
  'on a slow line, in %s, the page says so before its style and its script are there',
  async (locale, words) => {
    const { context, page } = await person(browser, { locale, serviceWorkers: 'block' })
    const held: Record<string, () => void> = {}
    await page.route(/\/assets\/.*\.(css|js)$/, async (route) => {
      const kind = route.request().resourceType()
      if (held[kind] === undefined) await new Promise<void>((go) => (held[kind] = go))
      await route.continue()
    })
    await page.goto(`${server.url}/r/slow-line`, { waitUntil: 'commit' })
    const said = page.getByText(words)
    await said.waitFor()
    // One language, and nothing that the page itself has not painted.
    await expect.poll(() => page.locator('.coming p').count()).toBe(1)
    await expect
      .poll(() => page.evaluate(() => performance.getEntriesByType('paint').length))
      .toBeGreaterThan(0)
    held['script']?.()
    held['stylesheet']?.()
    await page.locator('.join').waitFor()
    await expect.poll(() => said.isVisible()).toBe(false)
    await context.close()
  },
)
