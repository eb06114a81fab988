import fc from 'fast-check'
import { expect } from 'vitest'
import { loggedEvents } from '@hearsay/protocol'
import { fileName } from '../../apps/server/src/files/mask.ts'
import {
  LogError,
  type Entry,
  type Hiding,
  type Log,
  type Logged,
} from '../../apps/server/src/log/log.ts'
import { hour, noon, trim, who } from './entries.ts'
import { Model, type Told } from './model.ts'

interface Common {
  readonly room: string
  readonly person: string
  readonly key: string | undefined
  /** Hours after noon. */
  readonly at: number
}

type Step =
  | (Common & {
      readonly do: 'say' | 'settle' | 'hold'
      readonly text: string
      readonly files: readonly number[]
    })
  | (Common & {
      readonly do: 'edit' | 'delete' | 'react' | 'hide' | 'put-back' | 'approve' | 'drop'
      readonly text: string
      /** Which of all entries so far, as a part of them. */
      readonly target: number
      readonly on: boolean
    })
  | {
      readonly do: 'trim'
      readonly count: number | undefined
      readonly age: number | undefined
      readonly at: number
    }
  | { readonly do: 'expire'; readonly at: number }
  | { readonly do: 'reopen' }

const room = fc.constantFrom('a', 'b')
const at = fc.integer({ min: 0, max: 60 })
const common = {
  room,
  person: fc.constantFrom('ann', 'bob'),
  key: fc.option(fc.constantFrom('k1', 'k2', 'k3', 'k4'), { nil: undefined, freq: 2 }),
  at,
  text: fc.oneof(fc.constantFrom('x', 'yes'), fc.string({ unit: 'grapheme', maxLength: 900 })),
}
const files = fc.oneof(
  { weight: 5, arbitrary: fc.constant([]) },
  { weight: 1, arbitrary: fc.uniqueArray(fc.nat(5), { minLength: 1, maxLength: 4 }) },
)
const idOfFile = (file: number, suffix: string): string => `file${file}${suffix}`
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 24, arbitrary: fc.record({ do: fc.constantFrom('say'), files, ...common }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('settle', 'hold'), files, ...common }) },
  {
    weight: 2,
    arbitrary: fc.record({
      ...common,
      files,
      do: fc.constant('settle' as const),
      text: fc.constantFrom('keepCount', 'keepHours'),
    }),
  },
  {
    weight: 24,
    arbitrary: fc.record({
      do: fc.constantFrom(
        ...(['edit', 'delete', 'react', 'react', 'hide', 'hide'] as const),
        ...(['put-back', 'put-back', 'approve', 'drop'] as const),
      ),
      ...common,
      target: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
      on: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('trim' as const),
      count: fc.option(fc.nat(8), { nil: undefined }),
      age: fc.option(fc.nat(30), { nil: undefined }),
      at,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('expire' as const), at }) },
  { weight: 1, arbitrary: fc.constant({ do: 'reopen' } as const) },
)

/** Steps of one group are taken at once. */
export const steps: fc.Arbitrary<Step[][]> = fc.array(
  fc.array(step, { minLength: 1, maxLength: 12 }),
  { minLength: 1, maxLength: 10 },
)

/**
 * Takes the steps on a log and on the model, and compares every answer, announcement and reading. The rooms are its
 * own: `suffix` tells them from those of other runs.
 */
