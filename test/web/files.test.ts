import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { png } from '../harness/picture.ts'
import { open } from '../harness/server.ts'
import { asHost, devices, enter, openPanel, person, write, late } from './browser.ts'
import { setting } from './setting.ts'
import { attachFiles } from './states.ts'

const { browser, server, address } = await setting('files', ['--files', '100'])

const tray = (page: Page): ReturnType<Page['locator']> => page.locator('.tray li')
const ready = (page: Page): Promise<unknown> =>
  page.waitForFunction(
    () => document.querySelector('.tray li') && !document.querySelector('.tray progress'),
  )
const isLoaded = (page: Page): Promise<unknown> =>
  page.waitForFunction(() => {
    const all = [...document.querySelectorAll<HTMLImageElement>('.picture img')]
    return all.length > 0 && all.every((it) => it.complete && it.naturalWidth > 0)
  })
/** A file that is dropped on the page, or pasted. */
function bring(page: Page, how: 'drop' | 'paste', name: string, bytes: Buffer): Promise<void> {
  return page.evaluate(
    ([how, name, bytes]) => {
      const data = new DataTransfer()
      data.items.add(new File([new Uint8Array(bytes)], name, { type: 'image/png' }))
      const same = { bubbles: true, cancelable: true }
      const event =
        how === 'drop'
          ? new DragEvent('drop', { ...same, dataTransfer: data })
          : new ClipboardEvent('paste', { ...same, clipboardData: data })
      document.querySelector('#composer')!.dispatchEvent(event)
    },
    [how, name, [...bytes]] as const,
  )
}

/** A room in which somebody said a picture, and went. */
async function withPicture(): Promise<string> {
  const place = address()
  const { page, context } = await person(browser)
  await enter(page, place, 'Mira')
  await attachFiles(page, 'a.png')
  await ready(page)
  await write(page, 'look')
  await page.locator('.row:not(.pending) .picture').waitFor()
  await context.close()
  return place
}

test('a picture and a file are seen before they go out, and by the other as they are, with nothing told beside', async () => {
  const place = address()
  const [mira, jonas] = [await person(browser), await person(browser)]
  await enter(mira.page, place, 'Mira')
  await enter(jonas.page, place, 'Jonas')
  const sizes: number[] = []
  mira.page.on('request', (request) => {
    const url = new URL(request.url())
    if (url.pathname.endsWith('/files')) sizes.push(Number(url.searchParams.get('size')))
  })
  await attachFiles(mira.page, 'home.png', 'the recipe.pdf')
  await ready(mira.page)
  await expect.poll(() => tray(mira.page).locator('img').count()).toBe(1)
  await expect
    .poll(() => tray(mira.page).allTextContents())
    .toEqual([expect.stringMatching(/^home\.png\d+ kB$/), 'the recipe.pdf300 kB'])
  await mira.page.getByText('Place, camera and time are taken out').waitFor()
  await write(mira.page, 'look')
  const row = jonas.page.locator('.row:has(.picture)')
  await row.waitFor()
  await isLoaded(jonas.page)
  await expect.poll(() => tray(mira.page).count()).toBe(0)
  await expect.poll(() => row.locator('.text').textContent()).toBe('look')
  await expect.poll(() => row.locator('img').getAttribute('alt')).toBe('Picture from Mira')
  await expect.poll(() => row.locator('.file').textContent()).toContain('the recipe.pdf')
  // What it told beside its pixels never left the page.
  expect(sizes).toEqual([png(600, 400).length, 300_000])
  const src = await row.locator('img').getAttribute('src')
  const got = await (await fetch(src!)).bytes()
  expect(Buffer.from(got).equals(png(600, 400))).toBe(true)
  const saved = jonas.page.waitForEvent('download')
  await row.locator('.file').click()
  expect((await saved).suggestedFilename()).toBe('the recipe.pdf')
  // The author's own page shows it without asking the server for it.
  await isLoaded(mira.page)
  await expect.poll(() => mira.page.locator('.picture img').getAttribute('src')).toMatch(/^blob:/)
})

