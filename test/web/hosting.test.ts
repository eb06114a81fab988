// Looking after a room by the page: what a host and a moderator are offered, are told, and find where they look.
import type { Locator, Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { asHost, devices, enter, openPanel, person, say, write } from './browser.ts'
import { setting } from './setting.ts'

const { browser, server } = await setting('hosting')

const room = 'Look after this room'

/** How far an element's middle is from what is in sight, in pixels; 0: it is. */
const away = (element: Locator): Promise<number> =>
  element.evaluate((it) => {
    const { top, bottom } = it.getBoundingClientRect()
    const middle = (top + bottom) / 2
    return Math.max(0, -middle, middle - innerHeight)
  })

const focused = (page: Page): Promise<string> =>
  page.evaluate(() => document.activeElement?.textContent ?? '')

/** A host on a phone, in a room with a message of somebody else's. */
async function hostOf(message: string): Promise<{ readonly page: Page; readonly name: string }> {
  const { page } = await person(browser, devices.phone)
  const name = await asHost(page, server.url, 'Ann')
  await say(server.url, name, message, 'Bob')
  await page.locator('.row', { hasText: message }).waitFor()
  return { page, name }
}

async function act(page: Page, message: string, what: string): Promise<void> {
  await page.locator('.row', { hasText: message }).locator('.row-more').click()
  await page.getByRole('menuitem', { name: what }).click()
}

test('who silences or sends out somebody is told whom and for how long', async () => {
  const { page } = await hostOf('buy my watches')
  await act(page, 'watches', 'Mute for an hour')
  await page.getByText('Bob is muted for an hour.').waitFor()
  await act(page, 'watches', 'Send out for a minute')
  await page.getByText('Bob is out for a minute.').waitFor()
  await act(page, 'watches', 'Ban')
  await page.getByRole('button', { name: 'Ban', exact: true }).click()
  await expect
    .poll(() => page.locator('.toast').allInnerTexts())
    .toContainEqual(expect.stringContaining('Bob is banned.'))
})

test('a moderator is not offered to silence the host, who would not be', async () => {
  const host = await person(browser)
  const name = await asHost(host.page, server.url, 'Ann')
  await write(host.page, 'from the host')
  await say(server.url, name, 'from a guest', 'Bob')
  await openPanel(host.page, room)
  await host.page.getByLabel('Role').selectOption('Moderator')
  await host.page.getByRole('button', { name: 'Make a link' }).click()
  const link = await host.page.locator('.made input').inputValue()
  const { page } = await person(browser)
  await page.goto(link)
  await page.getByRole('button', { name: 'Accept the invitation' }).click()
  await page.getByText('You are in').waitFor()
  const offered = async (message: string): Promise<string[]> => {
    await page.locator('.row', { hasText: message }).locator('.row-more').click()
    await page.getByRole('menu').waitFor()
    const texts = await page.getByRole('menuitem').allInnerTexts()
    await page.keyboard.press('Escape')
    await page.getByRole('menu').waitFor({ state: 'detached' })
    return texts.filter((text) => /Mute|Send out|Ban|Delete|Hide to/.test(text))
  }
  expect(await offered('from a guest')).toHaveLength(5)
  expect(await offered('from the host')).toEqual(['Hide to look at it'])
})

test('the last link of the owner can be replaced, and not taken back', async () => {
  const { page } = await hostOf('hello')
  await openPanel(page, room)
  const owners = page.locator('.links > li', { has: page.getByText('Host', { exact: true }) })
  await owners.getByRole('button', { name: 'Replace by a new one' }).waitFor()
  await expect.poll(() => owners.getByRole('button', { name: 'Take back' }).count()).toBe(0)
  await page.getByLabel('Role').selectOption('Host')
  await page.getByRole('button', { name: 'Make a link' }).click()
  await expect.poll(() => owners.getByRole('button', { name: 'Take back' }).count()).toBe(2)
})

test('what waits for the host stands first in what is opened by its number', async () => {
  const { page, name } = await hostOf('hello')
  await openPanel(page, room)
  await page.getByLabel('Check before it is shown').selectOption('What newcomers write')
  await page.getByText('Nothing is waiting').waitFor()
  await page.getByRole('button', { name: 'Close', exact: true }).click()
  for (const text of ['may I?', 'and I?'])
    await expect(say(server.url, name, text, text)).rejects.toThrow(/^202/)
  await page.getByRole('button', { name: '2 to look at' }).click()
  const through = page.getByRole('button', { name: 'Let through' })
  await through.first().waitFor()
  await expect.poll(() => away(through.first())).toBe(0)
  await through.first().press('Enter')
  await expect.poll(() => through.count()).toBe(1)
  // Where it was there is something to go on from, and nothing that another Enter would do.
  const focus = (): Promise<string | undefined> =>
    page.evaluate(() => document.activeElement?.tagName)
  await expect.poll(focus).toBe('UL')
})

test('the question before a room is closed comes into sight, and the focus stays with it', async () => {
  const { page } = await hostOf('hello')
  await openPanel(page, room)
  const close = page.getByRole('button', { name: 'Close the room for good' })
  await page.getByText('Nothing was reported').waitFor()
  await close.press('Enter')
  const cancel = page.getByRole('button', { name: 'Cancel' })
  await cancel.waitFor()
  await expect.poll(async () => [await away(cancel), await away(close)]).toEqual([0, 0])
  await cancel.press('Enter')
  await expect.poll(() => focused(page)).toBe('Close the room for good')
})

test('the pause that a host set is what a guest is told to wait for', async () => {
  const host = await person(browser)
  const name = await asHost(host.page, server.url, 'Ann')
  await openPanel(host.page, room)
  await host.page.getByLabel('Pause between two messages').selectOption('2 minutes')
  await host.page.getByText('Saved').waitFor()
  const { page } = await person(browser)
  await enter(page, `${server.url}/r/${name}`, 'Bob')
  await write(page, 'first')
  await page.locator('.row:not(.pending)', { hasText: 'first' }).waitFor()
  await write(page, 'second')
  await expect
    .poll(() => page.locator('.pending .state').innerText())
    .toMatch(/^The host has set a pause between messages\. Goes out in 1?\d\d? seconds/)
})

test('what a guest was writing when the room was closed can be copied', async () => {
  const { context, page } = await person(browser)
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const host = await person(browser)
  const name = await asHost(host.page, server.url, 'Ann')
  await enter(page, `${server.url}/r/${name}`, 'Bob')
  await page.locator('#composer').fill('half a thou')
  await openPanel(host.page, room)
  const close = host.page.getByRole('button', { name: 'Close the room for good' })
  await close.click()
  await close.click()
  await page.getByText('You were writing this.').waitFor()
  await page.locator('.unsent').getByRole('button', { name: 'Copy' }).click()
  await page.getByText('Copied').waitFor()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('half a thou')
})

describe('a private room', () => {
  test('opens by a link without first saying that it can not be opened', async () => {
    const host = await person(browser)
    const name = await asHost(host.page, server.url, 'Ann')
    await write(host.page, 'inside')
    await openPanel(host.page, room)
    await host.page.getByLabel('Reading').selectOption('Only people with a link')
    await host.page.getByText('Saved').waitFor()
    await host.page.getByRole('button', { name: 'Make a link' }).click()
    const link = await host.page.locator('.made input').inputValue()
    const { page } = await person(browser, devices.phone)
    await page.goto(link)
    const accept = page.getByRole('button', { name: 'Accept the invitation' })
    await accept.waitFor()
    expect(await page.getByText('can’t be opened').count()).toBe(0)
    const { width } = (await page.locator('.join').boundingBox())!
    expect(width).toBeGreaterThan(250)
    await accept.tap()
    await page.locator('.row', { hasText: 'inside' }).waitFor()
    // Who has only the address is not told that it will do.
    await page.getByRole('button', { name: 'Share' }).tap()
    await page.getByText('Its address alone opens nothing').waitFor()
    const stranger = await person(browser)
    await stranger.page.goto(`${server.url}/r/${name}`)
    await stranger.page.getByText('You need a link from the host').waitFor()
  })
})
