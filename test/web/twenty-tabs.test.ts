import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Running } from '../../apps/server/src/index.ts'
import { open } from '../harness/server.ts'
import { launch } from './browser.ts'
import { TABS, twentyTabs } from './twenty-tabs.ts'

let browser: Browser
let server: Running

beforeAll(async () => {
  browser = await launch()
  server = await open('--limits', 'off')
})
afterAll(async () => {
  await browser.close()
  await server.close()
})

test('twenty tabs of one browser have one stream, each can speak, and all show all; so do the others when the leading one closes', async () => {
  const { streams, shown, faults } = await twentyTabs(browser, server.url, 'twenty')
  expect(streams).toEqual([1, 1])
  const said = Array.from({ length: TABS }, (_, tab) => `from tab ${tab}`)
  expect(shown).toHaveLength(TABS - 1)
  for (const texts of shown) {
    expect(texts).toEqual(shown[0])
    expect(texts.slice(0, -1).toSorted()).toEqual(said.toSorted())
    expect(texts.at(-1)).toBe('after that')
  }
  expect(faults).toEqual([])
}, 120_000)
