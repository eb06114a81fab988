import type { Attachment } from '@hearsay/protocol'
import type { Entry, Epoch, Hiding, Range, Retention } from '../../apps/server/src/log/log.ts'

/** What the model says of an append: the event's id and data, or that its target is not there. */
export type Told = { id: string; first: boolean; json: string } | 'not-found' | 'too-many'

interface Item {
  readonly seq: number
  readonly entry: Entry
  readonly id: string
  readonly prev: string | null
  text: string
  files: readonly Attachment[] | undefined
  edited: string | null
  editedBy: 'host' | undefined
  deleted: boolean
  deletedBy?: 'author' | 'host'
  gone: boolean
  /** What it said before it was hidden, until when that can be put back, and what hid it. */
  hidden: {
    text: string
    files: readonly Attachment[] | undefined
    edited: string | null
    editedBy: 'host' | undefined
    until: number
    act: string
  } | null
  /** Of an edit that put its message back: what that was. */
  restored: {
    edited: string | null
    editedBy: 'host' | undefined
    reactions: Record<string, string[]> | undefined
  } | null
  /** emoji -> person -> seq of the reaction that decides, and whether it stands. */
  readonly reactions: Map<string, Map<string, { seq: number; on: boolean }>>
}

const hour = 60 * 60 * 1000
const day = 24 * hour
const events = new Set<Entry['kind']>(['message', 'edit', 'delete', 'reaction', 'room'])
const keyOf = (entry: Entry): string => `${entry.room} ${entry.from.person} ${entry.key}`
const iso = (at: number): string => new Date(at).toISOString()

