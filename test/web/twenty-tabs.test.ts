import { expect, test } from 'vitest'
import { setting } from './setting.ts'
import { TABS, twentyTabs } from './twenty-tabs.ts'

const { browser, server } = await setting('twenty-tabs')

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