test('dropped and pasted ones too, four at most, and each can be taken out again', async () => {
  const { page } = await person(browser)
  await enter(page, address(), 'Ada')
  await page.getByRole('button', { name: 'Attach' }).waitFor()
  for (const how of ['drop', 'paste', 'drop', 'paste', 'drop'] as const)
    await bring(page, how, `${how}.png`, png(3, 2))
  await page.getByText('A message takes 4 files at most.').waitFor()
  await ready(page)
  await expect.poll(() => tray(page).count()).toBe(4)
  await page.getByRole('button', { name: 'Remove drop.png' }).first().click()
  await expect.poll(() => tray(page).count()).toBe(3)
  await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('composer')
  // Without a word beside them.
  await page.getByRole('button', { name: 'Send' }).click()
  await page.locator('.row:not(.pending) .picture').nth(2).waitFor()
  await bring(page, 'drop', 'empty.png', Buffer.alloc(0))
  await page.getByText('There is nothing in empty.png.').waitFor()
  await bring(page, 'drop', 'broken.png', png(3, 2).subarray(0, 50))
  await page.locator('.tray').getByText('The picture is damaged or too large.').waitFor()
})

test('its way is shown and can be ended; a message that does not wait for it goes when it is there', async () => {
  const { page } = await person(browser)
  await enter(page, address(), 'Ada')
  const held: (() => void)[] = []
  await page.route(/\/files/, async (route) => {
    await new Promise<void>((resolve) => held.push(resolve))
    // Whoever asked may have gone.
    await route.continue().catch(() => {})
  })
  /** Lets the next piece through, once it is asked for. */
  const pass = async (): Promise<void> => {
    await expect.poll(() => held.length).toBeGreaterThan(0)
    held.shift()!()
  }
  await attachFiles(page, 'large.pdf')
  await pass()
  const bar = page.getByRole('progressbar', { name: 'Sending large.pdf' })
  await expect.poll(() => bar.evaluate((it: HTMLProgressElement) => it.value)).toBeCloseTo(0.44, 1)
  await page.getByRole('button', { name: 'Stop sending large.pdf' }).click()
  await expect.poll(() => tray(page).count()).toBe(0)
  await page.unroute(/\/files/)
  let go = (): void => {}
  const isLate = new Promise<void>((resolve) => (go = resolve))
  await page.route(/\/files/, async (route) => {
    await isLate
    await route.continue()
  })
  await attachFiles(page, 'small.png')
  await write(page, 'in a hurry')
  await page.getByText('It goes out as soon as the files are there.').waitFor()
  await expect.poll(() => page.locator('.row').count()).toBe(0)
  go()
  await page.locator('.row:not(.pending) .picture').waitFor()
  await expect.poll(() => page.locator('.row .text').textContent()).toBe('in a hurry')
  await expect.poll(() => page.locator('#composer').inputValue()).toBe('')
})

test('what was in a hurry and then changed is not said', async () => {
  const { page } = await person(browser)
  await enter(page, address(), 'Ada')
  await write(page, 'before')
  await page.locator('.row:not(.pending)').waitFor()
  let held: Promise<void> | undefined
  let go = (): void => {}
  const hold = (): void => void (held = new Promise((resolve) => (go = resolve)))
  hold()
  await page.route(/\/files/, async (route) => {
    await held
    await route.continue().catch(() => {})
  })
  const wait = page.getByText('It goes out as soon as the files are there.')
  await attachFiles(page, 'a.png')
  await write(page, 'in a hurry')
  await wait.waitFor()
  // It is stopped, gone on with, and another file comes: nothing says that it is to go out now.
  await page.getByRole('button', { name: 'Stop sending a.png' }).click()
  await wait.waitFor({ state: 'detached' })
  await page.locator('#composer').pressSequentially(' and half a')
  await attachFiles(page, 'b.png')
  go()
  await ready(page)
  await expect.poll(() => page.locator('.row').count()).toBe(1)
  await expect.poll(() => page.locator('#composer').inputValue()).toBe('in a hurry and half a')
  hold()
  // Something else is edited meanwhile: its text is not saved before it is done.
  await attachFiles(page, 'c.png')
  await page.locator('#composer').press('Enter')
  await wait.waitFor()
  await page.locator('.row .row-more').click()
  await page.getByRole('menuitem', { name: 'Edit' }).click()
  // What was said stands in the composer before it is changed there.
  await page.waitForFunction(
    () => document.querySelector<HTMLTextAreaElement>('#composer')?.value === 'before',
  )
  await page.locator('#composer').fill('bef')
  go()
  await ready(page)
  await expect.poll(() => page.locator('.row .text').allTextContents()).toEqual(['before'])
  await expect.poll(() => page.locator('#composer').inputValue()).toBe('bef')
  await page.locator('#composer').fill('')
  await expect.poll(() => page.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true)
  await page.keyboard.press('Escape')
  // Twice in one turn is once.
  await page.locator('#composer').fill('')
  await page.evaluate(() => {
    const form = document.querySelector<HTMLFormElement>('form.composer')!
    form.requestSubmit()
    form.requestSubmit()
  })
  await page.locator('.row:not(.pending) .picture').nth(1).waitFor()
  await expect.poll(() => page.locator('.row').count()).toBe(2)
})

