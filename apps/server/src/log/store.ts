import { hash } from 'node:crypto'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Attachment } from '@hearsay/protocol'
import { fileName } from '../files/mask.ts'
import { idOf, seqOf } from './epochs.ts'
import { asLogError, type Opened } from './file.ts'
import { Held } from './held.ts'
import { Hidden } from './hidden.ts'
import type { Entry, Epoch, LogError } from './log.ts'
import { Recent } from '../recent.ts'
import { RecentEntries, type Unmasked } from './recent-entries.ts'
import { Shreds } from './shreds.ts'
import { codeOf, type Change, type Outcome, type Standing } from './wire.ts'

/** Rooms whose place is remembered between two appends. */
const warmRooms = 20_000
/** Characters of the entries that were last said or read, which are kept unmasked. */
const recentSize = 4 << 20
/** Of who did what a room keeps at least the newest so many, */
const actsKept = 1000
/** and all that is younger than this, in ms. */
const actsAge = 24 * 60 * 60 * 1000

/** What an append to a room needs to know of it. */
interface Room {
  readonly id: number
  /** seq of its newest event, there or trimmed; 0: none yet. */
  head: number
  /** What its retention removed last; 0: nothing. */
  trimmed: number
  /** Messages kept; undefined: not counted yet. */
  messages?: number
}

/** What every event begins with. */
interface Said {
  readonly id: string
  readonly prev: string | null
  readonly room: string
  readonly at: string
  readonly from: unknown
}

interface Transacted<T> {
  readonly answer: T
  readonly changes: readonly Change[]
  readonly unscrubbed: LogError | null
}

/** A message's data, as far as the store reads it. */
interface Body {
  readonly id: string
  readonly prev: string | null
  readonly room: string
  readonly at: string
  readonly from: { readonly person: string }
  text: string
  readonly replyTo?: string
  readonly key?: string
  readonly files?: readonly Attachment[]
  edited?: string
  editedBy?: 'host'
  deleted?: true
  /** Of an edit that put its message back. */
  readonly reactions?: unknown
}

/**
 * The fold of all entries, on disk. `apply` is a function of what was applied before and of its arguments alone: who
 * gives the seqs, this file or a broker, is not its business, and gaps between them do no harm.
 */
export class Store {
  readonly db: DatabaseSync
  readonly epochs: readonly Epoch[]
  readonly shreds: Shreds
  readonly hidden: Hidden
  readonly held: Held
  /** Highest seq applied. */
  head: number
  #committed: number
  /** Something was erased in this transaction. */
  #erased = false
  /** Something that was erased may still stand in the WAL. */
  #unscrubbed = false
  /** The last try to scrub failed in a way after which this connection can't be trusted. */
  doubtful = false
  #changes: Change[] = []
  readonly #rooms = new Recent<string, Room>(warmRooms)
  readonly #recent = new RecentEntries(recentSize)
  readonly #sql: ReturnType<typeof statements>

  constructor(opened: Opened) {
    this.db = opened.db
    this.epochs = opened.epochs
    this.head = opened.head
    this.#committed = opened.head
    this.shreds = new Shreds(opened.db)
    this.hidden = new Hidden(opened.db, this.shreds)
    this.held = new Held(opened.db)
    this.#sql = statements(opened.db)
  }

  /**
   * Runs `work` in one transaction: all of it is durable when this returns, or nothing of it happened. Answers the
   * changes to older events beside the work's own answer. What was erased is off the disk too, unless `unscrubbed`
   * says why not; then it is tried again after every transaction.
   */
  transact<T>(work: () => T): Transacted<T> {
    const answer = this.#commit(work)
    const changes = this.#changes
    this.#changes = []
    this.#committed = this.head
    this.#unscrubbed ||= this.#erased
    this.#erased = false
    return { answer, changes, unscrubbed: this.#unscrubbed ? this.#scrub() : null }
  }

  #commit<T>(work: () => T): T {
    this.#sql.begin.run()
    try {
      const answer = work()
      this.shreds.flush()
      this.#sql.commit.run()
      return answer
    } catch (error) {
      this.#forget()
      if (this.db.isTransaction) this.#sql.rollback.run()
      throw error
    }
  }

