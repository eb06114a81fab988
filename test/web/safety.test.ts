import fc from 'fast-check'
import type { Page } from 'playwright-core'
import { beforeEach, expect, test } from 'vitest'
import { bearer } from '../harness/ask.ts'
import { hear } from '../harness/hear.ts'
import { open } from '../harness/server.ts'
import { asHost, enter, faults, openPanel, person, say, write } from './browser.ts'
import { setting } from './setting.ts'

const { browser, server } = await setting('safety')
let page: Page

beforeEach(async () => {
  ;({ page } = await person(browser))
})

/** What has run scripts in pages that trusted it, in the forms that a message, a link or a name can take. */
const payloads = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<svg onload=alert(1)>',
  '<svg><script href="data:,alert(1)"/>',
  '"><iframe srcdoc="<script>alert(1)</script>">',
  '<a href="javascript:alert(1)">x</a>',
  '<math><mi//xlink:href="data:x,<script>alert(1)</script>">',
  '<details open ontoggle=alert(1)>',
  '<style>@import"//evil.example"</style>',
  '<base href="//evil.example/">',
  '<meta http-equiv=refresh content="0;url=javascript:alert(1)">',
  '<form><button formaction=javascript:alert(1)>x',
  '[x](javascript:alert(1))',
  '[x](JAVASCRIPT:alert`1`)',
  '[x]( javascript:alert(1))',
  '[x](java\tscript:alert(1))',
  '[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)',
  '[x](vbscript:msgbox(1))',
  '[x](https://a.example/"onmouseover="alert(1))',
  '![x](https://evil.example/pixel.png)',
  'https://a.example/"><img src=x onerror=alert(1)>',
  '`<img src=x onerror=alert(1)>`',
  '```\n</code></pre><script>alert(1)</script>\n```',
  '> <script>alert(1)</script>',
  '**<b onclick=alert(1)>**',
  '{{constructor.constructor("alert(1)")()}}',
  '${alert(1)}',
  '__proto__',
  '[object Object]',
  '<\u200bscript>alert(1)</script>',
  '\u2028alert(1)\u2029',
] as const

