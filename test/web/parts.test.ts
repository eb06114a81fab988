// What comes into a room from elsewhere, and what a device can't do.
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { freePort, open } from '../harness/server.ts'
import {
  asHost,
  devices,
  enter,
  finishFades,
  launch,
  openPanel,
  person,
  say,
  write,
  late,
} from './browser.ts'
import { setting } from './setting.ts'

const { browser, server, address } = await setting('parts')

/** Drops a file on the messages, as a mouse does. */
function drop(page: Page, name: string, content: readonly number[]): Promise<void> {
  return page.evaluate(
    ([called, bytes]) => {
      const dataTransfer = new DataTransfer()
      dataTransfer.items.add(new File([new Uint8Array(bytes)], called))
      const event = new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true })
      document.querySelector('.scroller')?.dispatchEvent(event)
      if (!event.defaultPrevented) throw new Error('The browser would open the file.')
    },
    [name, content] as const,
  )
}

test('of a file its text is taken, where it is one; what is none is told plainly', async () => {
  const { page } = await person(browser)
  await enter(page, address(), 'Ada')
  await late(page)
  await drop(page, 'cat.png', [0x89, 0x50, 0x4e, 0x47, 0, 0xff])
  await page.getByText('Rooms carry text only, so cat.png can’t be sent.').waitFor()
  await expect.poll(() => page.locator('#composer').inputValue()).toBe('')
  await drop(page, 'empty.txt', [0x20, 0x0a])
  await page.getByText('There is nothing in empty.txt.').waitFor()
  await drop(page, 'all.log', Array<number>(70_000).fill(0x61))
  await page.getByText('all.log has more text than a message can carry.').waitFor()
  await drop(page, 'notes.txt', [...Buffer.from('Grüße,\nzwei Zeilen')])
  await page.getByText('The text of notes.txt is in the composer.').waitFor()
  await page.locator('#composer').press('Enter')
  await page.locator('.mine:not(.pending) .text').waitFor()
  await expect.poll(() => page.locator('.mine .text').innerText()).toContain('zwei Zeilen')
})

test('who can’t write yet is told so of a text, and of a picture that it is none', async () => {
  const { page } = await person(browser)
  await enter(page, address())
  await late(page)
  await drop(page, 'notes.txt', [...Buffer.from('zwei Zeilen')])
  await page.getByText('You can’t write here now, so notes.txt was not taken.').waitFor()
  await drop(page, 'cat.png', [0x89, 0x50, 0x4e, 0x47, 0, 0xff])
  await page.getByText('Rooms carry text only, so cat.png can’t be sent.').waitFor()
  expect(await page.locator('.row').count()).toBe(0)
})

test('while a file is over the page it is said which can be dropped', async () => {
  const { page } = await person(browser)
  await enter(page, address(), 'Ada')
  await late(page)
  await page.evaluate(() => {
    const dataTransfer = new DataTransfer()
    dataTransfer.items.add(new File(['bread'], 'cat.png'))
    const event = new DragEvent('dragover', { dataTransfer, bubbles: true, cancelable: true })
    document.querySelector('.scroller')?.dispatchEvent(event)
  })
  await page.getByRole('status').getByText('rooms carry text only').waitFor()
  await expect.poll(() => page.locator('#composer').inputValue()).toBe('')
})

test('what an empty room says is read from its beginning, on a phone too', async () => {
  // As low as with a keyboard on the screen: more of it is out of sight than what counts as the end.
  const viewport = { width: 360, height: 480 }
  const { page } = await person(browser, { ...devices.phone, viewport })
  await enter(page, address())
  await late(page)
  await page.locator('.join').waitFor()
  await page.locator('.empty').waitFor()
  const [hidden, above] = await page.evaluate(async () => {
    // The frame in which the page hears how high all this is.
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
    const scroller = document.querySelector('.scroller') as HTMLElement
    return [scroller.scrollHeight - scroller.clientHeight, scroller.scrollTop]
  })
  expect(hidden).toBeGreaterThan(100)
  expect(above).toBe(0)
  // There is nothing newer to go to, wherever one reads.
  await page.evaluate(async () => {
    document.querySelector('.scroller')?.scrollBy(0, 20)
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
  })
  await expect.poll(() => page.locator('.to-end').count()).toBe(0)
})

