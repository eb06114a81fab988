import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Shreds } from './shreds.ts'

/** How long what was hidden can be brought back, in ms. Then it is shredded. */
export const hiddenFor: number = 60 * 60 * 1000

/** What lies in the drawer, masked with the message's own key and this word: to renew the key is to lose it. */
const drawer = 'hidden'

/**
 * What messages said that are hidden: for everyone they are deleted, and for an hour that can be taken back. Within
 * `transact` of the store, all of it.
 */
export class Hidden {
  readonly #shreds: Shreds
  readonly #put: StatementSync
  readonly #get: StatementSync
  readonly #drop: StatementSync
  readonly #due: StatementSync
  readonly #next: StatementSync
  readonly #acts: StatementSync
  readonly #by: StatementSync

  constructor(db: DatabaseSync, shreds: Shreds) {
    const prepare = (sql: string): StatementSync => {
      const statement = db.prepare(sql)
      statement.setReturnArrays(true)
      return statement
    }
    this.#shreds = shreds
    this.#put = prepare('INSERT INTO hidden VALUES (?, ?, ?, ?, ?)')
    this.#get = prepare('SELECT body FROM hidden WHERE seq = ?')
    this.#drop = prepare('DELETE FROM hidden WHERE seq = ?')
    this.#due = prepare('SELECT seq FROM hidden WHERE until <= ? ORDER BY until, seq LIMIT ?')
    this.#next = prepare('SELECT min(until) FROM hidden')
    this.#acts = prepare('SELECT act, count(*) FROM hidden WHERE room = ? GROUP BY act')
    this.#by = prepare('SELECT seq FROM hidden WHERE room = ? AND act = ? ORDER BY seq')
  }

  /** @param json the message as it was; its tombstone has been written, so its key is a new one */
  put(seq: number, room: number, at: number, act: string, json: string): void {
    this.#put.run(seq, room, at + hiddenFor, act, this.#shreds.mask(seq, json, drawer))
  }

  /** The message as it was, which is hidden no more; null: it is not hidden. */
  take(seq: number): string | null {
    const row = this.#get.get(seq) as unknown as [Uint8Array] | undefined
    if (row === undefined) return null
    const json = this.#shreds.unmask(seq, row[0], drawer)
    this.#drop.run(seq)
    return json
  }

  has(seq: number): boolean {
    return this.#get.get(seq) !== undefined
  }

  /** Forgets what a message said, where it is hidden. Its key must be renewed. */
  drop(seq: number): void {
    this.#drop.run(seq)
  }

  /** Messages whose hour is over. */
  due(now: number, limit: number): number[] {
    return (this.#due.all(now, limit) as unknown as [number][]).map(([seq]) => seq)
  }

  /** When the next hour is over, in ms since 1970; null: nothing is hidden. */
  next(): number | null {
    return (this.#next.get() as unknown as [number | null])[0]
  }

  /** The acts that hid something in a room which can still be brought back, and how many messages each. */
  acts(room: number): [act: string, messages: number][] {
    return this.#acts.all(room) as unknown as [string, number][]
  }

  /** seqs of what an act hid and can be brought back. */
  by(room: number, act: string): number[] {
    return (this.#by.all(room, act) as unknown as [number][]).map(([seq]) => seq)
  }
}
