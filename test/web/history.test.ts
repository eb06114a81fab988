import type { CDPSession } from 'playwright-core'
import { expect, test } from 'vitest'
import { devices, enter, person, say } from './browser.ts'
import { setting } from './setting.ts'

const MESSAGES = 10_000
const AT_ONCE = 100
/** Bytes that a reader's way through the history may leave behind: 0.2 MB were seen; the texts alone of all messages are 1.7. */
const LEFT_BEHIND = 1_500_000

const { browser, server } = await setting('history')

/** Bytes of the page's JavaScript, of which nothing is garbage. */
async function heap(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage')
  return (await session.send('Runtime.getHeapUsage')).usedSize
}

/** What a reader saw on the way. */
interface Seen {
  /** Pixels that the first message in sight was moved at most by what was not the reader. */
  readonly worst: number
  /** Messages in the document at most. */
  readonly most: number
  /** Times that the list got other messages. */
  readonly pages: number
  /** Numbers of the first and the last message in the document at the end. */
  readonly from: number
  readonly to: number
}

/** In the page: scrolls by steps until the list holds the message with this number, or (a bound) for 6000 steps. */
async function scrollTo(wanted: number): Promise<Seen> {
  const box = document.querySelector('.scroller') as HTMLElement
  const all = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>('[data-row]')]
  const frame = (): Promise<unknown> => new Promise((done) => requestAnimationFrame(done))
  const numberOf = (row: HTMLElement | undefined): number =>
    Number.parseInt(row?.querySelector('.text')?.textContent ?? '', 10)
  const way = wanted < numberOf(all()[0]) ? -1 : 1
  let worst = 0
  let most = 0
  let pages = 0
  for (let step = 0; step < 6000; step++) {
    const rows = all()
    const [first, last] = [rows[0], rows.at(-1)]
    most = Math.max(most, rows.length)
    if (numberOf(first) <= wanted && wanted <= numberOf(last)) break
    // Not to the very end of what is there: the browser itself would hold a reader who stands at its edge.
    const left = way < 0 ? box.scrollTop : box.scrollHeight - box.clientHeight - box.scrollTop
    if (left > 200) box.scrollTop += way * Math.min(1500, left - 150)
    const edge = box.getBoundingClientRect().top
    const row = rows.find((it) => it.getBoundingClientRect().bottom > edge) as HTMLElement
    const top = row.getBoundingClientRect().top
    // Two frames without the reader's own scrolling: whatever moves the row now is the list.
    await frame()
    await frame()
    if (row.isConnected) worst = Math.max(worst, Math.abs(row.getBoundingClientRect().top - top))
    // A list that lost what is in sight did not keep the reader's place.
    else worst = Infinity
    const now = all()
    if (now[0]?.id !== first?.id || now.at(-1)?.id !== last?.id) pages++
  }
  const rows = all()
  return { worst, most, pages, from: numberOf(rows[0]), to: numberOf(rows.at(-1)) }
}

test('a reader goes back through 10,000 messages and forward again: nothing jumps, and the page stays small', async () => {
  const tall = 'a line of text that is long enough to be broken on a small screen '
  for (let n = 0; n < MESSAGES; n += AT_ONCE) {
    const some = Array.from({ length: AT_ONCE }, (_, at) => n + at)
    // A hundred go at once, in whatever order: the number of all of them is that of their hundred.
    await Promise.all(
      some.map((it) =>
        say(server.url, 'long', `${n}: ${tall.repeat(1 + (it % 4))}`, `name${it % 7}`),
      ),
    )
  }
  const { page, context } = await person(browser, { ...devices.phone })
  await enter(page, `${server.url}/r/long`)
  await page.locator('.row').first().waitFor()
  const session = await context.newCDPSession(page)
  await session.send('HeapProfiler.enable')

  // The document is full before the heap is measured first.
  const near = await page.evaluate(scrollTo, MESSAGES - 600)
  const before = await heap(session)
  const back = await page.evaluate(scrollTo, 0)
  await expect
    .poll(async () => {
      await page.locator('.scroller').evaluate((box) => (box.scrollTop = 0))
      return page.getByText('Start of long').isVisible()
    })
    .toBe(true)
  const atStart = await heap(session)
  const forward = await page.evaluate(scrollTo, 2000)
  await page.getByRole('button', { name: /newest/ }).tap()
  await page
    .getByText(`${MESSAGES - AT_ONCE}:`)
    .last()
    .waitFor()
  await page.locator('.to-end').waitFor({ state: 'detached' })
  // The end is the living one.
  await say(server.url, 'long', `${MESSAGES}: after all of them`)
  await page.locator('.row', { hasText: 'after all of them' }).waitFor()
  const atEnd = await heap(session)
  console.log({ near, back, forward, heap: [before, atStart, atEnd] })

  for (const { worst, most } of [near, back, forward]) {
    expect(worst).toBeLessThanOrEqual(1)
    expect(most).toBeLessThanOrEqual(400)
  }
  expect([back.from, back.pages > 150, forward.pages > 30]).toEqual([0, true, true])
  expect(atStart - before).toBeLessThan(LEFT_BEHIND)
  expect(atEnd - before).toBeLessThan(LEFT_BEHIND)
}, 180_000)
