import type { Edit, From, History, Message } from '@hearsay/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { LoggedEvent } from '../src/place.ts'
import { Timeline } from '../src/timeline.ts'

const people = ['p1', 'p2', 'p3'].map((person): From => ({
  person,
  name: person,
  mark: 'ABC123',
  role: 'speak',
}))

/** A room's log and what a server makes of it, kept as simply as can be. */
class Log {
  readonly events: LoggedEvent[] = []
  /** What was said before it was removed, as of the last look at the messages. */
  readonly hidden = new Map<string, Message>()

  add(act: Act): LoggedEvent {
    this.messages()
    const seq = this.events.length + 1
    const common = {
      id: `e1-${seq}`,
      prev: seq > 1 ? `e1-${seq - 1}` : null,
      room: 'r',
      at: new Date(seq * 1000).toISOString(),
      from: people[act.who] as From,
    }
    const said = this.events.filter(({ type }) => type === 'message')
    const target = said[act.target % Math.max(1, said.length)]?.data.id
    const hidden = this.hidden.get(target ?? '')
    // A server takes nothing but its return for what was removed.
    const isLost = target === undefined || (act.type === 'restore') !== (hidden !== undefined)
    const type = isLost ? 'message' : act.type
    let event: LoggedEvent
    if (type === 'message') {
      const file = { id: `${seq}`.padStart(32, '-'), type: 'image/png', size: seq }
      const files = seq % 3 === 0 ? { files: [file] } : {}
      event = { type, data: { ...common, text: `said ${seq}`, ...files } }
    } else if (type === 'restore') {
      const { text, edited, editedBy, reactions, files } = hidden as Message
      const back = {
        text,
        restored: true,
        ...(edited && { edited }),
        ...(editedBy && { editedBy }),
        ...(reactions && { reactions }),
        ...(files && { files }),
      }
      event = { type: 'edit', data: { ...common, target: target as string, ...back } as Edit }
    } else if (type === 'edit') {
      event = { type, data: { ...common, target: target as string, text: `edited ${seq}` } }
    } else if (type === 'delete') event = { type, data: { ...common, target: target as string } }
    else {
      event = { type, data: { ...common, target: target as string, emoji: act.emoji, on: act.on } }
    }
    this.events.push(event)
    return event
  }

  /** The messages as they were after so many events. */
  messages(events = this.events.length): Message[] {
    const all = new Map<string, Message>()
    this.hidden.clear()
    for (const { type, data } of this.events.slice(0, events)) {
      if (type === 'message') all.set(data.id, { ...data })
      if (type === 'message' || type === 'room') continue
      const message = all.get(data.target) as Message
      if (type === 'edit' && data.restored) {
        all.set(data.target, this.hidden.get(data.target) as Message)
        this.hidden.delete(data.target)
      }
      if (message.deleted) continue
      if (type === 'edit') {
        Object.assign(message, { text: data.text, edited: data.at, editedBy: 'host' })
        if (data.from.person === message.from.person) delete message.editedBy
      } else if (type === 'delete') {
        this.hidden.set(data.target, { ...message })
        const deletedBy = data.from.person === message.from.person ? 'author' : 'host'
        Object.assign(message, { text: '', deletedBy, deleted: true })
        delete message.reactions
        delete message.files
        delete message.editedBy
      } else {
        const others = (message.reactions?.[data.emoji] ?? []).filter(
          (person) => person !== data.from.person,
        )
        const persons = data.on ? [...others, data.from.person] : others
        message.reactions = { ...message.reactions, [data.emoji]: persons }
        if (persons.length === 0) delete message.reactions[data.emoji]
        if (Object.keys(message.reactions).length === 0) delete message.reactions
      }
    }
    return [...all.values()]
  }

  /** A page as it was after so many events. */
  page(events: number, range: { before?: string; after?: string }, limit: number): History {
    const all = this.messages(events)
    const at = (id: string): number => all.findIndex((message) => message.id === id)
    const from =
      range.after === undefined
        ? Math.max(0, (range.before === undefined ? all.length : at(range.before)) - limit)
        : at(range.after) + 1
    const to =
      range.after === undefined && range.before !== undefined ? at(range.before) : from + limit
    const messages = all.slice(from, to)
    return {
      messages,
      before: from > 0 && messages[0] ? messages[0].id : null,
      after: to < all.length && messages.length > 0 ? messages.at(-1)!.id : null,
    }
  }
}

interface Act {
  readonly type: 'message' | 'edit' | 'delete' | 'restore' | 'reaction'
  readonly who: number
  readonly target: number
  readonly emoji: string
  readonly on: boolean
}

const acts = (maxLength: number): fc.Arbitrary<Act[]> =>
  fc.array(
    fc.record<Act>({
      type: fc.constantFrom<Act['type'][]>(
        'message',
        'message',
        'message',
        'edit',
        'delete',
        'restore',
        'restore',
        'reaction',
      ),
      who: fc.nat(2),
      target: fc.nat(1000),
      emoji: fc.constantFrom('👍', '❤️'),
      on: fc.boolean(),
    }),
    { maxLength },
  )

/** Reactions are sets of people. */
const sorted = (messages: readonly Message[]): unknown =>
  messages.map(({ reactions, ...message }) => ({
    ...message,
    ...(reactions && {
      reactions: Object.fromEntries(
        Object.entries(reactions)
          .map(([emoji, persons]) => [emoji, [...persons].sort()] as const)
          .sort(([a], [b]) => (a < b ? -1 : 1)),
      ),
    }),
  }))

