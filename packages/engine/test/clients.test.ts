import { createServer, type Server } from 'node:http'
import { EventSource as NpmEventSource } from 'eventsource'
import fc from 'fast-check'
import { chromium, type Browser, type Page } from 'playwright-core'
import { EventSource as UndiciEventSource } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Hub } from '../src/index.ts'
import { hear } from '../src/node.ts'
import { hostile } from './hostile.ts'
import { close, listen, listeners } from './serving.ts'

// What goes over the wire: 1,500 strings by chance, and all of three hostile marks; as JSON and as they are.
const strings = [
  ...hostile.triples,
  ...fc.sample(fc.string({ unit: 'binary', maxLength: 30 }), { seed: 7, numRuns: 1500 }),
]
const wellFormed = (text: string): string => text.toWellFormed()
const toLf = (text: string): string => wellFormed(text).replaceAll(/\r\n|\r/g, '\n')

interface Got {
  readonly type: string
  readonly data: string
  readonly id: string
}

let hub: Hub
let server: Server
let port: number
/** The `Last-Event-ID` of each request. */
const cursors: (string | undefined)[] = []

beforeAll(async () => {
  hub = new Hub({ window: { count: 10_000, bytes: 64 * 1024 * 1024 } })
  server = createServer((req, res) => {
    if (!req.url!.startsWith('/stream')) {
      res.setHeader('Content-Type', 'text/html')
      return void res.end('<!doctype html><title>test</title>')
    }
    cursors.push(req.headers['last-event-id'] as string | undefined)
    hear(hub.topic('a'), req, res, { headers: { 'Access-Control-Allow-Origin': '*' } })
  })
  port = await listen(server)
  const topic = hub.topic('a')
  for (const text of strings) {
    topic.publish('json', JSON.stringify(text))
    topic.publish('raw', text)
  }
  topic.publish('done', '')
})
afterAll(async () => {
  await hub.drain(0)
  await close(server)
})

function expectAll(got: readonly Got[]): void {
  strings.forEach((text, i) => {
    const [json, raw] = [got[2 * i]!, got[2 * i + 1]!]
    if (json.type !== 'json' || JSON.parse(json.data) !== text)
      expect.fail(`${JSON.stringify(text)} came as ${JSON.stringify(json)}`)
    if (raw.type !== 'raw' || raw.data !== toLf(text))
      expect.fail(`${JSON.stringify(text)} came as ${JSON.stringify(raw)}`)
    if (!json.id.endsWith(`-${2 * i + 1}`)) expect.fail(`the id of ${i} came as ${json.id}`)
  })
}

const first = (): string => `/stream?after=${hub.cursor.split('-')[0]}-0`

describe.each([
  ['npm eventsource', NpmEventSource],
  ['undici', UndiciEventSource],
] as const)('%s', (_name, Source) => {
  it('gets every string exactly as JSON, and no field it was not sent', async () => {
    const source = new Source(`http://127.0.0.1:${port}${first()}`)
    const got: Got[] = []
    await new Promise<void>((resolve) => {
      for (const type of ['json', 'raw', 'message'])
        source.addEventListener(type, (event) => {
          const { data, lastEventId } = event as unknown as { data: string; lastEventId: string }
          got.push({ type, data, id: lastEventId })
        })
      source.addEventListener('done', () => resolve())
    })
    source.close()
    expect(got.length).toBe(2 * strings.length)
    expectAll(got)
  })
})

describe('Chromium', () => {
  let browser: Browser
  let page: Page

  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: process.env['HEARSAY_HEADLESS'] ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-background-networking'],
    })
    page = await browser.newPage()
    await page.goto(`http://127.0.0.1:${port}/`)
  })
  afterAll(() => browser.close())

  it('gets every string exactly as JSON, and no field it was not sent', async () => {
    const got = await page.evaluate(
      (url) =>
        new Promise<string>((resolve) => {
          const all: unknown[] = []
          const source = new EventSource(url)
          for (const type of ['json', 'raw', 'message'])
            source.addEventListener(type, (event) =>
              all.push({ type, data: event.data, id: event.lastEventId }),
            )
          source.addEventListener('done', () => {
            source.close()
            resolve(JSON.stringify(all))
          })
        }),
      first(),
    )
    const all = JSON.parse(got) as Got[]
    expect(all.length).toBe(2 * strings.length)
    expectAll(all)
  })

  it('comes back with a cursor though it heard nothing, and misses nothing', async () => {
    await listeners(hub, 0)
    cursors.length = 0
    await page.evaluate(() => {
      const all: string[] = []
      Object.assign(globalThis, { all })
      const source = new EventSource('/stream')
      Object.assign(globalThis, { source })
      source.addEventListener('later', (event) => all.push(event.data as string))
    })
    await listeners(hub, 1)
    const stoodAt = hub.cursor
    for (const seat of hub.topic('a').seats.slice()) seat.listener.end()
    hub.topic('a').publish('later', 'while it was away')
    await page.waitForFunction(() => (globalThis as unknown as { all: string[] }).all.length > 0)
    expect(cursors).toEqual([undefined, stoodAt])
    expect(await page.evaluate(() => (globalThis as unknown as { all: string[] }).all)).toEqual([
      'while it was away',
    ])
    await page.evaluate(() => (globalThis as unknown as { source: EventSource }).source.close())
  })

  it('comes back after a busy answer, as it was told', async () => {
    const busy = new Hub({ listeners: 0 })
    let asked = 0
    const full = createServer((req, res) => {
      asked++
      const headers = { 'Access-Control-Allow-Origin': '*' }
      hear((asked === 1 ? busy : hub).topic('a'), req, res, { headers })
    })
    const at = await listen(full)
    const heard = await page.evaluate(
      (url) =>
        new Promise<string[]>((resolve) => {
          const all: string[] = []
          const source = new EventSource(url)
          source.addEventListener('busy', (event) => all.push(event.data as string))
          source.addEventListener('hello', (event) => {
            source.close()
            resolve([...all, event.data as string])
          })
        }),
      `http://127.0.0.1:${at}/stream`,
    )
    expect(JSON.parse(heard[0]!)).toMatchObject({ reason: 'too-many-streams' })
    expect(JSON.parse(heard[1]!)).toMatchObject({ beat: 15 })
    await close(full)
  })
})
