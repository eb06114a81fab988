import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  freeze,
  isIn,
  joinIn,
  launch,
  openTab,
  sayIn,
  servePage,
  shows,
  textsIn,
  isOurNode,
} from './browser/browser.ts'
import { Fixture, problem } from './fixture.ts'
import { until } from './until.ts'

let browser: Browser
let context: BrowserContext
/** Serves the page, and goes on doing so while the room's server is gone. */
let pages: Fixture
let server: Fixture

beforeAll(async () => {
  browser = await launch()
})
afterAll(() => browser.close())

beforeEach(async ({ skip }) => {
  skip(!isOurNode)
  pages = await new Fixture().listen()
  await servePage(pages)
  server = await new Fixture().listen()
  context = await browser.newContext()
})
afterEach(async () => {
  await context.close()
  await pages.stop()
  await server.stop()
})

async function openRoom(): Promise<Page> {
  const page = await openTab(context, pages.url)
  await joinIn(page, 'lobby', server.url)
  return page
}

async function reload(page: Page): Promise<void> {
  await page.reload()
  await page.waitForFunction(() => 'hearsay' in globalThis)
  await joinIn(page, 'lobby', server.url)
}

/** The server is killed; answers how to start it again, with all that was said. */
async function kill(): Promise<() => Promise<void>> {
  const { port } = server
  await server.stop()
  return async () => {
    await server.listen(port)
  }
}

const phases = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    globalThis.hearsay.joined['lobby']!.room.snapshot.pending.map(({ state }) => state.phase),
  )

test('what is written while the server is gone survives a reload, and goes out once and in order', async () => {
  const page = await openRoom()
  await isIn(page, 'live')
  const restart = await kill()
  await isIn(page, 'waiting')
  for (const text of ['a', 'b', 'c']) await sayIn(page, text)
  await shows(page, ['[a]', '[b]', '[c]'])
  expect(await page.evaluate(() => globalThis.hearsay.joined['lobby']!.room.snapshot.durable)).toBe(
    true,
  )
  await reload(page)
  await shows(page, ['[a]', '[b]', '[c]'])
  await restart()
  await shows(page, ['a', 'b', 'c'])
  expect(server.texts('lobby')).toEqual(['a', 'b', 'c'])
})

test('a message whose answer was lost with the page is not said twice', async () => {
  const page = await openRoom()
  await isIn(page, 'live')
  let answers = 0
  server.intercept = ({ method, headers }) => {
    if (method !== 'POST' || answers++ > 0) return false
    // Stored, and neither answered nor told: the streams are gone as well.
    server.cutStreams()
    server.sayOnce('lobby', String(headers['idempotency-key']), 'a')
    return true
  }
  const said = sayIn(page, 'a')
  await until('it is stored', () => server.log.length === 1)
  await said
  await reload(page)
  await shows(page, ['a'])
  expect(server.log).toHaveLength(1)
})

