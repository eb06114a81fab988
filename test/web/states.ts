// The states of the page, each by what leads to it: for the pictures (screens.ts) and for what has to hold in all of them.
import type { Page } from 'playwright-core'
import { png } from '../harness/picture.ts'
import { asHost, before, enter, openPanel, say, write, late } from './browser.ts'

/** A refusal as the server words it, in the place of its answer. */
async function refuse(
  page: Page,
  path: RegExp,
  code: string,
  status: number,
  more: object = {},
): Promise<void> {
  await page.route(path, (route) =>
    route.request().resourceType() === 'document'
      ? route.continue()
      : route.fulfill({
          status,
          contentType: 'application/problem+json',
          body: JSON.stringify({ type: 'about:blank', title: code, status, code, ...more }),
        }),
  )
}

async function bread({ server, room }: Scene): Promise<void> {
  const it = (name: string, text: string, rest: object = {}): Promise<{ readonly id: string }> =>
    say(server, room, text, name, rest)
  const first = await it('Mira', 'Morning! Did the sourdough starter survive the weekend?')
  await it('Mira', 'I fed it twice, so it **should** be alive.')
  await it('Jonas', 'It is. It climbed out of the jar and left a note on the counter.', {
    replyTo: first.id,
  })
  await it(
    'Jonas',
    'Recipe, as promised:\n\n- 450 g flour\n- 320 g water\n- 9 g salt\n\nMix, fold _four times_, sleep on it.',
  )
  await it(
    'quiet otter',
    '> Mix, fold four times\n\nHow long between folds? The [guide](https://bread.example/folding) says 30 minutes.',
  )
  await it('ليلى', 'صباح الخير! أنا أخبز كل يوم جمعة.')
  await it('Jonas', 'Use the timer:\n\n```\nfor i in 1 2 3 4; do sleep 30m && echo fold; done\n```')
  await it('Mira', 'Perfect, @Ada and I will bring it on Saturday, and the jar.')
}

/** Where a state is shown: a page of a person's own, and a room in which nothing was said. */
export interface Scene {
  readonly server: string
  readonly page: Page
  readonly room: string
  readonly address: string
}

/** In the room in which bread was talked of, as Ada. */
async function amid(scene: Scene): Promise<Page> {
  const { page, address } = scene
  await bread(scene)
  await enter(page, address, 'Ada')
  return page
}

/** As in a browser that copies nothing for a page. */
const letsNotCopy = (page: Page): Promise<void> =>
  page.evaluate(() => {
    document.execCommand = () => false
    Object.defineProperty(navigator, 'clipboard', { value: undefined })
  })

const more = (page: Page): Promise<void> => page.getByRole('button', { name: 'Menu' }).click()

/** A clock of the page's own, for `passes`. */
function ownClock(page: Page): Promise<void> {
  return before(
    page,
    () => {
      const now = Date.now.bind(Date)
      Object.assign(globalThis, { ahead: 0 })
      Date.now = () => now() + (globalThis as never as { ahead: number }).ahead
    },
    null,
  )
}

/** So many milliseconds later, by the page's own clock. */
function passes(page: Page, time: number): Promise<void> {
  return page.evaluate((it) => void ((globalThis as never as { ahead: number }).ahead += it), time)
}

/** In place of a stream: the server's reason for having none, or where there is no reason, what wants a login on the way. */
async function noPlace(scene: Scene, reason: string | null, words: string): Promise<void> {
  const { page, address } = scene
  await bread(scene)
  await ownClock(page)
  const body = `event: busy\ndata: ${JSON.stringify({ reason, retry: 60_000 })}\n\n`
  const answer = reason
    ? { contentType: 'text/event-stream', body }
    : { contentType: 'text/html', body: '<h1>Welcome to our trains</h1>' }
  await page.route(/\/r\/[^/]+$|\/events/, (route) =>
    route.request().headers()['accept'] === 'text/event-stream'
      ? route.fulfill(answer)
      : route.continue(),
  )
  await page.goto(address)
  // It is quoted by an answer too, which may be drawn by then.
  await page.getByText('Morning!').first().waitFor()
  await passes(page, 6000)
  await page.getByText(words).waitFor()
}

/** The person chose this language. */
function speaks(page: Page, language: string): Promise<void> {
  return before(
    page,
    (it) => localStorage.setItem('hearsay:preferences', it),
    JSON.stringify({ language }),
  )
}