export async function agree(
  started: Log,
  groups: readonly Step[][],
  suffix: string,
  reopen: (() => Promise<Log>) | null,
): Promise<void> {
  let log = started
  // Of all rooms: what other runs hid or held is not this one's.
  await log.expire(noon + 1_000 * hour)
  await trim(log, { age: 0 }, noon + 1_000 * hour)
  const base = log.head
  const model = new Model(base)
  const announced: Logged[] = []
  const told: string[] = []
  const window = new Map<number, string>()
  const begin = (): void => {
    model.epochs = log.epochs
    log.follow((events, rewritten) => {
      announced.push(...events)
      for (const { seq, kind, json } of events) if (kind in loggedEvents) window.set(seq, json)
      for (const { seq, json } of rewritten) {
        if (json === null) window.delete(seq)
        else window.set(seq, json)
      }
    })
  }
  begin()
  for (const group of groups) {
    const waiting: [Promise<Told>, Told][] = []
    for (const one of group) {
      if (one.do === 'reopen' || one.do === 'trim' || one.do === 'expire') {
        await compareAll(waiting.splice(0))
        if (one.do === 'expire') {
          const now = noon + one.at * hour
          expect(await log.expire(now)).toBe(model.expire(now))
        } else if (one.do === 'trim') {
          const now = noon + one.at * hour
          const retention = {
            ...(one.count === undefined ? {} : { count: one.count }),
            ...(one.age === undefined ? {} : { age: one.age * hour }),
          }
          const removed = model.trim(retention, now)
          expect(await trim(log, retention, now)).toBe(removed)
        } else if (reopen !== null) {
          log = await reopen()
          begin()
        }
        continue
      }
      const entry = entryOf(one, suffix, model)
      const expected = model.append(entry)
      if (typeof expected !== 'string' && expected.first) told.push(expected.json)
      waiting.push([append(log, entry), expected])
    }
    await compareAll(waiting)
  }
  expect(announced.map(({ json }) => json)).toEqual(told)
  expect(announced.map(({ seq }) => seq)).toEqual(told.map((_, i) => base + i + 1))
  await compareReads(log, model, base, [`a${suffix}`, `b${suffix}`], window)
}

async function compareAll(waiting: readonly [Promise<Told>, Told][]): Promise<void> {
  for (const [answer, expected] of waiting) expect(await answer).toEqual(expected)
}

async function append(log: Log, entry: Entry): Promise<Told> {
  try {
    const { event, first } = await log.append(entry)
    expect(event).toMatchObject({ room: entry.room, id: event.id })
    return { id: event.id, first, json: event.json }
  } catch (error) {
    if (error instanceof LogError && (error.code === 'not-found' || error.code === 'too-many'))
      return error.code
    throw error
  }
}

function entryOf(
  one: Exclude<Step, { do: 'trim' | 'reopen' | 'expire' }>,
  suffix: string,
  model: Model,
): Entry {
  const said = {
    room: one.room + suffix,
    at: noon + one.at * hour,
    from: who(one.person),
    ...(one.key === undefined ? {} : { key: one.key }),
  }
  if (!('target' in one)) {
    if (one.do === 'settle') return { kind: 'room', ...said, settings: { [one.text]: one.at } }
    const sent = one.files.map((file) => ({
      id: idOfFile(file, suffix),
      type: 'image/png',
      size: file + 1,
      width: 1,
      height: 2,
    }))
    const files = sent.length === 0 ? {} : { files: sent }
    return { kind: one.do === 'say' ? 'message' : 'hold', ...said, text: one.text, ...files }
  }
  const decides = one.do === 'approve' || one.do === 'drop'
  const about = model.items.filter(
    ({ entry: { kind }, hidden }) =>
      (!decides || kind === 'hold') && (one.do !== 'put-back' || hidden !== null),
  )
  const item = about[Math.floor(one.target * about.length)]
  const target = item?.id ?? 'none-1'
  if (one.do === 'drop') return { kind: 'drop', ...said, target }
  if (one.do === 'approve') {
    if (item?.entry.kind !== 'hold') return { kind: 'message', ...said, text: 'x', held: target }
    const { room, from, key, text, files } = item.entry
    const more = { ...(key === undefined ? {} : { key }), ...(files ? { files } : {}) }
    return { kind: 'message', room, at: said.at, from, text, held: target, ...more }
  }
  if (one.do === 'put-back') return { kind: 'edit', ...said, target, text: null }
  if (one.do === 'hide') return { kind: 'delete', ...said, target, hide: one.on ? 'x' : 'y' }
  if (one.do === 'edit') return { kind: 'edit', ...said, target, text: one.text }
  if (one.do === 'delete') return { kind: 'delete', ...said, target }
  return { kind: 'reaction', ...said, target, emoji: one.text.slice(0, 2), on: one.on }
}

