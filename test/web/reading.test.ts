// Reading and writing at once: what one says oneself, what others say, and where one is in it.
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { ask } from '../harness/ask.ts'
import { freePort, started } from '../harness/server.ts'
import { asHost, devices, enter, person, say, write, late, before } from './browser.ts'
import { setting } from './setting.ts'

const { browser, server, newRoom, address } = await setting('reading')

/** All that was to be drawn is. */
const drawn = (page: Page): Promise<unknown> =>
  page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
  )

/** The reader looks elsewhere. */
async function blur(page: Page): Promise<void> {
  await page.evaluate(() => {
    Object.defineProperty(document, 'hasFocus', { value: () => false, configurable: true })
    dispatchEvent(new Event('blur'))
  })
}

/** A room of 400 messages, opened around the 21st of them. */
async function inThePast(name?: string): Promise<{ readonly page: Page; readonly room: string }> {
  const room = newRoom()
  const ids: string[] = []
  for (let n = 0; n < 400; n++) ids.push((await say(server.url, room, `message ${n}`)).id)
  const { page } = await person(browser)
  await enter(page, `${address(room)}#m=${ids[20]}`, name)
  await page.locator('.row', { hasText: /message 20$/ }).waitFor()
  await late(page)
  return { page, room }
}

const inSight = (page: Page, text: string): Promise<boolean> =>
  page
    .locator('.row', { hasText: text })
    .last()
    .evaluate((row) => {
      const { top, bottom } = row.getBoundingClientRect()
      return top >= 0 && bottom <= innerHeight
    })

test('who reads the past sees what they say, without a network too, and is at the end once it is said', async () => {
  const { page } = await inThePast('Ada')
  await page.context().setOffline(true)
  await write(page, 'from the past')
  await page.locator('.row.pending', { hasText: 'from the past' }).waitFor()
  await expect.poll(() => inSight(page, 'from the past')).toBe(true)
  // Between what was said earlier and this there is more, which can't be had for now.
  await page.getByText('Newer messages could not be loaded.').waitFor()
  await page.getByRole('button', { name: 'Go to the newest messages' }).click()
  await page.locator('.toast span', { hasText: 'Newer messages could not be loaded.' }).waitFor()
  await page.context().setOffline(false)
  await page.locator('.row:not(.pending)', { hasText: 'from the past' }).waitFor()
  await page.locator('.row', { hasText: 'message 399' }).waitFor()
  await expect.poll(() => inSight(page, 'from the past')).toBe(true)
})

test('who reads the past is called all the same', async () => {
  const { page, room } = await inThePast('Ada')
  await blur(page)
  await say(server.url, room, 'are you there, @Ada?', 'Ben')
  await page.waitForFunction(() => document.title.startsWith('(1)'))
  await expect
    .poll(() => page.locator('link[rel=icon]').getAttribute('href'))
    .toBe('/icon-mention.svg')
  await page.locator('.announcer', { hasText: 'Ben: are you there' }).waitFor({ state: 'attached' })
})

test('older messages that are loaded are not new: only what is said since counts', async () => {
  const { page, room } = await inThePast()
  const pill = page.locator('.to-end')
  await pill.waitFor()
  const before = await page.locator('.row').count()
  await expect
    .poll(async () => {
      await page.locator('.scroller').evaluate((it) => (it.scrollTop += 600))
      return page.locator('.row').count()
    })
    .toBeGreaterThan(before)
  await expect.poll(() => pill.innerText()).toBe('Go to the newest messages')
  await say(server.url, room, 'said since')
  await expect.poll(() => pill.innerText()).toBe('1 new message')
})