test('one that waits to be said is there after a reload, and asks the server for nothing before', async () => {
  const { page } = await person(browser)
  const place = address()
  await enter(page, place, 'Ada')
  await attachFiles(page, 'a.png')
  await ready(page)
  // What is said does not get through.
  await page.route(/\/r\/files-\d+$/, (route) =>
    route.request().method() === 'POST' ? route.abort() : route.continue(),
  )
  await write(page, 'later')
  await page.locator('.row.pending .picture').waitFor()
  page.on('dialog', (dialog) => void dialog.accept())
  await page.reload()
  await page.locator('.row.pending .file').waitFor()
  await expect.poll(() => page.getByText('not there any more').count()).toBe(0)
  await page.unroute(/\/r\/files-\d+$/)
  await page.locator('.row:not(.pending) .picture').waitFor()
  await isLoaded(page)
  await expect.poll(() => page.locator('.row').count()).toBe(1)
})

test('a picture that can not be freed of what it tells says so before it goes out', async () => {
  const { page } = await person(browser)
  await enter(page, address(), 'Ada')
  await page.getByRole('button', { name: 'Attach' }).waitFor()
  await bring(page, 'drop', 'photo.heic', Buffer.from('\0\0\0\x18ftypheic'))
  await page.getByText('It goes as it is.').waitFor()
  await expect.poll(() => tray(page).textContent()).toContain('photo.heic')
})

test('goes on where it was after a moment without a network', async () => {
  const { page } = await person(browser)
  await enter(page, address(), 'Ada')
  let pieces = 0
  await page.route(/\/files/, async (route) => {
    pieces += 1
    if (pieces === 2) return route.abort('internetdisconnected')
    return route.continue()
  })
  await attachFiles(page, 'large.pdf')
  await ready(page)
  // 300,000 bytes are three pieces, of which one went twice.
  expect(pieces).toBe(4)
  await write(page, '')
  await page.locator('.row:not(.pending) .file').waitFor()
})

test('one that is refused says why, holds the message back, and can be tried again', async () => {
  const { page } = await person(browser)
  await enter(page, address(), 'Ada')
  const problem = { type: 'about:blank', title: 'x', status: 507, code: 'files-full' }
  await page.route(/\/files/, (route) =>
    route.fulfill({
      status: 507,
      contentType: 'application/problem+json',
      body: JSON.stringify(problem),
    }),
  )
  await attachFiles(page, 'a.png')
  await page.locator('.tray').getByText('The server can take no more files').waitFor()
  await write(page, 'with it')
  await page.getByText('A file did not get through').waitFor()
  await expect.poll(() => page.locator('#composer').inputValue()).toBe('with it')
  await page.unroute(/\/files/)
  await page.locator('.tray').getByRole('button', { name: 'Try again' }).click()
  await ready(page)
  await page.locator('#composer').press('Enter')
  await page.locator('.row:not(.pending) .picture').waitFor()
})

test('a picture has its place before it is there, and nothing moves when it comes', async () => {
  const place = await withPicture()
  for (const device of [devices.desk, devices.phone]) {
    const { page, context } = await person(browser, device)
    let go = (): void => {}
    const isLate = new Promise<void>((resolve) => (go = resolve))
    await page.route(/\/files\//, async (route) => {
      await isLate
      await route.continue()
    })
    await enter(page, place)
    const picture = page.locator('.picture')
    await picture.waitFor()
    await late(page)
    const before = await picture.boundingBox()
    go()
    await isLoaded(page)
    expect(await picture.boundingBox()).toEqual(before)
    const { width, height } = before!
    expect(width / height).toBeCloseTo(1.5, 1)
    expect(height).toBeLessThanOrEqual(322)
    await context.close()
  }
})