test('what is shown is what the server has, wherever the pages and the events meet', () => {
  fc.assert(
    fc.property(acts(40), acts(20), acts(20), fc.integer({ min: 1, max: 10 }), (a, b, c, limit) => {
      const log = new Log()
      const timeline = new Timeline(1000)
      for (const act of a) log.add(act)
      // The page is read somewhere between the events that are heard while it is on its way.
      const heard = b.map((act) => log.add(act))
      for (const event of heard) timeline.apply(event)
      const readAt = a.length + Math.floor(b.length / 2)
      timeline.renew(log.page(readAt, {}, limit))
      for (const event of heard) timeline.apply(event)
      for (const act of c) timeline.apply(log.add(act))
      const all = log.messages()
      const { messages } = timeline
      expect(sorted(messages)).toEqual(sorted(all.slice(all.length - messages.length)))
      // And back to the start.
      for (let pages = 0; timeline.older !== 'end' && timeline.oldest; pages++) {
        timeline.prepend(log.page(log.events.length, { before: timeline.oldest.id }, limit))
        expect(pages).toBeLessThan(100)
      }
      expect(sorted(timeline.messages)).toEqual(sorted(all))
    }),
    { numRuns: 300 },
  )
})

test('a bounded stretch moves through the log both ways, without holes', () => {
  fc.assert(
    fc.property(
      acts(60),
      fc.array(fc.constantFrom('older', 'newer', 'hear'), { maxLength: 40 }),
      acts(40),
      (before, moves, live) => {
        const [log, limit, keep] = [new Log(), 5, 12]
        for (const act of before) log.add(act)
        const timeline = new Timeline(keep)
        timeline.renew(log.page(log.events.length, {}, limit))
        const page = (range: { before?: string; after?: string }): History =>
          log.page(log.events.length, range, limit)
        for (const move of moves) {
          const { oldest, newest, older, newer } = timeline
          if (move === 'older' && oldest && older === 'more')
            timeline.prepend(page({ before: oldest.id }))
          if (move === 'newer' && newest && newer === 'more')
            timeline.append(page({ after: newest.id }))
          const act = live.pop()
          if (move === 'hear' && act) timeline.apply(log.add(act))
          const all = log.messages()
          const { messages } = timeline
          const at = all.findIndex(({ id }) => id === messages[0]?.id)
          expect(messages.length).toBeLessThanOrEqual(keep)
          if (messages.length > 0) {
            expect(sorted(messages)).toEqual(sorted(all.slice(at, at + messages.length)))
          }
          const isAtEnd = messages.at(-1)?.id === all.at(-1)?.id
          if (timeline.newer === 'end') expect(isAtEnd).toBe(true)
          if (timeline.older === 'end') expect(at).toBeLessThanOrEqual(0)
        }
      },
    ),
    { numRuns: 300 },
  )
})

describe('what does not change', () => {
  const say = (seq: number, text = `${seq}`): LoggedEvent => ({
    type: 'message',
    data: {
      id: `e1-${seq}`,
      prev: null,
      room: 'r',
      at: new Date(seq).toISOString(),
      from: people[0] as From,
      text,
    },
  })

  test('is the same object as before, and what was shown is never changed', () => {
    const timeline = new Timeline(100)
    timeline.apply(say(1))
    timeline.apply(say(2))
    const before = timeline.messages
    const copy = structuredClone(before)
    timeline.apply({ type: 'edit', data: { ...say(3).data, target: 'e1-1', text: 'x' } })
    timeline.apply(say(4))
    expect(before).toEqual(copy)
    expect(timeline.messages[1]).toBe(before[1])
    expect(timeline.messages[0]).not.toBe(before[0])
    expect(timeline.messages).toBe(timeline.messages)
  })

  test('a message that is heard again is there once', () => {
    const timeline = new Timeline(100)
    timeline.apply(say(1))
    const before = timeline.messages
    timeline.apply(say(1))
    expect(timeline.messages).toBe(before)
  })

  test('an answer to a post that comes before older messages is put in its place', () => {
    const timeline = new Timeline(100)
    timeline.apply(say(1))
    timeline.apply(say(5))
    timeline.apply(say(3))
    expect(timeline.messages.map(({ text }) => text)).toEqual(['1', '3', '5'])
  })

  test('under a reader who is not at the end nothing is taken away', () => {
    const timeline = new Timeline(3)
    for (const seq of [1, 2, 3]) timeline.apply(say(seq))
    timeline.atEnd = false
    for (const seq of [4, 5]) timeline.apply(say(seq))
    expect(timeline.messages.map(({ text }) => text)).toEqual(['1', '2', '3'])
    expect([timeline.newer, timeline.unseen]).toEqual(['more', 2])
  })

  test('a removed message stays removed, whatever a replay tells of it', () => {
    const timeline = new Timeline(100)
    timeline.apply(say(1))
    timeline.apply({ type: 'delete', data: { ...say(2).data, target: 'e1-1' } })
    timeline.apply({ type: 'edit', data: { ...say(3).data, target: 'e1-1', text: 'x' } })
    timeline.apply(say(1))
    expect(timeline.messages[0]).toMatchObject({ text: '', deleted: true })
  })
})