test('after a server began anew, with less than there was, what comes is new as ever', async () => {
  const flags = ['--port', String(await freePort()), '--memory', '--limits', 'off']
  let own = await started(flags)
  const { url } = own
  try {
    for (const n of [1, 2, 3, 4, 5]) await say(url, 'anew', `old ${n}`)
    const { page } = await person(browser)
    await enter(page, `${url}/r/anew`, 'Ada')
    await late(page)
    await page.locator('.row', { hasText: 'old 5' }).waitFor()
    await blur(page)
    await own.stop('SIGKILL')
    own = await started(flags)
    await page.locator('.dot.live').waitFor()
    await say(url, 'anew', 'after it')
    await page.waitForFunction(() => document.title.startsWith('(1)'))
    await expect.poll(() => page.locator('.new + .row .text').innerText()).toBe('after it')
  } finally {
    await own.stop('SIGKILL')
  }
})

test('one’s own words from another tab are nothing new, and neither are those of a person who is hidden', async () => {
  const room = newRoom()
  const { context, page: one } = await person(browser)
  const other = await context.newPage()
  await enter(one, address(room), 'Ada')
  await say(server.url, room, 'to be hidden', 'Mallory')
  const row = one.locator('.row', { hasText: 'to be hidden' })
  await row.hover()
  await row.getByRole('button', { name: 'Actions for' }).click()
  await one.getByRole('menuitem', { name: 'Hide' }).click()
  // Who joined and hid somebody in one tab did so in each.
  await enter(other, address(room))
  await other.locator('#composer').waitFor()
  await late(other)
  await blur(other)
  await write(one, 'my own')
  await say(server.url, room, 'hidden', 'Mallory')
  await say(server.url, room, 'heard', 'Ben')
  await other.waitForFunction(() => document.title.startsWith('('))
  await expect.poll(() => other.title()).toMatch(/^\(1\)/)
  await other.locator('.new + .row', { hasText: 'heard' }).waitFor()
})

test('two tabs are one person: who joins in one has joined in the other, and a name is chosen for both', async () => {
  const room = newRoom()
  const { context, page: one } = await person(browser)
  const other = await context.newPage()
  await enter(other, address(room))
  await other.locator('#join-name').waitFor()
  await late(other)
  await enter(one, address(room), 'Ada')
  await late(one)
  await other.locator('#composer').waitFor()
  await write(one, '/name Bea')
  await expect
    .poll(() => one.evaluate((room) => localStorage.getItem(`hearsay:name:${room}`), room))
    .toBe('Bea')
  await write(other, 'from the other tab')
  await one.locator('.row', { hasText: 'from the other tab' }).waitFor()
  await one.locator('.row .name', { hasText: 'Bea' }).waitFor()
})

test.each([
  ['desk', devices.desk],
  ['phone', devices.phone],
] as const)('nothing moves when what one said is said, on a %s', async (_, device) => {
  const room = newRoom()
  const { page } = await person(browser, device)
  await enter(page, address(room), 'Ada')
  await late(page)
  await write(page, 'the first one')
  await page.locator('.row:not(.pending)', { hasText: 'the first one' }).waitFor()
  const text = 'the second one, which is long enough to take more than one line on a small screen'
  let answer = (): void => {}
  const isWanted = new Promise<void>((resolve) => (answer = resolve))
  await page.route(address(room), async (route) => {
    if (route.request().method() === 'POST') await isWanted
    await route.continue()
  })
  await write(page, text)
  await page.locator('.pending .going').waitFor()
  const places = (): Promise<number[]> =>
    page
      .locator('.row .text')
      .evaluateAll((all) => all.flatMap((it) => [it.getBoundingClientRect().top, it.clientHeight]))
  const before = await places()
  answer()
  await page.locator('.row:not(.pending)', { hasText: 'the second one' }).waitFor()
  expect(await places()).toEqual(before)
})