test('at 400 % why a room is closed to somebody can be read to its end', async () => {
  const { page } = await person(browser, { viewport: { width: 320, height: 256 } })
  const body = JSON.stringify({ type: 'about:blank', title: 'x', status: 403, code: 'banned' })
  await page.route(/\/r\/[^/]+$|\/events/, (route) =>
    route.request().resourceType() === 'document'
      ? route.continue()
      : route.fulfill({ status: 403, contentType: 'application/problem+json', body }),
  )
  await page.goto(address())
  await page.locator('.refusal').hover()
  await page.mouse.wheel(0, 1000)
  const isInSight = (it: Element): boolean => it.getBoundingClientRect().bottom <= innerHeight
  await expect.poll(() => page.locator('.refusal button').last().evaluate(isInSight)).toBe(true)
})

test('at 400 % the messages can be read before one joined', async () => {
  const { page } = await person(browser, { viewport: { width: 320, height: 256 } })
  const place = address()
  await say(server.url, place.split('/').at(-1)!, 'Hello')
  await enter(page, place)
  await page.locator('.join').waitFor()
  await expect
    .poll(async () => (await page.locator('.scroller').boundingBox())!.height)
    .toBeGreaterThan(70)
})

test('at 400 % what is said of the connection lies over no message', async () => {
  const { context, page } = await person(browser, { viewport: { width: 320, height: 256 } })
  await enter(page, address(), 'Ada')
  await write(page, 'Hello')
  await page.locator('.mine:not(.pending)').waitFor()
  await context.setOffline(true)
  await page.getByText('You are offline').waitFor()
  const [banner, list] = await page.evaluate(() =>
    ['.banner', '.scroller'].map((it) => document.querySelector(it)!.getBoundingClientRect()),
  )
  expect(banner!.bottom).toBeLessThanOrEqual(list!.top)
  // Below it there is still more to read than there is of it.
  expect(list!.height).toBeGreaterThan(banner!.height)
})

test('what was just done is told over no message, whether one may write or not', async () => {
  const { page } = await person(browser)
  const room = await asHost(page, server.url)
  for (let n = 0; n < 30; n++) await say(server.url, room, `message ${n}`)
  const free = async (words: string): Promise<number> => {
    await page.locator('.toast span', { hasText: words }).waitFor()
    return page.evaluate(() => {
      const last = [...document.querySelectorAll('.row .text')].at(-1)!
      const toast = document.querySelector('.toast span')!
      return toast.getBoundingClientRect().top - last.getBoundingClientRect().bottom
    })
  }
  await page.getByText('message 29').waitFor()
  await late(page)
  await drop(page, 'empty.txt', [])
  await expect.poll(() => free('empty.txt')).toBeGreaterThanOrEqual(0)
  await openPanel(page, 'Look after this room')
  const close = page.getByRole('button', { name: 'Close the room for good' })
  await close.click()
  await close.click()
  await page.locator('.foot .aside').waitFor()
  await expect.poll(() => free('Saved')).toBeGreaterThanOrEqual(0)
})

test('until it is known how many are here, the header says in words how the connection is', async () => {
  const { page } = await person(browser)
  let isFull = false
  await page.route(/\/r\/[^/]+$|\/events/, (route) => {
    if (route.request().headers()['accept'] !== 'text/event-stream') return route.continue()
    return isFull ? route.fulfill({ status: 429, headers: { 'retry-after': '60' } }) : undefined
  })
  await page.goto(address())
  const word = page.locator('.under-name')
  await word.getByText('Connecting …').waitFor()
  // What waits a minute for its next try is not connecting.
  isFull = true
  await page.reload()
  await expect.poll(() => word.innerText()).toBe('Not connected')
})

test('at midnight what was said today was said yesterday', async () => {
  const { page } = await person(browser, { timezoneId: 'UTC' })
  const room = address()
  await say(server.url, room.split('/').at(-1) ?? '', 'Good night')
  await page.clock.install({ time: new Date(new Date().setUTCHours(23, 59, 30)) })
  await enter(page, room)
  await page.locator('.day', { hasText: 'Today' }).waitFor()
  await page.clock.runFor(60_000)
  await expect.poll(() => page.locator('.day').allInnerTexts()).toEqual(['Yesterday'])
})

