// A room by keys alone: where the focus is can be seen, and it is where one would look for it.
import type { BrowserContextOptions, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { devices, drawn, enter, person, say, write, late } from './browser.ts'
import { setting } from './setting.ts'

const { browser, server, newRoom, address: addressOf } = await setting('keys')

/** A room of its own, with a page in it. */
async function inRoom(
  run: (page: Page, room: string, address: string) => Promise<void>,
  device: BrowserContextOptions = devices.desk,
): Promise<void> {
  const { page } = await person(browser, device)
  const room = newRoom()
  await run(page, room, addressOf(room))
}

test('each line has its own time and link, which shows where the focus is, and in full', () =>
  inRoom(async (page, room, address) => {
    await say(server.url, room, 'first')
    const { id } = await say(server.url, room, 'second')
    await enter(page, address)
    await late(page)
    const row = page.locator('.row.goes-on')
    await row.focus()
    await page.keyboard.press('Tab')
    const link = row.locator('.at')
    const seen = await link.evaluate((it) => {
      const { left, top, width, height } = it.getBoundingClientRect()
      const there = document.elementFromPoint(left + width / 2, top + height / 2)
      return {
        isFocused: document.activeElement === it,
        isInSight: it.contains(there) && getComputedStyle(it).opacity === '1',
        full: getComputedStyle(it, '::after').content,
        title: it.getAttribute('title') ?? '',
      }
    })
    expect(seen).toMatchObject({ isFocused: true, isInSight: true })
    expect(seen.title).toMatch(/\d{4}/)
    expect(seen.full).toContain(seen.title)
    await expect.poll(() => link.getAttribute('href')).toBe(`#m=${id}`)
  }))

test('the messages are one stop of the Tab key, whatever is in them, and code scrolls where the keys have come', () =>
  inRoom(async (page, room, address) => {
    const code = `\`\`\`\n${'wide code '.repeat(60)}\n\`\`\``
    for (const text of [code, 'see [this](https://a.example/b)', code]) {
      await say(server.url, room, text)
    }
    await enter(page, address, 'Ada')
    await late(page)
    const stops = (): Promise<number[]> =>
      page.locator('.row').evaluateAll((rows) =>
        rows.flatMap((row, at) =>
          [row, ...row.querySelectorAll<HTMLElement>('*')].flatMap((it) => {
            const scrolls = /auto|scroll/.test(getComputedStyle(it).overflowX)
            return (it as HTMLElement).tabIndex >= 0 || scrolls ? [at] : []
          }),
        ),
      )
    // Under a pointer it scrolls too, see below.
    await page.mouse.move(0, 0)
    expect(new Set(await stops())).toEqual(new Set([2]))
    await page.locator('.row').last().focus()
    await page.keyboard.press('Home')
    await expect.poll(async () => new Set(await stops())).toEqual(new Set([0]))
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    const block = page.locator('.row').first().locator('pre')
    await expect.poll(() => block.evaluate((it) => document.activeElement === it)).toBe(true)
    await page.keyboard.press('ArrowRight')
    await expect.poll(() => block.evaluate((it) => it.scrollLeft)).toBeGreaterThan(0)
  }))

test('code that is cut off scrolls under a pointer too, says at which edge there is more, and a click makes its row the stop', () =>
  inRoom(async (page, room, address) => {
    const code = `\`\`\`\n${'wide code '.repeat(60)}\n\nend\n\`\`\``
    for (const text of [code, 'last']) await say(server.url, room, text)
    await enter(page, address, 'Ada')
    await late(page)
    const row = page.locator('.row').first()
    const block = row.locator('pre')
    const high = (): Promise<number> => block.evaluate((it) => it.getBoundingClientRect().height)
    const height = await high()
    /** Whether there is a shadow at its edges, in the empty line. */
    const edges = async (): Promise<boolean[]> => {
      const lines = await drawn(block)
      const line = lines[Math.floor(lines.length / 2)] ?? []
      const middle = line[Math.floor(line.length / 2)] ?? 0
      return [line[4], line.at(-5)].map((it) => it! < middle - 0.04)
    }
    await expect.poll(() => edges()).toEqual([false, true])
    await block.hover()
    await page.mouse.wheel(80, 0)
    await expect.poll(() => block.evaluate((it) => it.scrollLeft)).toBe(80)
    await expect.poll(() => edges()).toEqual([true, true])
    await page.mouse.wheel(9000, 0)
    await expect.poll(() => block.evaluate((it) => it.scrollLeft)).toBeGreaterThan(500)
    await expect.poll(() => edges()).toEqual([true, false])
    await expect.poll(() => high()).toBe(height)
    await block.click()
    await expect.poll(() => row.evaluate((it) => it.tabIndex)).toBe(0)
    await expect.poll(() => page.locator('.row[tabindex="0"]').count()).toBe(1)
    await expect.poll(() => high()).toBe(height)
    const before = await block.evaluate((it) => it.scrollLeft)
    await page.keyboard.press('ArrowLeft')
    await expect.poll(() => block.evaluate((it) => it.scrollLeft)).toBeLessThan(before)
  }))

test('under a finger too: there code breaks its lines, and nothing of it is cut off', () =>
  inRoom(async (page, room, address) => {
    const code = `\`\`\`\n${'wide '.repeat(20)}${'w'.repeat(90)}\n\`\`\``
    for (const text of [code, 'last']) await say(server.url, room, text)
    await enter(page, address, 'Ada')
    await late(page)
    const block = page.locator('.row pre')
    await expect.poll(() => block.evaluate((it) => it.tabIndex)).toBe(-1)
    await expect.poll(() => block.evaluate((it) => it.scrollWidth - it.clientWidth)).toBe(0)
    await expect.poll(() => block.evaluate((it) => it.clientHeight)).toBeGreaterThan(100)
  }, devices.phone))

test('where a message with the focus is removed, its neighbour has the focus, whatever stands between', () =>
  inRoom(async (page, room, address) => {
    await enter(page, address, 'Ada')
    await write(page, 'mine')
    await page.locator('.mine:not(.pending)').waitFor()
    const id = (await page.locator('.mine').getAttribute('id'))?.slice(2) ?? ''
    await say(server.url, room, 'theirs')
    await page.addInitScript(([key, seen]) => localStorage.setItem(key, seen), [
      `hearsay:seen:${room}`,
      id,
    ] as const)
    await page.reload()
    await page.locator('.mine + .new').waitFor()
    await late(page)
    await page.locator('.mine').focus()
    await page.keyboard.press('Enter')
    await page.getByRole('menuitem', { name: 'Delete' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).press('Enter')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    // A dialog that goes gives the focus back to what had it: that has to be over.
    await page.locator('.row:focus').waitFor()
    await expect.poll(() => page.locator('.row:focus').innerText()).toContain('theirs')
  }))

test('that the text before an edit is not kept can be asked for by keys and by touch, and of what is gone it is not said', () =>
  inRoom(async (page, _, address) => {
    await enter(page, address, 'Ada')
    await late(page)
    await write(page, 'This was said wrogn.')
    const row = page.locator('.mine:not(.pending)')
    await row.waitFor()
    const pick = async (name: string): Promise<void> => {
      await row.focus()
      await page.keyboard.press('Enter')
      await page.getByRole('menuitem', { name }).click()
    }
    await pick('Edit')
    await page.waitForFunction(() =>
      document.querySelector<HTMLTextAreaElement>('#composer')?.value.includes('wrogn'),
    )
    await write(page, 'This was said right.')
    const edited = row.getByRole('button', { name: 'edited' })
    await edited.waitFor()
    await row.focus()
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    await expect.poll(() => edited.evaluate((it) => document.activeElement === it)).toBe(true)
    await page.keyboard.press('Enter')
    await page.getByRole('status').getByText('The text before is not kept.').waitFor()
    await pick('Delete')
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await row.getByText('This message was removed by its author.').waitFor()
    await expect.poll(() => row.getByText('edited').count()).toBe(0)
  }))

test('Esc ends an answer first, from anywhere, then closes the panel; with a menu only the menu', () =>
  inRoom(async (page, room, address) => {
    await say(server.url, room, 'hello')
    await enter(page, address, 'Ada')
    await late(page)
    await page.getByRole('button', { name: 'People' }).click()
    await page.locator('.side').waitFor()
    const row = page.locator('.row')
    await row.focus()
    await page.keyboard.press('Enter')
    await page.getByRole('menuitem', { name: 'Reply' }).click()
    await page.locator('.context').waitFor()
    await row.focus()
    await page.keyboard.press('Enter')
    await page.getByRole('menu').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('menu').waitFor({ state: 'detached' })
    await expect.poll(() => page.locator('.context, .side').count()).toBe(2)
    await page.keyboard.press('Escape')
    await page.locator('.context').waitFor({ state: 'detached' })
    await expect.poll(() => page.locator('.side').count()).toBe(1)
    await page.keyboard.press('Escape')
    await page.locator('.side').waitFor({ state: 'detached' })
  }))

test('Esc takes the line before what is new away', () =>
  inRoom(async (page, room, address) => {
    const { id } = await say(server.url, room, 'seen')
    await say(server.url, room, 'not seen yet')
    await page.addInitScript(([key, seen]) => localStorage.setItem(key, seen), [
      `hearsay:seen:${room}`,
      id,
    ] as const)
    await enter(page, address, 'Ada')
    await page.locator('.new').waitFor()
    await late(page)
    await page.keyboard.press('Escape')
    await page.locator('.new').waitFor({ state: 'detached' })
    await expect.poll(() => page.locator('.row').count()).toBe(2)
  }))

test('the line stands before the first that is new, however many there are, and nowhere else', () =>
  inRoom(async (page, room, address) => {
    const { id } = await say(server.url, room, 'seen')
    for (let n = 1; n <= 180; n++) await say(server.url, room, `new ${n}`)
    await page.addInitScript(([key, seen]) => localStorage.setItem(key, seen), [
      `hearsay:seen:${room}`,
      id,
    ] as const)
    await enter(page, address, 'Ada')
    await late(page)
    await page.locator('.row', { hasText: 'new 180' }).waitFor()
    // The first of them is not loaded: it is not said of another.
    await expect.poll(() => page.locator('.row', { hasText: /new 1$/ }).count()).toBe(0)
    await expect.poll(() => page.locator('.new').count()).toBe(0)
    await expect
      .poll(async () => {
        await page.locator('.scroller').evaluate((it) => (it.scrollTop = 0))
        return page.locator('.new').count()
      })
      .toBe(1)
    await expect.poll(() => page.locator('.new + .row .text').innerText()).toBe('new 1')
  }))

test('the line before what is new stands there after a reload too, until it is done with', () =>
  inRoom(async (page, room, address) => {
    const { id } = await say(server.url, room, 'seen')
    await page.addInitScript(([key, seen]) => (localStorage[key] ??= seen), [
      `hearsay:seen:${room}`,
      id,
    ] as const)
    await say(server.url, room, 'not seen yet')
    const seen = (): Promise<unknown> =>
      page.waitForFunction(([key, seen]) => localStorage[key] !== seen, [
        `hearsay:seen:${room}`,
        id,
      ] as const)
    await enter(page, address, 'Ada')
    await page.locator('.new').waitFor()
    await late(page)
    await seen()
    await page.reload()
    await page.locator('.new + .row', { hasText: 'not seen yet' }).waitFor()
    await late(page)
    await page.keyboard.press('Escape')
    await page.locator('.new').waitFor({ state: 'detached' })
    await page.reload()
    await late(page)
    await expect.poll(() => page.locator('.new').count()).toBe(0)
  }))

test('where what has the focus goes away, the focus is next to it and not at the top of the page', () =>
  inRoom(async (page, room, address) => {
    await say(server.url, room, 'theirs')
    await enter(page, address, 'Ada')
    await late(page)
    const focused = (): Promise<string> =>
      page.evaluate(() => {
        const it = document.activeElement as HTMLElement
        return it.matches('[data-row]')
          ? (it.querySelector('.text, .gone')?.textContent ?? '')
          : it.id
      })
    // A button in a row that stays.
    await page.locator('.row-more').first().click()
    await page.getByRole('menuitem', { name: 'React with 👍' }).click()
    await page.locator('.reaction').press('Enter')
    await page.locator('.reaction').waitFor({ state: 'detached' })
    await expect.poll(focused).toBe('theirs')
    await page.locator('.row-more').first().click()
    await page.getByRole('menuitem', { name: 'Hide this person' }).click()
    await page.getByRole('button', { name: 'Show' }).press('Enter')
    await page.locator('.gone').waitFor({ state: 'detached' })
    await expect.poll(focused).toBe('theirs')
    // A row.
    await page.route(/\/r\/keys-\d+$/, (route) =>
      route.request().method() === 'POST'
        ? route.fulfill({ status: 403, body: '{}' })
        : route.continue(),
    )
    await write(page, 'not let through')
    await page.locator('.row.failed').waitFor()
    await page.getByRole('button', { name: 'Delete' }).press('Enter')
    await page.locator('.row.failed').waitFor({ state: 'detached' })
    await expect.poll(focused).toBe('theirs')
    // A button beside the rows; and whoever takes the focus away has it where they want.
    await page.evaluate(() => {
      document.querySelector('.scroller')!.scrollTop = 0
    })
    await page.locator('#composer').focus()
    await page.locator('h1').click()
    await expect.poll(() => focused()).toBe('')
    await say(server.url, room, 'more')
    await page.locator('.row', { hasText: 'more' }).waitFor()
    await expect.poll(() => focused()).toBe('')
  }))

test('what is edited stands in the composer at once: what is typed in the same frame is not lost', () =>
  inRoom(async (page, _, address) => {
    await enter(page, address, 'Ada')
    await write(page, 'mine')
    await page.locator('.mine:not(.pending)').waitFor()
    await late(page)
    const value = await page.evaluate(async () => {
      const field = document.querySelector<HTMLTextAreaElement>('#composer')!
      const type = (text: string): void => {
        field.value = text
        field.dispatchEvent(new InputEvent('input', { bubbles: true }))
      }
      const press = (key: string): unknown =>
        field.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))
      // This frame has drawn something: what else changes in it is drawn with the next.
      await new Promise(requestAnimationFrame)
      type('x')
      await Promise.resolve()
      type('')
      press('ArrowUp')
      const edited = field.value
      type(`${edited} and more`)
      press('Enter')
      return edited
    })
    expect(value).toBe('mine')
    await page.locator('.mine', { hasText: 'mine and more' }).waitFor()
    await expect.poll(() => page.locator('.row').count()).toBe(1)
    await expect.poll(() => page.locator('#composer').inputValue()).toBe('')
  }))

