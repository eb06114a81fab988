// What the page takes, measured in Chromium on the built page: `node --conditions=@hearsay/source test/web/figures.ts
// [tabs|slow] [times]`. docs/testing.md shows what it printed. The tests hold what is shown; how fast it is, is only said here, since
// a busy machine would make any bound a lie.
import type { Browser } from 'playwright-core'
import { open } from '../harness/server.ts'
import { slowPage } from './slow-page.ts'
import { launch } from './browser.ts'
import { twentyTabs } from './twenty-tabs.ts'

/** Values of one kind, from several runs. */
class Figures {
  readonly #values = new Map<string, number[]>()

  add(values: Readonly<Record<string, number>>): void {
    for (const [name, value] of Object.entries(values)) {
      this.#values.set(name, [...(this.#values.get(name) ?? []), value])
    }
  }

  /** A line for each kind: the median, the best and the worst. */
  print(unit: string): void {
    for (const [name, values] of this.#values) {
      const sorted = values.toSorted((a, b) => a - b)
      const median = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
      const [best, worst] = [sorted[0], sorted.at(-1)].map((value) => value?.toFixed(0))
      console.log(
        `${name}: median ${median.toFixed(0)} ${unit}, ${best} to ${worst} (${values.length} runs)`,
      )
    }
  }
}

interface Place {
  readonly browser: Browser
  readonly server: string
  readonly times: number
}

const kinds: Readonly<Record<string, (place: Place) => Promise<void>>> = {
  async tabs({ browser, server, times }) {
    const figures = new Figures()
    for (let run = 0; run < times; run++) {
      const { posts, complete, healed } = await twentyTabs(browser, server, `tabs-${run}`)
      figures.add({
        '20 tabs, a post from each stored': posts,
        '20 tabs, all on all': complete,
        'the leading tab closed, all others whole': healed,
      })
    }
    figures.print('ms')
  },
  async slow({ browser, server, times }) {
    const figures = new Figures()
    for (let run = 0; run < times; run++) {
      const { content, drawn, shown } = await slowPage(browser, server, `slow-${run}`)
      figures.add({ 'first contentful paint, nothing kept': content })
      for (const value of drawn) {
        figures.add({ 'Enter until the message is in the document': value })
      }
      for (const value of shown) figures.add({ 'Enter until it is on the screen': value })
      figures.add({ 'the same, the first message after opening': shown[0]! })
    }
    figures.print('ms')
  },
}

const words = process.argv.slice(2)
const times = Number(words.find((word) => /^\d+$/.test(word)) ?? 5)
const wanted = words.filter((word) => word in kinds)
const server = await open('--limits', 'off')
const browser = await launch()
for (const kind of wanted.length > 0 ? wanted : Object.keys(kinds)) {
  await kinds[kind]?.({ browser, server: server.url, times })
}
await browser.close()
await server.close()
