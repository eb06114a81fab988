import type { StatementSync } from 'node:sqlite'
import type { From } from '@hearsay/protocol'
import { idOf } from './epochs.ts'
import type { Hiding, Kept, Lost, Page, Range, RoomFacts } from './log.ts'
import type { Store } from './store.ts'
import { isTombstone, type Piece, type Standing } from './wire.ts'

/** A stretch is cut after this many characters of JSON: what is left is asked for again. */
const stretchSize = 1 << 20
/** Events in the first stretch of `newest`, however many reactions lie between its messages. */
const newestEvents = 1_000

/** Every question to a store. None changes it. */
export class Reads {
  readonly #store: Store
  readonly #messagesUp: StatementSync
  readonly #messagesDown: StatementSync
  readonly #othersUp: StatementSync
  readonly #messageFromTop: StatementSync
  readonly #count: StatementSync
  readonly #settings: StatementSync
  readonly #listed: StatementSync
  readonly #records: StatementSync
  readonly #recorded: StatementSync
  readonly #hasFile: StatementSync
  readonly #hasRow: StatementSync
  readonly #lostAfter: StatementSync
  readonly #hasExpired: StatementSync

  constructor(store: Store) {
    const prepare = (sql: string): StatementSync => {
      const statement = store.db.prepare(sql)
      statement.setReturnArrays(true)
      return statement
    }
    this.#store = store
    // The window of seqs is (after, before), both exclusive, in every statement.
    const window = 'room = ? AND seq > ? AND seq < ?'
    this.#messagesUp = prepare(
      `SELECT seq FROM entries WHERE kind = 1 AND ${window} ORDER BY seq LIMIT ?`,
    )
    this.#messagesDown = prepare(
      `SELECT seq FROM entries WHERE kind = 1 AND ${window} ORDER BY seq DESC LIMIT ?`,
    )
    this.#othersUp = prepare(
      `SELECT seq FROM entries WHERE kind > 1 AND kind < 6 AND ${window} ORDER BY seq LIMIT ?`,
    )
    this.#messageFromTop = prepare(
      `SELECT seq FROM entries WHERE kind = 1 AND room = ? AND seq > ?
        ORDER BY seq DESC LIMIT 1 OFFSET ?`,
    )
    this.#count = prepare('SELECT count(*) FROM entries WHERE kind = 1 AND room = ?')
    this.#listed = prepare(
      "SELECT name FROM rooms WHERE settings ->> 'listed' AND name > ? ORDER BY name LIMIT ?",
    )
    this.#records = prepare('SELECT space, name, value FROM records WHERE room = ?')
    this.#recorded = prepare(
      'SELECT seq FROM entries WHERE kind = 6 AND room = ? AND seq < ? ORDER BY seq DESC LIMIT ?',
    )
    this.#hasFile = prepare(
      `SELECT 1 FROM files JOIN entries USING (seq) JOIN rooms ON rooms.id = room
        WHERE files.name = ? AND rooms.name = ? AND seq NOT IN (SELECT seq FROM hidden) LIMIT 1`,
    )
    this.#hasRow = prepare('SELECT 1 FROM files WHERE name = ? LIMIT 1')
    this.#lostAfter = prepare(
      `SELECT CASE WHEN (SELECT min(seq) FROM expired WHERE room = ?1) <= ?2
         THEN (SELECT count(*) FROM expired WHERE room = ?1 AND seq > ?2) END`,
    )
    this.#hasExpired = prepare('SELECT 1 FROM expired WHERE room = ? AND seq > 0 LIMIT 1')
    this.#settings = prepare('SELECT settings FROM rooms WHERE id = ?')
  }

  keyed(room: string, from: From, key: string): Standing | null {
    return this.#store.keyed({ room, from, key })
  }

  hasFile(room: string, name: string): boolean {
    return this.#hasFile.get(name, room) !== undefined
  }

  filesKept(names: readonly string[]): string[] {
    return names.filter((name) => this.#hasRow.get(name) !== undefined)
  }

  after(rooms: readonly string[], after: number, upTo: number, limit: number): Piece {
    const found: { seq: number; room: string }[] = []
    const expired: Lost[] = []
    for (const name of rooms) {
      const room = this.#store.room(name)
      if (room === undefined || room.head <= after) continue
      if (room.trimmed > after)
        expired.push({ room: name, oldest: this.#oldest(room), lost: this.#lost(room.id, after) })
      for (const seq of this.seqs(room, after, upTo, limit + 1)) found.push({ seq, room: name })
    }
    if (rooms.length > 1) found.sort((one, other) => one.seq - other.seq)
    return { ...this.#cut(found, limit), expired }
  }

  newest(name: string, upTo: number, limit: number): Piece {
    const room = this.#store.room(name)
    if (room === undefined) return { ...this.#cut([], 0), expired: [] }
    const messages = column(this.#messagesDown, room.id, room.trimmed, upTo + 1, limit + 1)
    // Fewer than asked for: then everything that is kept, what came before the first message too.
    const from = messages.length > limit ? messages[limit - 1]! - 1 : room.trimmed
    const seqs = this.seqs(room, limit === 0 ? upTo : from, upTo, newestEvents + 1)
    return {
      ...this.#cut(
        seqs.map((seq) => ({ seq, room: name })),
        newestEvents,
      ),
      expired: [],
    }
  }

  page(name: string, { before, after, around, limit }: Range): Page {
    const room = this.#store.room(name)
    if (room === undefined) return { messages: [], before: null, after: null }
    const low = Math.max(after ?? 0, room.trimmed)
    const high = before ?? Number.MAX_SAFE_INTEGER
    const down = (to: number, most: number): number[] =>
      column(this.#messagesDown, room.id, low, to, most).toReversed()
    const up = (from: number, most: number): number[] =>
      column(this.#messagesUp, room.id, Math.max(from, low), high, most)
    let seqs: number[]
    if (around !== undefined) {
      const half = Math.ceil(limit / 2)
      seqs = [...down(Math.min(around + 1, high), half), ...up(around, limit - half)]
    } else if (after === undefined) seqs = down(high, limit)
    else seqs = up(low, limit)
    const first = seqs[0]
    const last = seqs.at(-1)
    const has = (statement: StatementSync, from: number, to: number): boolean =>
      column(statement, room.id, from, to, 1).length > 0
    const older = first !== undefined && has(this.#messagesDown, room.trimmed, first)
    const newer = last !== undefined && has(this.#messagesUp, last, Number.MAX_SAFE_INTEGER)
    return {
      messages: seqs.map((seq) => this.#folded(seq)),
      before: older ? idOf(this.#store.epochs, first) : null,
      after: newer ? idOf(this.#store.epochs, last) : null,
    }
  }

  message(name: string, seq: number): string | null {
    const room = this.#store.room(name)
    if (room === undefined) return null
    const [found] = column(this.#messagesUp, room.id, seq - 1, seq + 1, 1)
    return found === undefined ? null : this.#folded(found)
  }

  facts(name: string): RoomFacts | null {
    const room = this.#store.room(name)
    if (room === undefined) return null
    const [settings] = this.#settings.get(room.id) as unknown as [string]
    return {
      room: name,
      messages: this.count(room),
      newest: room.head > room.trimmed ? idOf(this.#store.epochs, room.head) : null,
      oldest: this.#oldest(room),
      expired: this.#hasExpired.get(room.id) !== undefined,
      settings: JSON.parse(settings) as Readonly<Record<string, unknown>>,
    }
  }

  listed(after: string, limit: number): string[] {
    return (this.#listed.all(after, limit) as unknown as [string][]).map(([name]) => name)
  }

  records(name: string): Kept[] {
    const room = this.#store.room(name)
    if (room === undefined) return []
    const rows = this.#records.all(room.id) as unknown as [string, string, string][]
    return rows.map(([space, of, value]) => ({
      space,
      name: of,
      value: JSON.parse(value) as unknown,
    }))
  }

  recorded(name: string, before: number, limit: number): string[] {
    const room = this.#store.room(name)
    if (room === undefined) return []
    return column(this.#recorded, room.id, before, limit).map((seq) => this.#store.json(seq)!)
  }

  held(name: string, after: number, limit: number): string[] {
    const room = this.#store.room(name)
    if (room === undefined) return []
    return this.#store.held.waiting(room.id, after, limit).map((seq) => this.#store.json(seq)!)
  }

  heldCount(name: string): number {
    const room = this.#store.room(name)
    return room === undefined ? 0 : this.#store.held.count(room.id)
  }

  hidden(name: string): Hiding[] {
    const room = this.#store.room(name)
    if (room === undefined) return []
    return this.#store.hidden.acts(room.id).map(([act, messages]) => ({ act, messages }))
  }

  hiddenBy(name: string, act: string): string[] {
    const room = this.#store.room(name)
    if (room === undefined) return []
    return this.#store.hidden.by(room.id, act).map((seq) => idOf(this.#store.epochs, seq))
  }

  /** Messages that a room has, tombstones too. Known from then on. */
  count(room: { readonly id: number; messages?: number }): number {
    return (room.messages ??= column(this.#count, room.id)[0]!)
  }

  /** Events of a room with `after < seq <= upTo` that are still there, oldest first. */
  seqs(
    room: { id: number; trimmed: number },
    after: number,
    upTo: number,
    limit: number,
  ): number[] {
    const low = Math.max(after, room.trimmed)
    const messages = column(this.#messagesUp, room.id, low, upTo + 1, limit)
    const others = column(this.#othersUp, room.id, low, upTo + 1, limit)
    if (others.length === 0) return messages
    return [...messages, ...others].toSorted((one, other) => one - other).slice(0, limit)
  }

  /** The message that `skip` newer ones stand after: its seq. 10,000 steps take a fifth of a millisecond. */
  messageFromTop(room: { id: number; trimmed: number }, skip: number): number | undefined {
    return column(this.#messageFromTop, room.id, room.trimmed, skip)[0]
  }

  /** Messages after a seq that retention removed; undefined: not all of them are remembered. */
  #lost(room: number, after: number): number | undefined {
    return column(this.#lostAfter, room, after)[0] ?? undefined
  }

  #oldest(room: { id: number; trimmed: number }): string | null {
    const [seq] = this.seqs(room, 0, Number.MAX_SAFE_INTEGER - 1, 1)
    return seq === undefined ? null : idOf(this.#store.epochs, seq)
  }

  #cut(found: readonly { seq: number; room: string }[], limit: number): Omit<Piece, 'expired'> {
    const piece = { seqs: [] as number[], kinds: [] as number[], rooms: [] as string[] }
    const jsons: string[] = []
    let size = 0
    for (const { seq, room } of found) {
      if (jsons.length === limit || size >= stretchSize) return { ...piece, jsons, more: true }
      const { kind, json } = this.#store.entry(seq)!
      size += json.length
      piece.seqs.push(seq)
      piece.kinds.push(kind)
      piece.rooms.push(room)
      jsons.push(json)
    }
    return { ...piece, jsons, more: false }
  }

  /** A message with its reactions. */
  #folded(seq: number): string {
    const json = this.#store.json(seq)!
    // Those of a hidden message are kept, but not shown.
    const reactions = isTombstone(json) ? undefined : this.#store.reactionsOf(seq)
    if (reactions === undefined) return json
    return `${json.slice(0, -1)},"reactions":${JSON.stringify(reactions)}}`
  }
}

function column(statement: StatementSync, ...values: number[]): number[] {
  return (statement.all(...values) as unknown as [number][]).map(([value]) => value)
}