test('F6 goes from part to part, to the composer among them, whatever stands before it', () =>
  inRoom(async (page, room, address) => {
    await say(server.url, room, 'hello')
    await enter(page, address, 'Ada')
    await late(page)
    // As where the server takes files.
    await page.evaluate(() =>
      document.querySelector('.foot')!.prepend(document.createElement('button')),
    )
    const focused = (): Promise<string> =>
      page.evaluate(() => {
        const it = document.activeElement as HTMLElement
        return it.id || it.localName
      })
    await page.locator('.row').focus()
    await page.keyboard.press('F6')
    await expect.poll(() => focused()).toBe('composer')
    await page.keyboard.press('F6')
    await expect.poll(() => focused()).toBe('a')
  }))

test('what is suggested is chosen by arrows and Enter, and Tab leaves the field', () =>
  inRoom(async (page, room, address) => {
    for (const name of ['Mira', 'Milan']) await say(server.url, room, 'hello', name)
    await enter(page, address, 'Ada')
    const field = page.locator('#composer')
    const chosen = (): Promise<string | null> =>
      field.evaluate(
        (it) =>
          document
            .getElementById(it.getAttribute('aria-activedescendant') ?? '')
            ?.querySelector('bdi')?.textContent ?? null,
      )
    await field.pressSequentially('Hi @mi')
    await page.getByRole('option').nth(1).waitFor()
    const [first, second] = await page.getByRole('option').locator('bdi').allTextContents()
    expect(new Set([first, second])).toEqual(new Set(['Milan', 'Mira']))
    await expect.poll(() => chosen()).toBe(first)
    await page.keyboard.press('ArrowDown')
    await expect.poll(chosen).toBe(second)
    await page.keyboard.press('Enter')
    await page.getByRole('listbox').waitFor({ state: 'detached' })
    await expect.poll(() => field.inputValue()).toBe(`Hi @${second} `)
    // Nothing was sent by that Enter.
    await expect.poll(() => page.locator('.mine').count()).toBe(0)
    await field.fill('')
    await field.pressSequentially(':bread')
    await page.getByRole('listbox').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('listbox').waitFor({ state: 'detached' })
    await expect.poll(() => field.inputValue()).toBe(':bread')
    await field.pressSequentially(' :bre')
    await page.getByRole('listbox').waitFor()
    await page.keyboard.press('Tab')
    await expect.poll(() => field.evaluate((it) => it === document.activeElement)).toBe(false)
  }))