describe('two tabs', () => {
  test('show what waits in either; what one wrote goes out when it is closed', async () => {
    const [a, b] = [await openRoom(), await openRoom()]
    await isIn(b, 'live')
    const restart = await kill()
    await sayIn(a, 'from a')
    await shows(b, ['[from a]'])
    await sayIn(b, 'from b')
    for (const page of [a, b]) await shows(page, ['[from a]', '[from b]'])
    await a.close()
    await restart()
    // Which of two tabs speaks first nobody promises.
    await until('both were said', () => server.log.length === 2)
    await shows(b, server.texts('lobby'))
    expect(server.texts('lobby').toSorted()).toEqual(['from a', 'from b'])
  })

  test('show what waits in either, though the time of one is ahead: the clock was set back since it was loaded', async () => {
    const b = await openRoom()
    await isIn(b, 'live')
    await context.addInitScript(() => {
      const now = Date.now.bind(Date)
      Date.now = () => now() + 3_600_000
    })
    const a = await openRoom()
    await isIn(a, 'live')
    await kill()
    await sayIn(a, 'from a')
    await shows(b, ['[from a]'])
    expect(server.log).toEqual([])
  })

  test('send as one: everything once, each in the order of writing', async () => {
    const tabs = [await openRoom(), await openRoom()]
    await Promise.all(
      tabs.map((page, tab) =>
        page.evaluate(async (name) => {
          const { room } = globalThis.hearsay.joined['lobby']!
          for (let i = 0; i < 25; i++) await room.say(`${name} ${i}`)
        }, tab),
      ),
    )
    await until('all was said', () => server.log.length === 50)
    for (const page of tabs) await shows(page, server.texts('lobby'))
    for (const tab of [0, 1]) {
      const texts = server.texts('lobby').filter((text) => text.startsWith(`${tab} `))
      expect(texts).toEqual(Array.from({ length: 25 }, (_, i) => `${tab} ${i}`))
    }
    // Where it takes long, one may be sent again: under its key it is said once.
    expect(server.log).toHaveLength(50)
    expect(server.posts).toBeLessThan(100)
  })

  test('one that is frozen while it sends holds up nobody, and what it wrote is said by the other', async () => {
    const a = await openRoom()
    await isIn(a, 'live')
    let asked = 0
    let isHeld = true
    server.intercept = ({ method }) => method === 'POST' && Boolean(++asked) && isHeld
    await sayIn(a, 'from a')
    await until('it is on its way', () => asked === 1)
    const b = await openRoom()
    await shows(b, ['[from a]'])
    const thaw = await freeze(a)
    isHeld = false
    await sayIn(b, 'from b')
    // Where all takes long, what the frozen one wrote may have fallen to the other before it speaks.
    await until('both were said', () => server.log.length === 2)
    await shows(b, server.texts('lobby'))
    await thaw()
    await shows(a, server.texts('lobby'))
    expect(server.texts('lobby').toSorted()).toEqual(['from a', 'from b'])
  }, 60_000)

  test('do not wait for each other: one is asked to slow down, the other speaks', async () => {
    const [a, b] = [await openRoom(), await openRoom()]
    await isIn(b, 'live')
    let posts = 0
    server.intercept = ({ method }, response) => {
      if (method !== 'POST' || ++posts > 1) return false
      problem(response, 429, 'slow-down', { 'retry-after': '600' })
      return true
    }
    await sayIn(a, 'from a')
    await until('it was asked to slow down', () => posts === 1)
    await sayIn(b, 'from b')
    for (const page of [a, b]) await shows(page, ['from b', '[from a]'])
    expect(posts).toBe(2)
  })

  test('what one wrote goes before what is written in a tab that is opened when it is gone', async () => {
    const a = await openRoom()
    await isIn(a, 'live')
    const restart = await kill()
    for (const text of ['a', 'b']) await sayIn(a, text)
    await a.close()
    const b = await openRoom()
    await sayIn(b, 'c')
    await restart()
    await shows(b, ['a', 'b', 'c'])
    expect(server.texts('lobby')).toEqual(['a', 'b', 'c'])
  })

  test('what one wrote goes before what it writes after a reload, though the other has taken it over', async () => {
    const [a, b] = [await openRoom(), await openRoom()]
    await isIn(b, 'live')
    const restart = await kill()
    for (const text of ['a', 'b']) await sayIn(a, text)
    await shows(b, ['[a]', '[b]'])
    await reload(a)
    await sayIn(a, 'c')
    await shows(b, ['[a]', '[b]', '[c]'])
    await restart()
    for (const page of [a, b]) await shows(page, ['a', 'b', 'c'])
    expect(server.texts('lobby')).toEqual(['a', 'b', 'c'])
  })

  test('what one wrote is not kept from the others by a room that was left while its store was opened', async () => {
    const a = await openRoom()
    await isIn(a, 'live')
    const restart = await kill()
    await sayIn(a, 'a')
    await a.close()
    const b = await openTab(context, pages.url)
    // As a page does that draws itself twice.
    await b.evaluate((base) => globalThis.hearsay.joinRoom('lobby', { base }).leave(), server.url)
    await joinIn(b, 'lobby', server.url)
    await restart()
    await shows(b, ['a'])
    expect(server.texts('lobby')).toEqual(['a'])
    // Whoever sends what was written has a lock for it, as long as it waits.
    const lanes = (): Promise<number> =>
      b.evaluate(async () => {
        const { held = [] } = await navigator.locks.query()
        return held.filter(({ name }) => name?.startsWith('hearsay:outbox')).length
      })
    await expect.poll(lanes).toBe(0)
  })

  test('a crash of the one that wrote leaves it to the other', async () => {
    const [a, b] = [await openRoom(), await openRoom()]
    await isIn(b, 'live')
    const restart = await kill()
    for (const text of ['a', 'b']) await sayIn(a, text)
    await shows(b, ['[a]', '[b]'])
    const crashed = a.waitForEvent('crash')
    void a.goto('chrome://crash').catch(() => {})
    await crashed
    await restart()
    await shows(b, ['a', 'b'])
    expect(server.texts('lobby')).toEqual(['a', 'b'])
  })

  describe('of which one is a copy of the other, with its place in the outbox', () => {
    async function twins(): Promise<[Page, Page]> {
      const a = await openRoom()
      await isIn(a, 'live')
      const opened = context.waitForEvent('page')
      // A page that opens another one of its own gives it a copy of its session storage, as "Duplicate tab" does.
      await a.evaluate(() => void open(location.href))
      const b = await opened
      await b.waitForFunction(() => 'hearsay' in globalThis)
      const kept = (page: Page): Promise<object> => page.evaluate(() => ({ ...sessionStorage }))
      expect(await kept(b)).toEqual(await kept(a))
      expect(Object.keys(await kept(a)).join()).toContain('tab')
      await joinIn(b, 'lobby', server.url)
      await isIn(b, 'live')
      return [a, b]
    }

    test('what was written in both while the server was gone is said once, in its order', async () => {
      const [a, b] = await twins()
      const restart = await kill()
      for (const text of ['a1', 'a2']) await sayIn(a, text)
      await shows(b, ['[a1]', '[a2]'])
      await sayIn(b, 'b1')
      await shows(a, ['[a1]', '[a2]', '[b1]'])
      await sayIn(a, 'a3')
      await shows(b, ['[a1]', '[a2]', '[b1]', '[a3]'])
      await restart()
      for (const page of [a, b]) await shows(page, ['a1', 'a2', 'b1', 'a3'])
      expect(server.texts('lobby')).toEqual(['a1', 'a2', 'b1', 'a3'])
    })

    test('both send what one wrote where the server is slow, and it is said once', async () => {
      const [a, b] = await twins()
      const keys: unknown[] = []
      const answers: (() => void)[] = []
      server.intercept = ({ method, headers }, response) => {
        if (method !== 'POST') return false
        const key = String(headers['idempotency-key'])
        keys.push(key)
        answers.push(() => {
          response.writeHead(201, { 'content-type': 'application/json' })
          response.end(JSON.stringify(server.sayOnce('lobby', key, 'a')))
        })
        return true
      }
      await sayIn(a, 'a')
      await until('both are at it', () => answers.length === 2)
      expect(keys[0]).toBe(keys[1])
      for (const answer of answers) answer()
      for (const page of [a, b]) await shows(page, ['a'])
      expect(server.texts('lobby')).toEqual(['a'])
    })

    test('what is given up in one is given up in the other', async () => {
      const [a, b] = await twins()
      const restart = await kill()
      for (const text of ['a', 'b']) await sayIn(a, text)
      await shows(b, ['[a]', '[b]'])
      await b.evaluate(async () => {
        const { room } = globalThis.hearsay.joined['lobby']!
        await room.discard(room.snapshot.pending[0]!.key)
      })
      await shows(a, ['[b]'])
      await restart()
      for (const page of [a, b]) await shows(page, ['b'])
      expect(server.texts('lobby')).toEqual(['b'])
    })
  })

  test('what one wrote can be given up in the other, and tried again there', async () => {
    let isBanned = true
    server.intercept = ({ method }, response) => {
      if (method !== 'POST' || !isBanned) return false
      problem(response, 403, 'banned')
      return true
    }
    const [a, b] = [await openRoom(), await openRoom()]
    for (const text of ['a', 'b']) await sayIn(a, text)
    for (const page of [a, b]) await shows(page, ['[a]', '[b]'])
    isBanned = false
    await b.evaluate(async () => {
      const { room } = globalThis.hearsay.joined['lobby']!
      const [first, second] = room.snapshot.pending
      await room.discard(first!.key)
      await room.retry(second!.key)
    })
    for (const page of [a, b]) await shows(page, ['b'])
    expect(server.texts('lobby')).toEqual(['b'])
  })
})