test('a message, a name and a room never become anything but text', async () => {
  const dialogs: string[] = []
  const asked: string[] = []
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message())
    void dialog.dismiss()
  })
  page.on('request', (request) => asked.push(request.url()))
  await enter(page, `${server.url}/r/hostile`, 'Ada')
  const said: string[] = []
  for (const payload of payloads) {
    await say(server.url, 'hostile', payload, payload.slice(0, 30).trim() || 'x')
    said.push(payload)
  }
  // Pieces of all of them in any order, as what is harmless alone may not be so together.
  const pieces = fc.array(fc.constantFrom(...payloads.flatMap((it) => it.split(/(?=[<[(`])/))), {
    minLength: 1,
    maxLength: 12,
  })
  for (const mixed of fc.sample(pieces, 150)) {
    const text = mixed.join('')
    if (text.trim() === '') continue
    await say(server.url, 'hostile', text, 'Mixer')
    said.push(text)
  }
  await say(server.url, 'hostile', 'the last one')
  await page.locator('.row', { hasText: 'the last one' }).waitFor()
  // Everything that can be touched is touched.
  await page.evaluate(() => {
    for (const node of document.querySelectorAll('.row *')) {
      for (const type of ['mouseover', 'focus', 'toggle', 'load', 'error']) {
        node.dispatchEvent(new Event(type))
      }
    }
  })
  const found = await page.evaluate(() => {
    const rows = [...document.querySelectorAll('.row')]
    const made = rows.flatMap((row) => [...row.querySelectorAll('*')])
    const attributes = made.flatMap((node) => [...node.attributes].map(({ name }) => name))
    const links = rows.flatMap((row) => [...row.querySelectorAll<HTMLAnchorElement>('.text a')])
    return {
      tags: [...new Set(made.map((node) => node.localName))],
      handlers: attributes.filter((name) => name.startsWith('on')),
      schemes: [...new Set(links.map((link) => link.protocol))],
      rels: [...new Set(links.map((link) => link.rel))],
    }
  })
  expect(dialogs).toEqual([])
  expect(found.handlers).toEqual([])
  expect(found.schemes.filter((it) => !['http:', 'https:', 'mailto:'].includes(it))).toEqual([])
  expect(found.rels).toEqual(['noopener noreferrer nofollow ugc'])
  for (const tag of [
    'script',
    'iframe',
    'img',
    'style',
    'form',
    'base',
    'meta',
    'math',
    'object',
  ]) {
    expect(found.tags).not.toContain(tag)
  }
  // Nothing was asked of anyone but our own server, and our own page broke none of its rules.
  expect(asked.filter((url) => !url.startsWith(server.url))).toEqual([])
})

test('the rules hold: a script, a style or HTML from a string is refused by the browser itself', async () => {
  await page.goto(`${server.url}/r/rules`)
  const refused = await page.evaluate(async () => {
    const broken: string[] = []
    Object.assign(window, { broken })
    document.addEventListener('securitypolicyviolation', (event) =>
      broken.push(event.effectiveDirective),
    )
    const html = (): string => {
      try {
        document.body.insertAdjacentHTML('beforeend', '<b>x</b>')
        return 'let through'
      } catch {
        return 'refused'
      }
    }
    const first = html()
    const script = document.createElement('script')
    try {
      script.textContent = 'window.ran = true'
    } catch {
      // Trusted Types: not even this far.
    }
    document.head.append(script)
    const style = document.createElement('style')
    style.textContent = 'body { display: none }'
    document.head.append(style)
    const elsewhere = await fetch('https://evil.example/').then(
      () => 'let through',
      () => 'refused',
    )
    return {
      first,
      elsewhere,
      ran: 'ran' in window,
      shown: getComputedStyle(document.body).display,
    }
  })
  await page.waitForFunction(() => (window as never as { broken: string[] }).broken.length >= 2)
  const broken = await page.evaluate(() => (window as never as { broken: string[] }).broken)
  // Each of these is told in the console too.
  faults.get(page.context())!.length = 0
  expect(refused.first).toBe('refused')
  expect(refused.elsewhere).toBe('refused')
  expect(refused.ran).toBe(false)
  expect(refused.shown).not.toBe('none')
  expect(broken).toContain('connect-src')
  expect(broken).toContain('style-src-elem')
})

test('the secret of a link leaves the address at once, and is used only at a click', async () => {
  const secret = 's'.repeat(32)
  const asked: string[] = []
  page.on('request', (request) => asked.push(`${request.method()} ${request.url()}`))
  await enter(page, `${server.url}/r/invited#k=${secret}`)
  await page.getByRole('button', { name: 'Accept the invitation' }).waitFor()
  expect(page.url()).toBe(`${server.url}/r/invited`)
  expect(asked.filter((it) => it.endsWith('/join'))).toEqual([])
  expect(asked.filter((it) => it.includes(secret))).toEqual([])
  await page.getByRole('button', { name: 'Accept the invitation' }).click()
  await page.getByText('This link no longer works.').waitFor()
})

test('an invitation that is pasted on the first page is one; one that was cut off is told to be', async () => {
  await page.goto(server.url)
  await page.locator('#room-name').fill(`${server.url}/r/invited-too?x=1#k=${'s'.repeat(32)}`)
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Accept the invitation' }).waitFor()
  expect(page.url()).toBe(`${server.url}/r/invited-too`)
  for (const part of ['k=', `k=${'s'.repeat(21)}`]) {
    await page.goto('about:blank')
    await page.goto(`${server.url}/r/invited-too#${part}`)
    await page.getByText('This link is not whole').waitFor()
    await expect
      .poll(() => page.getByRole('button', { name: 'Accept the invitation' }).count())
      .toBe(0)
    await page.getByRole('button', { name: 'Go on without it' }).click()
    await page.locator('#join-name').waitFor()
  }
})

test('Doxxing: a number or an address is asked about before it is posted, or an edit brings it', async () => {
  const room = `${server.url}/r/asked`
  await enter(page, room, 'Ada')
  const composer = page.locator('#composer')
  const rows = page.locator('.row')
  for (const text of ['ring 0171 123 45 67', 'jane@example.org', 'at 12 Elm Street']) {
    await composer.fill(text)
    await composer.press('Enter')
    await page.getByText('everyone here can read it').waitFor()
    // Another Enter asks again; what is written is neither gone nor said.
    await composer.press('Enter')
    await expect
      .poll(async () => [await composer.inputValue(), await rows.count()])
      .toEqual([text, 0])
    await composer.fill('')
    await page.getByText('everyone here can read it').waitFor({ state: 'detached' })
  }
  // Neither a time nor a command is a number.
  await composer.fill('at 10:30 on 2026-11-25')
  await composer.press('Enter')
  await rows.nth(0).waitFor()
  await composer.fill('/call 0171 123 45 67')
  await composer.press('Enter')
  await page.getByText('There is no command /call').waitFor()
  await composer.fill('//0171 123 45 67')
  await composer.press('Enter')
  await page.getByRole('button', { name: 'Post anyway' }).click()
  // What is still on its way can't be edited.
  await expect
    .poll(() => page.locator('.row:not(.pending) .text').allTextContents())
    .toEqual(['at 10:30 on 2026-11-25', '/0171 123 45 67'])
  await expect.poll(() => composer.inputValue()).toBe('')
  await composer.press('ArrowUp')
  await composer.fill('30 12 34')
  await composer.press('Enter')
  await rows.filter({ hasText: '30 12 34' }).waitFor()
  // Others hear of it before the one who did it is told that it is done.
  await expect.poll(() => composer.inputValue()).toBe('')
  await composer.press('ArrowUp')
  await composer.fill('(030) 12 34 56 78')
  await composer.press('Enter')
  await page.getByRole('button', { name: 'Post anyway' }).click()
  await rows.filter({ hasText: '(030) 12 34 56 78' }).waitFor()
  await expect.poll(() => rows.count()).toBe(2)
})

test('Doxxing: what a host filters waits, and what slipped through is hidden at one stroke and back at another', async () => {
  const room = await asHost(page, server.url)
  const panel = async (): Promise<void> => {
    await openPanel(page, 'Look after this room')
  }
  const close = (): Promise<void> =>
    page.getByRole('button', { name: 'Close', exact: true }).click()
  await panel()
  const words = page.getByLabel('Words that wait for you')
  await words.fill('jane doe\nelm*')
  const topic = page.getByLabel('Topic')
  await topic.fill('tea')
  await words.focus()
  // What is drawn anew meanwhile takes back nothing that is being written.
  const other = await hear(server.url, `/r/${room}`, { ...bearer('another') })
  await page.getByText('2 here').waitFor({ state: 'attached' })
  await expect
    .poll(async () => [await words.inputValue(), await topic.inputValue()])
    .toEqual(['jane doe\nelm*', 'tea'])
  // This click ends the field and turns the switch: both are kept.
  const set = page.waitForResponse(
    (answer) => answer.request().postData()?.includes('"contacts":true') === true,
  )
  await page.getByLabel('Phone numbers and addresses wait').click()
  await set
  await close()
  await panel()
  await expect.poll(() => words.inputValue()).toBe('jane doe\nelm*')
  await expect
    .poll(() => page.getByLabel('Phone numbers and addresses wait').isChecked())
    .toBe(true)
  other.leave()
  await close()
  for (const text of ['by the elms', 'mail jane@example.org'])
    await expect(say(server.url, room, text, 'Eve')).rejects.toThrow(/^202/)
  await say(server.url, room, 'she lives in the old mill', 'Eve')
  const row = page.locator('.row', { hasText: 'old mill' })
  await row.waitFor()
  await expect.poll(() => page.locator('.row').count()).toBe(1)
  await row.getByRole('button', { name: 'Actions for' }).click()
  await page.getByRole('menuitem', { name: 'Hide to look at it' }).click()
  await page.getByText('removed by the host').waitFor()
  await page.getByRole('button', { name: '2 to look at' }).click()
  await page.getByRole('button', { name: 'Undo' }).first().click()
  await row.waitFor({ state: 'attached' })
})

test('Illegal content: whoever runs the server is reached from the first page', async () => {
  const reached = await open('--contact', 'abuse@example.org')
  await page.goto(reached.url)
  const link = page.getByRole('link', { name: 'Contact whoever runs this server' })
  await expect.poll(() => link.getAttribute('href')).toBe('mailto:abuse@example.org')
  await reached.close()
})

test('a ban is asked for, with its reason; who is banned reads it, until when, and who runs the server', async () => {
  const reached = await open('--limits', 'off', '--contact', 'help@example.org')
  const { page: theirs } = await person(browser)
  const room = await asHost(page, reached.url, 'Ada')
  await enter(theirs, `${reached.url}/r/${room}`, 'Mallory')
  await write(theirs, 'Buy cheap watches!')
  const bans: unknown[] = []
  page.on('request', (request) => {
    if (request.url().endsWith('/bans') && request.method() === 'POST')
      bans.push(request.postDataJSON())
  })
  const row = page.locator('.row', { hasText: 'cheap watches' })
  const ask = async (): Promise<void> => {
    await row.getByRole('button', { name: 'Actions for' }).click()
    await page.getByRole('menuitem', { name: 'Ban' }).click()
    await page.getByRole('dialog', { name: 'Ban Mallory from this room?' }).waitFor()
  }
  const dialog = page.getByRole('dialog')
  const reason = page.getByLabel('Reason, if you want to give one')
  await ask()
  await expect.poll(() => reason.evaluate((it) => it === document.activeElement)).toBe(true)
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await dialog.waitFor({ state: 'detached' })
  expect(bans).toEqual([])
  await ask()
  await page.getByLabel('How long').selectOption('7 days')
  await reason.fill('selling watches')
  await reason.press('Enter')
  await dialog.waitFor({ state: 'detached' })
  expect(bans).toMatchObject([{ minutes: 7 * 1440, reason: 'selling watches' }])
  const refusal = theirs.locator('.refusal')
  await refusal.getByText('The reason given: selling watches').waitFor()
  await expect.poll(() => refusal.innerText()).toMatch(/Until .*\d/)
  const link = refusal.getByRole('link', { name: 'help@example.org' })
  await expect.poll(() => link.getAttribute('href')).toBe('mailto:help@example.org')
  await reached.close()
})

test('Link spoofing: a link whose words are not its address has its host beside it, and tells nobody where it was', async () => {
  await enter(page, `${server.url}/r/spoofed`, 'Ada')
  await say(server.url, 'spoofed', '[my bank](https://evil.example/login)', 'Mallory')
  await say(server.url, 'spoofed', '[https://bank.example](https://evil.example)', 'Mallory')
  await say(server.url, 'spoofed', 'https://bаnk.example/ with a Cyrillic letter', 'Mallory')
  const text = page.locator('.row .text')
  await text.nth(2).waitFor()
  await expect
    .poll(() => text.allInnerTexts())
    .toEqual([
      expect.stringContaining('evil.example'),
      expect.stringContaining('evil.example'),
      expect.stringContaining('xn--bnk-6cd.example'),
    ])
  const rels = await text
    .locator('a')
    .evaluateAll((all) => all.map((it) => (it as HTMLAnchorElement).rel))
  for (const rel of rels)
    for (const word of ['noopener', 'noreferrer', 'nofollow', 'ugc']) expect(rel).toContain(word)
  expect(rels).toHaveLength(3)
})

test('marks piled on letters stay with the message that has them', async () => {
  await enter(page, `${server.url}/r/piled`, 'Ada')
  await say(server.url, 'piled', `marks ${'Z\u0300\u0301\u0302\u0303'.repeat(40)}`, 'Mallory')
  await say(server.url, 'piled', 'plain', 'Bob')
  const overflow = (text: string): Promise<string> =>
    page
      .locator('.row .text', { hasText: text })
      .evaluate((node) => getComputedStyle(node).overflowY)
  await expect
    .poll(async () => [await overflow('marks'), await overflow('plain')])
    .toEqual(['clip', 'visible'])
})
