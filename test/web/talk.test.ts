import type { Browser, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { ask, bearer } from '../harness/ask.ts'
import {
  asHost,
  devices,
  enter,
  giveTitle,
  launchWhole,
  person,
  say,
  write,
  late,
} from './browser.ts'
import { setting } from './setting.ts'

const { browser, server, newRoom, address } = await setting('talk', [], launchWhole)

async function open1(options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
  return (await person(browser, options)).page
}

test('two people talk, each sees both, and whose is whose', async () => {
  const room = newRoom()
  const ada = await open1()
  const ben = await open1({ ...devices.phone })
  await enter(ada, address(room), 'Ada')
  await enter(ben, address(room), 'Ben')
  await write(ada, 'Hello **Ben**')
  await ben.locator('.row', { hasText: 'Hello Ben' }).waitFor()
  await expect.poll(() => ben.locator('.row .text strong').textContent()).toBe('Ben')
  // On a phone Enter begins a line and the button sends.
  await ben.locator('#composer').fill('Hello')
  await ben.locator('#composer').press('Enter')
  await ben.locator('#composer').pressSequentially('Ada')
  await expect.poll(() => ben.locator('#composer').inputValue()).toBe('Hello\nAda')
  await ben.getByRole('button', { name: 'Send' }).tap()
  await ada.locator('.row', { hasText: 'Ada' }).last().waitFor()
  await ada.locator('.row .name', { hasText: 'Ben' }).waitFor()
  await expect.poll(() => ada.locator('.row.mine').count()).toBe(1)
  await expect.poll(() => ben.locator('.row.mine').count()).toBe(1)
  await expect.poll(() => ben.locator('#composer').inputValue()).toBe('')
})

test('a message is in the list at once, and is never said twice however often Enter is pressed', async () => {
  const room = newRoom()
  const page = await open1()
  await enter(page, address(room), 'Ada')
  await page.locator('#composer').fill('once')
  await page.evaluate(() => {
    const field = document.querySelector('#composer') as HTMLTextAreaElement
    for (let press = 0; press < 5; press++) {
      field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }))
    }
  })
  await page.locator('.row:not(.pending)', { hasText: 'once' }).waitFor()
  await write(page, 'then this')
  await page.locator('.row:not(.pending)', { hasText: 'then this' }).waitFor()
  await expect.poll(() => page.locator('.row').count()).toBe(2)
})

test('what is typed in the very moment after Enter is another message, also where the first was looked at for numbers', async () => {
  const page = await open1()
  await enter(page, address(newRoom()), 'Ada')
  // The code that looks is loaded once the page has nothing better to do, as what sets the title is.
  await page.waitForFunction(() => document.title.includes('·'))
  await page.evaluate(() => {
    const field = document.querySelector('#composer') as HTMLTextAreaElement
    for (const text of ['at 7', 'no, at 8', 'bring 3 chairs']) {
      field.value = text
      field.dispatchEvent(new InputEvent('input', { bubbles: true }))
      field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }))
    }
  })
  await page.locator('.row:not(.pending)', { hasText: 'bring 3 chairs' }).waitFor()
  await expect
    .poll(() => page.locator('.row .text').allTextContents())
    .toEqual(['at 7', 'no, at 8', 'bring 3 chairs'])
})

/** The page goes out of sight or comes back, as by another tab. */
const show = (page: Page, visibilityState: 'visible' | 'hidden'): Promise<void> =>
  page.evaluate((state) => {
    Object.defineProperty(document, 'visibilityState', { value: state, configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))
  }, visibilityState)

