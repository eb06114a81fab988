import { hash } from 'node:crypto'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { ask } from '../harness/ask.ts'
import { asHost, enter, late, openPanel, person, say, write } from './browser.ts'
import { setting } from './setting.ts'

const { browser, server, newRoom } = await setting('actions')

/** The row of a message that was said. */
const rowOf = (page: Page, text: string): ReturnType<Page['locator']> =>
  page.locator('.row:not(.pending)', { hasText: text })

async function openMenu(page: Page, text: string): Promise<void> {
  // The keys of a row come with what comes late.
  await late(page)
  await rowOf(page, text).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('menu').waitFor()
}

/** By a call, as the person that goes with the name. */
async function does(name: string, method: string, path: string): Promise<void> {
  const authorization = `Bearer ${hash('sha256', `secret of ${name}`, 'base64url')}`
  const { status, text } = await ask(server.url, path, { method, headers: { authorization } })
  expect(status, text).toBeLessThan(300)
}

test('where one may not write nothing is offered that would be: no answer, no edit, no reaction', async () => {
  const [host, guest] = [await person(browser), await person(browser)]
  const room = await asHost(host.page, server.url, 'Ann')
  await enter(guest.page, `${server.url}/r/${room}`, 'Bob')
  await write(guest.page, 'from Bob')
  await write(host.page, 'from Ann')
  await openMenu(host.page, 'from Bob')
  await host.page.getByRole('menuitem', { name: 'React with 👍' }).click()
  await guest.page.getByRole('button', { name: '👍: 1 person' }).waitFor()
  await openPanel(host.page, 'Look after this room')
  await openMenu(guest.page, 'from Bob')
  const offered = (name: string): Promise<number> =>
    guest.page.getByRole('menuitem', { name }).count()
  await expect
    .poll(async () => [await offered('Reply'), await offered('Edit'), await offered('React')])
    .toEqual([1, 1, 6])
  await host.page.getByLabel('Lock: nobody writes').check()
  // Where the menu is open already, too.
  await guest.page.getByRole('menuitem', { name: 'Reply' }).waitFor({ state: 'detached' })
  await expect.poll(async () => [await offered('Edit'), await offered('React')]).toEqual([0, 0])
  await expect
    .poll(async () => [await offered('Copy text'), await offered('Delete')])
    .toEqual([1, 1])
  await guest.page.getByRole('img', { name: '👍: 1 person' }).waitFor()
  await expect.poll(() => guest.page.locator('button.reaction').count()).toBe(0)
  await expect.poll(() => host.page.locator('button.reaction').count()).toBe(1)
})

test('who only reads sees reactions and presses none, until he joined', async () => {
  const room = newRoom()
  const { id } = await say(server.url, room, 'hello')
  const at = `/r/${room}/messages/${encodeURIComponent(id)}/reactions/${encodeURIComponent('👍')}`
  await does('Jonas', 'PUT', at)
  const { page } = await person(browser)
  await enter(page, `${server.url}/r/${room}`)
  await page.getByRole('img', { name: '👍: 1 person' }).waitFor()
  await expect.poll(() => page.locator('button.reaction').count()).toBe(0)
  await enter(page, `${server.url}/r/${room}`, 'Ada')
  await page.getByRole('button', { name: '👍: 1 person' }).click()
  await page.getByRole('button', { name: '👍: 2 people' }).waitFor()
})

test('what is removed while one changes it: that is told, and what was written stays for a message of its own', async () => {
  const [first, room] = [await person(browser), newRoom()]
  await enter(first.page, `${server.url}/r/${room}`, 'Ada')
  await write(first.page, 'mine')
  await rowOf(first.page, 'mine').waitFor()
  const second = await first.context.newPage()
  await second.goto(`${server.url}/r/${room}`)
  await second.locator('#composer').waitFor()
  const field = first.page.locator('#composer')
  await field.press('ArrowUp')
  await field.fill('mine, and more')
  await openMenu(second, 'mine')
  await second.getByRole('menuitem', { name: 'Delete' }).click()
  await second.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await first.page.locator('.toast span', { hasText: 'removed by its author' }).waitFor()
  await expect.poll(() => first.page.locator('.context').count()).toBe(0)
  await expect.poll(() => field.inputValue()).toBe('mine, and more')
  await field.press('Enter')
  await rowOf(first.page, 'mine, and more').waitFor()
})

