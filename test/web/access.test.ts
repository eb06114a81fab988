import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  asHost,
  devices,
  drawn,
  enter,
  finishFades,
  openPanel,
  person,
  say,
  write,
  late,
} from './browser.ts'
import { setting } from './setting.ts'

const { browser, server } = await setting('access')

beforeAll(async () => {
  for (const name of ['Mira', 'Jonas', 'quiet otter', 'ليلى', 'x'.repeat(32)]) {
    await say(
      server.url,
      'access',
      `Hello **all**, see [this](https://a.example/b) and \`code\`.`,
      name,
    )
    await say(server.url, 'access', 'A second line that stands under the same name.', name)
  }
  await say(
    server.url,
    'access',
    `${'longword'.repeat(60)}\n\n\`\`\`\n${'wide code '.repeat(40)}\n\`\`\``,
  )
})

/** Contrast of each text in the page with what is behind it (WCAG 2.2, 1.4.3), where it is less than is asked for. */
async function faint(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const pixel = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
    if (!pixel) throw new Error('no canvas')
    /** A colour as the browser itself mixes it over what lies under it. */
    const over = (colors: readonly string[]): readonly number[] => {
      pixel.clearRect(0, 0, 1, 1)
      for (const color of colors) {
        pixel.fillStyle = color
        pixel.fillRect(0, 0, 1, 1)
      }
      return [...pixel.getImageData(0, 0, 1, 1).data]
    }
    const luminance = (rgb: readonly number[]): number => {
      const [r = 0, g = 0, b = 0] = rgb.map((value) => {
        const part = value / 255
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
      })
      return 0.2126 * r + 0.7152 * g + 0.0722 * b
    }
    const wrong: string[] = []
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement
      if (!element || !node.textContent?.trim()) continue
      if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue
      if (element.closest('.sr, noscript, [disabled], .skip')) continue
      const behind: string[] = []
      for (let up: Element | null = element; up; up = up.parentElement) {
        behind.unshift(getComputedStyle(up).backgroundColor)
      }
      const { color, fontSize, fontWeight } = getComputedStyle(element)
      const [one = 0, two = 0] = [
        luminance(over([...behind, color])),
        luminance(over(behind)),
      ].sort((a, b) => b - a)
      const ratio = (one + 0.05) / (two + 0.05)
      const size = Number.parseFloat(fontSize)
      const isLarge = size >= 24 || (size >= 18.66 && Number(fontWeight) >= 700)
      if (ratio < (isLarge ? 3 : 4.5)) {
        wrong.push(
          `${ratio.toFixed(2)} ${element.className || element.localName}: ${node.textContent.slice(0, 30)}`,
        )
      }
    }
    return wrong
  })
}

/** Controls without a name, and ids that are given twice or lead nowhere. */
async function nameless(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const wrong: string[] = []
    const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id)
    for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) wrong.push(`twice: ${id}`)
    for (const node of document.querySelectorAll('button, a[href], input, textarea, select')) {
      const label =
        node.getAttribute('aria-label') ??
        (node as HTMLInputElement).labels?.[0]?.textContent ??
        node.textContent
      if (!label?.trim()) wrong.push(`no name: ${node.outerHTML.slice(0, 80)}`)
    }
    for (const name of ['aria-labelledby', 'aria-describedby', 'aria-controls']) {
      for (const node of document.querySelectorAll(`[${name}]`)) {
        const to = node.getAttribute(name) ?? ''
        if (!document.getElementById(to)) wrong.push(`${name} leads nowhere: ${to}`)
      }
    }
    for (const image of document.querySelectorAll('img:not([alt])')) wrong.push(image.outerHTML)
    if (document.querySelectorAll('main').length !== 1) wrong.push('not one main')
    if (document.querySelectorAll('h1').length !== 1) wrong.push('not one h1')
    return wrong
  })
}

