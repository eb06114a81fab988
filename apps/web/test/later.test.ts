import { h, options, render, type ContainerNode } from 'preact'
import { afterEach, expect, test, vi } from 'vitest'
import { fetchLater, later } from '../src/ui/later.tsx'

/** As much of a document as a component that draws text needs. */
class Place {
  readonly nodeType = 1
  readonly namespaceURI = 'http://www.w3.org/1999/xhtml'
  readonly childNodes: Text[] = []
  get firstChild(): Text | null {
    return this.childNodes[0] ?? null
  }
  insertBefore(node: Text): Text {
    this.childNodes.push(node)
    return node
  }
  get text(): string {
    return this.childNodes.map(({ data }) => data).join('')
  }
}

const before = { ...options }
afterEach(() => {
  Object.assign(options, before)
  vi.unstubAllGlobals()
})

/** A page in which frames, idle time and drawing come when the test says so. */
function page(): Readonly<Record<'frame' | 'idle' | 'draw', () => Promise<void>>> & {
  readonly place: Place
} {
  const due = {
    frame: [] as (() => void)[],
    idle: [] as (() => void)[],
    draw: [] as (() => void)[],
  }
  const run = (kind: keyof typeof due) => async (): Promise<void> => {
    for (const each of due[kind].splice(0)) each()
    // What was started has to come as far as it can: a part is loaded in a few turns.
    await new Promise(setImmediate)
  }
  vi.stubGlobal('document', { createTextNode: (data: string) => ({ data, nodeType: 3 }) })
  vi.stubGlobal('requestIdleCallback', (callback: () => void) => due.idle.push(callback))
  options.requestAnimationFrame = (callback) => due.frame.push(callback)
  options.debounceRendering = (callback) => void due.draw.push(callback)
  return { place: new Place(), frame: run('frame'), idle: run('idle'), draw: run('draw') }
}

const here = (): string => 'here'

test('a part that is fetched ahead while it is asked for is shown', async () => {
  const { place, frame, idle, draw } = page()
  const Part = later(async () => here as never)
  render(h(Part, {}), place as unknown as ContainerNode)
  expect(place.text).toBe('')
  fetchLater()
  await idle()
  await frame()
  await draw()
  expect(place.text).toBe('here')
})

test('a part whose code is there comes before the next frame', async () => {
  const { place, draw } = page()
  const Part = later(async () => here as never)
  render(h(Part, {}), place as unknown as ContainerNode)
  await new Promise(setImmediate)
  await draw()
  expect(place.text).toBe('here')
})

test('a part that nobody fetched ahead is asked for when it was drawn, and shown', async () => {
  const { place, frame, draw } = page()
  const Part = later(async () => here as never)
  render(h(Part, {}), place as unknown as ContainerNode)
  await frame()
  await draw()
  expect(place.text).toBe('here')
})

test('a part that is there already is drawn once', async () => {
  const { place, frame, draw } = page()
  let draws = 0
  const counted = (): string => `drawn ${++draws}`
  const Part = later(async () => counted as never)
  render(h(Part, {}), place as unknown as ContainerNode)
  await frame()
  await draw()
  expect(place.text).toBe('drawn 1')
  const other = new Place()
  render(h(Part, {}), other as unknown as ContainerNode)
  await frame()
  await draw()
  expect(other.text).toBe('drawn 2')
  expect(draws).toBe(2)
})
