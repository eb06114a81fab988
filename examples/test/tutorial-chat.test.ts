import { get } from 'node:http'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type Cable, type Example, layCable, openBrowser, start, until } from './run.ts'

let browser: Browser
let chat: Example
let cables: Cable[] = []

beforeAll(async () => {
  ;[browser, chat] = await Promise.all([openBrowser(), start('tutorial-chat')])
})

afterEach(async () => {
  for (const context of browser.contexts()) await context.close()
  for (const cable of cables) await cable.close()
  cables = []
  await chat.stop('SIGKILL')
  chat = await start('tutorial-chat')
})

afterAll(async () => {
  await browser.close()
  await chat.stop('SIGKILL')
})

/** A person's own browser: it shares no storage and no connection with the others'. */
async function open(url: string): Promise<Page> {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(url)
  await until(() => state(page), 'Live')
  return page
}

const state = (page: Page): Promise<string | null> => page.textContent('#state')

/** What stands on a page, a line each. */
const lines = (page: Page): Promise<string[]> =>
  page.$$eval('#messages li', (items) =>
    items.map((item) =>
      [...item.querySelectorAll('b, span')].map(({ textContent }) => textContent).join(': '),
    ),
  )

async function say(page: Page, name: string, text: string): Promise<void> {
  await page.fill('#name', name)
  await page.fill('#text', text)
  await page.press('#text', 'Enter')
  await until(() => page.inputValue('#text'), '')
}