describe.each(['light', 'dark'] as const)('in the %s theme', (colorScheme) => {
  test.each(['desk', 'phone'] as const)('on a %s every page reads well', async (device) => {
    const { page } = await person(browser, { ...devices[device], colorScheme })
    await page.goto(server.url)
    await page.getByLabel('Room name').waitFor()
    expect(await faint(page)).toEqual([])
    expect(await nameless(page)).toEqual([])
    await enter(page, `${server.url}/r/access`)
    await page.getByRole('button', { name: 'Join', exact: true }).waitFor()
    expect(await faint(page)).toEqual([])
    await enter(page, `${server.url}/r/access`, 'Ada')
    expect(await faint(page)).toEqual([])
    expect(await nameless(page)).toEqual([])
    for (const panel of ['Settings', 'Keyboard shortcuts', 'People', 'Change your name']) {
      await page.getByRole('button', { name: 'Menu' }).click()
      await page.getByRole('menuitem', { name: panel }).click()
      await page.locator('dialog[open], .side').waitFor()
      expect(await faint(page), panel).toEqual([])
      expect(await nameless(page), panel).toEqual([])
      await page.getByRole('button', { name: 'Close' }).click()
    }
  })

  test('a name is readable in every hue', async () => {
    const { page } = await person(browser, { colorScheme })
    await enter(page, `${server.url}/r/access`)
    await page.locator('.row .name').first().waitFor()
    for (let hue = 0; hue < 360; hue += 15) {
      await page.evaluate((it) => {
        for (const name of document.querySelectorAll<HTMLElement>('.person')) {
          name.style.setProperty('--hue', String(it))
        }
      }, hue)
      expect(await faint(page), `hue ${hue}`).toEqual([])
    }
  })
})

test('nothing is wider than the window, at 320 pixels as well', async () => {
  const { page } = await person(browser, {
    viewport: { width: 320, height: 640 },
    isMobile: true,
    hasTouch: true,
  })
  for (const address of ['/', '/r/access']) {
    await page.goto(server.url + address)
    await page.locator('h1').waitFor()
    if (address !== '/') await page.locator('.row').first().waitFor()
    const over = await page.evaluate(() => ({
      page: document.documentElement.scrollWidth - innerWidth,
      list: [...document.querySelectorAll('.scroller')].map(
        (it) => it.scrollWidth - it.clientWidth,
      ),
    }))
    expect(over.page).toBeLessThanOrEqual(0)
    for (const it of over.list) expect(it).toBeLessThanOrEqual(0)
  }
})

/** What is cut off at the window's side, or lies over another thing of its kind, of what one reads or uses. */
async function crowded(page: Page): Promise<string[]> {
  await finishFades(page)
  return page.evaluate(() => {
    const top = document.querySelector('[popover], dialog[open]') ?? document
    const all = [...top.querySelectorAll('a[href], button, input, select, textarea, h1, h2, kbd')]
      .filter((it) => it.checkVisibility() && !it.matches('.skip'))
      .map((it) => ({ it, name: it.outerHTML.slice(0, 90), box: it.getBoundingClientRect() }))
    const off = all.filter(({ box }) => box.left < 0 || box.right > innerWidth)
    const over = all.flatMap(({ it, name, box: { left, top, right, bottom } }, at) =>
      all
        .slice(at + 1)
        .filter(
          ({ it: other, box }) =>
            // The list scrolls below header and composer, and a button may stand in a field.
            it.closest('.top, .foot, dialog, [popover]') ===
              other.closest('.top, .foot, dialog, [popover]') &&
            !it.closest('.scroller, .composer') &&
            // The number of people takes the room around it for a finger.
            !it.closest('.room-name')?.contains(other) &&
            box.left < right - 1 &&
            left < box.right - 1 &&
            box.top < bottom - 1 &&
            top < box.bottom - 1,
        )
        .map((other) => `${name} and ${other.name} lie over each other`),
    )
    return [...off.map(({ name, box }) => `${name} from ${box.left} to ${box.right}`), ...over]
  })
}

test.each([16, 24, 32])(
  'on a phone with letters of %i pixels nothing is cut off or lies over another',
  async (size) => {
    const { context, page } = await person(browser, { ...devices.phone })
    const door = await context.newCDPSession(page)
    await door.send('Page.setFontSizes', { fontSizes: { standard: size } })
    await enter(page, `${server.url}/r/access`)
    await late(page)
    expect(await crowded(page)).toEqual([])
    const name = await page.locator('.room-name').boundingBox()
    expect(name?.width).toBeGreaterThan(6 * size)
    if (size === 16) {
      // One of the longest names that are made.
      const field = page.locator('#join-name')
      await field.fill('thoughtful scallop')
      await expect.poll(() => field.evaluate((it) => it.scrollWidth - it.clientWidth)).toBe(0)
    }
    const join = page.getByRole('button', { name: 'Join', exact: true })
    await join.scrollIntoViewIfNeeded()
    const button = await join.boundingBox()
    expect(button!.y + button!.height).toBeLessThanOrEqual(devices.phone.viewport.height)
    await join.click()
    await page.locator('#composer').waitFor()
    await page.getByRole('button', { name: 'Menu' }).click()
    await page.getByRole('menu').waitFor()
    expect(await crowded(page), 'the menu').toEqual([])
    await page.keyboard.press('Escape')
    for (const panel of ['Settings', 'Keyboard shortcuts', 'People', 'Change your name', 'Share']) {
      if (panel !== 'Share') await page.getByRole('button', { name: 'Menu' }).click()
      await page.getByRole(panel === 'Share' ? 'button' : 'menuitem', { name: panel }).click()
      await page.locator('dialog[open]').waitFor()
      expect(await crowded(page), panel).toEqual([])
      await page.getByRole('button', { name: 'Close' }).click()
      await page.locator('dialog').waitFor({ state: 'detached' })
    }
    await context.close()
  },
)

