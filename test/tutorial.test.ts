/**
 * The tutorial's page as it stands, opened from another origin, against the real server. Only the port of its two
 * addresses is another.
 */
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, get, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Hearsay, startHearsay } from './tutorial/hearsay.ts'

const html = readFileSync(join(import.meta.dirname, 'tutorial/page.html'), 'utf8')

let browser: Browser
/** Where the page comes from: another origin than the server's. */
let pages: Server
let data: string
let hearsay: Hearsay

beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: process.env['HEARSAY_HEADLESS'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  })
  pages = createServer((_, res) => {
    res.setHeader('Content-Type', 'text/html; charset=utf-8')
    res.end(html.replaceAll('localhost:1337', `localhost:${hearsay.port}`))
  })
  pages.listen(0, '127.0.0.1')
  await once(pages, 'listening')
})

beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), 'hearsay-tutorial-'))
  hearsay = await startHearsay(data)
})

afterEach(async () => {
  for (const context of browser.contexts()) await context.close()
  await hearsay.stop('SIGKILL')
  rmSync(data, { recursive: true })
})

afterAll(async () => {
  await browser.close()
  pages.close()
})

/** Opens the page in a browser of its own, and waits until the server has its stream. */
async function open(): Promise<Page> {
  const before = await listeners()
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(`http://localhost:${(pages.address() as AddressInfo).port}`)
  await expect.poll(listeners, PATIENCE).toBe(before + 1)
  return page
}

const PATIENCE = { timeout: 30_000 }

const lines = (page: Page): Promise<string[]> =>
  page.$$eval('#chatMessages > div', (items) => items.map(({ textContent }) => textContent))

async function type(page: Page, text: string): Promise<void> {
  await page.fill('#message', text)
  await page.press('#message', 'Enter')
}

const chat = (encoded: string): Promise<Response> => fetch(`${hearsay.url}/chat?message=${encoded}`)

/** Open streams, as the server counts them. */
async function listeners(): Promise<number> {
  const text = await (await fetch(`${hearsay.url}/metrics`)).text()
  return Number(/^hearsay_listeners (\d+)$/m.exec(text)?.[1])
}

/** What the server says was said, oldest first. */
async function history(): Promise<string[]> {
  const answer = await fetch(`${hearsay.url}/r/lobby/messages?limit=200`)
  const { messages } = (await answer.json()) as { messages: { text: string }[] }
  return messages.map(({ text }) => text)
}

/** Starts the server anew on the same folder and the same port. */
async function restart(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  up = hearsay
    .stop(signal)
    .then(() => startHearsay(data, hearsay.port))
    .then((started) => void (hearsay = started))
  await up
}

/** Resolves when the server that was last started listens. */
let up: Promise<void> = Promise.resolve()

test('three pages talk, and each call is answered', async () => {
  const three = [await open(), await open(), await open()]
  const texts = ['hello', 'salt & pepper, 1 + 1 = 2, 100 %', '<b>¡öλ 漢字 👩‍👩‍👧</b>']
  for (const [index, page] of three.entries()) {
    const answered = page.waitForResponse(/\/chat/)
    await type(page, texts[index] ?? '')
    const answer = await answered
    expect(answer.status()).toBe(201)
    expect(answer.headers()['access-control-allow-origin']).toBe('*')
    const said = texts.slice(0, index + 1)
    for (const each of three) await expect.poll(() => lines(each), PATIENCE).toEqual(said)
  }
})

test('a listener that had heard nothing before a restart misses nothing', async () => {
  const three = [await open(), await open(), await open()]
  await restart('SIGKILL')
  // Said before any page has come back.
  expect((await chat('first')).status).toBe(201)
  await restart('SIGKILL')
  expect((await chat('second')).status).toBe(201)
  for (const page of three)
    await expect.poll(() => lines(page), PATIENCE).toEqual(['first', 'second'])
})