test('what is removed while one answers it is not quoted any more', async () => {
  const room = newRoom()
  const { id } = await say(server.url, room, 'words to be removed')
  const { page } = await person(browser)
  await enter(page, `${server.url}/r/${room}`, 'Ada')
  await openMenu(page, 'words to be removed')
  await page.getByRole('menuitem', { name: 'Reply' }).click()
  await page.locator('#composer').fill('an answer')
  await does('Mira', 'DELETE', `/r/${room}/messages/${encodeURIComponent(id)}`)
  await page.locator('.toast span', { hasText: 'removed by its author' }).waitFor()
  await expect.poll(() => page.locator('.context').count()).toBe(0)
  await expect.poll(() => page.getByText('words to be removed').count()).toBe(0)
  await expect.poll(() => page.locator('#composer').inputValue()).toBe('an answer')
})

test('the menu of a message closes when that is removed, and the focus is on its row', async () => {
  const room = newRoom()
  const { id } = await say(server.url, room, 'words to be removed')
  await say(server.url, room, 'others')
  const { page } = await person(browser)
  await enter(page, `${server.url}/r/${room}`, 'Ada')
  await openMenu(page, 'words to be removed')
  await does('Mira', 'DELETE', `/r/${room}/messages/${encodeURIComponent(id)}`)
  await page.getByRole('menu').waitFor({ state: 'detached' })
  await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe(`m-${id}`)
})

/** What has the focus, in words. */
const focused = (page: Page): Promise<string | undefined> =>
  page.evaluate(() => {
    const it = document.activeElement
    return it?.getAttribute('aria-label') ?? (it as HTMLElement | null)?.innerText
  })

test('on the first page the focus goes to what comes in the place of what had it', async () => {
  const { page } = await person(browser)
  const [one, two] = [newRoom(), newRoom()]
  for (const room of [one, two]) await enter(page, `${server.url}/r/${room}`, 'Ada')
  await page.goto(server.url)
  await page.getByRole('button', { name: two }).press('Enter')
  await page.getByRole('button', { name: two }).waitFor({ state: 'detached' })
  await expect.poll(() => focused(page)).toContain(one)
  await page.keyboard.press('Enter')
  await page.locator('.recent').waitFor({ state: 'detached' })
  await expect.poll(() => focused(page)).toBe('What this server keeps')
  // Where no room can be made the button keeps it.
  await page.route('**/rooms', (route) => route.abort())
  const make = page.getByRole('button', { name: 'Make a new room' })
  await make.press('Enter')
  await page.getByRole('status').waitFor()
  await expect.poll(() => focused(page)).toBe('Make a new room')
  await page.unroute('**/rooms')
  await make.press('Enter')
  await page.getByText('Your room is ready').waitFor()
  await expect.poll(() => focused(page)).toBe('Your room is ready')
})

test('who is put out has the focus on why, and who is let in again where one writes', async () => {
  const [host, guest] = [await person(browser), await person(browser)]
  const room = await asHost(host.page, server.url, 'Ann')
  await enter(guest.page, `${server.url}/r/${room}`, 'Bob')
  await write(guest.page, 'from Bob')
  await guest.page.locator('#composer').fill('half written')
  await openPanel(host.page, 'Look after this room')
  const reading = host.page.getByLabel('Reading')
  await reading.selectOption('Only people with a link')
  const refusal = guest.page.locator('.refusal')
  await refusal.waitFor()
  const heading = await refusal.locator('h2').innerText()
  await expect.poll(() => focused(guest.page)).toBe(heading)
  const isOpen = host.page.waitForResponse((answer) => answer.request().method() === 'PATCH')
  await reading.selectOption('Everyone with the address')
  await isOpen
  await refusal.getByRole('button', { name: 'Try again' }).press('Enter')
  await guest.page.locator('#composer').waitFor()
  await expect.poll(() => guest.page.evaluate(() => document.activeElement?.id)).toBe('composer')
})

test('a switch of the host’s that the server refused shows what is', async () => {
  const { page } = await person(browser)
  const room = await asHost(page, server.url)
  await openPanel(page, 'Look after this room')
  const contacts = page.getByLabel('Phone numbers and addresses wait, too')
  await contacts.waitFor()
  const filter = new RegExp(`/r/${room}/filter$`)
  await page.route(filter, (route) =>
    route.request().method() === 'PUT' ? route.fulfill({ status: 503 }) : route.continue(),
  )
  await contacts.click()
  await page.locator('.problem').waitFor()
  await expect.poll(() => contacts.isChecked()).toBe(false)
  await page.unroute(filter)
  await contacts.click()
  await page.locator('.problem').waitFor({ state: 'detached' })
  await expect.poll(() => contacts.isChecked()).toBe(true)
})