const field = (page: Page): ReturnType<Page['locator']> => page.locator('#composer')
const isListed = (page: Page): Promise<void> => page.getByRole('listbox').waitFor()

test('what is no longer suggested takes the place of nothing: Enter says what is written', () =>
  inRoom(async (page, room, address) => {
    await say(server.url, room, 'hello')
    await enter(page, address, 'Ada')
    await late(page)
    const said: string[] = []
    const isSaid = async (text: string): Promise<void> => {
      await page.keyboard.press('Enter')
      said.push(text)
      await expect.poll(() => page.locator('.mine .text').allTextContents()).toEqual(said)
      await expect.poll(() => field(page).inputValue()).toBe('')
    }
    for (const [typed, back, then] of [
      ['/na', 3, 'hello'],
      ['yo @mi', 3, 'bye'],
    ] as const) {
      await field(page).pressSequentially(typed)
      await isListed(page)
      for (let press = 0; press < back; press++) await page.keyboard.press('Backspace')
      await page.keyboard.type(then)
      await isSaid(typed.slice(0, -back) + then)
    }
    for (const how of ['type', 'insertText'] as const) {
      await field(page).pressSequentially('oops :smi')
      await isListed(page)
      await page.keyboard.press('ControlOrMeta+A')
      await page.keyboard[how]('better text')
      await isSaid('better text')
    }
    // In one turn, before the page has drawn the last letter.
    await field(page).pressSequentially('@mi')
    await isListed(page)
    await page.evaluate(() => {
      const box = document.querySelector('#composer') as HTMLTextAreaElement
      box.value = '@mine'
      box.dispatchEvent(new InputEvent('input', { bubbles: true }))
      box.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }))
    })
    said.push('@mine')
    await expect.poll(() => page.locator('.mine .text').allTextContents()).toEqual(said)
  }))