test('whoever is hidden is not read aloud, does not count, and is not seen to type', async () => {
  const room = newRoom()
  const ada = await open1()
  const pest = await open1()
  await enter(ada, address(room), 'Ada')
  await enter(pest, address(room), 'Pest')
  await write(pest, 'first')
  await ada.locator('.announcer', { hasText: 'Pest: first' }).waitFor({ state: 'attached' })
  const heard: string[] = []
  await ada.exposeFunction('heard', (words: string) => heard.push(words))
  await ada.evaluate(() => {
    const announcer = document.querySelector('.announcer')!
    const tell = (globalThis as unknown as { heard: (words: string) => void }).heard
    new MutationObserver(() => tell(announcer.textContent)).observe(announcer, {
      childList: true,
      characterData: true,
      subtree: true,
    })
  })
  await ada.locator('.row .row-more').click()
  await ada.getByRole('menuitem', { name: 'Hide this person' }).click()
  await ada.locator('.gone').waitFor()
  await show(ada, 'hidden')
  await write(pest, '@Ada nasty')
  await pest.locator('.row:not(.pending)', { hasText: 'nasty' }).waitFor()
  await pest.locator('#composer').pressSequentially('and')
  const mira = 'Mira'
  await say(server.url, room, 'hello', mira)
  await ada.locator('.announcer', { hasText: 'Mira: hello' }).waitFor({ state: 'attached' })
  await ada.waitForFunction(() => document.title.startsWith('(1)'))
  expect(heard.join()).not.toContain('Pest')
  await expect
    .poll(() => ada.locator('link[rel=icon]').getAttribute('href'))
    .toBe('/icon-unread.svg')
  await expect.poll(() => ada.locator('.typing').innerText()).toBe('')
})

test('who stops writing is seen to stop, and whose pages are all out of sight is seen to be away', async () => {
  const room = newRoom()
  const ada = await open1()
  const ben = await open1()
  await ada.clock.install()
  await enter(ada, address(room), 'Ada')
  await enter(ben, address(room), 'Ben')
  await write(ben, 'hi')
  await write(ada, 'hello')
  await ada.locator('.row:not(.pending)', { hasText: 'hello' }).waitFor()
  const watches = (page: Page): Promise<unknown> =>
    page.waitForFunction(() => document.title.includes('·'))
  await watches(ada)
  const typing = ben.locator('.typing', { hasText: 'Ada' })
  await ada.locator('#composer').pressSequentially('but')
  await typing.waitFor()
  const told = ada.waitForRequest((it) => it.method() === 'DELETE' && it.url().endsWith('/typing'))
  await ada.locator('#composer').blur()
  await told
  await typing.waitFor({ state: 'detached' })

  await ben.locator('.link.count').click()
  const away = ben.locator('.people li', { hasText: 'Ada' }).getByText('away', { exact: true })
  await ben.locator('.people li', { hasText: 'Ada' }).waitFor()
  const other = await ada.context().newPage()
  await enter(other, address(room))
  await watches(other)
  const words: string[] = []
  ada.context().on('request', (it) => {
    if (it.url().endsWith('/away')) words.push(it.method())
  })
  // One clock for both.
  await show(ada, 'hidden')
  await ada.clock.runFor(8000)
  await show(other, 'hidden')
  await ada.clock.runFor(4000)
  // The other page was in sight, and then not for long enough. A word on its way would be here by now.
  await ada.evaluate(() => fetch('/healthz'))
  expect(words).toEqual([])
  await ada.clock.runFor(6000)
  await away.waitFor()
  expect(new Set(words)).toEqual(new Set(['PUT']))
  await show(ada, 'visible')
  await away.waitFor({ state: 'detached' })
  expect(words.at(-1)).toBe('DELETE')
  // Who comes later finds those who are here.
  const eve = await open1()
  await enter(eve, address(room))
  await eve.locator('.link.count').click()
  for (const name of ['Ada', 'Ben']) await eve.locator('.people li', { hasText: name }).waitFor()
})