function post(body: unknown, type = 'application/json'): Promise<Response> {
  return fetch(`${chat.url}/chat`, {
    method: 'POST',
    headers: { 'Content-Type': type },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
}

test('two people talk, under the names they chose', async () => {
  const [ana, ben] = await Promise.all([open(chat.url), open(chat.url)])
  await until(() => ana.textContent('#people'), '2 windows are here')
  await say(ana, 'Ana', 'Is someone there?')
  await say(ben, '', '<img src=x onerror=alert(1)> & "me"')
  const said = ['Ana: Is someone there?', 'Someone: <img src=x onerror=alert(1)> & "me"']
  for (const page of [ana, ben]) await until(() => lines(page), said)
  expect(await ana.$('#messages img')).toBeNull()
  expect(await ana.textContent('#announcer')).toBe(said[1])

  const cleo = await open(chat.url)
  await until(() => lines(cleo), said)
  expect(await cleo.textContent('#announcer')).toBe('')
  await ana.reload()
  expect(await ana.inputValue('#name')).toBe('Ana')
})

test('a text arrives as one event whatever its lines hold', async () => {
  const ana = await open(chat.url)
  const text = 'one\ndata: two\r\n\r\nevent: people\rid: forged-9\n\n'
  expect((await post({ name: 'Eve\nid: x', text })).status).toBe(201)
  await until(() => lines(ana), [`Eve\nid: x: ${text}`])
  expect(await ana.textContent('#cursor')).toMatch(/^[a-z0-9]+-1$/)
})

test('a page whose line is cut misses nothing and doubles nothing', async () => {
  const cable = await layCable(chat.port)
  cables.push(cable)
  const ana = await open(cable.url)
  await post({ name: 'Ben', text: 'before' })
  await until(() => lines(ana), ['Ben: before'])

  cable.cut()
  await until(() => state(ana), 'Line lost. Trying again…')
  await ana.fill('#text', 'written in the tunnel')
  await ana.press('#text', 'Enter')
  await until(
    () => ana.textContent('#refusal'),
    'The server can’t be reached. Your message is still here: send it again.',
  )
  for (const text of ['one', 'two', 'three']) await post({ name: 'Ben', text })
  cable.mend()

  await until(() => state(ana), 'Live, and caught up on 3')
  await ana.press('#text', 'Enter')
  const whole = ['before', 'one', 'two', 'three'].map((text) => `Ben: ${text}`)
  whole.push('Someone: written in the tunnel')
  await until(() => lines(ana), whole)
  expect(await ana.textContent('#verdict')).toBe('where it was: nothing is missing.')
})

test('letting go of the line by the button loses nothing either', async () => {
  const ana = await open(chat.url)
  await ana.click('summary')
  await ana.click('#let-go')
  await until(() => state(ana), 'You let go of the line')
  await post({ name: 'Ben', text: 'while you were away' })
  await until(() => state(ana), 'Live, and caught up on 1')
  expect(await lines(ana)).toEqual(['Ben: while you were away'])
})

test('after a restart pages say what may be missing, and talk on', async () => {
  const [ana, ben] = await Promise.all([open(chat.url), open(chat.url)])
  await say(ana, 'Ana', 'first')
  await until(() => lines(ben), ['Ana: first'])

  await chat.stop('SIGKILL')
  for (const page of [ana, ben]) await until(() => state(page), 'Line lost. Trying again…')
  chat = await start('tutorial-chat', { PORT: String(chat.port) })
  for (const page of [ana, ben]) await until(() => state(page), 'Live')
  await say(ben, 'Ben', 'second')
  for (const page of [ana, ben])
    await until(
      () => lines(page),
      ['Ana: first', expect.stringContaining('started anew'), 'Ben: second'],
    )
})

test('thirty listeners are no warning, and who leaves is gone', async () => {
  const ana = await open(chat.url)
  const streams = await Promise.all(
    Array.from(
      { length: 30 },
      () =>
        new Promise<{ destroy(): void }>((resolve) => {
          get(`${chat.url}/sse`, (response) => resolve(response.resume()))
        }),
    ),
  )
  await until(() => ana.textContent('#people'), '31 windows are here')
  for (const stream of streams) stream.destroy()
  await until(() => ana.textContent('#people'), 'Nobody else is here')
  expect(chat.output()).not.toMatch(/warning/i)
})

test('what can not be said is refused with a sentence, and nothing is said', async () => {
  const ana = await open(chat.url)
  const answers = await Promise.all([
    post({ name: 'Eve' }),
    post({ text: ' \n ' }),
    post({ text: 7 }),
    post({ text: 'x'.repeat(2001) }),
    post({ text: 'x'.repeat(20_000) }),
    post('{"text":'),
    post('null'),
    post({ text: 'hello' }, 'text/plain'),
  ])
  expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 400, 413, 400, 400, 400])
  for (const answer of answers) {
    const sentence = await answer.text()
    expect(sentence).toMatch(/^[A-Z][^\n]*\.$/)
    expect(sentence).not.toContain('server.ts')
  }
  await post({ name: 'Ben', text: 'allowed' })
  await until(() => lines(ana), ['Ben: allowed'])
})

test('a page of another origin can not say', async () => {
  const ana = await open(chat.url)
  // Its origin is null, and it has no rule of its own against asking elsewhere.
  const other = await browser.newPage()
  const outcome = await other.evaluate(
    (url) =>
      fetch(url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: '{"text":"forged"}',
      }).then(
        () => 'sent',
        () => 'refused',
      ),
    `${chat.url}/chat`,
  )
  expect(outcome).toBe('refused')
  await post({ name: 'Ben', text: 'own origin' })
  await until(() => lines(ana), ['Ben: own origin'])
})

test('at phone width and wide nothing is cut off', async () => {
  const ana = await open(chat.url)
  await post({ name: 'Ben', text: 'x'.repeat(400) })
  await until(async () => (await lines(ana)).length, 1)
  for (const width of [320, 400, 1280]) {
    await ana.setViewportSize({ width, height: 640 })
    const { scroll, button } = await ana.evaluate(() => ({
      scroll: document.documentElement.scrollWidth,
      button: document.querySelector('#composer button')!.getBoundingClientRect(),
    }))
    expect(scroll).toBe(width)
    expect(button.right).toBeLessThanOrEqual(width)
    expect(button.bottom).toBeLessThanOrEqual(640)
    expect(button.height).toBeGreaterThanOrEqual(44)
  }
})
