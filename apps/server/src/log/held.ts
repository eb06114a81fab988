import { hash } from 'node:crypto'
import type { DatabaseSync, StatementSync } from 'node:sqlite'

/** How long what is held waits for somebody to decide, in ms. Then it is shredded. */
const heldFor: number = 24 * 60 * 60 * 1000
/** Messages of one person, and of all, that may wait in a room. */
const heldPerPerson = 20
const heldPerRoom = 500

/** A number that stands for a person, to count by: 48 bits of a hash. */
const numberOf = (person: string): number => hash('sha256', person, 'buffer').readUIntBE(0, 6)

/** Messages that wait for review. They are entries of the one order, but no events: only who decides on them hears of them. */
export class Held {
  readonly #one: StatementSync
  readonly #waiting: StatementSync
  readonly #inRoom: StatementSync
  readonly #ofPerson: StatementSync
  readonly #due: StatementSync
  readonly #next: StatementSync

  constructor(db: DatabaseSync) {
    const prepare = (sql: string): StatementSync => {
      const statement = db.prepare(sql)
      statement.setReturnArrays(true)
      return statement
    }
    this.#one = prepare('SELECT 1 FROM entries WHERE seq = ? AND room = ? AND kind = 7')
    this.#waiting = prepare(
      'SELECT seq FROM entries WHERE kind = 7 AND room = ? AND seq > ? ORDER BY seq LIMIT ?',
    )
    this.#inRoom = prepare('SELECT count(*) FROM entries WHERE kind = 7 AND room = ?')
    this.#ofPerson = prepare(
      'SELECT count(*) FROM entries WHERE kind = 7 AND room = ? AND target = ?',
    )
    this.#due = prepare(
      `SELECT seq, name FROM entries JOIN rooms ON rooms.id = room
        WHERE kind = 7 AND at <= ? ORDER BY at, seq LIMIT ?`,
    )
    this.#next = prepare('SELECT min(at) FROM entries WHERE kind = 7')
  }

  /** What stands in an entry's `target`, where there is room for one more of this person; null: there is not. */
  place(room: number, person: string): number | null {
    const number = numberOf(person)
    if (this.count(room) >= heldPerRoom) return null
    const [ofPerson] = this.#ofPerson.get(room, number) as unknown as [number]
    return ofPerson >= heldPerPerson ? null : number
  }

  count(room: number): number {
    return (this.#inRoom.get(room) as unknown as [number])[0]
  }

  /** Does this entry wait in this room? */
  has(room: number, seq: number): boolean {
    return this.#one.get(seq, room) !== undefined
  }

  /** Oldest first, those after a seq. */
  waiting(room: number, after: number, limit: number): number[] {
    return (this.#waiting.all(room, after, limit) as unknown as [number][]).map(([seq]) => seq)
  }

  /** Nobody has decided on them for a day. */
  due(now: number, limit: number): [seq: number, room: string][] {
    return this.#due.all(now - heldFor, limit) as unknown as [number, string][]
  }

  /** When the next one has waited for a day, in ms since 1970; null: nothing waits. */
  next(): number | null {
    const [at] = this.#next.get() as unknown as [number | null]
    return at === null ? null : at + heldFor
  }
}