test('whoever is put out in mid-conversation is told so, and nothing of the room that is over for them', async () => {
  const host = await open1()
  const ada = await open1()
  const room = await asHost(host, server.url)
  await enter(ada, address(room), 'Ada')
  await write(ada, 'hello')
  await ada.locator('.count').waitFor()
  await host.locator('.row', { hasText: 'hello' }).locator('.row-more').click()
  await host.getByRole('menuitem', { name: 'Ban …' }).click()
  await host.getByRole('dialog').getByRole('button', { name: 'Ban', exact: true }).click()
  await ada.getByText('The host has removed you from this room.').waitFor()
  await ada.locator('.dot.refused').waitFor()
  await expect.poll(() => ada.locator('.count').count()).toBe(0)
})

test('who is writing is a sentence without gaps', async () => {
  const room = newRoom()
  const page = await open1()
  await enter(page, address(room), 'Ada')
  await late(page)
  for (const who of ['one', 'two', 'three']) {
    await ask(server.url, `/r/${room}/typing`, { method: 'POST', headers: bearer(who) })
  }
  await page.locator('.typing', { hasText: 'other' }).waitFor()
  const gap = await page.evaluate(() => {
    const name = document.querySelector('.typing bdi') as HTMLElement
    const after = document.createRange()
    after.setStart(name.nextSibling as Text, 0)
    after.setEnd(name.nextSibling as Text, 1)
    return after.getBoundingClientRect().left - name.getBoundingClientRect().right
  })
  expect(Math.abs(gap)).toBeLessThan(1)
})

test('the name that one joins with is the one that others see, before anything is said and after another is taken', async () => {
  const room = newRoom()
  const [ada, bea] = [await open1(), await open1()]
  await enter(ada, address(room), 'Ada')
  await enter(bea, address(room), 'Bea')
  await ada.getByRole('button', { name: 'People' }).click()
  const people = ada.locator('.side')
  await people.getByText('Bea', { exact: true }).waitFor()
  await bea.locator('#composer').pressSequentially('he')
  await ada.locator('.typing', { hasText: 'Bea is typing' }).waitFor()
  await write(bea, '/name Bea  Lee')
  await bea.getByText('You go by “Bea Lee” here now.').waitFor()
  await people.getByText('Bea Lee', { exact: true }).waitFor()
  await bea.reload()
  await bea.locator('#composer').waitFor()
  await people.getByText('Bea Lee', { exact: true }).waitFor()
  // It goes no further than this room.
  const elsewhere = newRoom()
  await bea.goto(address(elsewhere))
  await bea.locator('.dot.live').waitFor()
  const { people: there } = (await ask(server.url, `/r/${elsewhere}/people`)).json()
  expect(there).toHaveLength(1)
  expect(JSON.stringify(there)).not.toContain('Bea')
})

test('a name that is taken in one tab is that of the others, and none of them takes it back', async () => {
  const room = newRoom()
  const one = await open1()
  await enter(one, address(room), 'Ada')
  const two = await one.context().newPage()
  await two.goto(address(room))
  await late(two)
  await write(one, '/name Bea')
  await one.getByText('You go by “Bea” here now.').waitFor()
  await two.getByRole('button', { name: 'People' }).click()
  await two.locator('.side').getByText('Bea', { exact: true }).waitFor()
  await write(two, 'from the other tab')
  await one.locator('.mine:not(.pending)', { hasText: 'from the other tab' }).waitFor()
  const { messages } = (await ask(server.url, `/r/${room}/messages`)).json()
  expect(messages).toMatchObject([{ from: { name: 'Bea' } }])
})

