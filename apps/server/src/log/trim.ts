import type { StatementSync } from 'node:sqlite'
import { Due, type DueRoom } from './due.ts'
import type { Retention } from './log.ts'
import type { Reads } from './reads.ts'
import type { Store } from './store.ts'
import { isTombstone, refusalOf, type Trimmed } from './wire.ts'

/** Events that one transaction removes: what waits behind it waits a few milliseconds. */
const step = 500
/** How long an idempotency key answers after its entry was trimmed, in ms. */
const keyAge = 24 * 60 * 60 * 1000
/** Removed messages of a room that are remembered as a seq, to be counted. */
const counted = 10_000

/** Retention: a room loses its oldest events, always a whole beginning of it, so that what is left has no hole. */
export class Trim {
  readonly #store: Store
  readonly #reads: Reads
  readonly #due: Due
  readonly #row: StatementSync
  readonly #cut: StatementSync
  readonly #unreact: StatementSync
  readonly #orphans: StatementSync
  readonly #stubs: StatementSync
  readonly #lives: StatementSync
  readonly #count: StatementSync
  readonly #forget: StatementSync

  constructor(store: Store, reads: Reads) {
    this.#store = store
    this.#reads = reads
    this.#due = new Due(store, reads)
    const { db } = store
    this.#row = db.prepare('SELECT kind, at, key IS NOT NULL AS keyed FROM entries WHERE seq = ?')
    this.#cut = db.prepare('UPDATE rooms SET trimmed = ? WHERE id = ?')
    this.#unreact = db.prepare('DELETE FROM reactions WHERE target = ?')
    this.#orphans = db.prepare('SELECT seq FROM entries WHERE target = ? AND kind = 2 AND seq > ?')
    this.#stubs = db.prepare('SELECT seq FROM entries WHERE kind < 0 AND at <= ? LIMIT ?')
    this.#lives = db.prepare('SELECT 1 FROM entries WHERE seq BETWEEN ? AND ? LIMIT 1')
    this.#count = db.prepare('INSERT INTO expired (room, seq) VALUES (?, ?)')
    this.#forget = db.prepare(
      `DELETE FROM expired WHERE room = ?1 AND seq <
         (SELECT seq FROM expired WHERE room = ?1 ORDER BY seq DESC LIMIT 1 OFFSET ${counted})`,
    )
  }

  /** One bounded step, in a transaction of its own. Ask again while there is `more`. */
  step(standard: Retention, now: number): Trimmed {
    const done = this.#store.transact(() => this.#step(standard, now))
    const unscrubbed = done.unscrubbed === null ? null : refusalOf(done.unscrubbed)
    return { ...done.answer, changes: done.changes, unscrubbed }
  }

  #step(standard: Retention, now: number): { removed: number; more: boolean } {
    const keysUntil = now - keyAge
    const gone = this.#stubs.all(keysUntil, step).map((row) => row['seq'] as number)
    for (const seq of gone) this.#store.delete(seq)
    let more = this.#due.look(standard) || gone.length === step
    const rooms = this.#due.rooms(standard, now)
    let removed = 0
    for (const room of rooms) {
      const seqs = this.#trim(room, now, step - removed)
      removed += seqs.length
      gone.push(...seqs)
      if (removed === step) break
      this.#due.settle(room)
    }
    more ||= rooms.length > 0
    this.#store.shreds.drop(gone, (first, end) => this.#lives.get(first, end) !== undefined)
    return { removed, more }
  }

  /** Removes the oldest events that a room does not keep, at most so many. @returns which */
  #trim(due: DueRoom, now: number, most: number): number[] {
    const { id, name } = due
    const seqs = this.#doomed(due, now, most)
    const last = seqs.at(-1)?.seq
    if (last === undefined) return []
    const room = this.#store.room(name)!
    if (room.trimmed === 0) this.#count.run(id, 0)
    for (const { seq, message, keep } of seqs) {
      if (message) {
        this.#unreact.run(seq)
        if (!isTombstone(this.#store.json(seq)!)) this.#count.run(id, seq)
      }
      this.#store.remove(seq, name, keep > now - keyAge)
    }
    this.#forget.run(id)
    room.trimmed = last
    this.#cut.run(last, id)
    // Lost messages must not live on in the edits that came after the cut.
    for (const { seq, message } of seqs) {
      if (!message) continue
      for (const edit of this.#orphans.all(seq, last)) {
        this.#store.blank(edit['seq'] as number, name)
      }
      if (room.messages !== undefined) room.messages -= 1
    }
    return seqs.map(({ seq }) => seq)
  }

  #doomed(
    { name, retention: { count, age } }: DueRoom,
    now: number,
    most: number,
  ): { seq: number; message: boolean; keep: number }[] {
    const room = this.#store.room(name)!
    const kept = count === undefined ? 0 : this.#firstKept(room, count)
    const oldest = age === undefined ? -Infinity : now - age
    const doomed: { seq: number; message: boolean; keep: number }[] = []
    for (const seq of this.#reads.seqs(room, 0, room.head, most)) {
      const row = this.#row.get(seq)!
      const at = row['at'] as number
      if (seq >= kept && at >= oldest) break
      doomed.push({ seq, message: row['kind'] === 1, keep: row['keyed'] === 1 ? at : -Infinity })
    }
    return doomed
  }

  /** seq of the oldest message among the newest `count`; 0: the room has no more than that. */
  #firstKept(room: { id: number; trimmed: number; head: number }, count: number): number {
    if (this.#reads.messageFromTop(room, count) === undefined) return 0
    return count === 0 ? room.head + 1 : this.#reads.messageFromTop(room, count - 1)!
  }
}
