import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { asHost, devices, enter, person, say, write } from './browser.ts'
import { setting } from './setting.ts'
import { attachFiles } from './states.ts'

const { browser, server, address } = await setting('dialogs', ['--files', '10'])

async function openPanel(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Menu' }).click()
  await page.getByRole('menuitem', { name }).click()
}

/** Everything that was under way in the history is over: the entry is the room's own, with nothing over it. */
async function isBack(page: Page): Promise<void> {
  await page.locator('dialog').waitFor({ state: 'detached' })
  await page.waitForFunction(() => !history.state?.over)
}

describe('the back button', () => {
  /** Somebody who came to a room from another page. */
  async function comesBy(): Promise<Page> {
    const { page } = await person(browser, devices.phone)
    const place = address()
    await say(server.url, place.split('/').at(-1)!, 'A message.')
    await page.goto(`${server.url}/icon.svg`)
    await enter(page, place, 'Ada')
    return page
  }

  /** One press leads out of the room: nothing of a dialog is left in the history. */
  async function expectToLeave(page: Page): Promise<void> {
    await page.goBack()
    expect(new URL(page.url()).pathname).toBe('/icon.svg')
  }

  test('closes a dialog that followed another one, and then leaves', async () => {
    const page = await comesBy()
    await openPanel(page, 'People')
    await page.getByRole('button', { name: 'Change your name' }).click()
    const renaming = page.getByRole('dialog', { name: 'Your name in this room' })
    await renaming.waitFor()
    await expect.poll(() => page.evaluate(() => history.state)).toEqual({ over: 1 })
    await page.goBack()
    await isBack(page)
    expect(new URL(page.url()).pathname).toMatch('/r/')
    await expectToLeave(page)
  })

  test('leaves at once after a dialog was closed by its button or by Esc', async () => {
    const page = await comesBy()
    const share = page.getByRole('button', { name: 'Share' })
    await share.click()
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click()
    await isBack(page)
    await share.click()
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    await isBack(page)
    await expectToLeave(page)
  })

  test('a dialog that is opened while the history still goes back stays', async () => {
    const page = await comesBy()
    await page.getByRole('button', { name: 'Share' }).click()
    await page.getByRole('dialog').waitFor()
    const popped = await page.evaluate(async () => {
      const gone = new Promise((done) => addEventListener('popstate', () => done(true)))
      document.querySelector<HTMLElement>('dialog .dialog-head button')?.click()
      while (document.querySelector('dialog')) await new Promise(requestAnimationFrame)
      document.querySelector<HTMLElement>('.share')?.click()
      return gone
    })
    expect(popped).toBe(true)
    await page.waitForFunction(() => history.state?.over === 1)
    await page.getByRole('dialog', { name: 'Invite people' }).waitFor()
    await page.goBack()
    await isBack(page)
    await expectToLeave(page)
  })

  test('leaves at once after a reload with a dialog open', async () => {
    const page = await comesBy()
    await page.getByRole('button', { name: 'Share' }).click()
    await page.getByRole('dialog').waitFor()
    await page.reload()
    await page.locator('#composer').waitFor()
    await isBack(page)
    await expectToLeave(page)
  })

  test('the forward button brings no dialog back, and nothing that has to be gone back from', async () => {
    const page = await comesBy()
    await page.getByRole('button', { name: 'Share' }).click()
    await page.getByRole('dialog').waitFor()
    await page.goBack()
    await isBack(page)
    await page.evaluate(async () => {
      // There, and back again.
      const twice = new Promise<void>((done) => {
        let times = 0
        addEventListener('popstate', () => ++times === 2 && done())
      })
      history.forward()
      await twice
    })
    await isBack(page)
    await expectToLeave(page)
  })

  test('an address of a message closes the dialog over it', async () => {
    const page = await comesBy()
    await page.getByRole('button', { name: 'Share' }).click()
    await page.getByRole('dialog').waitFor()
    await page.evaluate(() => {
      const id = document.querySelector('[data-row]')?.id.slice('m-'.length)
      location.hash = `m=${id}`
    })
    await page.locator('.row.marked').waitFor()
    await isBack(page)
    await page.goBack()
    await page.waitForFunction(() => location.hash === '' && !history.state?.over)
    await expectToLeave(page)
  })

  test('of one dialog over another it closes the upper one; so does Esc, and twice closes both', async () => {
    const { page } = await person(browser, devices.phone)
    const guest = await person(browser)
    const name = await asHost(page, server.url, 'Ann')
    await openPanel(page, 'Look after this room')
    await page.getByLabel('Check before it is shown').selectOption('What everyone writes')
    await enter(guest.page, `${server.url}/r/${name}`, 'Mira')
    await attachFiles(guest.page, 'a.png')
    await write(guest.page, 'look')
    const drawer = page.locator('dialog.drawer')
    const viewer = page.locator('dialog.viewer')
    const look = async (): Promise<void> => {
      await drawer.locator('.picture').click()
      await viewer.waitFor()
      await page.waitForFunction(() => history.state?.over === 2)
    }
    await look()
    await page.goBack()
    await viewer.waitFor({ state: 'detached' })
    await expect.poll(() => drawer.isVisible()).toBe(true)
    await look()
    await page.goBack()
    await page.goBack()
    await isBack(page)
    await openPanel(page, 'Look after this room')
    await look()
    await page.keyboard.press('Escape')
    await viewer.waitFor({ state: 'detached' })
    await expect.poll(() => drawer.isVisible()).toBe(true)
    await page.keyboard.press('Escape')
    await isBack(page)
    expect(new URL(page.url()).pathname).toBe(`/r/${name}`)
  })
})