test('a name that can’t be used is refused where it is typed, with why', async () => {
  const page = await open1()
  await enter(page, address(newRoom()))
  await late(page)
  const reserved = 'That name is kept for whoever runs the server or looks after a room.'
  const bad = 'A name has 1 to 32 visible characters.'
  const field = page.getByLabel('Your name here')
  for (const [name, why] of [
    ['Host', reserved],
    ['\u200b\u200b', bad],
    ['x'.repeat(33), bad],
  ] as const) {
    await field.fill(name)
    await field.press('Enter')
    await page.locator('.join').getByText(why).waitFor()
    await expect.poll(() => page.locator('#composer').count()).toBe(0)
  }
  await field.fill('Bea')
  await field.press('Enter')
  for (const [name, why] of [
    ['Admin', reserved],
    ['x'.repeat(60), bad],
  ] as const) {
    await write(page, `/name ${name}`)
    await page.locator('.composer').getByText(why).waitFor()
  }
  await page.locator('#composer').fill('')
  await write(page, 'hello')
  await page.locator('.mine:not(.pending)', { hasText: 'hello' }).waitFor()
  await expect.poll(() => page.locator('.mine .name').first().innerText()).toContain('Bea')
})

test('what was refused for its name is said under another one at the next try', async () => {
  const page = await open1()
  await enter(page, address(newRoom()), 'Ada')
  await late(page)
  // Only the server's table of letters knows it.
  await write(page, '/name \u0430dm\u0456n')
  await page.getByText('That name is kept for whoever runs').first().waitFor()
  await write(page, 'hello')
  const failed = page.locator('.pending.failed')
  await failed.getByText('That name is kept for whoever runs').waitFor()
  await write(page, '/name Bea')
  await failed.getByRole('button', { name: 'Retry' }).click()
  await page.locator('.mine:not(.pending)', { hasText: 'hello' }).waitFor()
  await expect.poll(() => page.locator('.mine .name').first().innerText()).toContain('Bea')
})

test('while an input method composes, Enter sends nothing', async () => {
  const page = await open1()
  await enter(page, address(newRoom()), 'Ada')
  await page.locator('#composer').fill('にほん')
  await page.evaluate(() => {
    const field = document.querySelector('#composer') as HTMLTextAreaElement
    field.dispatchEvent(
      new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true }),
    )
  })
  await expect.poll(() => page.locator('#composer').inputValue()).toBe('にほん')
  await expect.poll(() => page.locator('.row').count()).toBe(0)
})

test('one stays at the end; away from it nothing moves, and a button counts what came', async () => {
  const room = newRoom()
  for (let n = 0; n < 60; n++) await say(server.url, room, `message ${n}`)
  const page = await open1()
  await enter(page, address(room))
  await page.locator('.row', { hasText: 'message 59' }).waitFor()
  const gap = (): Promise<number> =>
    page.locator('.scroller').evaluate((it) => it.scrollHeight - it.scrollTop - it.clientHeight)
  await expect.poll(() => gap()).toBeLessThan(2)
  await say(server.url, room, 'a new one')
  // It is read aloud too, by another element: it is the list that is looked at.
  await page.locator('.row').getByText('a new one').waitFor()
  await expect.poll(gap).toBeLessThan(2)
  await page.locator('.scroller').evaluate((it) => (it.scrollTop = 400))
  await page.locator('.to-end').waitFor()
  // Older ones may still come in above it.
  await page.getByText('Start of').waitFor({ state: 'attached' })
  const seen = page.locator('.row', { hasText: 'message 35' })
  const place = async (): Promise<number> => (await seen.boundingBox())!.y
  const before = await place()
  for (const n of [1, 2, 3]) await say(server.url, room, `unseen ${n}`)
  const pill = page.getByRole('button', { name: '3 new messages' })
  await pill.waitFor()
  expect(Math.abs((await place()) - before)).toBeLessThanOrEqual(1)
  await pill.click()
  await expect.poll(() => gap()).toBeLessThan(2)
  await page.locator('.to-end').waitFor({ state: 'detached' })
})