/** A room with a host who is here, and its owner's page. */
const hosted = ({ page, server }: Scene, name = ''): Promise<string> => asHost(page, server, name)

/** Ada, back in a room that she has seen up to some message. */
async function comesBack(
  { page, address, room, server }: Scene,
  since: () => Promise<unknown>,
): Promise<void> {
  const { id } = await say(server, room, 'See you tomorrow.', 'Jonas')
  await say(server, room, 'I was here first!', 'Mira')
  await since()
  await before(page, ([key, seen]) => localStorage.setItem(key, seen), [
    `hearsay:seen:${room}`,
    id,
  ] as const)
  await enter(page, address, 'Ada')
  await page.locator('.new').waitFor()
}

/** As where the server takes no files. */
const takesNone = (page: Page): Promise<void> =>
  page.evaluate(() => document.querySelector('meta[name=files]')?.remove())

/**
 * The room's page without JavaScript, as one that runs none reads it (HTML, 4.12.2): axe itself is a script.
 *
 * @param text what was sent by its form
 */
async function scriptless({ page, address }: Scene, text?: string): Promise<void> {
  const answer = await fetch(address, {
    headers: { accept: 'text/html' },
    ...(text !== undefined && { method: 'POST', body: new URLSearchParams({ text }) }),
  })
  // As the browser would read it, had it no scripts.
  const html = (await answer.text())
    .replaceAll(/<script.*<\/script>|<\/?noscript>/g, '')
    .replace(/\(scripting: *none\)/, 'all')
  await page.route(address, (route) =>
    route.fulfill({ contentType: 'text/html; charset=utf-8', body: html }),
  )
  await page.goto(address)
  await page.getByLabel('Say something').waitFor()
}

/** Chooses files of these names: pictures of something, or bytes. */
export async function attachFiles(page: Page, ...names: readonly string[]): Promise<void> {
  const chosen = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Attach a picture or a file' }).click()
  const file = (name: string): { name: string; mimeType: string; buffer: Buffer } =>
    name.endsWith('.png')
      ? { name, mimeType: 'image/png', buffer: png(600, 400, { secret: 'taken at home' }) }
      : { name, mimeType: 'application/pdf', buffer: Buffer.alloc(300_000, name) }
  await (await chosen).setFiles(names.map(file))
}