  /** Adds one entry as number `seq`, which must be higher than every one before. Within `transact`. */
  apply(seq: number, entry: Entry): Outcome {
    const key = entry.key === undefined ? null : keyOf(entry)
    // Before its key is looked up: what was held under it hands it on.
    const isFree = entry.kind !== 'message' || entry.held === undefined || this.#release(entry)
    if (key !== null) {
      const first = this.#sql.byKey.get(key)?.['seq'] as number | undefined
      if (first !== undefined) return this.#standing(first, entry)
    }
    if (!isFree) return null
    const room = this.room(entry.room)
    const said = {
      id: idOf(this.epochs, seq),
      prev: room === undefined || room.head === 0 ? null : idOf(this.epochs, room.head),
      room: entry.room,
      at: new Date(entry.at).toISOString(),
      from: entry.from,
    }
    if (entry.kind === 'message') {
      const { text, replyTo, files } = entry
      this.#haveFiles(seq, files)
      return this.#add(seq, entry, null, key, { ...said, text, replyTo, key: entry.key, files })
    }
    if (entry.kind === 'room') {
      this.#merge(entry.room, entry.settings)
      return this.#add(seq, entry, null, key, { ...said, settings: entry.settings })
    }
    if (entry.kind === 'hold') return this.#hold(seq, entry, key, said)
    if (entry.kind === 'record' || entry.kind === 'act') return this.#keep(seq, entry, key, said)
    if (entry.kind === 'drop') {
      if (!this.#release(entry)) return null
      return this.#keep(
        seq,
        { ...entry, space: 'held', name: entry.target, value: null },
        key,
        said,
      )
    }
    const target = room === undefined ? null : this.#target(room, entry.target)
    if (target === null) return null
    const { body } = target
    switch (entry.kind) {
      case 'edit': {
        if (entry.text === null) return this.#putBack(seq, entry, target.seq, key, said)
        if (body.deleted === true) return null
        body.text = entry.text
        body.edited = said.at
        if (entry.from.person === body.from.person) delete body.editedBy
        else body.editedBy = 'host'
        this.rewrite(target.seq, entry.room, JSON.stringify(body))
        const { text } = entry
        return this.#add(seq, entry, target.seq, key, { ...said, target: entry.target, text })
      }
      case 'delete': {
        const { hide } = entry
        if (body.deleted === true) {
          // Deleted for everyone already; from now on for good too.
          if (hide === undefined && this.hidden.has(target.seq)) this.shred(target.seq)
          const last = this.#sql.deletionOf.get(target.seq)?.['seq'] as number
          return this.#standing(last, entry)
        }
        const was = JSON.stringify(body)
        const by = entry.from.person === body.from.person ? 'author' : 'host'
        this.#bury(target.seq, entry.room, body, by)
        if (hide === undefined) this.#forgetRest(target.seq)
        else this.hidden.put(target.seq, room!.id, entry.at, hide, was)
        return this.#add(seq, entry, target.seq, key, { ...said, target: entry.target })
      }
      case 'reaction': {
        if (body.deleted === true) return null
        const { on } = entry
        // A half of a surrogate pair is no text to SQLite, which would make another emoji of it.
        const emoji = entry.emoji.toWellFormed()
        const before = this.#sql.reaction.get(target.seq, emoji, entry.from.person)
        if (before !== undefined && before['live'] === Number(on)) {
          return this.#standing(before['seq'] as number, entry)
        }
        this.#sql.react.run(target.seq, emoji, entry.from.person, seq, Number(on))
        return this.#add(seq, entry, target.seq, key, { ...said, target: entry.target, emoji, on })
      }
    }
  }

  /** What stands under a key; null: nothing. */
  keyed(entry: Pick<Entry, 'room' | 'from' | 'key'>): Standing | null {
    const seq = this.#sql.byKey.get(keyOf(entry))?.['seq'] as number | undefined
    return seq === undefined ? null : this.#standing(seq, entry)
  }

  /** What is known of a room; undefined: nothing was ever said in it. */
  room(name: string): Room | undefined {
    const warm = this.#rooms.get(name)
    if (warm !== undefined) return warm
    const row = this.#sql.room.get(name)
    if (row === undefined) return undefined
    const id = row['id'] as number
    const trimmed = row['trimmed'] as number
    const { message, other } = this.#sql.roomHead.get(id, id) as { message: number; other: number }
    return this.#remember(name, { id, trimmed, head: Math.max(message, other, trimmed) })
  }

  /** An entry's data as it now stands; null: trimmed, or never there. */
  json(seq: number): string | null {
    return this.entry(seq)?.json ?? null
  }

  /** The same with its kind. What many come back for at once is unmasked once. */
  entry(seq: number): Unmasked | null {
    const known = this.#recent.get(seq)
    if (known !== undefined) return known
    const row = this.#sql.body.get(seq)
    const body = row?.['body'] as Uint8Array | null | undefined
    if (body === null || body === undefined) return null
    const read = { kind: row!['kind'] as number, json: this.shreds.unmask(seq, body) }
    this.#recent.set(seq, read)
    return read
  }