test('what is typed while an edit is on its way stays, and an edit that is refused is not lost', async () => {
  const room = newRoom()
  const { page } = await person(browser)
  await enter(page, address(room), 'Ada')
  await late(page)
  await write(page, 'one')
  await page.locator('.row:not(.pending)', { hasText: 'one' }).waitFor()
  let answer = (): void => {}
  let isWanted = new Promise<void>((resolve) => (answer = resolve))
  let isRefused = false
  await page.route(/\/messages\//, async (route) => {
    await isWanted
    await (isRefused ? route.fulfill({ status: 502, body: 'Bad Gateway' }) : route.continue())
  })
  const field = page.locator('#composer')
  const edit = async (text: string): Promise<void> => {
    await field.press('ArrowUp')
    await expect.poll(() => field.inputValue()).not.toBe('')
    await field.fill(text)
    await field.press('Enter')
  }
  await edit('two')
  await page.locator('.context', { hasText: 'Saving: two' }).waitFor()
  await field.pressSequentially('and the next message')
  answer()
  await page.locator('.row', { hasText: 'two' }).waitFor()
  await page.locator('.context', { hasText: 'Saving' }).waitFor({ state: 'detached' })
  await expect.poll(() => field.inputValue()).toBe('and the next message')
  await field.fill('')
  isRefused = true
  await edit('three')
  const refused = page.locator('.context', { hasText: 'three' })
  await refused.getByRole('button', { name: 'Edit' }).click()
  await expect.poll(() => field.inputValue()).toBe('three')
  await field.press('Enter')
  await refused.getByRole('button', { name: 'Edit' }).waitFor()
  isRefused = false
  await refused.getByRole('button', { name: 'Retry' }).click()
  await page.locator('.row', { hasText: 'three' }).waitFor()
  await refused.waitFor({ state: 'detached' })
})

test('what is being edited is still there when a room was locked and is open again', async () => {
  const { page: host } = await person(browser)
  const room = await asHost(host, server.url, 'Ada')
  const { page } = await person(browser)
  await enter(page, address(room), 'Ben')
  await late(page)
  await write(page, 'one')
  await page.locator('.row:not(.pending)', { hasText: 'one' }).waitFor()
  await page.locator('#composer').press('ArrowUp')
  await page.locator('#composer').fill('half of it')
  const secret = await host.evaluate(() => localStorage.getItem('hearsay:secret'))
  const lock = async (locked: boolean): Promise<void> => {
    const { status } = await ask(server.url, `/r/${room}/settings`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ locked }),
    })
    expect(status).toBe(200)
  }
  await lock(true)
  await page.locator('#composer').waitFor({ state: 'detached' })
  await lock(false)
  await page.locator('#composer').waitFor()
  await expect.poll(() => page.locator('#composer').inputValue()).toBe('half of it')
})

test('Up changes nothing while the last of one’s own messages is not said yet', async () => {
  const room = newRoom()
  const { page } = await person(browser)
  await enter(page, address(room), 'Ada')
  await late(page)
  await write(page, 'said')
  await page.locator('.row:not(.pending)', { hasText: 'said' }).waitFor()
  await page.context().setOffline(true)
  await write(page, 'not said yet')
  await page.locator('.pending', { hasText: 'not said yet' }).waitFor()
  await page.locator('#composer').press('ArrowUp')
  await expect.poll(() => page.locator('#composer').inputValue()).toBe('')
})

test('an answer keeps what it answers, and an edit its text, over a reload', async () => {
  const room = newRoom()
  await say(server.url, room, 'a question', 'Ben')
  const { page } = await person(browser)
  await enter(page, address(room), 'Ada')
  await late(page)
  await write(page, 'said')
  await page.locator('.row:not(.pending)', { hasText: /^.*said$/ }).waitFor()
  const field = page.locator('#composer')
  const asked = page.locator('.row', { hasText: 'a question' })
  await asked.hover()
  await asked.getByRole('button', { name: 'Actions for' }).click()
  await page.getByRole('menuitem', { name: 'Reply' }).click()
  await field.pressSequentially('half an answer')
  await page.reload()
  await page.locator('.context', { hasText: 'a question' }).waitFor()
  await expect.poll(() => field.inputValue()).toBe('half an answer')
  await page.getByRole('button', { name: 'Cancel reply' }).click()
  await field.fill('')
  await field.press('ArrowUp')
  await expect.poll(() => field.inputValue()).toBe('said')
  await field.fill('said better')
  await page.reload()
  await page.locator('.context', { hasText: 'Change your message' }).waitFor()
  await expect.poll(() => field.inputValue()).toBe('said better')
  await field.press('Enter')
  await page.locator('.row', { hasText: 'said better' }).waitFor()
  await page.reload()
  await late(page)
  await expect.poll(() => page.locator('.context').count()).toBe(0)
  await expect.poll(() => field.inputValue()).toBe('')
})