test.each(['en', 'de', 'es'])(
  'in %s with large letters at 320 pixels the skip link is out of sight, and the way to the end within it',
  async (locale) => {
    const viewport = { width: 320, height: 640 }
    const { context, page } = await person(browser, { ...devices.phone, viewport, locale })
    const door = await context.newCDPSession(page)
    await door.send('Page.setFontSizes', { fontSizes: { standard: 32 } })
    await enter(page, `${server.url}/r/access`)
    await page.locator('.row').first().waitFor()
    const skip = await page.locator('.skip').boundingBox()
    expect(skip!.y + skip!.height).toBeLessThanOrEqual(0)
    await page.evaluate(() => document.querySelector('.scroller')?.scrollTo(0, 0))
    const pill = await page.locator('.to-end').boundingBox()
    expect(pill!.x).toBeGreaterThanOrEqual(0)
    expect(pill!.x + pill!.width).toBeLessThanOrEqual(viewport.width)
    await page.keyboard.press('Tab')
    const shown = await page.locator('.skip:focus').boundingBox()
    expect(shown!.y).toBeGreaterThanOrEqual(0)
    expect(shown!.x + shown!.width).toBeLessThanOrEqual(viewport.width)
    await context.close()
  },
)

test('on a phone in a room that is full the join button is as wide as the field, and clear of the hint', async () => {
  const { page } = await person(browser, { ...devices.phone })
  const address = `${server.url}/r/access`
  const body = 'event: busy\ndata: {"reason":"room-full","retry":60000}\n\n'
  await page.route(address, (route) =>
    route.request().headers()['accept'] === 'text/event-stream'
      ? route.fulfill({ contentType: 'text/event-stream', body })
      : route.continue(),
  )
  await page.goto(address)
  const join = page.locator('.join button')
  await join.waitFor()
  await expect.poll(() => page.locator('.join .seal').count()).toBe(0)
  const field = await page.locator('#join-name').boundingBox()
  const button = await join.boundingBox()
  const hint = await page.locator('.join .under').boundingBox()
  expect([button!.x, button!.width]).toEqual([field!.x, field!.width])
  expect(button!.y - hint!.y - hint!.height).toBeGreaterThanOrEqual(8)
})

test('the way to the end does not lie over the way to what could not be loaded', async () => {
  const ids: string[] = []
  for (let n = 0; n < 150; n++) ids.push((await say(server.url, 'cut-off', `message ${n}`)).id)
  const { page } = await person(browser, { ...devices.phone })
  await page.route(/[?&]after=/, (route) => route.abort())
  await enter(page, `${server.url}/r/cut-off#m=${ids[20]}`)
  await page.locator(`#m-${ids[20]}`).waitFor()
  // It is tried again by itself too, and is away for as long as that takes.
  const hit = (): Promise<boolean | undefined> =>
    page.evaluate(() => {
      document.querySelector('.scroller')?.scrollTo(0, 1e6)
      const again = document.querySelector('.column > .aside button')
      if (!again) return undefined
      const { left, top, width, height } = again.getBoundingClientRect()
      return document.elementFromPoint(left + width / 2, top + height / 2) === again
    })
  await expect.poll(hit).toBe(true)
})

test('on a phone what is touched is large enough, and the composer does not make the page zoom', async () => {
  const { page } = await person(browser, { ...devices.phone })
  await enter(page, `${server.url}/r/access`, 'Ada')
  await page.locator('.row-more').first().waitFor()
  const small = await page.evaluate(() =>
    [...document.querySelectorAll('button, .button, input, textarea, select')]
      .filter((it) => it.checkVisibility() && !it.matches('.link'))
      .map((it) => [it.className, it.getBoundingClientRect()] as const)
      .filter(([, { width, height }]) => width < 44 || height < 44)
      .map(([name, { width, height }]) => `${name} ${width}x${height}`),
  )
  expect(small).toEqual([])
  const size = await page.locator('#composer').evaluate((it) => getComputedStyle(it).fontSize)
  expect(Number.parseFloat(size)).toBeGreaterThanOrEqual(16)
})