test('where the keyboard lies over the page, composer and last message are above it', async () => {
  const { page } = await person(browser, devices.phone)
  // As Safari tells of its keyboard: the page stays as high as it is, and less of it is in sight.
  await page.addInitScript(() => {
    const view = Object.assign(new EventTarget(), { scale: 1, height: innerHeight })
    Object.defineProperty(window, 'visualViewport', { value: view })
  })
  const room = address()
  for (let n = 0; n < 30; n++) await say(server.url, room.split('/').at(-1) ?? '', `message ${n}`)
  await enter(page, room, 'Ada')
  await late(page)
  await page.evaluate(() => {
    Object.assign(visualViewport!, { height: 360 })
    visualViewport!.dispatchEvent(new Event('resize'))
  })
  for (const it of [page.locator('.row', { hasText: 'message 29' }), page.locator('#composer')]) {
    await expect
      .poll(() => it.evaluate((node) => node.getBoundingClientRect().bottom))
      .toBeLessThan(361)
  }
})

test('what another app shares stands in the composer of the room that is chosen', async () => {
  const { page } = await person(browser)
  const room = address()
  await enter(page, room, 'Ada')
  await page.goto(`${server.url}/?title=Folding&url=https%3A%2F%2Fbread.example%2F`)
  await page.getByText('Choose or make a room to share this in').waitFor()
  await page.getByRole('link', { name: room.split('/').at(-1) ?? '' }).click()
  await page.waitForFunction(() =>
    document.querySelector<HTMLTextAreaElement>('#composer')?.value.startsWith('Folding'),
  )
  await expect
    .poll(() => page.locator('#composer').inputValue())
    .toBe('Folding\nhttps://bread.example/')
})

test('F6 goes from part to part, and back with Shift', async () => {
  const { page } = await person(browser)
  await enter(page, address(), 'Ada')
  await late(page)
  await write(page, 'Hello')
  await page.locator('.mine:not(.pending)').waitFor()
  const places: (string | undefined)[] = []
  for (const key of ['F6', 'F6', 'F6', 'Shift+F6']) {
    await page.keyboard.press(key)
    places.push(
      await page.evaluate(
        () =>
          ['.top', '.scroller', '.foot'].find((it) =>
            document.querySelector(it)?.contains(document.activeElement),
          ) ?? '',
      ),
    )
  }
  expect(places).toEqual(['.top', '.scroller', '.foot', '.scroller'])
})

test('a room can be quiet for the ear while the others are not', async () => {
  const { page } = await person(browser)
  const quiet = address()
  const loud = address()
  await enter(page, quiet, 'Ada')
  await late(page)
  await openPanel(page, 'Settings')
  await page.getByLabel('Screen reader announces').last().selectOption('Mentions of me')
  await page.getByRole('button', { name: 'Close' }).click()
  const words: string[] = []
  await page.exposeFunction('told', (it: string) => words.push(it))
  await page.evaluate(() => {
    const box = document.querySelector('.announcer') as Element
    const { told } = window as unknown as { readonly told: (it: string) => void }
    new MutationObserver(() => told(box.textContent)).observe(box, {
      ...{ childList: true, characterData: true, subtree: true },
    })
  })
  const spoken = async (room: string, text: string): Promise<void> => {
    await say(server.url, room.split('/').at(-1) ?? '', text)
    await page.locator('.row', { hasText: text }).waitFor()
  }
  await spoken(quiet, 'To nobody')
  await spoken(quiet, 'To you, @Ada')
  await page.locator('.announcer', { hasText: 'To you' }).waitFor({ state: 'attached' })
  expect(words.filter(Boolean)).toEqual(['Mira: To you, @Ada'])
  await enter(page, loud, 'Ada')
  await late(page)
  await spoken(loud, 'To everyone')
  await page.locator('.announcer', { hasText: 'To everyone' }).waitFor({ state: 'attached' })
})