test('a refusal stays over a reload, with its reason, until it is tried again', async () => {
  let isBanned = true
  server.intercept = ({ method }, response) => {
    if (method !== 'POST' || !isBanned) return false
    problem(response, 403, 'banned')
    return true
  }
  const page = await openRoom()
  await sayIn(page, 'a')
  const isFailed = (): Promise<unknown> =>
    page.waitForFunction(() => {
      const [pending] = globalThis.hearsay.joined['lobby']!.room.snapshot.pending
      return pending?.state.phase === 'failed' && pending.state.problem.code === 'banned'
    })
  await isFailed()
  await reload(page)
  await isFailed()
  isBanned = false
  await page.evaluate(async () => {
    const { room } = globalThis.hearsay.joined['lobby']!
    await room.retry(room.snapshot.pending[0]!.key)
  })
  await shows(page, ['a'])
  expect(server.texts('lobby')).toEqual(['a'])
})

test('a message that is held counts down in every tab, over a reload too', async () => {
  server.intercept = ({ method }, response) => {
    if (method !== 'POST') return false
    problem(response, 429, 'slow-down', { 'retry-after': '60' })
    return true
  }
  const [a, b] = [await openRoom(), await openRoom()]
  await sayIn(a, 'a')
  const until = (page: Page): Promise<number> =>
    page
      .waitForFunction(() => {
        const [pending] = globalThis.hearsay.joined['lobby']!.room.snapshot.pending
        return pending?.state.phase === 'held' && pending.state.until
      })
      .then((handle) => handle.jsonValue() as Promise<number>)
  const held = await until(a)
  expect(await until(b)).toBe(held)
  await reload(a)
  expect(await until(a)).toBe(held)
})

