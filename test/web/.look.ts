import { chromium } from 'playwright-core'
const [, , url, out, w = '1280', h = '800', scheme = 'light', script = ''] = process.argv
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox'],
})
const page = await browser.newPage({
  viewport: { width: +w, height: +h },
  colorScheme: scheme as 'light',
  hasTouch: +w < 500,
  isMobile: +w < 500,
})
page.on('console', (m) => console.log('console', m.type(), m.text()))
page.on('pageerror', (e) => console.log('pageerror', e.message))
await page.goto(url!)
await page.waitForTimeout(1500)
if (script) await eval(`(async () => { ${script} })()`)
await page.waitForTimeout(500)
await page.screenshot({ path: out! })
await browser.close()
