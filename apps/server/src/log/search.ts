import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { idOf } from './epochs.ts'
import type { Reads } from './reads.ts'
import type { Store } from './store.ts'
import type { Change } from './wire.ts'

/** Rooms that have an index. The one that was searched longest ago makes room. */
const indexedRooms = 20
/** Newest messages of a room that are searched, and the characters of their texts: some tens of MB at most. */
const indexedMessages = 20_000
const indexedSize = 8 << 20
/** Messages and characters that one step takes in: appends wait some milliseconds for it. */
const stepMessages = 250
const stepSize = 1 << 17

/** Scripts that put no space between words: each letter is a word, and a word that is looked for a row of them. */
const spaceless =
  /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]/gu
const spaced = (text: string): string => text.replace(spaceless, ' $& ')

/** Messages that have all the words, or that the index is not whole yet: ask again. */
export interface FoundStep {
  readonly more: boolean
  /** Newest first. */
  readonly messages: readonly string[]
  /** The last message's id, where older ones have the words too. */
  readonly before: string | null
  /** The oldest message that was looked through, where the room has older ones. */
  readonly since: string | null
}

interface Index {
  readonly db: DatabaseSync
  readonly insert: StatementSync
  readonly remove: StatementSync
  readonly match: StatementSync
  /** Joins some of the pieces that writes leave. FTS5 does it by itself too, but now and then, for as long as it takes. */
  readonly tidy: StatementSync
  /** seq and length of each text in it, oldest first. */
  readonly lengths: Map<number, number>
  size: number
  /** Messages up to here are in it, or were left out as too old. */
  upTo: number
  /** Something was left out at its lower end. */
  isCut: boolean
}

/**
 * Full-text search, in memory alone: an index in the file would keep the words of what was deleted. A room's index is made
 * when the room is first searched, and takes in what was said since when it is searched again.
 */
export class Search {
  readonly #store: Store
  readonly #reads: Reads
  readonly #bodies: StatementSync
  /** Searched last, last. */
  readonly #indexes = new Map<string, Index>()

  constructor(store: Store, reads: Reads) {
    this.#store = store
    this.#reads = reads
    this.#bodies = store.db.prepare(
      'SELECT seq, body FROM entries WHERE kind = 1 AND room = ? AND seq > ? ORDER BY seq LIMIT ?',
    )
  }

  /**
   * Messages that have all these words, or a bounded step on the way there.
   * @param upTo Messages after it need not be found.
   */
  step(
    name: string,
    words: readonly string[],
    upTo: number,
    before: number,
    limit: number,
  ): FoundStep {
    const room = this.#store.room(name)
    const index = room && this.#index(name, room)
    if (index === undefined) return { more: false, messages: [], before: null, since: null }
    if (!this.#takeIn(index, room!.id, upTo))
      return { more: true, messages: [], before: null, since: null }
    // As strings of FTS5, in which nothing but the quotation mark means anything: no word is an operator.
    const query = words.map((word) => `"${spaced(word).replaceAll('"', ' ')}"`).join(' ')
    const rows = index.match.all(query, before, limit + 1) as unknown as [number][]
    const seqs = rows.slice(0, limit).map(([seq]) => seq)
    const [oldest] = index.lengths.keys()
    const { epochs } = this.#store
    return {
      more: false,
      messages: seqs.map((seq) => this.#reads.message(name, seq)!),
      before: rows.length > limit ? idOf(epochs, seqs.at(-1)!) : null,
      since: index.isCut && oldest !== undefined ? idOf(epochs, oldest) : null,
    }
  }

  /** What a transaction changed in older messages is changed here before anybody searches again. */
  follow(changes: readonly Change[]): void {
    for (const { seq, room, json } of changes) {
      const index = this.#indexes.get(room)
      if (index === undefined || !index.lengths.has(seq)) continue
      index.remove.run(seq)
      const text = json === null ? '' : textOf(json)
      index.size += text.length - index.lengths.get(seq)!
      if (json === null) index.lengths.delete(seq)
      else index.lengths.set(seq, text.length)
      if (text === '') continue
      index.insert.run(seq, spaced(text))
      index.tidy.run()
    }
  }

  close(): void {
    for (const { db } of this.#indexes.values()) db.close()
    this.#indexes.clear()
  }

  #index(name: string, room: { id: number; trimmed: number }): Index {
    const known = this.#indexes.get(name)
    this.#indexes.delete(name)
    const index = known ?? this.#begin(room)
    this.#indexes.set(name, index)
    if (this.#indexes.size > indexedRooms) {
      const [oldest, { db }] = this.#indexes.entries().next().value!
      this.#indexes.delete(oldest)
      db.close()
    }
    return index
  }

  #begin(room: { id: number; trimmed: number }): Index {
    const db = new DatabaseSync(':memory:')
    // Without the texts themselves: the log has them.
    db.exec(`CREATE VIRTUAL TABLE words USING fts5(
      text, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
    );
    INSERT INTO words (words, rank) VALUES ('automerge', 0), ('crisismerge', 64)`)
    const match = db.prepare(
      'SELECT rowid FROM words WHERE words MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?',
    )
    match.setReturnArrays(true)
    const last = this.#reads.messageFromTop(room, indexedMessages)
    return {
      db,
      match,
      tidy: db.prepare("INSERT INTO words (words, rank) VALUES ('merge', 32)"),
      insert: db.prepare('INSERT INTO words (rowid, text) VALUES (?, ?)'),
      remove: db.prepare('DELETE FROM words WHERE rowid = ?'),
      lengths: new Map(),
      size: 0,
      upTo: last ?? 0,
      isCut: last !== undefined,
    }
  }

  /** One step nearer to `upTo`. @returns whether it is reached */
  #takeIn(index: Index, room: number, upTo: number): boolean {
    if (index.upTo >= upTo) return true
    let taken = 0
    let size = 0
    index.db.exec('BEGIN')
    for (const row of this.#bodies.iterate(room, index.upTo, stepMessages)) {
      const seq = row['seq'] as number
      const text = textOf(this.#store.shreds.unmask(seq, row['body'] as Uint8Array))
      index.upTo = seq
      index.lengths.set(seq, text.length)
      if (text !== '') index.insert.run(seq, spaced(text))
      taken += 1
      size += text.length
      if (size >= stepSize) break
    }
    index.size += size
    for (const [seq, length] of index.lengths) {
      if (index.lengths.size <= indexedMessages && index.size <= indexedSize) break
      index.lengths.delete(seq)
      index.size -= length
      index.remove.run(seq)
      index.isCut = true
    }
    index.tidy.run()
    index.db.exec('COMMIT')
    const isWhole = taken < stepMessages && size < stepSize
    if (isWhole) index.upTo = Math.max(index.upTo, this.#store.head)
    return isWhole || index.upTo >= upTo
  }
}

/** Nothing where the message was deleted. */
const textOf = (json: string): string => (JSON.parse(json) as { text: string }).text
