import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { companies, openMarket } from '../stock-ticker/market.ts'
import { type Cable, type Example, layCable, openBrowser, start, until } from './run.ts'

const SEED = 7
const env = { SEED: String(SEED), EVERY: '50' }

let browser: Browser
let ticker: Example
const cables: Cable[] = []

beforeAll(async () => {
  ;[browser, ticker] = await Promise.all([openBrowser(), start('stock-ticker', env)])
})

afterEach(async () => {
  for (const context of browser.contexts()) await context.close()
  for (const cable of cables.splice(0)) await cable.close()
})

afterAll(async () => {
  await browser.close()
  await ticker.stop('SIGKILL')
})

async function open(url: string): Promise<Page> {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(url)
  await until(() => page.textContent('#state'), 'Live')
  return page
}

const symbolsOn = (page: Page): Promise<(string | null)[]> =>
  page.$$eval('tbody a', (links) => links.map(({ textContent }) => textContent))

const pricesOn = (page: Page): Promise<(string | null)[]> =>
  page.$$eval('tbody .price', (cells) => cells.map(({ textContent }) => textContent))

/** Has a market of this seed quoted the symbol so? Looks at its first 5,000 steps. */
function wasQuoted(symbol: string, price: string, change: string): boolean {
  const step = openMarket(SEED)
  for (let i = 0; i < 5000; i++)
    for (const quote of step())
      if (
        quote.symbol === symbol &&
        quote.price.toFixed(2) === price &&
        Math.abs(quote.change).toFixed(2) === change
      )
        return true
  return false
}

/** The quotes of a stream as they came, until there are so many. */
async function hear(query: string, count: number): Promise<{ id: string; data: string }[]> {
  const stop = new AbortController()
  const answer = await fetch(`${ticker.url}/quotes?${query}`, { signal: stop.signal })
  const quotes: { id: string; data: string }[] = []
  let text = ''
  for await (const bytes of answer.body!.pipeThrough(new TextDecoderStream())) {
    text += bytes
    const blocks = text.split('\n\n')
    text = blocks.pop()!
    for (const block of blocks) {
      const found = /^id: (\S+)\nevent: quote\ndata: (.*)$/.exec(block)
      if (found) quotes.push({ id: found[1]!, data: found[2]! })
    }
    if (quotes.length >= count) break
  }
  stop.abort()
  return quotes.slice(0, count)
}

test('every company has its row, and prices that the market of this seed gives', async () => {
  const page = await open(ticker.url)
  await until(
    () => symbolsOn(page),
    companies.map(({ symbol }) => symbol),
  )
  expect(await page.textContent('body')).toContain('None of this is real.')
  await until(() => page.textContent('#seed'), `The same seed, ${SEED}, gives the same prices.`)
  const [symbol, price, change] = await page.$eval('tbody tr', (row) =>
    ['a', '.price', '.change'].map((part) => row.querySelector(part)!.textContent),
  )
  expect(change).toMatch(/^(▲ \+|▼ −)?\d+\.\d\d$/)
  expect(wasQuoted(symbol!, price!, change!.replace(/^\D+/, ''))).toBe(true)

  const before = await pricesOn(page)
  await expect.poll(() => pricesOn(page), { timeout: 15_000 }).not.toEqual(before)
})

test('lines are drawn inside their box, from at most sixty quotes', async () => {
  const page = await open(ticker.url)
  const points = (): Promise<number[][]> =>
    page.$$eval('polyline', (lines) =>
      lines.flatMap((line) => [...(line as SVGPolylineElement).points].map(({ x, y }) => [x, y])),
    )
  await expect.poll(async () => (await points()).length, { timeout: 15_000 }).toBe(8 * 60)
  for (const [x, y] of await points()) {
    expect(x).toBeGreaterThanOrEqual(0)
    expect(x).toBeLessThanOrEqual(120)
    expect(y).toBeGreaterThanOrEqual(2)
    expect(y).toBeLessThanOrEqual(26)
  }
})

test('several topics come on one stream, and what was published together in one write', async () => {
  const page = await open(`${ticker.url}/?symbols=FERN,HARE`)
  await until(() => symbolsOn(page), ['FERN', 'HARE'])
  const each = async (): Promise<number> =>
    Number(/: ([\d.]+) in each/.exec((await page.textContent('#figures')) ?? '')?.[1])
  // About two of the two companies' quotes, and sometimes the figures, in one write.
  await expect.poll(each, { timeout: 15_000 }).toBeGreaterThan(1)
  await page.click('text=Show every company')
  await until(
    () => symbolsOn(page),
    companies.map(({ symbol }) => symbol),
  )
})

test('a symbol that is not there is said to be so, for good', async () => {
  expect((await fetch(`${ticker.url}/quotes?symbols=FERN,NONE`)).status).toBe(404)
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(`${ticker.url}/?symbols=NONE`)
  await until(() => page.textContent('#notice'), 'There is no such company here.')
})

test('a stream that goes on from an id gives what one that stayed was given', async () => {
  const stayed = await hear('last=10', 200)
  const again = await hear(`after=${stayed[99]!.id}`, 100)
  expect(again).toEqual(stayed.slice(100))
})

test('pause holds the picture, not the stream', async () => {
  const page = await open(ticker.url)
  await expect.poll(async () => (await pricesOn(page)).length, { timeout: 15_000 }).toBe(8)
  await page.click('#pause')
  const held = await pricesOn(page)
  const newest = await hear('', 30)
  expect(await pricesOn(page)).toEqual(held)
  await page.click('#pause')
  expect(newest).toHaveLength(30)
  await expect.poll(() => pricesOn(page), { timeout: 15_000 }).not.toEqual(held)
})

test('a page whose line is cut goes on; after a restart it says that prices begin again', async () => {
  const cable = await layCable(ticker.port)
  cables.push(cable)
  const page = await open(cable.url)
  await expect.poll(async () => (await pricesOn(page)).length, { timeout: 15_000 }).toBe(8)
  cable.cut()
  await until(() => page.textContent('#state'), 'Line lost. Trying again…')
  cable.mend()
  await until(() => page.textContent('#state'), 'Live')
  expect(await page.textContent('#notice')).toBe('')

  await ticker.stop('SIGKILL')
  await until(() => page.textContent('#state'), 'Line lost. Trying again…')
  ticker = await start('stock-ticker', { ...env, PORT: String(ticker.port) })
  await until(() => page.textContent('#state'), 'Live')
  expect(await page.textContent('#notice')).toMatch(
    /^The market was opened anew at .*: the prices begin again\.$/,
  )
})

test('it reads and is not written', async () => {
  const answers = await Promise.all([
    fetch(ticker.url, { method: 'POST', body: 'x' }),
    fetch(`${ticker.url}/quotes`, { method: 'DELETE' }),
    fetch(`${ticker.url}/../package.json`),
    fetch(`${ticker.url}/quotes`, { method: 'HEAD' }),
  ])
  expect(answers.map(({ status }) => status)).toEqual([405, 405, 404, 200])
})

test('at phone width and wide nothing is cut off', async () => {
  const page = await open(ticker.url)
  await expect.poll(async () => (await pricesOn(page)).length, { timeout: 15_000 }).toBe(8)
  for (const width of [320, 400, 1280]) {
    await page.setViewportSize({ width, height: 800 })
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width)
  }
})