test('the text of an edit that was refused outlasts the removal of its message, and Up begins with what is not saved yet', async () => {
  const room = newRoom()
  const { page } = await person(browser)
  await enter(page, address(room), 'Ada')
  await late(page)
  await write(page, 'one')
  const row = page.locator('.row:not(.pending)', { hasText: 'one' })
  await row.waitFor()
  const id = (await row.getAttribute('id'))!.slice('m-'.length)
  let answer = (): void => {}
  const isWanted = new Promise<void>((resolve) => (answer = resolve))
  await page.route(/\/messages\//, async (route) => {
    if (route.request().method() !== 'PATCH') return route.continue()
    await isWanted
    await route.fulfill({ status: 502, body: 'Bad Gateway' })
  })
  const field = page.locator('#composer')
  await field.press('ArrowUp')
  await field.fill('one, corrected')
  await field.press('Enter')
  await page.locator('.context', { hasText: 'Saving' }).waitFor()
  await field.press('ArrowUp')
  await expect.poll(() => field.inputValue()).toBe('one, corrected')
  await field.press('Escape')
  answer()
  await page
    .locator('.context', { hasText: 'one, corrected' })
    .getByRole('button', { name: 'Edit' })
    .click()
  await expect.poll(() => field.inputValue()).toBe('one, corrected')
  const secret = await page.evaluate(() => localStorage.getItem('hearsay:secret'))
  const { status } = await ask(server.url, `/r/${room}/messages/${id}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${secret}` },
  })
  expect(status).toBeLessThan(300)
  await page.locator('.context').waitFor({ state: 'detached' })
  await expect.poll(() => field.inputValue()).toBe('one, corrected')
})

test('what two tabs reported is out of sight in both, and after a reload', async () => {
  const room = newRoom()
  for (const text of ['first lie', 'second lie']) await say(server.url, room, text, 'Mallory')
  const { context, page: one } = await person(browser)
  const other = await context.newPage()
  for (const page of [one, other]) {
    await enter(page, address(room))
    await late(page)
  }
  const report = async (page: Page, text: string): Promise<void> => {
    const row = page.locator('.row', { hasText: text })
    await row.hover()
    await row.getByRole('button', { name: 'Actions for' }).click()
    await page.getByRole('menuitem', { name: 'Report' }).click()
    await page.getByRole('button', { name: 'Report', exact: true }).click()
    await row.waitFor({ state: 'detached' })
  }
  await report(one, 'first lie')
  await other.locator('.row', { hasText: 'first lie' }).waitFor({ state: 'detached' })
  await report(other, 'second lie')
  await one.reload()
  await late(one)
  await one.locator('.row').nth(1).waitFor()
  await expect.poll(() => one.getByText('lie').count()).toBe(0)
})