test('a link to a message opens around it and marks it, and the end is one click away', async () => {
  const room = newRoom()
  const ids: string[] = []
  for (let n = 0; n < 150; n++) ids.push((await say(server.url, room, `message ${n}`)).id)
  const page = await open1()
  await enter(page, `${address(room)}#m=${ids[20]}`)
  await page.locator('.row.marked', { hasText: 'message 20' }).waitFor()
  const isInSight = (): Promise<boolean> =>
    page.locator(`[id="m-${ids[20]}"]`).evaluate((row) => {
      const { top, bottom } = row.getBoundingClientRect()
      return top > 0 && bottom < innerHeight
    })
  // It is marked when it is drawn, and brought into sight after that.
  await expect.poll(isInSight, { timeout: 20_000 }).toBe(true)
  await page.locator('.to-end').click()
  await page.locator('.row', { hasText: 'message 149' }).waitFor()
})

test('who comes to the end of what is loaded stays there when more of it comes', async () => {
  const room = newRoom()
  const ids: string[] = []
  for (let n = 0; n < 150; n++) ids.push((await say(server.url, room, `message ${n}`)).id)
  const page = await open1()
  let answer = (): void => {}
  const isWanted = new Promise<void>((resolve) => (answer = resolve))
  await page.route(/messages\?after=/, async (route) => {
    await isWanted
    await route.continue()
  })
  await enter(page, `${address(room)}#m=${ids[20]}`)
  await page.locator('.row.marked', { hasText: 'message 20' }).waitFor()
  const last = await page.evaluate(() => {
    const box = document.querySelector('.scroller') as HTMLElement
    box.scrollTop = box.scrollHeight
    return [...document.querySelectorAll('.row')].at(-1)!.id
  })
  await page.evaluate(
    () => new Promise((frame) => requestAnimationFrame(() => requestAnimationFrame(frame))),
  )
  answer()
  await page.waitForFunction((id) => [...document.querySelectorAll('.row')].at(-1)!.id !== id, last)
  const isInSight = (): Promise<boolean> =>
    page.locator(`[id="${last}"]`).evaluate((row) => {
      const { top, bottom } = row.getBoundingClientRect()
      return top > 0 && bottom < innerHeight
    })
  await expect.poll(() => isInSight()).toBe(true)
})

test('what was not seen is counted in the title and marked by a line, until it is seen', async () => {
  const room = newRoom()
  await say(server.url, room, 'seen')
  const page = await open1()
  await enter(page, address(room), 'Ada')
  await page.locator('.row', { hasText: /seen$/ }).waitFor()
  await page.waitForFunction(() => document.title.includes('·'))
  await page.evaluate(() => {
    Object.defineProperty(document, 'hasFocus', { value: () => false, configurable: true })
    dispatchEvent(new Event('blur'))
  })
  await say(server.url, room, 'unseen one')
  await say(server.url, room, 'unseen two, @Ada')
  await page.waitForFunction(() => document.title.startsWith('(2)'))
  await expect
    .poll(() => page.locator('link[rel=icon]').getAttribute('href'))
    .toBe('/icon-mention.svg')
  await expect.poll(() => page.locator('.new').count()).toBe(1)
  await expect.poll(() => page.locator('.new + .row').textContent()).toContain('unseen one')
  await page.evaluate(() => {
    Object.defineProperty(document, 'hasFocus', { value: () => true })
    dispatchEvent(new Event('focus'))
  })
  await page.waitForFunction(() => !document.title.startsWith('('))
  await expect.poll(() => page.locator('.new').count()).toBe(1)
  await write(page, 'seen all')
  await page.locator('.new').waitFor({ state: 'detached' })
})

test('what is seen in one tab is unread in no other', async () => {
  const room = newRoom()
  const { context, page: back } = await person(browser)
  const front = await context.newPage()
  await back.addInitScript(() => {
    Object.defineProperty(document, 'hasFocus', { value: () => false })
  })
  await enter(back, address(room), 'Ada')
  await enter(front, address(room))
  await front.bringToFront()
  for (const page of [back, front]) await page.waitForFunction(() => document.title.includes('·'))
  const titles: string[] = []
  await back.exposeFunction('told', (title: string) => titles.push(title))
  await back.evaluate(() => {
    const { told } = window as unknown as { readonly told: (title: string) => void }
    new MutationObserver(() => told(document.title)).observe(document.head, {
      ...{ childList: true, characterData: true, subtree: true },
    })
  })
  await say(server.url, room, 'seen in front')
  await expect
    .poll(() => titles.map((title) => title.slice(0, 3)))
    .toEqual(['(1)', room.slice(0, 3)])
})