test('without storage the chat works, and says what is lost', async () => {
  const { page } = await person(browser)
  await page.addInitScript(() => {
    for (const name of ['localStorage', 'sessionStorage', 'indexedDB']) {
      const get = (): never => {
        throw new DOMException('Not in this window.', 'SecurityError')
      }
      Object.defineProperty(window, name, { get })
    }
  })
  await enter(page, address(), 'Ada')
  await write(page, 'Said all the same')
  await page.locator('.mine:not(.pending)').waitFor()
  await page.getByText('This browser keeps nothing for this page').waitFor()
  expect(await page.locator('.row .text').allTextContents()).toEqual(['Said all the same'])
})

/** Lets nothing through whose path matches, until that is asked for. */
async function hold(page: Page, path: RegExp): Promise<() => void> {
  let open = (): void => {}
  const isOpen = new Promise<void>((resolve) => (open = resolve))
  await page.route(path, async (route) => {
    await isOpen
    await route.continue()
  })
  return open
}

test.each(['before', 'after'] as const)(
  'who joins by Enter %s the late parts have come goes on in the composer, when its code is there',
  async (when) => {
    const { context, page } = await person(browser, { serviceWorkers: 'block' })
    const open = await hold(page, when === 'before' ? /Composer-|soon-/ : /Composer-/)
    await enter(page, address())
    if (when === 'after') await late(page)
    await page.getByLabel('Your name here').fill('Ada')
    await page.keyboard.press('Enter')
    await page.locator('#join-name').waitFor({ state: 'detached' })
    const typed = when === 'after' ? 'hello, ' : ''
    await page.keyboard.type(typed)
    open()
    await page.locator('#composer:focus').waitFor()
    await page.keyboard.type('all')
    await expect.poll(() => page.locator('textarea').inputValue()).toBe(`${typed}all`)
    await page.keyboard.press('Enter')
    await page.locator('.mine', { hasText: `${typed}all` }).waitFor()
    await context.close()
  },
)

test('where the keyboard lies over the page, a dialog is above it, and in it what is written in', async () => {
  const { page } = await person(browser, devices.phone)
  await page.addInitScript(() => {
    const view = Object.assign(new EventTarget(), { scale: 1, height: innerHeight })
    Object.defineProperty(window, 'visualViewport', { value: view })
  })
  await asHost(page, server.url, 'Ada')
  await late(page)
  const cover = (height: number): Promise<void> =>
    page.evaluate((left) => {
      Object.assign(visualViewport!, { height: left })
      visualViewport!.dispatchEvent(new Event('resize'))
    }, height)
  const bottom = (it: string): Promise<number> =>
    page.locator(it).evaluate((node) => node.getBoundingClientRect().bottom)
  for (const [item, field] of [
    ['Change your name', '#new-name'],
    ['Look after this room', 'dialog textarea >> nth=0'],
  ] as const) {
    await page.getByRole('button', { name: 'Menu' }).tap()
    await page.getByRole('menuitem', { name: item }).tap()
    await page.locator(field).focus()
    await finishFades(page)
    const before = await bottom('dialog')
    await cover(420)
    await expect.poll(() => bottom('dialog')).toBeLessThan(421)
    await expect.poll(() => bottom(field)).toBeLessThan(421)
    await cover(740)
    await expect.poll(() => bottom('dialog')).toBe(before)
    await page.keyboard.press('Escape')
    await page.locator('dialog').waitFor({ state: 'detached' })
  }
})

test('where a finger writes, the shortcuts say what Enter does there', async () => {
  for (const [device, keys] of [
    [devices.desk, 'Enter'],
    [devices.phone, undefined],
  ] as const) {
    const { context, page } = await person(browser, device)
    await enter(page, address(), 'Ada')
    await late(page)
    await openPanel(page, 'Keyboard shortcuts')
    const all = await page.locator('.keys > div').evaluateAll((rows) =>
      rows.map((row) => ({
        keys: [...row.querySelectorAll('kbd')].map(({ textContent }) => textContent).join(' '),
        does: row.querySelector('dd')?.textContent,
      })),
    )
    expect(all.find(({ does }) => does === 'Send')?.keys).toBe(keys)
    expect(all.find(({ does }) => does === 'New line')?.keys).toBe(
      keys === undefined ? 'Enter' : 'Shift Enter',
    )
    await context.close()
  }
})