/** The log as plainly as it can be said: one array, and every question answered by looking through all of it. */
export class Model {
  epochs: readonly Epoch[] = []
  /** What the log had given before. */
  readonly #base: number
  readonly items: Item[] = []
  readonly settings = new Map<string, Record<string, unknown>>()
  /** Rooms of which messages were removed as their time was over. */
  readonly expired = new Set<string>()
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
    const key = entry.key === undefined ? null : keyOf(entry)
    const decided =
      entry.kind === 'drop'
        ? this.#waiting(entry.room, entry.target)
        : entry.kind === 'message' && entry.held !== undefined
          ? this.#waiting(entry.room, entry.held)
          : undefined
    if (entry.kind === 'message' && decided !== undefined) {
      decided.gone = true
      if (decided.entry.key !== undefined) this.#keys.delete(keyOf(decided.entry))
    }
    const same = key === null ? undefined : this.#keys.get(key)
    if (same !== undefined) return this.#standing(same, entry)
    if (entry.kind === 'drop') {
      if (decided === undefined) return 'not-found'
      decided.gone = true
    }
    if (entry.kind === 'message' && entry.held !== undefined && decided === undefined)
      return 'not-found'
    if (entry.kind === 'hold') {
      const waiting = this.held(entry.room)
      const own = waiting.filter(({ entry: { from } }) => from.person === entry.from.person)
      if (waiting.length >= 500 || own.length >= 20) return 'too-many'
    }
    let target: Item | undefined
    if ('target' in entry && entry.kind !== 'drop') {
      target = this.items.find(
        ({ id, entry: { room, kind }, gone }) =>
          id === entry.target && room === entry.room && kind === 'message' && !gone,
      )
      if (target === undefined) return 'not-found'
      const isBack = entry.kind === 'edit' && entry.text === null
      if (isBack && target.hidden === null) return 'not-found'
      if (target.deleted && entry.kind !== 'delete' && !isBack) return 'not-found'
      if (target.deleted && entry.kind === 'delete') {
        if (entry.hide === undefined) this.#shred(target)
        const deletion = this.items.findLast(
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

  /** What was hidden an hour ago can't be put back, and what waited for a day waits no more. */
  expire(now: number): number | null {
    const times: number[] = []
    for (const item of this.items) {
      if (item.gone) continue
      const { entry, hidden } = item
      const until = entry.kind === 'hold' ? entry.at + day : hidden?.until
      if (until === undefined) continue
      if (until > now) times.push(until)
      else if (entry.kind !== 'hold') this.#shred(item)
      else {
        item.gone = true
        if (entry.key !== undefined) this.#keys.delete(keyOf(entry))
      }
    }
    return times.length > 0 ? Math.min(...times) : null
  }

  /** What stands under a key. */
  keyed(room: string, from: Entry['from'], key: string): { id: string; json: string } | null {
    const same = this.#keys.get(`${room} ${from.person} ${key}`)
    if (same === undefined) return null
    const told = this.#standing(same, { kind: 'drop', room, at: 0, from, target: '' })
    return typeof told === 'string' ? null : { id: told.id, json: told.json }
  }

  /** Can a file be had, and is it to be kept? */
  file(room: string, id: string): { readonly isThere: boolean; readonly isKept: boolean } {
    const has = (files: readonly Attachment[] | undefined): boolean =>
      files?.some((file) => file.id === id) ?? false
    // What an edit says again is its message's.
    const all = this.items.filter(({ gone, entry: { kind } }) => !gone && kind !== 'edit')
    return {
      isThere: all.some(({ files, entry }) => entry.room === room && has(files)),
      isKept: all.some(({ files, hidden }) => has(files) || has(hidden?.files)),
    }
  }

  held(room: string): Item[] {
    return this.items.filter(
      ({ entry, gone }) => entry.kind === 'hold' && entry.room === room && !gone,
    )
  }

  hidden(room: string): Hiding[] {
    const acts = new Map<string, number>()
    for (const { hidden } of this.events(room))
      if (hidden !== null) acts.set(hidden.act, (acts.get(hidden.act) ?? 0) + 1)
    return [...acts].map(([act, messages]) => ({ act, messages }))
  }

  #waiting(room: string, held: string): Item | undefined {
    return this.held(room).find(({ id }) => id === held)
  }

  #shred(item: Item): void {
    if (item.hidden === null) return
    item.hidden = null
    item.reactions.clear()
  }

  trim(standard: Retention, now: number): number {
    for (const [key, seq] of this.#keys) {
      const item = this.#item(seq)
      if (item.gone && item.entry.at <= now - day) this.#keys.delete(key)
    }
    let removed = 0
    for (const room of new Set(this.items.map(({ entry }) => entry.room))) {
      const { keepCount, keepHours } = this.settings.get(room) ?? {}
      const count = keepCount as number | undefined
      const age = keepHours === undefined ? undefined : (keepHours as number) * hour
      const own = { count: count ?? standard.count, age: age ?? standard.age }
      removed += this.#trim(room, own, now)
    }
    return removed
  }

  #trim(
    room: string,
    { count, age }: { count: number | undefined; age: number | undefined },
    now: number,
  ): number {
    const messages = this.messages(room)
    const most = count ?? Infinity
    const kept = messages.length > most ? messages.at(-most || messages.length) : undefined
    const from = messages.length <= most ? 0 : most === 0 ? Infinity : kept!.seq
    const before = age === undefined ? -Infinity : now - age
    let removed = 0
    for (const item of this.events(room)) {
      if (item.seq >= from && item.entry.at >= before) break
      item.gone = true
      if (item.entry.kind === 'message' && !item.deleted) this.expired.add(room)
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
    return this.items.filter(
      ({ entry, gone }) => entry.room === room && !gone && events.has(entry.kind),
    )
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
  event(item: Item): string {
    const { entry, id, prev, text, files, edited, editedBy, deleted, deletedBy, restored } = item
    const { room, from, key } = entry
    const said = { id, prev, room, at: iso(entry.at), from }
    const gone = deleted ? { deleted: true } : {}
    switch (entry.kind) {
      case 'message': {
        const { replyTo } = entry
        const changed = edited === null || deleted ? {} : { edited, editedBy }
        const by = deleted ? { deletedBy } : {}
        return JSON.stringify({ ...said, text, replyTo, key, files, ...changed, ...by, ...gone })
      }
      case 'edit': {
        if (restored === null)
          return JSON.stringify({ ...said, target: entry.target, text, ...gone })
        const was = deleted ? {} : { ...restored, edited: restored.edited ?? undefined, files }
        return JSON.stringify({
          ...said,
          target: entry.target,
          text,
          restored: true,
          ...was,
          ...gone,
        })
      }
      case 'hold': {
        const { text: held, replyTo } = entry
        const { prev: _, ...own } = said
        return JSON.stringify({ ...own, text: held, replyTo, key, files, held: true })
      }
      case 'drop': {
        const { id: own, at, from: by } = said
        const about = { space: 'held', name: entry.target, value: null }
        return JSON.stringify({ id: own, at, from: by, ...about })
      }
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
      case 'act':
        throw new Error('It is no event, and none of the steps.')
    }
  }

  /** A message as history gives it, parsed: the order of emojis is not a promise. */
  folded(item: Item): unknown {
    const reactions = item.deleted ? undefined : this.#reactionsOf(item)
    const message = JSON.parse(this.event(item)) as object
    return reactions === undefined
      ? message
      : { ...message, reactions: Object.fromEntries(Object.entries(reactions)) }
  }

  #reactionsOf(item: Item): Record<string, string[]> | undefined {
    const all = [...item.reactions].flatMap(([emoji, people]) =>
      [...people].map(([person, { seq, on }]) => ({ emoji, person, seq, on })),
    )
    const live = all.filter(({ on }) => on).toSorted((one, other) => one.seq - other.seq)
    if (live.length === 0) return undefined
    const reactions = Object.create(null) as Record<string, string[]>
    for (const { emoji, person } of live) (reactions[emoji] ??= []).push(person)
    return reactions
  }

  #add(entry: Entry): Item {
    const seq = this.head + 1
    const before = this.items.findLast(
      ({ entry: { room, kind } }) => room === entry.room && events.has(kind),
    )
    const item: Item = {
      seq,
      entry,
      id: this.id(seq),
      prev: before?.id ?? null,
      text: 'text' in entry ? (entry.text ?? '') : '',
      files: 'files' in entry ? entry.files : undefined,
      edited: null,
      editedBy: undefined,
      deleted: false,
      gone: false,
      hidden: null,
      restored: null,
      reactions: new Map(),
    }
    this.items.push(item)
    return item
  }

  #effect(item: Item, target: Item | undefined): void {
    const { seq, entry } = item
    if (entry.kind === 'room') {
      this.settings.set(entry.room, { ...this.settings.get(entry.room), ...entry.settings })
    } else if (entry.kind === 'edit' && entry.text === null) {
      const { text, files, edited, editedBy } = target!.hidden!
      Object.assign(target!, { text, files, edited, editedBy, deleted: false, hidden: null })
      Object.assign(item, { text, files })
      item.restored = { edited, editedBy, reactions: this.#reactionsOf(target!) }
    } else if (entry.kind === 'edit') {
      target!.text = entry.text!
      target!.edited = iso(entry.at)
      target!.editedBy = entry.from.person === target!.entry.from.person ? undefined : 'host'
    } else if (entry.kind === 'delete') {
      const { text, files, edited, editedBy } = target!
      const until = entry.at + hour
      this.#blank(target!)
      target!.deletedBy = entry.from.person === target!.entry.from.person ? 'author' : 'host'
      if (entry.hide === undefined) target!.reactions.clear()
      else target!.hidden = { text, files, edited, editedBy, until, act: entry.hide }
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
    item.files = undefined
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
