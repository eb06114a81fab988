// Pictures of every state of the page, on a phone and on a desk, light and dark: `node --conditions=@hearsay/source
// test/web/screens.ts [words in the states' names ...]`. They go to test-results/screens, to be looked at.
import { mkdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { open } from '../harness/server.ts'
import { devices, launch, person } from './browser.ts'
import { states } from './states.ts'

const folder = resolve(import.meta.dirname, '../../test-results/screens')
const wanted = process.argv.slice(2)
const server = await open('--limits', 'off')
let rooms = 0
if (wanted.length === 0) rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
const browser = await launch()
const names = Object.keys(states).filter(
  (name) => wanted.length === 0 || wanted.some((word) => name.includes(word)),
)
for (const [at, name] of names.entries()) {
  for (const [device, options] of Object.entries(devices)) {
    for (const colorScheme of ['light', 'dark'] as const) {
      const { context, page } = await person(browser, { ...options, colorScheme })
      const room = `bread-${++rooms}`
      await states[name]?.({ page, room, server: server.url, address: `${server.url}/r/${room}` })
      // What fades in has to have done so, and late parts have to be there.
      await page.evaluate(() => {
        for (const it of document.getAnimations()) {
          if (it.effect?.getComputedTiming().iterations !== Infinity) it.finish()
        }
      })
      const file = `${name.replaceAll(' ', '-')}-${device}-${colorScheme}.png`
      await page.screenshot({ path: join(folder, file) })
      await context.close()
    }
  }
  console.log(`${at + 1}/${names.length} ${name}`)
}
await browser.close()
await server.close()