test('where the browser keeps nothing the chat works, and says so', async () => {
  await context.addInitScript(() => {
    Object.defineProperty(globalThis, 'indexedDB', { value: undefined })
    for (const storage of ['localStorage', 'sessionStorage']) {
      Object.defineProperty(globalThis, storage, {
        get: () => {
          throw new DOMException('Not here.', 'SecurityError')
        },
      })
    }
  })
  const page = await openRoom()
  await isIn(page, 'live')
  await sayIn(page, 'a')
  await shows(page, ['a'])
  const [durable, kept, draft] = await page.evaluate(() => {
    const { room } = globalThis.hearsay.joined['lobby']!
    room.draft = 'half a sen'
    return [room.snapshot.durable, globalThis.hearsay.identity().kept, room.draft] as const
  })
  expect([durable, kept, draft]).toEqual([false, false, 'half a sen'])
})

test('where the store never answers, what is written goes out all the same, and it says that it keeps nothing', async () => {
  await context.addInitScript(() => {
    IDBFactory.prototype.open = () => new EventTarget() as IDBOpenDBRequest
  })
  const page = await openRoom()
  await isIn(page, 'live')
  // Its promise comes with the store, or without it.
  const said = await page.evaluate(async () => {
    const { room } = globalThis.hearsay.joined['lobby']!
    return [typeof (await room.say('a')), room.snapshot.durable] as const
  })
  expect(said).toEqual(['string', false])
  await sayIn(page, 'b')
  await shows(page, ['a', 'b'])
  expect(server.texts('lobby')).toEqual(['a', 'b'])
})

test('a store that does not answer for a while keeps nobody, and it says so until it keeps something again', async () => {
  const page = await openRoom()
  await isIn(page, 'live')
  await sayIn(page, 'a')
  await shows(page, ['a'])
  await page.evaluate(() => {
    const put = Reflect.get(IDBObjectStore.prototype, 'put') as (...what: unknown[]) => IDBRequest
    // Its transaction stays open until the browser ends it: nobody is told of its end.
    IDBObjectStore.prototype.put = function (...what) {
      IDBObjectStore.prototype.put = put
      const request = put.apply(this, what)
      Object.defineProperty(request, 'transaction', { value: new EventTarget() })
      return request
    }
  })
  const durable = (): Promise<boolean> =>
    page.evaluate(async () => {
      const { room } = globalThis.hearsay.joined['lobby']!
      await room.say('b')
      return room.snapshot.durable
    })
  expect(await durable()).toBe(false)
  await shows(page, ['a', 'b'])
  expect(await durable()).toBe(true)
  await shows(page, ['a', 'b', 'b'])
  expect(server.texts('lobby')).toEqual(['a', 'b', 'b'])
})

test('a page without an origin, to which the browser refuses its locks, is heard and spoken in', async () => {
  pages.pages.set('/', { ...pages.pages.get('/')!, policy: 'sandbox allow-scripts' })
  const page = await openRoom()
  await isIn(page, 'live')
  const refused = await page.evaluate(() =>
    navigator.locks.request('any', () => '').catch(({ name }: Error) => name),
  )
  expect(refused).toBe('SecurityError')
  for (const text of ['a', 'b']) await sayIn(page, text)
  await shows(page, ['a', 'b'])
})

test('a draft is kept for its tab over a reload', async () => {
  const [a, b] = [await openRoom(), await openRoom()]
  const draft = (page: Page): Promise<string> =>
    page.evaluate(() => globalThis.hearsay.joined['lobby']!.room.draft)
  await a.evaluate(() => (globalThis.hearsay.joined['lobby']!.room.draft = 'half a sen'))
  await reload(a)
  expect([await draft(a), await draft(b)]).toEqual(['half a sen', ''])
})

test('the person, the name and who one is here survive a reload', async () => {
  const page = await openRoom()
  await page.evaluate(() => globalThis.hearsay.joined['lobby']!.room.rename('Ana'))
  await sayIn(page, 'a')
  await shows(page, ['a'])
  const secret = await page.evaluate(() => globalThis.hearsay.identity().secret)
  expect(secret).toMatch(/^[\w-]{43}$/)
  await reload(page)
  expect(await page.evaluate(() => globalThis.hearsay.identity())).toEqual({ secret, kept: true })
  const me = await page.evaluate(() => globalThis.hearsay.joined['lobby']!.room.snapshot.me)
  expect(me).toMatchObject({ person: 'p1' })
  const names: unknown[] = []
  server.onPost = (body) => names.push((body as { name?: string }).name)
  await sayIn(page, 'b')
  await shows(page, ['a', 'b'])
  expect(names).toEqual(['Ana'])
  expect(await textsIn(page)).toEqual(['a', 'b'])
  expect(await phases(page)).toEqual([])
})