  /** All events after a seq, of all rooms, and what they changed in others. */
  since(after: number): { readonly events: Standing[]; readonly changes: Change[] } {
    const events: Standing[] = []
    const changes: Change[] = []
    for (const row of this.#sql.since.all(after)) {
      const seq = row['seq'] as number
      const kind = row['kind'] as number
      const room = row['name'] as string
      const target = row['target'] as number | null
      events.push({ seq, kind, room, json: this.json(seq)! })
      if (target === null || kind === codeOf('reaction')) continue
      const changed = [target, ...(kind === codeOf('delete') ? this.editsOf(target) : [])]
      for (const one of changed) changes.push({ seq: one, room, json: this.json(one) })
    }
    return { events, changes }
  }

  /** Replaces what an older entry says, so that nothing is left of what it said. Within `transact`. */
  rewrite(seq: number, room: string, json: string): void {
    this.shreds.renew(seq)
    this.#sql.rewrite.run(this.shreds.mask(seq, json), seq)
    this.#recent.delete(seq)
    this.#changes.push({ seq, room, json })
  }

  /** Blanks an edit whose message is gone. Within `transact`. */
  blank(seq: number, room: string): void {
    const was = JSON.parse(this.json(seq)!) as Body
    const { edited: _, editedBy: __, reactions: ___, files: ____, ...body } = was
    this.rewrite(seq, room, JSON.stringify({ ...body, text: '', deleted: true }))
    this.#erased = true
  }

  /** What a hidden message said can't be put back any more: its tombstone has a new key. Within `transact`. */
  shred(seq: number): void {
    this.hidden.drop(seq)
    const json = this.json(seq)!
    this.shreds.renew(seq)
    this.#sql.rewrite.run(this.shreds.mask(seq, json), seq)
    this.#forgetRest(seq)
  }

  /** Takes an entry out: its key still answers while `keepKey`. Within `transact`. */
  remove(seq: number, room: string, keepKey: boolean): void {
    this.hidden.drop(seq)
    this.discard(seq, keepKey)
    this.#changes.push({ seq, room, json: null })
  }

  /** The same for an entry that no event tells of. */
  discard(seq: number, keepKey: boolean): void {
    this.#sql.loseFiles.run(seq)
    if (keepKey) this.#sql.stub.run(seq)
    else this.delete(seq)
    this.shreds.renew(seq)
    this.#recent.delete(seq)
    this.#erased = true
  }

  /** Deletes an entry's row, but not that its seq was given. Within `transact`. */
  delete(seq: number): void {
    this.#sql.delete.run(seq)
    if (seq === this.head) this.#sql.newest.run(seq)
  }

  /** Emojis of a message, and who reacted with each. */
  reactionsOf(seq: number): Record<string, string[]> | undefined {
    const rows = this.#sql.reactions.all(seq)
    if (rows.length === 0) return undefined
    const reactions = Object.create(null) as Record<string, string[]>
    for (const row of rows) (reactions[row['emoji'] as string] ??= []).push(row['person'] as string)
    return reactions
  }

  /** seqs of the edits of a message. */
  editsOf(target: number): number[] {
    const rows = this.#sql.changesOf.all(target, codeOf('edit'))
    return rows.map((row) => row['seq'] as number)
  }

