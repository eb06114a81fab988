import type { StatementSync } from 'node:sqlite'
import type { Retention } from './log.ts'
import type { Reads } from './reads.ts'
import type { Store } from './store.ts'

/** Entries that one step looks through, and rooms and their messages that it looks at: some milliseconds at most. */
const entriesAtOnce = 1000
const roomsAtOnce = 100
const countedAtOnce = 20_000

const hour = 60 * 60 * 1000
/** For a room that has more than its count. */
const atOnce = -1

/** A room that may have something to trim. */
export interface DueRoom {
  readonly id: number
  readonly name: string
  readonly retention: Retention
}

/**
 * Which rooms may have something to trim. To append notes nothing for it: the entries are their own list of rooms in which
 * something happened, and are looked through once, in their order. With each of these rooms stands when its oldest event
 * will be too old, and rooms are visited when that time has come. Within `transact` of the store, all of it.
 */
export class Due {
  readonly #store: Store
  readonly #reads: Reads
  readonly #mark: StatementSync
  readonly #setMark: StatementSync
  readonly #entries: StatementSync
  readonly #room: StatementSync
  readonly #due: StatementSync
  readonly #set: StatementSync
  readonly #at: StatementSync

  constructor(store: Store, reads: Reads) {
    this.#store = store
    this.#reads = reads
    const { db } = store
    this.#mark = db.prepare('SELECT upTo, count, age FROM looked')
    this.#setMark = db.prepare(
      `INSERT INTO looked VALUES (1, ?, ?, ?) ON CONFLICT DO UPDATE SET
        upTo = excluded.upTo, count = excluded.count, age = excluded.age`,
    )
    this.#entries = db.prepare(
      `SELECT seq, room FROM entries WHERE seq > ? ORDER BY seq LIMIT ${entriesAtOnce}`,
    )
    this.#entries.setReturnArrays(true)
    this.#room = db.prepare('SELECT name, settings, due FROM rooms WHERE id = ?')
    this.#due = db.prepare(
      `SELECT id, name, settings FROM rooms WHERE due < ? ORDER BY due LIMIT ${roomsAtOnce}`,
    )
    this.#set = db.prepare('UPDATE rooms SET due = ? WHERE id = ?')
    this.#at = db.prepare('SELECT at FROM entries WHERE seq = ?')
  }

  /**
   * One step through what was added since the last one.
   * @param standard Of rooms that set nothing else. With another one all is looked through anew.
   * @returns whether there is more
   */
  look(standard: Retention): boolean {
    const mark = this.#mark.get()
    const count = standard.count ?? null
    const age = standard.age ?? null
    const isKnown = mark?.['count'] === count && mark['age'] === age
    const from = isKnown ? (mark['upTo'] as number) : 0
    if (isKnown && from >= this.#store.head) return false
    const seen = new Set<number>()
    let upTo = from
    let entries = 0
    let counted = 0
    let isCut = false
    for (const [seq, id] of this.#entries.iterate(from) as Iterable<[number, number]>) {
      isCut = !seen.has(id) && (seen.size === roomsAtOnce || counted >= countedAtOnce)
      if (isCut) break
      if (!seen.has(id)) counted += this.#lookAt(id, standard)
      seen.add(id)
      upTo = seq
      entries += 1
    }
    const more = isCut || entries === entriesAtOnce
    this.#setMark.run(more ? upTo : this.#store.head, count, age)
    return more
  }

  /** Rooms whose time has come: those that wait longest, some of them. */
  rooms(standard: Retention, now: number): DueRoom[] {
    return this.#due.all(now).map((row) => ({
      id: row['id'] as number,
      name: row['name'] as string,
      retention: retentionOf(row['settings'] as string, standard),
    }))
  }

  /** Nothing more of it is to go now: says when it will be. */
  settle({ id, name, retention }: DueRoom): void {
    this.#set.run(this.#whenTooOld(name, retention), id)
  }

  /** @returns how many messages had to be counted for it */
  #lookAt(id: number, standard: Retention): number {
    const row = this.#room.get(id)!
    const name = row['name'] as string
    const retention = retentionOf(row['settings'] as string, standard)
    const room = this.#store.room(name)!
    const counted = room.messages === undefined ? this.#reads.count(room) : 0
    const due =
      this.#reads.count(room) > (retention.count ?? Infinity)
        ? atOnce
        : this.#whenTooOld(name, retention)
    if (due !== row['due']) this.#set.run(due, id)
    return counted
  }

  #whenTooOld(name: string, { age }: Retention): number | null {
    const room = this.#store.room(name)!
    const [oldest] = age === undefined ? [] : this.#reads.seqs(room, 0, room.head, 1)
    return oldest === undefined ? null : (this.#at.get(oldest)!['at'] as number) + age!
  }
}

/** What a room's settings keep. */
function retentionOf(settings: string, standard: Retention): Retention {
  if (settings === '{}') return standard
  const { keepCount, keepHours } = JSON.parse(settings) as {
    readonly keepCount?: number
    readonly keepHours?: number
  }
  return {
    ...standard,
    ...(keepCount === undefined ? {} : { count: keepCount }),
    ...(keepHours === undefined ? {} : { age: keepHours * hour }),
  }
}
