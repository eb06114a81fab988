import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { NewsLog } from '../news-ticker/news-log.ts'
import { type Example, openBrowser, start, until } from './run.ts'

let browser: Browser
let folder: string
let news: Example

beforeAll(async () => {
  browser = await openBrowser()
})

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'news-'))
  news = await start('news-ticker', { NEWS: join(folder, 'news.log') })
})

afterEach(async () => {
  for (const context of browser.contexts()) await context.close()
  await news.stop('SIGKILL')
  rmSync(folder, { recursive: true })
})

afterAll(() => browser.close())

/** Kills the server and starts it again on the same port. */
async function restart(file = 'news.log'): Promise<void> {
  await news.stop('SIGKILL')
  news = await start('news-ticker', { NEWS: join(folder, file), PORT: String(news.port) })
}

async function open(): Promise<Page> {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(news.url)
  await until(() => state(page), 'Live')
  return page
}

const state = (page: Page): Promise<string | null> => page.textContent('#state')

const headlines = (page: Page): Promise<(string | null)[]> =>
  page.$$eval('#items p', (items) => items.map(({ textContent }) => textContent))

test('what is typed into the server stands on every page, newest first', async () => {
  const [ana, ben] = await Promise.all([open(), open()])
  expect(await ana.isVisible('#empty')).toBe(true)
  news.type('Bakery opens')
  news.type('')
  news.type('  <b>Bridge</b> closed until May  https://example.org/bridge?a=1&b=2 ')
  const wanted = ['<b>Bridge</b> closed until Mayexample.org', 'Bakery opens']
  for (const page of [ana, ben]) await until(() => headlines(page), wanted)
  expect(await ana.isVisible('#empty')).toBe(false)
  expect(await ana.getAttribute('#items a', 'href')).toBe('https://example.org/bridge?a=1&b=2')
  expect(await ana.textContent('#announcer')).toBe('<b>Bridge</b> closed until May')
})

test('no address but a web address becomes a link', async () => {
  const ana = await open()
  news.type('Free money javascript:alert(1)')
  news.type('Broken http://[')
  await until(() => headlines(ana), ['Broken', 'Free money javascript:alert(1)'])
  expect(await ana.$('#items a')).toBeNull()
})

test('a newcomer is shown the last twenty and is told aloud of none of them', async () => {
  const ana = await open()
  for (let i = 1; i <= 30; i++) news.type(`Item ${i}`)
  await until(async () => (await headlines(ana)).length, 30)
  const ben = await open()
  const last = Array.from({ length: 20 }, (_, i) => `Item ${30 - i}`)
  await until(() => headlines(ben), last)
  expect(await ben.textContent('#announcer')).toBe('')
  news.type('Item 31')
  await until(() => headlines(ben), ['Item 31', ...last])
  expect(await ben.textContent('#announcer')).toBe('Item 31')
})

test('killed and started again it loses nobody’s place', async () => {
  const [ana, quiet] = await Promise.all([open(), open()])
  news.type('One')
  await until(() => headlines(ana), ['One'])
  await restart()
  news.type('Two')
  news.type('Three')
  for (const page of [ana, quiet]) await until(() => headlines(page), ['Three', 'Two', 'One'])
  for (const page of [ana, quiet]) expect(await state(page)).toMatch(/^Live again, /)
  await restart()
  news.type('Four')
  for (const page of [ana, quiet, await open()])
    await until(() => headlines(page), ['Four', 'Three', 'Two', 'One'])
})

test('with another file pages are told that it began anew', async () => {
  const ana = await open()
  news.type('One')
  await until(() => headlines(ana), ['One'])
  await restart('other.log')
  news.type('Other')
  await until(
    () => headlines(ana),
    ['Other', 'The feed began anew here: what it said before may be incomplete.', 'One'],
  )
  expect(await state(ana)).toBe('Live')
})

test('an old copy of the file is told from the one that pages know', async () => {
  const ana = await open()
  news.type('One')
  await until(() => headlines(ana), ['One'])
  const copy = readFileSync(join(folder, 'news.log'))
  news.type('Two')
  await until(() => headlines(ana), ['Two', 'One'])
  await news.stop('SIGKILL')
  writeFileSync(join(folder, 'news.log'), copy)
  news = await start('news-ticker', {
    NEWS: join(folder, 'news.log'),
    PORT: String(news.port),
  })
  news.type('Another two')
  await until(
    () => headlines(ana),
    [
      'Another two',
      'One',
      'The feed began anew here: what it said before may be incomplete.',
      'Two',
      'One',
    ],
  )
  expect(await state(ana)).toBe('Live')
})

test('nobody can write by HTTP', async () => {
  const answers = await Promise.all([
    fetch(news.url, { method: 'POST', body: 'Forged' }),
    fetch(`${news.url}/news`, { method: 'POST', body: 'Forged' }),
    fetch(`${news.url}/news`, { method: 'PUT', body: 'Forged' }),
    fetch(`${news.url}/news.log`),
  ])
  expect(answers.map(({ status }) => status)).toEqual([405, 405, 405, 404])
})

test('at phone width and wide nothing is cut off', async () => {
  const ana = await open()
  news.type(`${'x'.repeat(300)} https://a-very-long-name-of-a-host.example.org/`)
  await until(async () => (await headlines(ana)).length, 1)
  for (const width of [320, 1280]) {
    await ana.setViewportSize({ width, height: 800 })
    expect(await ana.evaluate(() => document.documentElement.scrollWidth)).toBe(width)
  }
})

test('the file gives back what was appended, in order, from any place', async () => {
  const path = join(folder, 'property.log')
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 5 }), { maxLength: 5 }),
      fc.nat(30),
      fc.integer({ min: 1, max: 30 }),
      async (lives, after, limit) => {
        rmSync(path, { force: true })
        const told = []
        for (const headlinesOfALife of lives) {
          const log = new NewsLog(path)
          for (const headline of headlinesOfALife)
            told.push(log.append({ at: new Date(0).toISOString(), headline }))
        }
        const log = new NewsLog(path)
        const from = Math.min(after, log.head)
        const stretch = await log.after(['news'], from, log.head, limit)
        expect(stretch.events).toEqual(told.slice(from, from + limit))
        expect(stretch.more).toBe(told.length > from + limit)
        expect((await log.newest('news', log.head, limit)).events).toEqual(told.slice(-limit))
        expect(log.epochs).toHaveLength(lives.length + 1)
      },
    ),
    { numRuns: 60 },
  )
})

test('a line that was not finished is dropped, one that is not ours is refused', () => {
  const path = join(folder, 'torn.log')
  const log = new NewsLog(path)
  log.append({ at: '', headline: 'Whole' })
  appendFileSync(path, '{"seq":2,"at":"","head')
  const again = new NewsLog(path)
  expect(again.head).toBe(1)
  expect(again.append({ at: '', headline: 'Next' }).seq).toBe(2)
  expect(() => log.append({ at: '', headline: 'From two' })).toThrow('changed by something else')
  appendFileSync(path, '{"seq":9,"at":"","headline":"Hole"}\n')
  expect(() => new NewsLog(path)).toThrow('line 5 is not a line of this log')
})