async function compareReads(
  log: Log,
  model: Model,
  base: number,
  rooms: readonly string[],
  window: Map<number, string>,
): Promise<void> {
  expect(log.head).toBe(model.head)
  const there = model.items.filter(({ gone, entry }) => !gone && entry.kind in loggedEvents)
  const replay: Logged[] = []
  for (let more = true; more;) {
    const stretch = await log.after(rooms, replay.at(-1)?.seq ?? base, log.head, 7)
    replay.push(...stretch.events)
    more = stretch.more
  }
  expect(replay.map(({ json }) => json)).toEqual(there.map((item) => model.event(item)))
  expect(replay.map(({ kind }) => kind)).toEqual(there.map(({ entry }) => entry.kind))
  expect([...window].toSorted(([one], [other]) => one - other)).toEqual(
    replay.map(({ seq, json }) => [seq, json]),
  )
  const parse = (all: readonly string[]): unknown[] =>
    all.map((json) => JSON.parse(json) as unknown)
  const suffix = rooms[0]!.slice(1)
  for (const id of [0, 1, 2, 3, 4, 5].map((file) => idOfFile(file, suffix))) {
    for (const name of rooms) {
      const { isThere } = model.file(name, id)
      expect([id, name, await log.hasFile(name, fileName(id))]).toEqual([id, name, isThere])
    }
    const isKept = (await log.filesKept([fileName(id)])).length === 1
    expect([id, isKept]).toEqual([id, model.file('', id).isKept])
  }
  for (const name of rooms) {
    for (const person of ['ann', 'bob']) {
      for (const key of ['k1', 'k2', 'k3', 'k4']) {
        const known = await log.keyed(name, who(person), key)
        const told = known && { id: known.id, json: known.json }
        expect(told).toEqual(model.keyed(name, who(person), key))
      }
    }
    expect(await log.held(name, 0, 999)).toEqual(model.held(name).map((item) => model.event(item)))
    expect(await log.heldCount(name)).toBe(model.held(name).length)
    const hidden = model.hidden(name)
    const inOrder = (all: readonly Hiding[]): Hiding[] =>
      all.toSorted((one, other) => (one.act < other.act ? -1 : 1))
    expect(inOrder(await log.hidden(name))).toEqual(inOrder(hidden))
    for (const { act } of hidden) {
      const by = model.messages(name).filter((item) => item.hidden?.act === act)
      expect(await log.hiddenBy(name, act)).toEqual(by.map(({ id }) => id))
    }
    const messages = model.messages(name)
    const facts = await log.facts(name)
    const known = model.items.some(({ entry }) => entry.room === name)
    const events = model.events(name)
    expect(facts).toEqual(
      known
        ? {
            room: name,
            messages: messages.length,
            oldest: events[0]?.id ?? null,
            newest: events.at(-1)?.id ?? null,
            expired: model.expired.has(name),
            settings: model.settings.get(name) ?? {},
          }
        : null,
    )
    for (const seq of [base + 1, Math.ceil((base + model.head) / 2), model.head]) {
      for (const range of [
        { limit: 3 },
        { before: seq, limit: 3 },
        { after: seq, limit: 3 },
        { after: seq - 4, before: seq + 4, limit: 3 },
      ]) {
        const page = await log.page(name, range)
        const expected = model.page(name, range)
        expect(parse(page.messages)).toEqual(expected.map((item) => model.folded(item)))
      }
      const expected = messages.find((item) => item.seq === seq)
      const found = await log.message(name, seq)
      expect(found === null ? undefined : JSON.parse(found)).toEqual(
        expected === undefined ? undefined : model.folded(expected),
      )
    }
  }
}