test('the list is one stop of the Tab key: arrows move in it, Enter opens the actions, Esc gives back', async () => {
  const room = newRoom()
  for (const n of [1, 2, 3]) await say(server.url, room, `message ${n}`)
  const page = await open1()
  await enter(page, address(room), 'Ada')
  await page.locator('.row', { hasText: 'message 3' }).waitFor()
  await expect.poll(() => page.locator('.row[tabindex="0"]').count()).toBe(1)
  await page.locator('.row[tabindex="0"]').focus()
  await page.keyboard.press('ArrowUp')
  await expect
    .poll(() => page.evaluate(() => document.activeElement?.textContent))
    .toContain('message 2')
  await page.keyboard.press('Enter')
  await page.getByRole('menu').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('menu').waitFor({ state: 'detached' })
  await expect
    .poll(() => page.evaluate(() => document.activeElement?.textContent))
    .toContain('message 2')
  // A message that comes takes no focus.
  await say(server.url, room, 'message 4')
  await page.locator('.row', { hasText: 'message 4' }).waitFor()
  await expect
    .poll(() => page.evaluate(() => document.activeElement?.textContent))
    .toContain('message 2')
})

test('a draft outlives a reload; an unknown command is not posted; two slashes are one', async () => {
  const room = newRoom()
  const page = await open1()
  await enter(page, address(room), 'Ada')
  await page.locator('#composer').fill('half a thought')
  await page.reload()
  await page.locator('#composer').waitFor()
  await expect.poll(() => page.locator('#composer').inputValue()).toBe('half a thought')
  await write(page, '/frobnicate')
  await page.getByText('There is no command /frobnicate').waitFor()
  await expect.poll(() => page.locator('.row').count()).toBe(0)
  await write(page, '//slash')
  await page.locator('.row .text', { hasText: /^\/slash$/ }).waitFor()
})

test('new messages are announced, one by one or by number; own ones and history are not', async () => {
  const room = newRoom()
  await say(server.url, room, 'history')
  const page = await open1()
  await enter(page, address(room), 'Ada')
  await page.locator('.row', { hasText: 'history' }).waitFor()
  await late(page)
  await page.evaluate(() => {
    const said: string[] = []
    Object.assign(window, { said })
    new MutationObserver(() => {
      said.push(document.querySelector('.announcer')?.textContent ?? '')
    }).observe(document.querySelector('.announcer') as Element, {
      childList: true,
      characterData: true,
      subtree: true,
    })
  })
  await write(page, 'my own')
  await page.locator('.row:not(.pending)', { hasText: 'my own' }).waitFor()
  await say(server.url, room, 'hello')
  await page.waitForFunction(() =>
    (window as never as { said: string[] }).said.includes('Mira: hello'),
  )
  await Promise.all([1, 2, 3, 4, 5, 6].map((n) => say(server.url, room, `burst ${n}`)))
  await page.waitForFunction(() =>
    /[2-6] new messages/.test((window as never as { said: string[] }).said.at(-1) ?? ''),
  )
  const said = await page.evaluate(() => (window as never as { said: string[] }).said)
  expect(said.join('\n')).not.toMatch(/history|my own/)
})

test('what a host sets before anything is said is no older message that was removed', async () => {
  const page = await open1()
  const room = await asHost(page, server.url)
  await giveTitle(page, 'Bread club')
  await page.keyboard.press('Escape')
  await write(page, 'the first of all')
  await page.getByText(`Start of ${room}`).waitFor()
  await page.reload()
  await page.getByText(`Start of ${room}`).waitFor()
  await expect.poll(() => page.getByText('Older messages were removed').count()).toBe(0)
})