test('one that is very tall or long takes no more place than another', async () => {
  const { page } = await person(browser)
  await enter(page, address(), 'Ada')
  await page.getByRole('button', { name: 'Attach' }).waitFor()
  for (const [width, height] of [
    [1, 30_000],
    [30_000, 1],
  ] as const)
    await bring(page, 'drop', 'a.png', png(width, height))
  await ready(page)
  await write(page, '')
  await page.locator('.row:not(.pending) .picture').nth(1).waitFor()
  for (const picture of await page.locator('.picture').all()) {
    const { width, height } = (await picture.boundingBox())!
    expect([width <= 800, height <= 322, width >= 24, height >= 24]).not.toContain(false)
  }
})

test('one that does not come says whether it is gone or the network is, and can be asked for again', async () => {
  const place = await withPicture()
  const { page } = await person(browser)
  await page.route(/\/files\//, (route) => route.abort('internetdisconnected'))
  await enter(page, place)
  await page.getByText('could not be loaded').waitFor()
  await page.unroute(/\/files\//)
  await page.getByRole('button', { name: 'Try again' }).click()
  await isLoaded(page)
  await page.route(/\/files\//, (route) => route.fulfill({ status: 404 }))
  await page.reload()
  await page.getByText('This picture is not there any more.').waitFor()
  await expect.poll(() => page.locator('.picture').count()).toBe(0)
})

test('is looked at in full by keys or by a touch, and the back button leads back', async () => {
  const { page } = await person(browser)
  await enter(page, address(), 'Ada')
  await attachFiles(page, 'a.png')
  await ready(page)
  await write(page, '')
  await page.locator('.row:not(.pending) .picture').waitFor()
  await page.locator('.row:not(.pending)').focus()
  await page.keyboard.press('Tab')
  await page.keyboard.press('Tab')
  await expect.poll(() => page.evaluate(() => document.activeElement?.className)).toBe('picture')
  await page.keyboard.press('Enter')
  const viewer = page.getByRole('dialog', { name: 'Picture from Ada' })
  await viewer.waitFor()
  const saved = page.waitForEvent('download')
  await viewer.getByRole('link', { name: 'Save' }).click()
  expect((await saved).suggestedFilename()).toBe('picture.png')
  await page.goBack()
  await viewer.waitFor({ state: 'detached' })
  expect(page.url()).toContain('/r/files-')
  await expect.poll(() => page.evaluate(() => document.activeElement?.className)).toBe('picture')
})

test('goes with its message, for everyone who looks', async () => {
  const place = address()
  const [mira, jonas] = [await person(browser), await person(browser)]
  await enter(mira.page, place, 'Mira')
  await enter(jonas.page, place, 'Jonas')
  await attachFiles(mira.page, 'a.png')
  await ready(mira.page)
  await write(mira.page, '')
  await isLoaded(jonas.page)
  const row = mira.page.locator('.row:not(.pending)')
  await row.waitFor()
  await row.hover()
  await row.locator('.row-more').click()
  // There is no text to be copied.
  await expect.poll(() => mira.page.getByRole('menuitem', { name: 'Copy text' }).count()).toBe(0)
  await mira.page.getByRole('menuitem', { name: 'Delete' }).click()
  await expect.poll(() => mira.page.locator('dialog blockquote').textContent()).toBe('1 file')
  await mira.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  for (const { page, context } of [mira, jonas]) {
    await page.getByText('removed by its author').waitFor()
    await expect.poll(() => page.locator('.picture').count()).toBe(0)
    await context.close()
  }
})

test('a host sees what waits before he lets it through, and says when no files are wanted', async () => {
  const [mira, jonas] = [await person(browser), await person(browser)]
  const name = await asHost(mira.page, server.url, 'Mira')
  await openPanel(mira.page, 'Look after this room')
  await mira.page.getByLabel('Check before it is shown').selectOption('What everyone writes')
  await mira.page.getByText('Saved').waitFor()
  await enter(jonas.page, `${server.url}/r/${name}`, 'Jonas')
  await attachFiles(jonas.page, 'a.png')
  await ready(jonas.page)
  await write(jonas.page, '')
  await jonas.page.locator('.row.pending.review .picture').waitFor()
  const panel = mira.page.locator('.host-panel')
  await panel.locator('.picture img').waitFor()
  await isLoaded(mira.page)
  await panel.getByRole('button', { name: 'Let through' }).click()
  await jonas.page.locator('.row:not(.pending) .picture').waitFor()
  const attach = jonas.page.getByRole('button', { name: 'Attach' })
  await attach.waitFor()
  await panel.getByLabel('People may send pictures and files').uncheck()
  await attach.waitFor({ state: 'detached' })
  await bring(jonas.page, 'drop', 'a.png', png(2, 2))
  await jonas.page.getByText('can’t be sent').waitFor()
  // Who looks after the room may all the same.
  await expect.poll(() => mira.page.locator('.attach').count()).toBe(1)
})

test('where the server takes none there is nothing to press', async () => {
  const none = await open()
  const { page, context } = await person(browser)
  await enter(page, `${none.url}/r/lobby`, 'Ada')
  await late(page)
  await expect.poll(() => page.locator('.attach').count()).toBe(0)
  await context.close()
  await none.close()
})

test('taken out by keys, the focus goes to the next file, and to the composer from the last', async () => {
  const { page } = await person(browser)
  await enter(page, address(), 'Ada')
  await page.getByRole('button', { name: 'Attach' }).waitFor()
  await attachFiles(page, 'a.pdf', 'b.pdf', 'c.pdf')
  await ready(page)
  const focused = (): Promise<string | null | undefined> =>
    page.evaluate(() => document.activeElement?.getAttribute('aria-label'))
  await page.getByRole('button', { name: 'Remove b.pdf' }).focus()
  for (const next of ['Remove c.pdf', 'Remove a.pdf', expect.stringContaining('Message')]) {
    const before = await tray(page).count()
    await page.keyboard.press('Enter')
    await expect.poll(() => tray(page).count()).toBe(before - 1)
    await expect.poll(() => focused()).toEqual(next)
  }
  await page.keyboard.press('Enter')
  await expect.poll(() => page.locator('.row').count()).toBe(0)
})

test.each([
  ['a phone', devices.phone],
  ['a desk at 400 %', { viewport: { width: 320, height: 256 } }],
])('on %s the note on files is in sight, whole, however many there are', async (_, device) => {
  const { page } = await person(browser, device)
  await enter(page, address(), 'Ada')
  await page.getByRole('button', { name: 'Attach' }).waitFor()
  await attachFiles(page, 'holiday.png', 'a recipe with a long name.pdf', 'b.png', 'c.pdf')
  await ready(page)
  for (const it of ['.tray > p', '#composer']) {
    const hidden = await page.locator(it).evaluate((box) => {
      const { left, right, top, bottom } = box.getBoundingClientRect()
      // Each line of it is what stands there.
      return [top + 4, (top + bottom) / 2, bottom - 4].filter(
        (y) => document.elementFromPoint((left + right) / 2, y) !== box,
      )
    })
    expect(hidden).toEqual([])
  }
})

test('a message that is taken back has its files go out with the next one', async () => {
  const { page, context } = await person(browser)
  await enter(page, address(), 'Ada')
  await page.getByRole('button', { name: 'Attach' }).waitFor()
  await attachFiles(page, 'a.png', 'b.pdf')
  await ready(page)
  await context.setOffline(true)
  await write(page, 'look')
  const back = page.locator('.pending').getByRole('button', { name: 'Take back' })
  await back.waitFor()
  // Beside these there is no room for its own: it stays.
  await attachFiles(page, 'c.pdf', 'd.pdf', 'e.pdf')
  await tray(page).nth(2).waitFor()
  await back.click()
  await page.getByText('A message takes 4 files at most.').waitFor()
  await expect.poll(() => page.locator('.pending').count()).toBe(1)
  for (const left of [2, 1, 0]) {
    await tray(page).first().locator('.icon-only').click()
    await expect.poll(() => tray(page).count()).toBe(left)
  }
  await back.click()
  await page.locator('.pending').waitFor({ state: 'detached' })
  await expect.poll(() => tray(page).count()).toBe(2)
  await expect.poll(() => tray(page).locator('img').count()).toBe(1)
  await context.setOffline(false)
  await page.getByRole('button', { name: 'Remove b.pdf' }).click()
  await write(page, 'look here')
  await page.locator('.row:not(.pending) .picture').waitFor()
  await isLoaded(page)
  await expect.poll(() => page.locator('.row .file').count()).toBe(0)
})
