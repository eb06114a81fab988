// Draws the icons that phones want as PNG out of public/icon.svg. Run it after a change of that file, and commit both.
import { readFileSync, writeFileSync } from 'node:fs'
import { chromium } from 'playwright-core'

const folder = new URL('public/', import.meta.url)
const svg = readFileSync(new URL('icon.svg', folder), 'utf8')

/** A maskable icon may lose a fifth on each side: its ground fills all of it, its picture stands in the middle. */
const masked = svg
  .replace(/rx="\d+"/, '')
  .replace('<g ', '<g transform="translate(32 32) scale(.72) translate(-32.5 -34)" ')

const drawings = [
  ['icon-180.png', 180, masked],
  ['icon-192.png', 192, svg],
  ['icon-512.png', 512, svg],
  ['icon-maskable-512.png', 512, masked],
] as const

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox'],
})
const page = await browser.newPage()
for (const [name, size, picture] of drawings) {
  await page.setViewportSize({ width: size, height: size })
  await page.setContent(`<style>body{margin:0}svg{display:block;width:100vw}</style>${picture}`)
  writeFileSync(new URL(name, folder), await page.screenshot({ omitBackground: true }))
}
await browser.close()