  #add(seq: number, entry: Entry, target: number | null, key: Buffer | null, data: object): string {
    const json = JSON.stringify(data)
    const room = this.room(entry.room) ?? this.#found(entry.room)
    const code = codeOf(entry.kind)
    this.#sql.insert.run(seq, room.id, code, entry.at, target, key, this.shreds.mask(seq, json))
    this.#recent.set(seq, { kind: code, json })
    room.head = seq
    this.head = seq
    if (entry.kind === 'message' && room.messages !== undefined) room.messages += 1
    return json
  }

  /** Its seq is one of the one order, but no event has it: the room's head stays where it is. */
  #keep(
    seq: number,
    entry: Pick<Entry, 'kind' | 'room' | 'at'> & {
      readonly space: string
      readonly name: string
      readonly value: unknown
    },
    key: Buffer | null,
    said: { readonly id: string; readonly at: string; readonly from: unknown },
  ): string {
    const { kind, space, name, value } = entry
    const { id } = this.room(entry.room) ?? this.#found(entry.room)
    let before: unknown
    if (kind === 'record') {
      const was = this.#sql.record.get(id, space, name)?.['value']
      before = was === undefined ? null : (JSON.parse(was as string) as unknown)
      if (value === null) this.#sql.dropRecord.run(id, space, name)
      else this.#sql.keepRecord.run(id, space, name, JSON.stringify(value))
    }
    const { at, from } = said
    const json = JSON.stringify({ id: said.id, at, from, space, name, value, before })
    const body = this.shreds.mask(seq, json)
    this.#sql.insert.run(seq, id, codeOf('record'), entry.at, null, key, body)
    this.head = seq
    // Nobody can push out of sight what he did just now: of a day everything stays.
    for (const old of this.#sql.oldActs.all(id, id, actsKept)) {
      if ((old['at'] as number) <= entry.at - actsAge) this.discard(old['seq'] as number, true)
    }
    return json
  }

  /** It waits: its seq is one of the one order, but no event has it. */
  #hold(
    seq: number,
    entry: Entry & { readonly kind: 'hold' },
    key: Buffer | null,
    { id, room: name, at, from }: Said,
  ): string | null {
    const room = this.room(name) ?? this.#found(name)
    const place = this.held.place(room.id, entry.from.person)
    if (place === null) return null
    const { text, replyTo, key: of, files } = entry
    this.#haveFiles(seq, files)
    const held = { id, room: name, at, from, text, replyTo, key: of, files, held: true }
    const json = JSON.stringify(held)
    const body = this.shreds.mask(seq, json)
    this.#sql.insert.run(seq, room.id, codeOf('hold'), entry.at, place, key, body)
    this.head = seq
    return json
  }

  /** What was held is held no more: the message that it becomes takes its key, or its key answers for it. */
  #release(entry: Entry & ({ readonly kind: 'message' } | { readonly kind: 'drop' })): boolean {
    const id = entry.kind === 'drop' ? entry.target : entry.held!
    const seq = seqOf(this.epochs, this.head, id)
    const room = this.room(entry.room)
    if (room === undefined || typeof seq !== 'number' || !this.held.has(room.id, seq)) return false
    const isKeyed = (JSON.parse(this.json(seq)!) as Body).key !== undefined
    this.discard(seq, entry.kind === 'drop' && isKeyed)
    return true
  }

  /** A hidden message says again what it said. For those who heard of its deletion the event says it too. */
  #putBack(
    seq: number,
    entry: Entry & { readonly kind: 'edit' },
    target: number,
    key: Buffer | null,
    said: Said,
  ): Outcome {
    const was = this.hidden.take(target)
    if (was === null) return null
    this.rewrite(target, entry.room, was)
    const { text, edited, editedBy, files } = JSON.parse(was) as Body
    const reactions = this.reactionsOf(target)
    const back = { text, restored: true, edited, editedBy, reactions, files }
    return this.#add(seq, entry, target, key, { ...said, target: entry.target, ...back })
  }

  #haveFiles(seq: number, files: readonly Attachment[] = []): void {
    for (const { id } of files) this.#sql.haveFile.run(fileName(id), seq)
  }

  #found(name: string): Room {
    const id = Number(this.#sql.found.run(name).lastInsertRowid)
    return this.#remember(name, { id, head: 0, trimmed: 0, messages: 0 })
  }

  #merge(name: string, settings: Readonly<Record<string, unknown>>): void {
    const { id } = this.room(name) ?? this.#found(name)
    const known = JSON.parse(this.#sql.settings.get(id)?.['settings'] as string) as object
    this.#sql.settle.run(JSON.stringify({ ...known, ...settings }), id)
  }

  #target(room: Room, id: string): { seq: number; body: Body } | null {
    const seq = seqOf(this.epochs, this.head, id)
    if (typeof seq !== 'number') return null
    const row = this.#sql.body.get(seq)
    if (row === undefined || row['room'] !== room.id || row['kind'] !== 1) return null
    const json = this.shreds.unmask(seq, row['body'] as Uint8Array)
    return { seq, body: JSON.parse(json) as Body }
  }

  /** A tombstone in its place, which tells by whom, but not by which host. */
  #bury(seq: number, room: string, was: Body, deletedBy: 'author' | 'host'): void {
    const { edited: _, editedBy: __, files: ___, ...body } = was
    for (const edit of this.editsOf(seq)) this.blank(edit, room)
    this.rewrite(seq, room, JSON.stringify({ ...body, text: '', deletedBy, deleted: true }))
  }

  /** What hung on a message that is gone for good. */
  #forgetRest(seq: number): void {
    this.#sql.unreact.run(seq)
    this.#sql.loseFiles.run(seq)
    this.#erased = true
  }

  /** The entry that had the effect of `entry` before. */
  #standing(seq: number, entry: Pick<Entry, 'room' | 'from'>): Standing {
    const row = this.#sql.body.get(seq)!
    const kind = row['kind'] as number
    const at = new Date(row['at'] as number).toISOString()
    // Retention took it; only the key is left. Who asks has proven to be its author.
    const stub = {
      id: idOf(this.epochs, seq),
      prev: null,
      room: entry.room,
      at,
      from: entry.from,
      text: '',
      deleted: true,
    }
    const json = kind < 0 ? JSON.stringify(stub) : this.json(seq)!
    return { seq, kind: Math.abs(kind), room: entry.room, json }
  }

  #remember(name: string, room: Room): Room {
    this.#rooms.set(name, room)
    return room
  }

  /** The WAL's pages go into the file and the WAL is cut to nothing, so that no older page lives on in it. */
  #scrub(): LogError | null {
    try {
      this.db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
      this.#unscrubbed = false
      return null
    } catch (error) {
      const why = asLogError(error)
      this.doubtful = why.code === 'failed'
      return why
    }
  }

  #forget(): void {
    this.head = this.#committed
    this.#changes = []
    this.#erased = false
    this.#rooms.clear()
    this.#recent.clear()
    this.shreds.forget()
  }
}