test('what is suggested goes with the cursor and the focus, and comes back with them', () =>
  inRoom(async (page, room, address) => {
    await say(server.url, room, 'hello')
    await enter(page, address, 'Ada')
    await late(page)
    const isGone = (): Promise<void> => page.getByRole('listbox').waitFor({ state: 'detached' })
    await field(page).pressSequentially('yo @mi')
    await isListed(page)
    await page.keyboard.press('Tab')
    await isGone()
    await expect.poll(() => field(page).getAttribute('aria-activedescendant')).toBe(null)
    await page.keyboard.press('Shift+Tab')
    // Coming back by Tab may select all that is written.
    await page.keyboard.press('End')
    await isListed(page)
    await page.keyboard.press('ArrowLeft')
    await isGone()
    await page.keyboard.press('End')
    await isListed(page)
    await page.keyboard.press('Home')
    await isGone()
    await page.keyboard.press('Enter')
    await page.locator('.mine', { hasText: 'yo @mi' }).waitFor()
  }))

test('a dialog opens with the focus where one writes, and not on what can be lost', () =>
  inRoom(async (page, room, address) => {
    await say(server.url, room, 'theirs')
    await enter(page, address, 'Ada')
    await late(page)
    await write(page, 'mine')
    await page.locator('.mine:not(.pending)').waitFor()
    const focused = (): Promise<string | undefined> =>
      page.evaluate(() => {
        const it = document.activeElement
        return (it?.closest('label') ?? (it as HTMLInputElement).labels?.[0] ?? it)?.textContent
      })
    const opens = async (item: string): Promise<string | undefined> => {
      await page.getByRole('menuitem', { name: item }).click()
      await page.locator('dialog[open]').waitFor()
      return focused()
    }
    const close = async (): Promise<void> => {
      await page.keyboard.press('Escape')
      await page.locator('dialog').waitFor({ state: 'detached' })
    }
    await page.getByRole('button', { name: 'Menu' }).click()
    expect(await opens('Change your name')).toBe('Name')
    await close()
    await page.locator('.mine .row-more').click()
    expect(await opens('Delete')).toBe('Cancel')
    await close()
    await page.locator('.row:not(.mine) .row-more').click()
    expect(await opens('Report')).toContain('What is wrong')
  }))