test('on a phone each line of who says something begins at the same place', async () => {
  const { page } = await person(browser, { viewport: { width: 320, height: 640 } })
  const room = await asHost(page, server.url, 'a name of some length')
  await write(page, 'Hello')
  const by = page.locator('.mine:not(.pending) .by')
  await by.waitFor()
  // So narrow that each of them has to begin a line once.
  const starts = await by.evaluate((it) => {
    const found = new Set<number>()
    for (let width = 260; width > 60; width -= 10) {
      it.style.inlineSize = `${width}px`
      const words = [...it.querySelectorAll('.name, .mark, .tag, time')]
        .flatMap((each) => [...each.getClientRects()])
        .toSorted((a, b) => a.bottom - b.bottom)
      // What is on one line differs only by how large its letters are.
      const lines: DOMRect[][] = []
      for (const [at, word] of words.entries()) {
        if (at === 0 || word.bottom > words[at - 1]!.bottom + 8) lines.push([])
        lines.at(-1)?.push(word)
      }
      for (const line of lines) found.add(Math.min(...line.map(({ left }) => left)))
    }
    return [...found]
  })
  expect(starts, room).toHaveLength(1)
})

test('on a phone what stands in a line is touched as easily as a button, and the line is no higher', async () => {
  const { context, page } = await person(browser, { ...devices.phone })
  const address = `${server.url}/r/touch`
  await say(server.url, 'touch', 'A long story.\n'.repeat(40))
  await say(server.url, 'touch', 'A short one.', 'Jonas')
  await enter(page, address, 'Ada')
  await late(page)
  await context.setOffline(true)
  await write(page, 'Written in a tunnel')
  const all = {
    count: page.getByRole('button', { name: '1 here' }),
    more: page.getByRole('button', { name: 'Show all of it' }),
    back: page.getByRole('button', { name: 'Take back' }),
    time: page.locator('.starts .at').nth(1),
  }
  for (const [name, it] of Object.entries(all)) {
    await it.waitFor()
    const { width, height, touched } = await it.evaluate((target) => {
      target.scrollIntoView({ block: 'center' })
      const { left, top, width, height } = target.getBoundingClientRect()
      const at = (y: number): Element | null => document.elementFromPoint(left + width / 2, top + y)
      return {
        width,
        height,
        touched: [1, height - 1].every((y) => target.contains(at(y))),
      }
    })
    expect(height, name).toBeGreaterThanOrEqual(44)
    expect(width, name).toBeGreaterThanOrEqual(24)
    expect(touched, name).toBe(true)
  }
  // Where a mouse is over it, no colour lies over the lines around it.
  await all.more.hover()
  await finishFades(page)
  const colour = await all.more.evaluate((it) => getComputedStyle(it).backgroundColor)
  expect(colour).toBe('rgba(0, 0, 0, 0)')
  const high = (what: string): Promise<number> =>
    page.locator(what).evaluate((it) => it.getBoundingClientRect().height)
  await expect.poll(() => high('.under-name')).toBe(24)
  await expect.poll(() => high('.pending .state')).toBeLessThan(28)
  await expect.poll(() => high('.starts:has(.cut) .by')).toBeLessThan(28)
})

test('on a desk the time of a message is a target of 24 pixels', async () => {
  const { page } = await person(browser)
  await enter(page, `${server.url}/r/access`, 'Ada')
  await late(page)
  const small = await page.locator('.at').evaluateAll((all) =>
    all
      .map((it) => it.getBoundingClientRect())
      .filter(({ width, height }) => width < 24 || height < 24)
      .map(({ width, height }) => `${width}x${height}`),
  )
  expect(small).toEqual([])
})

test('in colours of one’s own the button of a message shows what it is', async () => {
  const { page } = await person(browser, { colorScheme: 'dark', forcedColors: 'active' })
  await enter(page, `${server.url}/r/access`, 'Ada')
  await late(page)
  const more = page.locator('.row-more').last()
  await more.hover()
  // Within its edge.
  const inner = (await drawn(more)).slice(8, -8).flatMap((line) => line.slice(8, -8))
  expect(inner.filter((bright) => bright > 0.5).length).toBeGreaterThan(3)
})

