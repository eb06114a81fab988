import type { Entry, Epoch, Range, Retention } from '../../apps/server/src/log/log.ts'

/** What the model says of an append: the event's id and data, or that its target is not there. */
export type Told = { id: string; first: boolean; json: string } | 'not-found'

interface Item {
  readonly seq: number
  readonly entry: Entry
  readonly id: string
  readonly prev: string | null
  text: string
  edited: string | null
  deleted: boolean
  gone: boolean
  /** emoji -> person -> seq of the reaction that decides, and whether it stands. */
  readonly reactions: Map<string, Map<string, { seq: number; on: boolean }>>
}

const day = 24 * 60 * 60 * 1000
const iso = (at: number): string => new Date(at).toISOString()

/** The log as plainly as it can be said: one array, and every question answered by looking through all of it. */
export class Model {
  epochs: readonly Epoch[] = []
  /** What the log had given before. */
  readonly #base: number
  readonly items: Item[] = []
  readonly settings = new Map<string, Record<string, unknown>>()
  readonly #keys = new Map<string, number>()

  constructor(base: number) {
    this.#base = base
  }

  get head(): number {
    return this.#base + this.items.length
  }

  #item(seq: number): Item {
    return this.items[seq - this.#base - 1]!
  }

  id(seq: number): string {
    const epoch = this.epochs.findLast(({ first }) => first <= seq) ?? this.epochs[0]!
    return `${epoch.epoch}-${seq}`
  }

  append(entry: Entry): Told {
    const key = entry.key === undefined ? null : `${entry.room} ${entry.from.person} ${entry.key}`
    const same = key === null ? undefined : this.#keys.get(key)
    if (same !== undefined) return this.#standing(same, entry)
    let target: Item | undefined
    if ('target' in entry) {
      target = this.items.find(
        ({ id, entry: { room, kind }, gone }) =>
          id === entry.target && room === entry.room && kind === 'message' && !gone,
      )
      if (target === undefined) return 'not-found'
      if (target.deleted && entry.kind !== 'delete') return 'not-found'
      if (target.deleted) {
        const deletion = this.items.find(
          ({ entry: one }) => one.kind === 'delete' && one.target === entry.target,
        )
        return this.#standing(deletion!.seq, entry)
      }
      if (entry.kind === 'reaction') {
        const before = target.reactions.get(entry.emoji.toWellFormed())?.get(entry.from.person)
        if (before?.on === entry.on) return this.#standing(before.seq, entry)
      }
    }
    const item = this.#add(entry)
    if (key !== null) this.#keys.set(key, item.seq)
    this.#effect(item, target)
    return { id: item.id, first: true, json: this.event(item) }
  }

  trim(room: string, { count, age }: Retention, now: number): number {
    for (const [key, seq] of this.#keys) {
      const item = this.#item(seq)
      if (item.gone && item.entry.at <= now - day) this.#keys.delete(key)
    }
    const messages = this.messages(room)
    const most = count ?? Infinity
    const kept = messages.length > most ? messages.at(-most || messages.length) : undefined
    const from = messages.length <= most ? 0 : most === 0 ? Infinity : kept!.seq
    const before = age === undefined ? -Infinity : now - age
    let removed = 0
    for (const item of this.events(room)) {
      if (item.seq >= from && item.entry.at >= before) break
      item.gone = true
      removed += 1
      if (item.entry.at <= now - day) {
        for (const [key, seq] of this.#keys) if (seq === item.seq) this.#keys.delete(key)
      }
    }
    for (const item of this.events(room)) {
      const { entry } = item
      if (entry.kind !== 'edit') continue
      const message = this.items.find(({ id }) => id === entry.target)!
      if (message.gone) this.#blank(item)
    }
    return removed
  }

  /** Events of a room that are still there. */
  events(room: string): Item[] {
    return this.items.filter(({ entry, gone }) => entry.room === room && !gone)
  }

  messages(room: string): Item[] {
    return this.events(room).filter(({ entry }) => entry.kind === 'message')
  }

  page(room: string, { before, after, limit }: Range): Item[] {
    const all = this.messages(room).filter(
      ({ seq }) => seq > (after ?? 0) && seq < (before ?? Infinity),
    )
    return after === undefined ? all.slice(Math.max(0, all.length - limit)) : all.slice(0, limit)
  }

  /** An event's data, as a replay gives it. */
  event({ entry, id, prev, text, edited, deleted }: Item): string {
    const { room, from, key } = entry
    const said = { id, prev, room, at: iso(entry.at), from }
    const gone = deleted ? { deleted: true } : {}
    switch (entry.kind) {
      case 'message': {
        const { replyTo } = entry
        const changed = edited === null || deleted ? {} : { edited }
        return JSON.stringify({ ...said, text, replyTo, key, ...changed, ...gone })
      }
      case 'edit':
        return JSON.stringify({ ...said, target: entry.target, text, ...gone })
      case 'delete':
        return JSON.stringify({ ...said, target: entry.target })
      case 'reaction':
        return JSON.stringify({
          ...said,
          target: entry.target,
          emoji: entry.emoji.toWellFormed(),
          on: entry.on,
        })
      case 'room':
        return JSON.stringify({ ...said, settings: entry.settings })
      case 'record':
        throw new Error('A record is no event.')
    }
  }

  /** A message as history gives it, parsed: the order of emojis is not a promise. */
  folded(item: Item): unknown {
    const reactions: [string, string[]][] = []
    for (const [emoji, people] of item.reactions) {
      const live = [...people].filter(([, { on }]) => on)
      const inOrder = live.toSorted(([, one], [, other]) => one.seq - other.seq)
      if (live.length > 0) reactions.push([emoji, inOrder.map(([person]) => person)])
    }
    const message = JSON.parse(this.event(item)) as object
    return reactions.length === 0
      ? message
      : { ...message, reactions: Object.fromEntries(reactions) }
  }

  #add(entry: Entry): Item {
    const seq = this.head + 1
    const before = this.items.findLast(({ entry: { room } }) => room === entry.room)
    const item: Item = {
      seq,
      entry,
      id: this.id(seq),
      prev: before?.id ?? null,
      text: 'text' in entry ? entry.text : '',
      edited: null,
      deleted: false,
      gone: false,
      reactions: new Map(),
    }
    this.items.push(item)
    return item
  }

  #effect({ seq, entry }: Item, target: Item | undefined): void {
    if (entry.kind === 'room') {
      this.settings.set(entry.room, { ...this.settings.get(entry.room), ...entry.settings })
    } else if (entry.kind === 'edit') {
      target!.text = entry.text
      target!.edited = iso(entry.at)
    } else if (entry.kind === 'delete') {
      this.#blank(target!)
      target!.reactions.clear()
      for (const other of this.items) {
        if (other.entry.kind === 'edit' && other.entry.target === entry.target) this.#blank(other)
      }
    } else if (entry.kind === 'reaction') {
      const emoji = entry.emoji.toWellFormed()
      const people = target!.reactions.get(emoji) ?? new Map()
      target!.reactions.set(emoji, people.set(entry.from.person, { seq, on: entry.on }))
    }
  }

  #blank(item: Item): void {
    item.text = ''
    item.deleted = true
  }

  #standing(seq: number, { room, from }: Entry): Told {
    const item = this.#item(seq)
    const { id } = item
    if (!item.gone) return { id, first: false, json: this.event(item) }
    const at = iso(item.entry.at)
    const stub = { id, prev: null, room, at, from, text: '', deleted: true }
    return { id, first: false, json: JSON.stringify(stub) }
  }
}