test('after a menu the focus is where it was opened, also where the choice opened something else', () =>
  inRoom(async (page, room, address) => {
    await say(server.url, room, 'hello')
    await enter(page, address, 'Ada')
    await late(page)
    const row = page.locator('.row')
    const isIn = (): Promise<boolean> => row.evaluate((it) => it.contains(document.activeElement))
    for (const choice of ['React with 👍', 'Copy link', 'Report to the host']) {
      await row.focus()
      await page.keyboard.press('Enter')
      await page.getByRole('menuitem', { name: choice }).press('Enter')
      await page.getByRole('menu').waitFor({ state: 'detached' })
      if (choice.startsWith('Report')) {
        await page.getByRole('dialog').waitFor()
        await page.keyboard.press('Escape')
        await page.getByRole('dialog').waitFor({ state: 'detached' })
      }
      await expect.poll(isIn).toBe(true)
    }
    const menu = page.getByRole('button', { name: 'Menu' })
    for (const choice of ['Settings', 'Change your name']) {
      await menu.press('Enter')
      await page.getByRole('menuitem', { name: choice }).press('Enter')
      await page.getByRole('dialog').waitFor()
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      await expect.poll(() => menu.evaluate((it) => it === document.activeElement)).toBe(true)
    }
  }))

test('what stands in a line in a menu is gone along by the arrows that point so', () =>
  inRoom(async (page, room, address) => {
    await say(server.url, room, 'hello')
    await enter(page, address, 'Ada')
    await late(page)
    await page.locator('.row').focus()
    await page.keyboard.press('Enter')
    const chosen = (): Promise<string | null> =>
      page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? null)
    await expect.poll(chosen).toBe('React with 👍')
    await page.keyboard.press('ArrowRight')
    await expect.poll(chosen).toBe('React with ❤️')
    await page.keyboard.press('ArrowLeft')
    await expect.poll(chosen).toBe('React with 👍')
  }))