test('the same words twice are read out twice; what was missed meanwhile is not read out', async () => {
  const room = newRoom()
  const { context, page } = await person(browser)
  await enter(page, address(room), 'Ada')
  await late(page)
  const told: string[] = []
  await page.exposeFunction('told', (words: string) => told.push(words))
  await page.evaluate(() => {
    const announcer = document.querySelector('.announcer')!
    const { told } = window as unknown as { readonly told: (words: string) => void }
    new MutationObserver(() => told(announcer.textContent)).observe(announcer, {
      ...{ childList: true, characterData: true, subtree: true },
    })
  })
  for (const n of [1, 2]) {
    await say(server.url, room, 'ok', 'Ben')
    await expect.poll(() => told.length).toBe(n)
  }
  expect(told.map((words) => words.trim())).toEqual(['Ben: ok', 'Ben: ok'])
  await context.setOffline(true)
  await page.evaluate(() => dispatchEvent(new Event('pageshow')))
  await page.locator('.dot:not(.live)').waitFor()
  for (const n of [1, 2, 3]) await say(server.url, room, `missed ${n}`, 'Ben')
  await context.setOffline(false)
  await page.locator('.row', { hasText: 'missed 3' }).waitFor()
  // What is said a while later is read out next.
  await expect
    .poll(
      async () => {
        await say(server.url, room, 'later', 'Ben')
        return told.length
      },
      { interval: 500 },
    )
    .toBeGreaterThan(2)
  expect(told[2]).toBe('Ben: later')
})

test('of two names that are chosen at once in two tabs one holds, for the others too', async () => {
  const room = newRoom()
  const { context, page: one } = await person(browser)
  const other = await context.newPage()
  await enter(one, address(room), 'Ada')
  await enter(other, address(room))
  for (const page of [one, other]) await late(page)
  const names = async (): Promise<string[]> => {
    const { people } = (await ask(server.url, `/r/${room}/people`)).json() as {
      readonly people: readonly { readonly name: string }[]
    }
    return people.map(({ name }) => name)
  }
  await expect.poll(names).toEqual(['Ada'])
  let answer = (): void => {}
  const isWanted = new Promise<void>((resolve) => (answer = resolve))
  await one.route(/\/name$/, async (route) => {
    await isWanted
    await route.continue()
  })
  const asked = one.waitForRequest(/\/name$/)
  await write(one, '/name Ann')
  await asked
  await write(other, '/name Bob')
  await expect.poll(names).toEqual(['Bob'])
  // The older choice comes to the server after the newer one.
  const older = one.waitForResponse(/\/name$/)
  answer()
  await older
  await expect.poll(names).toEqual(['Bob'])
  const said = one.locator('.row', { hasText: 'who am I?' })
  await write(one, 'who am I?')
  await said.waitFor()
  await expect.poll(() => said.locator('.name').innerText()).toBe('Bob')
  await expect.poll(() => names()).toEqual(['Bob'])
})

test('a long message that is opened at the end is read on from where it began, and closed it is in sight', async () => {
  const room = newRoom()
  for (let n = 0; n < 30; n++) await say(server.url, room, `before ${n}`)
  await say(server.url, room, Array.from({ length: 80 }, (_, n) => `line ${n}`).join('\n'))
  const { page } = await person(browser, devices.phone)
  await enter(page, address(room), 'Ada')
  await late(page)
  const row = page.locator('.row').last()
  const top = (): Promise<number> => row.evaluate((it) => it.getBoundingClientRect().top)
  const before = await top()
  await row.getByRole('button', { name: 'Show all of it' }).click()
  await row.locator('.text:not(.cut)').waitFor()
  await drawn(page)
  expect(Math.abs((await top()) - before)).toBeLessThanOrEqual(1)
  // What comes meanwhile does not take him away.
  await say(server.url, room, 'meanwhile')
  await page.locator('.row', { hasText: 'meanwhile' }).waitFor()
  const long = page.locator('.row', { hasText: 'line 79' })
  const place = (): Promise<number> => long.evaluate((it) => it.getBoundingClientRect().top)
  expect(Math.abs((await place()) - before)).toBeLessThanOrEqual(1)
  await long.getByRole('button', { name: 'Show less' }).click()
  await page.locator('.text.cut').waitFor()
  await expect
    .poll(() =>
      page
        .locator('.row', { has: page.locator('.text.cut') })
        .evaluate((it) => it.getBoundingClientRect().top >= 0),
    )
    .toBe(true)
})