/** What leads to each state. */
export const states: Readonly<Record<string, (scene: Scene) => Promise<unknown>>> = {
  landing: async ({ page, server }) => {
    await page.goto(server)
    await page.getByText('Works from a terminal too:').waitFor()
  },
  'landing wrong name': async ({ page, server }) => {
    await page.goto(server)
    await page.getByLabel('Room name').fill('Größe!')
    await page.getByRole('button', { name: 'Open room' }).click()
    await page.getByText('Works from a terminal too:').waitFor()
  },
  'no such room': async ({ page, server }) => {
    await page.goto(`${server}/r/my%20room`)
    await page.getByText('A room name is').waitFor()
  },
  'no such address': async ({ page, server }) => {
    await page.goto(`${server}/nowhere`)
    await page.getByText('nothing at this address').waitFor()
  },
  'room made': async ({ page, server }) => {
    await page.goto(server)
    await page.getByRole('button', { name: 'Make a new room' }).click()
    await page.getByText('Your room is ready').waitFor()
  },
  'first visit': async (scene) => {
    const { page, address } = scene
    await bread(scene)
    await enter(page, address)
  },
  empty: ({ page, address }) => enter(page, address, 'Ada'),
  talk: async (scene) => {
    const page = await amid(scene)
    await write(page, 'I bring the butter.')
    await page.locator('.mine:not(.pending)').waitFor()
  },
  'copy by hand': async (scene) => {
    const page = await amid(scene)
    await letsNotCopy(page)
    await page.locator('.row[tabindex="0"]').focus()
    await page.keyboard.press('Enter')
    await page.getByRole('menuitem', { name: 'Copy text' }).click()
    await page.getByRole('dialog', { name: 'Copy by hand' }).waitFor()
  },
  'link not copied': async (scene) => {
    const page = await amid(scene)
    await letsNotCopy(page)
    await page.getByRole('button', { name: 'Share' }).click()
    await page.getByRole('dialog').getByRole('button', { name: /^Copy/ }).first().click()
    await page.getByText('The browser does not let this page copy.').waitFor()
  },
  'message menu': async (scene) => {
    const page = await amid(scene)
    await page.locator('.row[tabindex="0"]').focus()
    await page.keyboard.press('Enter')
    await page.getByRole('menu').waitFor()
  },
  reply: async (scene) => {
    const page = await amid(scene)
    await page.locator('.row[tabindex="0"]').focus()
    await page.keyboard.press('Enter')
    await page.getByRole('menuitem', { name: 'Reply' }).click()
    await page.locator('.composer .context').waitFor()
  },
  'delete asked': async (scene) => {
    const page = await amid(scene)
    await write(page, 'I did not mean this.')
    await page.locator('.mine:not(.pending)').last().focus()
    await page.keyboard.press('Enter')
    await page.getByRole('menuitem', { name: 'Delete' }).click()
    await page.locator('dialog[open]').waitFor()
  },
  report: async (scene) => {
    const page = await amid(scene)
    await page.locator('.row[tabindex="0"]').focus()
    await page.keyboard.press('Enter')
    await page.getByRole('menuitem', { name: 'Report' }).click()
    await page.locator('dialog[open]').waitFor()
  },
  'room menu': async (scene) => {
    const page = await amid(scene)
    await more(page)
  },
  people: async (scene) => {
    const page = await amid(scene)
    await write(page, 'Hello')
    await openPanel(page, 'People')
    await page.locator('.people li').waitFor()
  },
  share: async (scene) => {
    const page = await amid(scene)
    await page.getByRole('button', { name: 'Share' }).click()
    await page.locator('.qr').waitFor()
  },
  settings: async ({ page, address }) => {
    await enter(page, address, 'Ada')
    await openPanel(page, 'Settings')
  },
  shortcuts: async ({ page, address }) => {
    await enter(page, address, 'Ada')
    await openPanel(page, 'Keyboard shortcuts')
  },
  rename: async ({ page, address }) => {
    await enter(page, address, 'Ada')
    await openPanel(page, 'Change your name')
  },
  'all that becomes of messages': async (scene) => {
    const { page, address, room, server } = scene
    const long = await say(server, room, 'A long story.\n'.repeat(40), 'Jonas')
    await say(server, room, 'Too long for me.', 'Mira', { replyTo: long.id })
    await say(server, room, 'And this came right after it.', 'Mira')
    await enter(page, address, 'Ada')
    for (const text of ['This was said wrogn.', 'This should never have been said.']) {
      await write(page, text)
      await page.locator('.mine:not(.pending)', { hasText: text }).waitFor()
    }
    await page.getByRole('button', { name: 'Actions for the message of Ada' }).last().click()
    await page.getByRole('menuitem', { name: 'Delete' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await page.getByText('This message was removed by').waitFor()
    const wrong = page.locator('.row', { hasText: 'wrogn' })
    await wrong.locator('.row-more').click()
    await page.getByRole('menuitem', { name: 'Edit' }).click()
    // What was said stands in the composer before it is changed there.
    await page.waitForFunction(() =>
      document.querySelector<HTMLTextAreaElement>('#composer')?.value.includes('wrogn'),
    )
    await write(page, 'This was said right.')
    await page.getByText('edited').waitFor()
    const after = page.locator('.row', { hasText: 'right after it' })
    for (const emoji of ['👍', '❤️']) {
      await after.locator('.row-more').click()
      await page.getByRole('menuitem', { name: `React with ${emoji}` }).click()
      await after.locator('.reaction', { hasText: emoji }).waitFor()
    }
    // By keys, so that the time shows in full.
    await page.locator('.row[tabindex="0"]').focus()
    await page.keyboard.press('Tab')
  },
  'new messages below': async (scene) => {
    const { page, address, room, server } = scene
    await bread(scene)
    await bread(scene)
    await enter(page, address, 'Ada')
    await page.locator('.row', { hasText: 'Morning!' }).first().scrollIntoViewIfNeeded()
    await page.locator('.to-end').waitFor()
    for (const text of ['One more', 'And another']) await say(server, room, text)
    await page.getByRole('button', { name: '2 new messages' }).waitFor()
  },
  'new since last time': (scene) =>
    comesBack(scene, () => say(scene.server, scene.room, 'Bring the jar.', 'Mira')),
  'much is new since last time': async (scene) => {
    await comesBack(scene, async () => {
      for (let turn = 0; turn < 3; turn++) await bread(scene)
    })
    // In a low window it is not shown.
    await scene.page.locator('.to-new').waitFor({ state: 'attached' })
  },
  'clock wrong': async (scene) => {
    const { page, address } = scene
    await ownClock(page)
    await enter(page, address, 'Ada')
    await late(page)
    // Some time later: what comes right after the page came back tells nothing of clocks.
    await passes(page, 3 * 3_600_000)
    await write(page, 'What time is it?')
    await page.getByText('The clock of this device').waitFor()
  },
  'file over the page': async ({ page, address }) => {
    await enter(page, address, 'Ada')
    await late(page)
    await takesNone(page)
    await page.evaluate(() => {
      const dataTransfer = new DataTransfer()
      dataTransfer.items.add(new File(['bread'], 'cat.png'))
      const event = new DragEvent('dragover', { dataTransfer, bubbles: true, cancelable: true })
      document.querySelector('.scroller')?.dispatchEvent(event)
    })
    await page.getByText('Drop a text file').waitFor()
  },
  'only speakers write': async (scene) => {
    const { page, server } = scene
    const room = await hosted(scene)
    await openPanel(page, 'Look after this room')
    await page.getByLabel('Writing').selectOption('Only speakers')
    await page.getByText('Saved').waitFor()
    // Another person from here on.
    await page.evaluate(() => localStorage.clear())
    await enter(page, `${server}/r/${room}`)
    await page.getByText('only the host and speakers write').waitFor()
  },
  closed: async (scene) => {
    const { page } = scene
    await hosted(scene)
    await write(page, 'Good bye, all.')
    // It is not lost with the field in which it stands.
    await page.locator('#composer').fill('One more thing, about the jar: it')
    await openPanel(page, 'Look after this room')
    const close = page.getByRole('button', { name: 'Close the room for good' })
    await close.click()
    await close.click()
    await page.getByText('The host has closed this room').first().waitFor()
    await page.getByRole('button', { name: 'Close', exact: true }).click()
  },
  suggestions: async (scene) => {
    const page = await amid(scene)
    await page.locator('#composer').pressSequentially('/')
    await page.getByRole('listbox').waitFor()
  },
  'too long': async ({ page, address }) => {
    await enter(page, address, 'Ada')
    await page.locator('#composer').fill('far too much '.repeat(320))
  },
  'a number about to be posted': async ({ page, address }) => {
    await enter(page, address, 'Ada')
    await page.locator('#composer').fill('Ring me: 0171 123 45 67')
    await page.getByRole('button', { name: 'Send' }).click()
    await page.getByRole('button', { name: 'Post anyway' }).waitFor()
  },
  'words that wait': async (scene) => {
    const { page } = scene
    await hosted(scene)
    await openPanel(page, 'Look after this room')
    await page.getByLabel('Words that wait for you').fill('jane doe\nelm*')
    await page.getByLabel('Phone numbers and addresses wait').click()
    await page.getByText('Saved').waitFor()
    await page.getByLabel('Words that wait for you').scrollIntoViewIfNeeded()
  },
  'host panel': async (scene) => {
    const { page, server } = scene
    const room = await hosted(scene)
    const { id } = await say(server, room, 'Buy cheap watches!', 'Spam')
    await page.evaluate(
      async ([at, message]) => {
        const headers = {
          'content-type': 'application/json',
          authorization: `Bearer ${'r'.repeat(22)}`,
        }
        await fetch(`${at}/reports`, {
          method: 'POST',
          headers,
          body: JSON.stringify({ message, reason: 'advertising' }),
        })
      },
      [`/r/${room}`, id],
    )
    await openPanel(page, 'Look after this room')
    await page.getByText('Make a link').waitFor()
  },
  invitation: async ({ page, address }) => {
    await enter(page, `${address}#k=${'s'.repeat(32)}`)
    await page.getByText('Accept the invitation').waitFor()
  },
  loading: async ({ page, address }) => {
    await page.route(/\/messages/, () => {})
    await page.goto(address)
    await page.locator('.coming i').first().waitFor()
  },
  'server away': async (scene) => {
    const page = await amid(scene)
    await page.context().setOffline(true)
    await write(page, 'Written in a tunnel')
    await page.locator('.banner').waitFor()
  },
  'room full': (scene) => noPlace(scene, 'room-full', 'This room is full'),
  'server full': (scene) => noPlace(scene, 'too-many-streams', 'The server is full'),
  'login wanted': (scene) => noPlace(scene, null, 'may want you to sign in'),
  'server restarts': (scene) => noPlace(scene, 'draining', 'stopping or restarting'),
  'slow down': async (scene) => {
    const { address } = scene
    const page = await amid(scene)
    await page.route(address, (route) =>
      route.request().method() === 'POST'
        ? route.fulfill({
            status: 429,
            headers: { 'retry-after': '30' },
            contentType: 'application/problem+json',
            body: JSON.stringify({
              type: 'about:blank',
              title: 'x',
              status: 429,
              code: 'slow-down',
              retryAfter: 30,
            }),
          })
        : route.continue(),
    )
    await write(page, 'One message too many')
    await page.locator('.pending.held').waitFor()
  },
  'not sent': async (scene) => {
    const { address } = scene
    const page = await amid(scene)
    await page.route(address, (route) =>
      route.request().method() === 'POST'
        ? route.fulfill({
            status: 403,
            contentType: 'application/problem+json',
            body: JSON.stringify({ type: 'about:blank', title: 'x', status: 403, code: 'muted' }),
          })
        : route.continue(),
    )
    await write(page, 'This one is refused')
    await page.locator('.pending.failed').waitFor()
  },
  banned: async ({ page, address }) => {
    await refuse(page, /\/r\/[^/]+$|\/events/, 'banned', 403)
    await page.goto(address)
    await page.locator('.refusal').waitFor()
  },
  'banned until': async ({ page, address }) => {
    const extra = { reason: 'selling watches', retryAfter: 86_400 }
    await refuse(page, /\/r\/[^/]+$|\/events/, 'banned', 403, extra)
    await page.goto(address)
    await page.getByText('selling watches').waitFor()
  },
  'ban asked': async (scene) => {
    const { page, server } = scene
    const room = await hosted(scene)
    await say(server, room, 'Buy cheap watches!', 'Spam')
    const row = page.locator('.row', { hasText: 'cheap watches' })
    await row.getByRole('button', { name: 'Actions for' }).click()
    await page.getByRole('menuitem', { name: 'Ban' }).click()
    await page.getByLabel('How long').waitFor()
  },
  'ban of who was reported': async (scene) => {
    const { page, server } = scene
    const room = await hosted(scene)
    const { id } = await say(server, room, 'Buy cheap watches!', 'Spam')
    await fetch(`${server}/r/${room}/reports`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ message: id, reason: 'advertising' }),
    })
    await openPanel(page, 'Look after this room')
    await page.getByRole('button', { name: 'Ban' }).click()
    await page.getByLabel('How long').scrollIntoViewIfNeeded()
  },
  'removed for a moment': async ({ page, address }) => {
    await refuse(page, /\/r\/[^/]+$|\/events/, 'removed', 403, { retryAfter: 50 })
    await page.goto(address)
    await page.locator('.refusal').waitFor()
  },
  'wrong link': async ({ page, address }) => {
    await enter(page, `${address}#k=${'s'.repeat(32)}`)
    await page.getByRole('button', { name: 'Accept the invitation' }).click()
    await page.getByText('no longer works').waitFor()
  },
  'storage full': async (scene) => {
    const { address } = scene
    const page = await amid(scene)
    await page.route(address, (route) =>
      route.request().method() === 'POST'
        ? route.fulfill({
            status: 507,
            contentType: 'application/problem+json',
            body: JSON.stringify({
              type: 'about:blank',
              title: 'x',
              status: 507,
              code: 'disk-full',
            }),
          })
        : route.continue(),
    )
    await write(page, 'There is no room for this')
    await page.getByText('store nothing more').waitFor()
  },
  'nothing kept': async ({ page, address }) => {
    await before(
      page,
      () => {
        for (const name of ['localStorage', 'sessionStorage', 'indexedDB']) {
          const get = (): never => {
            throw new DOMException('Not in this window.', 'SecurityError')
          }
          Object.defineProperty(window, name, { get })
        }
      },
      null,
    )
    await enter(page, address, 'Ada')
    await page.getByText('This browser keeps nothing').waitFor()
  },
  'files to go out': async ({ page, address }) => {
    await enter(page, address, 'Ada')
    // One is there, one does not get through, the third is on its way.
    let sent = 0
    await page.route(/\/files/, (route) => {
      if (++sent === 1) return route.continue()
      if (sent > 2) return undefined
      const problem = { type: 'about:blank', title: 'x', status: 507, code: 'files-full' }
      const body = JSON.stringify(problem)
      return route.fulfill({ status: 507, contentType: 'application/problem+json', body })
    })
    await attachFiles(page, 'bread.png', 'the recipe, third version.pdf', 'jar.png')
    await page.locator('.tray .wrong').waitFor()
    await page.locator('.tray progress').waitFor()
    await page.locator('#composer').fill('Look at this')
  },
  'files said': async (scene) => {
    const page = await amid(scene)
    await attachFiles(page, 'bread.png', 'the recipe, third version.pdf')
    await page.locator('.tray li').nth(1).waitFor()
    await write(page, 'Look at this')
    await page.locator('.mine:not(.pending) .picture').waitFor()
  },
  'picture in full': async ({ page, address }) => {
    await enter(page, address, 'Ada')
    await attachFiles(page, 'bread.png')
    await page.locator('.tray li').waitFor()
    await write(page, '')
    await page.locator('.mine:not(.pending) .picture').click()
    await page.locator('dialog.viewer img').waitFor()
  },
  'picture that is gone': async ({ page, address }) => {
    await enter(page, address, 'Ada')
    await attachFiles(page, 'bread.png')
    await page.locator('.tray li').waitFor()
    await write(page, 'It was there for a day')
    await page.locator('.mine:not(.pending) .picture').waitFor()
    await page.route(/\/files\//, (route) => route.fulfill({ status: 404 }))
    await page.reload()
    await page.getByText('not there any more').waitFor()
  },
  'file refused': async ({ page, address }) => {
    await enter(page, address, 'Ada')
    await late(page)
    await takesNone(page)
    await page.evaluate(() => {
      const dataTransfer = new DataTransfer()
      dataTransfer.items.add(new File([new Uint8Array([0xff, 0])], 'cat.png'))
      const event = new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true })
      document.querySelector('.scroller')?.dispatchEvent(event)
    })
    await page.getByText('Rooms carry text only').waitFor()
  },
  'without JavaScript': async (scene) => {
    await bread(scene)
    await scriptless(scene)
  },
  'empty without JavaScript': (scene) => scriptless(scene),
  'refused without JavaScript': async (scene) => {
    await bread(scene)
    await scriptless(scene, 'far too much '.repeat(320))
    await scene.page.getByText('longer than 4000').waitFor()
  },
  shared: async ({ page, address, server }) => {
    await enter(page, address, 'Ada')
    await page.goto(`${server}/?title=Folding&url=https%3A%2F%2Fbread.example%2Ffolding`)
    await page.getByText('to share this in').waitFor()
  },
  'similar name': async (scene) => {
    const { page, server } = scene
    const room = await hosted(scene, 'Mira')
    await write(page, 'Welcome to my room')
    await page.locator('.mine:not(.pending)').waitFor()
    await say(server, room, 'Send me your owner link', 'M\u0131ra')
    await page.getByText('similar name').waitFor()
  },
  'name taken': async (scene) => {
    const { page, server } = scene
    const room = await hosted(scene, 'Mira')
    await write(page, 'Welcome to my room')
    await page.locator('.mine:not(.pending)').waitFor()
    // Another person from here on.
    await page.evaluate(() => localStorage.clear())
    await enter(page, `${server}/r/${room}`, 'Mira')
    await write(page, 'Hello, I am Mira')
    await page.getByText('Your name looks like').waitFor()
  },
  'something for the host to look at': async (scene) => {
    const { page, server } = scene
    const room = await hosted(scene)
    const { id } = await say(server, room, 'selling watches, best prices', 'Max')
    await fetch(`${server}/r/${room}/reports`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ message: id, reason: 'spam' }),
    })
    await page.getByRole('button', { name: '1 to look at' }).waitFor()
  },
  'waits for the host': async (scene) => {
    const { page, server } = scene
    const room = await hosted(scene)
    await openPanel(page, 'Look after this room')
    await page.getByLabel('Check before').selectOption('What newcomers write')
    await page.getByText('Nothing is waiting').waitFor()
    // Another person from here on.
    await page.evaluate(() => localStorage.clear())
    await enter(page, `${server}/r/${room}`, 'Ada')
    await write(page, 'May I come in?')
    await page.getByText('Waits for the host').waitFor()
  },
  'held messages': async (scene) => {
    const { page } = scene
    const room = await hosted(scene)
    await openPanel(page, 'Look after this room')
    await page.getByLabel('Check before').selectOption('What newcomers write')
    await page.getByText('Nothing is waiting').waitFor()
    await page.getByRole('button', { name: 'Close', exact: true }).click()
    await page.evaluate(
      (at) =>
        fetch(at, {
          method: 'POST',
          headers: { authorization: `Bearer ${'n'.repeat(22)}`, 'content-type': 'text/plain' },
          body: 'May I come in?',
        }),
      `/r/${room}`,
    )
    await openPanel(page, 'Look after this room')
    await page.getByRole('button', { name: 'Let through' }).scrollIntoViewIfNeeded()
  },
  'crowd of newcomers': async (scene) => {
    const { page } = scene
    await hosted(scene)
    await openPanel(page, 'Look after this room')
    await page.getByLabel('Against a crowd').selectOption('Make newcomers wait now')
    await page.getByText('A host has held newcomers up').scrollIntoViewIfNeeded()
  },
  undo: async (scene) => {
    const { page, server } = scene
    const room = await hosted(scene)
    await say(server, room, 'Buy cheap watches!', 'Spam')
    await page.locator('.row', { hasText: 'cheap watches' }).waitFor()
    await openPanel(page, 'Look after this room')
    const remove = page.getByRole('button', { name: 'Remove everything by' })
    await remove.click()
    await remove.click()
    await page.getByRole('button', { name: 'Undo' }).scrollIntoViewIfNeeded()
  },
  'by invitation': async ({ page, address }) => {
    await refuse(page, /\/r\/[^/]+$|\/events/, 'by-invitation', 403)
    await page.goto(address)
    await page.locator('.refusal').waitFor()
  },
  'a link to a private room': async ({ page, address }) => {
    await refuse(page, /\/r\/[^/]+$|\/events/, 'by-invitation', 403)
    await page.goto(`${address}#k=${'s'.repeat(32)}`)
    await page.getByText('Accept the invitation').waitFor()
  },
  'invite people to a private room': async (scene) => {
    const { page } = scene
    await hosted(scene)
    await openPanel(page, 'Look after this room')
    await page.getByLabel('Reading').selectOption('Only people with a link')
    await page.getByText('Saved').waitFor()
    await page.getByRole('button', { name: 'Close', exact: true }).click()
    await page.getByRole('button', { name: 'Share' }).click()
    await page.getByRole('dialog').getByText('Its address alone opens nothing').waitFor()
  },
  locked: async (scene) => {
    const { page, server } = scene
    const room = await hosted(scene)
    await openPanel(page, 'Look after this room')
    await page.getByLabel('Lock').click()
    // Another person from here on.
    await page.evaluate(() => localStorage.clear())
    await enter(page, `${server}/r/${room}`)
    await page.getByText('locked').waitFor()
  },
  japanese: async ({ page, room, address, server }) => {
    await say(server, room, 'おはよう！今日はパンを焼きます。🍞 骨 直', 'さくら')
    await speaks(page, 'ja')
    await page.goto(address)
    await page.locator('#join-name').waitFor()
  },
  chinese: async ({ page, room, address, server }) => {
    await say(server, room, '早上好！今天烤面包。🍞 骨 直', '小明')
    await speaks(page, 'zh')
    await page.goto(address)
    await page.locator('#join-name').waitFor()
  },
  arabic: async (scene) => {
    const { page, address } = scene
    await bread(scene)
    await speaks(page, 'ar')
    await page.goto(address)
    await page.locator('.dot.live').waitFor()
    await page.locator('#join-name').fill('ليلى')
    await page.locator('.join .primary').click()
    await page.locator('#composer').fill('أهلًا بالجميع')
    await page.locator('.send').click()
    await page.locator('.mine:not(.pending)').waitFor()
  },
}