test('a message is read aloud in order: author, mark, time, text', async () => {
  const { page } = await person(browser)
  await enter(page, `${server.url}/r/access`)
  const row = page.locator('.row', { hasText: 'A second line' }).first()
  await row.waitFor()
  const text = (await row.innerText()).replaceAll(/\s+/g, ' ')
  expect(text.indexOf('Mira')).toBeGreaterThanOrEqual(0)
  expect(text.indexOf('Mira')).toBeLessThan(text.lastIndexOf(':'))
  expect(text.lastIndexOf(':')).toBeLessThan(text.indexOf('A second line'))
  await expect.poll(() => row.locator('time').getAttribute('datetime')).toMatch(/Z$/)
})

test('the dialog keeps the focus and gives it back; the back button closes it', async () => {
  const { page } = await person(browser)
  await enter(page, `${server.url}/r/access`, 'Ada')
  const share = page.getByRole('button', { name: 'Share' })
  await share.click()
  await page.getByRole('dialog').waitFor()
  for (let presses = 0; presses < 20; presses++) {
    await page.keyboard.press('Tab')
    const isInside = await page.evaluate(() => {
      const { activeElement } = document
      return activeElement === document.body || !!activeElement?.closest('dialog')
    })
    expect(isInside, `after ${presses} presses`).toBe(true)
  }
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.waitForFunction(() => document.activeElement?.getAttribute('aria-label') === 'Share')
  await share.click()
  await page.getByRole('dialog').waitFor()
  await page.goBack()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  expect(page.url()).toContain('/r/access')
})

test('at 320 pixels the seal of who has a long name is as large as the others', async () => {
  const { page } = await person(browser, { viewport: { width: 320, height: 640 } })
  await enter(page, `${server.url}/r/seals`, 'W'.repeat(32))
  await openPanel(page, 'People')
  const seal = page.locator('.people .seal')
  await seal.waitFor()
  // However far the drawer has come in.
  const { width, height } = await seal.evaluate((it) => getComputedStyle(it))
  expect([width, height]).toEqual(['28px', '28px'])
})

test('in colours of one’s own, where each button has an edge, none in the header touches another', async () => {
  const { page } = await person(browser, { forcedColors: 'active' })
  await enter(page, `${server.url}/r/edges`, 'Ada')
  const between = (): Promise<number[]> =>
    page.locator('.tools > button').evaluateAll((all) => {
      const boxes = all.map((it) => it.getBoundingClientRect())
      return boxes.slice(1).map((it, at) => it.left - boxes[at]!.right)
    })
  // That part of the style comes late.
  await late(page)
  for (const gap of await between()) expect(gap).toBeGreaterThan(1)
})

test('what a host reads of who did what, and where he bans, has its lines apart', async () => {
  const { page } = await person(browser, devices.phone)
  const room = await asHost(page, server.url, 'Ann')
  const { id } = await say(server.url, room, 'Buy cheap watches!', 'Spam')
  await fetch(`${server.url}/r/${room}/reports`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ message: id }),
  })
  await openPanel(page, 'Look after this room')
  await page.getByRole('button', { name: 'Ban' }).click()
  const form = page.locator('.links form')
  await form.waitFor()
  const space = await form.evaluate(
    (it) =>
      it.getBoundingClientRect().top - it.previousElementSibling!.getBoundingClientRect().bottom,
  )
  expect(space).toBeGreaterThan(12)
  await page.getByRole('button', { name: 'Mute for an hour' }).click()
  const act = page.locator('li', { has: page.getByRole('button', { name: 'Undo' }) })
  await act.waitFor()
  await expect.poll(() => act.innerText()).not.toContain('·')
})

test('an address without a room has a page that looks like the one it leads to', async () => {
  const { page } = await person(browser)
  const look = (): Promise<unknown> =>
    page.evaluate(() => {
      const heading = document.querySelector('h1') as HTMLElement
      const { fontFamily, fontSize, color } = getComputedStyle(heading)
      const mark = document.querySelector('img')
      const { left, width } = (mark as HTMLElement).getBoundingClientRect()
      const way = document.querySelector('.primary, main > p > a') as HTMLElement
      const { backgroundColor } = getComputedStyle(way)
      return [fontFamily, fontSize, color, mark?.naturalWidth, left, width, backgroundColor]
    })
  await page.goto(`${server.url}/nowhere`)
  const there = await look()
  await page.getByRole('link', { name: 'Open or make a room' }).click()
  await page.locator('.landing').waitFor()
  expect(await look()).toEqual(there)
})