test('a message that a link led to is in sight above the card by which one joins', async () => {
  const room = newRoom()
  const ids: string[] = []
  for (let n = 0; n < 120; n++) ids.push((await say(server.url, room, `message ${n}`)).id)
  const { page } = await person(browser, devices.phone)
  // Its mark is to be seen for as long as this takes.
  await page.clock.install()
  await page.goto(`${address(room)}#m=${ids[40]}`)
  await page.locator('.join .seal').waitFor()
  const row = page.locator('.row.marked')
  await row.waitFor()
  await expect
    .poll(() =>
      row.evaluate((it) => {
        const { top, bottom } = it.getBoundingClientRect()
        const list = it.closest('.scroller')!.getBoundingClientRect()
        const pill = document.querySelector('.to-end')?.getBoundingClientRect()
        return top >= list.top && bottom <= (pill?.top ?? list.bottom)
      }),
    )
    .toBe(true)
})

test('a language that is chosen in one tab is that of the others', async () => {
  const { context, page } = await person(browser)
  await enter(page, address(), 'Ada')
  const other = await context.newPage()
  await enter(other, address())
  await late(page)
  await late(other)
  await page.getByRole('button', { name: 'Menu' }).click()
  await page.getByRole('menuitem', { name: 'Settings' }).click()
  await page.getByLabel('Language').selectOption('Deutsch')
  await expect.poll(() => other.evaluate(() => document.documentElement.lang)).toBe('de')
  await other.getByRole('button', { name: 'Teilen' }).waitFor()
})

test('who missed more than is loaded is led to where it begins, too', async () => {
  const room = newRoom()
  const { id } = await say(server.url, room, 'seen')
  for (let n = 0; n < 120; n++) await say(server.url, room, n === 0 ? 'the first' : `missed ${n}`)
  const { page } = await person(browser)
  await before(page, ([key, seen]) => localStorage.setItem(key, seen), [
    `hearsay:seen:${room}`,
    id,
  ] as const)
  await enter(page, address(room), 'Ada')
  await page.locator('.row', { hasText: 'missed 119' }).waitFor()
  expect(await page.locator('.row', { hasText: 'the first' }).count()).toBe(0)
  const way = page.getByRole('button', { name: 'Go to the first new message' })
  await way.click()
  await page.locator('.new + .row', { hasText: 'the first' }).waitFor()
  await way.waitFor({ state: 'detached' })
})

test('who comes back to more than fits is led to where it begins, until that was in sight', async () => {
  const room = newRoom()
  const { page } = await person(browser, devices.phone)
  await enter(page, address(room), 'Ada')
  await say(server.url, room, 'seen')
  await page.locator('.row', { hasText: 'seen' }).waitFor()
  await late(page)
  await blur(page)
  for (let n = 0; n < 40; n++) await say(server.url, room, n === 0 ? 'ho @Ada' : `missed ${n}`)
  await page.locator('.row', { hasText: 'missed 39' }).waitFor()
  const way = page.getByRole('button', { name: 'Go to the first new message' })
  await way.waitFor()
  await page.evaluate(() => {
    Object.defineProperty(document, 'hasFocus', { value: () => true, configurable: true })
    dispatchEvent(new Event('focus'))
  })
  await way.tap()
  const mention = page.locator('.row', { hasText: 'ho @Ada' })
  await expect
    .poll(() => mention.evaluate((it) => it.getBoundingClientRect().bottom <= innerHeight))
    .toBe(true)
  await expect.poll(() => mention.evaluate((it) => it === document.activeElement)).toBe(true)
  await way.waitFor({ state: 'detached' })
  // Back at the end it has nothing to say any more.
  await page.locator('.to-end').tap()
  await page.locator('.to-end').waitFor({ state: 'detached' })
  await drawn(page)
  await drawn(page)
  expect(await way.count()).toBe(0)
})