/** 16 bytes that stand for (room, person, key): a third of what they are as an index of text. */
function keyOf(entry: Pick<Entry, 'room' | 'from' | 'key'>): Buffer {
  const all = `${entry.room}\n${entry.from.person}\n${entry.key}`
  return hash('sha256', all, 'buffer').subarray(0, 16)
}

function statements(db: DatabaseSync): Record<Name, StatementSync> {
  const all = {} as Record<Name, StatementSync>
  for (const [name, sql] of Object.entries(sqls)) all[name as Name] = db.prepare(sql)
  return all
}

const sqls = {
  begin: 'BEGIN IMMEDIATE',
  commit: 'COMMIT',
  rollback: 'ROLLBACK',
  byKey: 'SELECT seq FROM entries WHERE key = ?',
  insert: 'INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?)',
  body: 'SELECT room, kind, at, body FROM entries WHERE seq = ?',
  since: `SELECT seq, kind, target, name FROM entries JOIN rooms ON rooms.id = room
    WHERE seq > ? AND kind > 0 ORDER BY seq`,
  rewrite: 'UPDATE entries SET body = ? WHERE seq = ?',
  stub: 'UPDATE entries SET kind = -kind, target = NULL, body = NULL WHERE seq = ?',
  delete: 'DELETE FROM entries WHERE seq = ?',
  haveFile: 'INSERT OR IGNORE INTO files VALUES (?, ?)',
  loseFiles: 'DELETE FROM files WHERE seq = ?',
  newest: 'INSERT OR REPLACE INTO newest VALUES (1, ?)',
  deletionOf: 'SELECT seq FROM entries WHERE target = ? AND kind = 3 ORDER BY seq DESC LIMIT 1',
  changesOf: 'SELECT seq FROM entries WHERE target = ? AND kind = ? AND (kind = 2 OR kind = 3)',
  room: 'SELECT id, trimmed FROM rooms WHERE name = ?',
  roomHead: `SELECT
    coalesce((SELECT max(seq) FROM entries WHERE room = ? AND kind = 1), 0) AS message,
    coalesce((SELECT max(seq) FROM entries WHERE room = ? AND kind > 1 AND kind < 6), 0) AS other`,
  keepRecord: `INSERT INTO records VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET value = excluded.value`,
  oldActs: `SELECT seq, at FROM entries WHERE room = ? AND kind = 6 AND seq <= (
      SELECT seq FROM entries WHERE room = ? AND kind = 6 ORDER BY seq DESC LIMIT 1 OFFSET ?
    ) ORDER BY seq LIMIT 9`,
  record: 'SELECT value FROM records WHERE room = ? AND space = ? AND name = ?',
  dropRecord: 'DELETE FROM records WHERE room = ? AND space = ? AND name = ?',
  found: 'INSERT INTO rooms (name) VALUES (?)',
  settings: 'SELECT settings FROM rooms WHERE id = ?',
  settle: 'UPDATE rooms SET settings = ? WHERE id = ?',
  reaction: 'SELECT seq, live FROM reactions WHERE target = ? AND emoji = ? AND person = ?',
  react: `INSERT INTO reactions VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET seq = excluded.seq, live = excluded.live`,
  reactions: 'SELECT emoji, person FROM reactions WHERE target = ? AND live = 1 ORDER BY seq',
  unreact: 'DELETE FROM reactions WHERE target = ?',
} as const
type Name = keyof typeof sqls
