// Pictures of every state of the page: `node --conditions=@hearsay/source test/web/screens.ts [words in the states' names
// ...]`. They go to test-results/screens, to be looked at. Each state is built once on each device, and shown in all
// looks of that device.
import { mkdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { open } from '../harness/server.ts'
import { finishFades, launch, looks, newcomer, stage } from './browser.ts'
import { states } from './states.ts'

const folder = resolve(import.meta.dirname, '../../test-results/screens')
const wanted = process.argv.slice(2)
const server = await open('--limits', 'off', '--files', '100', '--contact', 'help@example.org')
let rooms = 0
if (wanted.length === 0) rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
const browser = await launch()
const stages = await Promise.all(
  Object.entries(looks).map(async ([device, { options, media, ...more }]) => ({
    device,
    media,
    page: await stage(browser, options),
    text: 'text' in more ? more.text : 16,
  })),
)
const isWanted = (name: string): boolean =>
  wanted.length === 0 || wanted.some((word) => name.includes(word))
const names = Object.keys(states).filter(isWanted)
for (const [at, name] of names.entries()) {
  for (const { device, media, page, text } of stages) {
    await newcomer(page, server.url)
    const door = await page.context().newCDPSession(page)
    await door.send('Page.setFontSizes', { fontSizes: { standard: text } })
    const room = `bread-${++rooms}`
    await states[name]?.({ page, room, server: server.url, address: `${server.url}/r/${room}` })
    for (const [look, how] of Object.entries(media)) {
      await page.emulateMedia(how)
      await finishFades(page)
      const file = `${name.replaceAll(' ', '-')}-${device}-${look}.png`
      await page.screenshot({ path: join(folder, file) })
    }
    await door.detach()
  }
  console.log(`${at + 1}/${names.length} ${name}`)
}
await browser.close()
await server.close()