test('a room goes by its host’s title in the card that one joins with and in the tab', async () => {
  const [ada, bea] = [await open1(), await open1()]
  const room = await asHost(ada, server.url)
  await bea.goto(address(room))
  const join = bea.locator('.join h2')
  await join.getByText(room).waitFor()
  await bea.waitForFunction((name) => document.title === `${name} · Hearsay`, room)
  await giveTitle(ada, 'Bread club')
  await join.getByText('Bread club').waitFor()
  await bea.waitForFunction(() => document.title === 'Bread club · Hearsay')
  await expect.poll(() => join.innerText()).toBe('You are joining Bread club')
})

test('what one reported stays out of sight after a reload, until one shows it again', async () => {
  const room = newRoom()
  await say(server.url, room, 'something bad')
  const page = await open1()
  await enter(page, address(room), 'Ada')
  await late(page)
  await page.locator('.row', { hasText: 'something bad' }).locator('.row-more').click()
  await page.getByRole('menuitem', { name: 'Report' }).click()
  await page.getByRole('button', { name: 'Report', exact: true }).click()
  const bad = page.getByText('something bad')
  const show = page.locator('.row').getByRole('button', { name: 'Show' })
  await show.waitFor()
  // The dialog goes out of the history, as the back button would have it.
  await page.waitForFunction(() => !history.state?.dialog)
  await page.reload()
  await show.waitFor()
  await expect.poll(() => bad.count()).toBe(0)
  await show.click()
  await bad.waitFor()
  await page.reload()
  await bad.waitFor()
})

test('a command that is written in full is done at the first Enter', async () => {
  const page = await open1()
  await enter(page, address(newRoom()), 'Ada')
  const field = page.locator('#composer')
  await field.pressSequentially('/hel')
  await page.getByRole('listbox').waitFor()
  await field.press('Enter')
  await expect.poll(() => field.inputValue()).toBe('/help ')
  await field.fill('')
  await field.pressSequentially('/help')
  await page.getByRole('listbox').waitFor()
  await field.press('Enter')
  await page.getByRole('dialog').waitFor()
  await expect.poll(() => field.inputValue()).toBe('')
})

test('a host is told how much there is to look at, and nobody else is', async () => {
  const host = await open1()
  const room = await asHost(host, server.url)
  const ben = await open1()
  await enter(ben, address(room), 'Ben')
  const { id } = await say(server.url, room, 'selling watches', 'Max')
  const reported = await fetch(`${address(room)}/reports`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ message: id }),
  })
  expect(reported.status).toBe(204)
  await host.getByRole('button', { name: '1 to look at' }).click()
  await host.locator('.host-panel').waitFor()
  await say(server.url, room, 'noted', 'Max')
  // It is in the list and, a moment later, with the announcer.
  await ben.locator('.row', { hasText: 'noted' }).waitFor()
  await expect.poll(() => ben.locator('.waiting').count()).toBe(0)
})

test('a link to a message that is no longer there says so, when it opens the room too', async () => {
  const room = newRoom()
  const { id } = await say(server.url, room, 'still here')
  const page = await open1()
  for (const gone of [id.replace(/\d+$/, '999'), 'zzzz-1']) {
    await page.goto('about:blank')
    await enter(page, `${address(room)}#m=${gone}`)
    await page.getByText('That message is no longer here.').waitFor()
    await page.locator('.row', { hasText: 'still here' }).waitFor()
  }
  await page.goto('about:blank')
  await enter(page, `${address(room)}#m=${id}`)
  await page.locator('.row.marked').waitFor()
  await late(page)
  await expect.poll(() => page.getByText('That message is no longer here.').count()).toBe(0)
})