describe('the host’s drawer on a phone', () => {
  test('tells in itself what was done, and the page behind it is silent', async () => {
    const { page } = await person(browser, devices.phone)
    await asHost(page, server.url, 'Ann')
    await openPanel(page, 'Look after this room')
    await page.getByLabel('Lock: nobody writes').check()
    const told = page.locator('.toast span')
    await told.waitFor()
    await expect.poll(() => told.count()).toBe(1)
    await expect.poll(() => told.evaluate((it) => it.closest('dialog')?.className)).toBe('drawer')
    await expect.poll(() => told.evaluate((it) => it.parentElement?.role)).toBe('status')
    const box = await told.boundingBox()
    expect(box?.y).toBeGreaterThan(0)
    expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThan(devices.phone.viewport.height)
  })

  test('what was refused is in sight and said each time, and no switch shows what is not so', async () => {
    const { page, context } = await person(browser, devices.phone)
    await asHost(page, server.url, 'Ann')
    await openPanel(page, 'Look after this room')
    const lock = page.getByLabel('Lock: nobody writes')
    await lock.check()
    await page.getByText('Saved').waitFor()
    await context.setOffline(true)
    await lock.click()
    const problem = page.locator('.problem span')
    await problem.waitFor()
    const first = await problem.elementHandle()
    expect((await problem.boundingBox())?.y).toBeGreaterThanOrEqual(0)
    await expect.poll(() => lock.isChecked()).toBe(true)
    await lock.click()
    await page.waitForFunction((first) => !first.isConnected, first)
    await expect.poll(() => lock.isChecked()).toBe(true)
  })
})

describe('what is pressed twice on a slow line is done once', () => {
  /** Holds all such calls back until they are let go. */
  async function hold(page: Page, path: RegExp): Promise<{ all: string[]; letGo: () => void }> {
    const all: string[] = []
    let letGo = (): void => {}
    const free = new Promise<void>((done) => (letGo = done))
    await page.route(path, async (route) => {
      const method = route.request().method()
      if (method !== 'GET') {
        all.push(method)
        await free
      }
      await route.continue()
    })
    return { all, letGo }
  }

  test('a link: the secret of the one that was made is shown, and the button says that it is at work', async () => {
    const { page } = await person(browser)
    await asHost(page, server.url, 'Ann')
    await openPanel(page, 'Look after this room')
    const { all, letGo } = await hold(page, /\/links/)
    const make = page.getByRole('button', { name: 'Make a link' })
    await make.dblclick()
    await page.locator('button.primary[aria-disabled=true]').waitFor()
    await page.getByRole('status').getByText('One moment').waitFor()
    await expect.poll(() => make.evaluate((it) => it === document.activeElement)).toBe(true)
    letGo()
    await page.locator('.made').waitFor()
    await page.locator('button.primary[aria-disabled=false]').waitFor()
    expect(all).toEqual(['POST'])
    await expect.poll(() => make.evaluate((it) => it === document.activeElement)).toBe(true)
    await expect.poll(() => page.getByText('One moment').count()).toBe(0)
  })

  test('a report, a deletion, a ban', async () => {
    const [host, guest] = [await person(browser), await person(browser)]
    const name = await asHost(host.page, server.url, 'Ann')
    await enter(guest.page, `${server.url}/r/${name}`, 'Bob')
    await write(guest.page, 'from Bob')
    await write(host.page, 'from the host')
    const twice = async (page: Page, text: string, act: string, path: RegExp): Promise<void> => {
      const row = page.locator('.row:not(.pending)', { hasText: text })
      await row.focus()
      await page.keyboard.press('Enter')
      await page.getByRole('menuitem', { name: act }).click()
      const { all, letGo } = await hold(page, path)
      await page.locator('dialog .buttons button').last().dblclick()
      await page.locator('dialog [aria-disabled=true]').waitFor()
      letGo()
      await page.locator('dialog').waitFor({ state: 'detached' })
      expect(all, act).toHaveLength(1)
    }
    await twice(guest.page, 'from the host', 'Report', /\/reports/)
    await twice(guest.page, 'from Bob', 'Delete', /\/messages\//)
    await write(guest.page, 'again from Bob')
    await twice(host.page, 'again from Bob', 'Ban', /\/bans/)
  })
})