test('what came over plain HTTP copies too, also in a dialog; where nothing may be copied it is selected', async () => {
  const port = await freePort()
  const url = `http://hearsay.test:${port}`
  const own = await open('--limits', 'off', '--port', `${port}`, '--public-url', url)
  const apart = await launch('--host-resolver-rules=MAP hearsay.test 127.0.0.1')
  try {
    const { page } = await person(apart)
    const copies = page.getByRole('button', { name: 'Copy', exact: true })
    const copied = page.getByRole('button', { name: 'Copied' })
    const paste = async (): Promise<string> => {
      await page.locator('#composer').fill('')
      await page.locator('#composer').press('Control+v')
      return page.locator('#composer').inputValue()
    }
    await page.goto(url)
    await expect.poll(() => page.evaluate(() => isSecureContext)).toBe(false)
    await page.getByRole('button', { name: 'Make a new room' }).click()
    await copies.first().click()
    await copied.waitFor()
    const owner = await page.getByLabel('Copy owner link').inputValue()
    await page.getByRole('link', { name: 'Go to the room' }).click()
    await page.locator('#join-name').fill('Ada')
    await page.getByRole('button', { name: 'Join', exact: true }).click()
    await page.locator('#composer').waitFor()
    expect(await paste()).toBe(owner)
    await page.locator('#composer').fill('')
    await write(page, 'bread\nand butter')
    await page.locator('.mine:not(.pending) .text').waitFor()

    await page.getByRole('button', { name: 'Share' }).click()
    await copies.first().click()
    await copied.waitFor()
    await expect.poll(() => copied.evaluate((node) => node === document.activeElement)).toBe(true)
    await page.keyboard.press('Escape')
    expect(await paste()).toBe(page.url())

    await page.locator('.row-more').click()
    await page.getByRole('menuitem', { name: 'Copy text' }).click()
    await page.getByRole('status').getByText('Copied').waitFor()
    expect(await paste()).toBe('bread\nand butter')

    // A browser that does not let us copy at all.
    await page.evaluate(() => (document.execCommand = () => false))
    await page.getByRole('button', { name: 'Share' }).click()
    await copies.first().click()
    await page.getByRole('dialog').getByText('The browser does not let this page copy.').waitFor()
    const selected = (): Promise<string> => page.evaluate(() => getSelection()?.toString() ?? '')
    await expect.poll(() => selected()).toBe(page.url())
    await page.keyboard.press('Escape')
    await page.locator('.row-more').click()
    await page.getByRole('menuitem', { name: 'Copy text' }).click()
    await page.getByRole('dialog', { name: 'Copy by hand' }).waitFor()
    await expect.poll(() => selected()).toBe('bread\nand butter')
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })

    // One that failed says that it was copied.
    await page.evaluate(() => Reflect.deleteProperty(document, 'execCommand'))
    await page.route(page.url(), (route) =>
      route.fulfill({
        status: 403,
        contentType: 'application/problem+json',
        body: JSON.stringify({ type: 'about:blank', title: 'x', status: 403, code: 'muted' }),
      }),
    )
    await write(page, 'not said')
    await page.locator('.pending.failed').getByRole('button', { name: 'Copy' }).click()
    await page.getByRole('status').getByText('Copied').waitFor()
    expect(await paste()).toBe('not said')
  } finally {
    await apart.close()
    await own.close()
  }
})

test('what stands in the place of the messages stays where it is when the script comes', async () => {
  const { page } = await person(browser, devices.phone)
  let go = (): void => {}
  const held = new Promise<void>((resolve) => (go = resolve))
  await page.route(/\/assets\/hearsay-[^/]*\.js/, async (route) => {
    await held
    await route.continue()
  })
  await page.route(/\/messages/, () => {})
  await page.goto(address(), { waitUntil: 'commit' })
  const places = (within: string): Promise<(readonly number[])[]> =>
    page.locator(`${within} i`).evaluateAll((all) =>
      all.map((it) => {
        const { top, left } = it.getBoundingClientRect()
        return [Math.round(top), Math.round(left)]
      }),
    )
  await page.locator('#app + .coming i').nth(2).waitFor()
  const before = await places('#app + .coming')
  go()
  await page.locator('#app .coming i').nth(2).waitFor()
  await expect.poll(() => places('#app .coming')).toEqual(before)
})