test('killed and restarted while people talk: nothing is lost or doubled on any page', async () => {
  const three = [await open(), await open(), await open()]
  /** What was answered, by its text. */
  const taken = new Set<string>()
  /** What may have been taken: the server was killed before it answered. */
  const unknown = new Set<string>()
  const waiting: { readonly count: number; readonly go: () => void }[] = []
  const count = (text: string): void => {
    taken.add(text)
    while (waiting[0] && waiting[0].count <= taken.size) waiting.shift()?.go()
  }
  const takenAre = (wanted: number): Promise<void> =>
    new Promise((go) => waiting.push({ count: wanted, go }))

  /**
   * Says with a key until it is answered, so each of these is there once, whatever happened to the first try. With a
   * secret: a guest is somebody else after a restart, and a key is good for the same person alone.
   */
  const withKey = async (text: string): Promise<void> => {
    for (;;) {
      const answer = await fetch(`${hearsay.url}/r/lobby`, {
        method: 'POST',
        body: text,
        headers: {
          'Content-Type': 'text/plain',
          Authorization: `Bearer ${text.slice(0, 1).repeat(43)}`,
          'Idempotency-Key': text.replaceAll(' ', '-'),
        },
      }).catch(() => undefined)
      if (!answer) {
        await up
        continue
      }
      expect([200, 201]).toContain(answer.status)
      return count(text)
    }
  }
  /** Says as the page does. Without a key it is tried again only where the server was not reached at all. */
  const asThePage = async (text: string): Promise<void> => {
    for (;;) {
      try {
        expect((await chat(encodeURIComponent(text))).status).toBe(201)
        return count(text)
      } catch (error) {
        const { code } = ((error as Error).cause ?? {}) as { code?: string }
        if (code === undefined) throw error
        if (code !== 'ECONNREFUSED') return void unknown.add(text)
        await up
      }
    }
  }
  const talk = async (
    name: string,
    times: number,
    say: (text: string) => Promise<void>,
  ): Promise<void> => {
    for (let i = 1; i <= times; i++) await say(`${name} ${i}`)
  }

  // As fast as the limits allow: a person may say 20 at once, the guests of a network 200.
  const people = ['ana', 'ben', 'dora', 'emil']
  const talking = Promise.all([
    ...people.map((name) => talk(name, 20, withKey)),
    talk('cleo', 40, asThePage),
  ])
  const restarting = (async () => {
    for (const [signal, wanted] of [
      ['SIGKILL', 20],
      ['SIGTERM', 50],
      ['SIGKILL', 80],
    ] as const) {
      await takenAre(wanted)
      await restart(signal)
    }
  })()
  await Promise.all([talking, restarting])
  await type(three[0]!, 'the end')

  for (const page of three) await expect.poll(() => lines(page), PATIENCE).toContain('the end')
  const kept = await history()
  for (const page of three) expect(await lines(page)).toEqual(kept)
  expect(new Set(kept).size).toBe(kept.length)
  expect([...taken].filter((text) => !kept.includes(text))).toEqual([])
  expect(kept.filter((text) => !taken.has(text) && !unknown.has(text))).toEqual(['the end'])
  for (const name of people)
    expect(kept.filter((text) => text.startsWith(name))).toEqual(
      Array.from({ length: 20 }, (_, i) => `${name} ${i + 1}`),
    )
})

test('forty listeners are no warning, and who leaves is gone', async () => {
  const page = await open()
  const streams = await Promise.all(
    Array.from(
      { length: 40 },
      () =>
        new Promise<IncomingMessage>((resolve) => {
          get(`${hearsay.url}/sse`, resolve)
        }),
    ),
  )
  const heard = streams.map(() => '')
  for (const [index, stream] of streams.entries())
    stream.setEncoding('utf8').on('data', (text: string) => (heard[index] += text))
  await type(page, 'hello, all of you')
  await expect
    .poll(() => heard.filter((text) => text.includes('\ndata: hello, all of you\n\n')).length)
    .toBe(40)
  expect(await listeners()).toBe(41)
  for (const stream of streams) stream.destroy()
  await expect.poll(listeners, PATIENCE).toBe(1)
  await page.close()
  await expect.poll(listeners, PATIENCE).toBe(0)
  expect(hearsay.output()).not.toMatch(/warning|error/i)
})

test('a line break in a message forges no field', async () => {
  const page = await open()
  const texts = [
    'one\n\ndata: two\n\n',
    'x\r\n\r\nevent: gap\r\ndata: {}\r\n\r\n',
    'y\rid: zzzz-999999\rretry: 99999999\r\rdata: z',
  ]
  for (const text of texts) expect((await chat(encodeURIComponent(text))).status).toBe(201)
  const last = texts.length
  await expect.poll(async () => (await lines(page)).length, PATIENCE).toBe(last)
  const shown = await lines(page)
  expect(shown).toEqual(await history())
  expect(shown.map((line) => line.split('\n')[0])).toEqual(['one', 'x', 'y'])
  // Neither the cursor nor the time to wait was forged: the page comes back at once, and where it was.
  await restart('SIGKILL')
  expect((await chat('after')).status).toBe(201)
  await expect.poll(() => lines(page), PATIENCE).toEqual([...shown, 'after'])
})

test('a picture or a prefetch of another page says nothing', async () => {
  const page = await open()
  await page.evaluate(async (url) => {
    const picture = new Image()
    const failed = new Promise((resolve) => (picture.onerror = resolve))
    picture.src = `${url}/chat?message=forged`
    await failed
    const link = document.createElement('link')
    link.rel = 'prefetch'
    link.href = `${url}/chat?message=forged-too`
    const done = new Promise((resolve) => (link.onload = link.onerror = resolve))
    document.head.append(link)
    await done
  }, hearsay.url)
  await type(page, 'typed')
  await expect.poll(() => lines(page), PATIENCE).toEqual(['typed'])
  expect(await history()).toEqual(['typed'])
})
