import { randomInt } from 'node:crypto'
import { existsSync, mkdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { LogError, type Epoch } from './log.ts'

/** Raise it with every change of `schema`, and say in `upgrade` how older files get there. */
const version = 6
/** "Hear": tells our files from other people's. */
const application = 0x48656172
/** How long a start waits for the process that had the folder before, in ms. */
const patience = 1_000

// What messages said that are hidden, until their hour is over; and what is held for review (kind 7), whose `target`
// is a number for its person.
const waiting = `
  CREATE TABLE hidden (
    seq INTEGER PRIMARY KEY, room INTEGER NOT NULL, until INTEGER NOT NULL, act TEXT NOT NULL, body BLOB NOT NULL
  );
  CREATE INDEX hours ON hidden (until);
  CREATE INDEX acts ON hidden (room, act);
  CREATE INDEX held ON entries (room, seq, target) WHERE kind = 7;
  CREATE INDEX days ON entries (at) WHERE kind = 7;
`

// When a room's oldest event will be too old, and up to where, and by which standard, that is known (`due.ts`).
const retained = `
  ALTER TABLE rooms ADD COLUMN due INTEGER;
  CREATE INDEX due ON rooms (due) WHERE due IS NOT NULL;
  CREATE TABLE looked (one INTEGER PRIMARY KEY, upTo INTEGER NOT NULL, count INTEGER, age INTEGER);
`

// The newest seq, once its entry is gone: no other one is to be given it.
const newest = 'CREATE TABLE newest (one INTEGER PRIMARY KEY, seq INTEGER NOT NULL);'

// Which entries have which files: names that say nothing, of those whose messages are there or hidden.
const files = `
  CREATE TABLE files (name TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (name, seq)) WITHOUT ROWID;
  CREATE INDEX filesOf ON files (seq);
`

// Which seqs were messages that retention removed, so that who was away is told how many: the newest 10,000 of a room.
// The first one of a room is only where they begin, and is not counted.
const expired = `
  CREATE TABLE expired (room INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (room, seq)) WITHOUT ROWID;
  INSERT INTO expired SELECT id, trimmed FROM rooms WHERE trimmed > 0;
`

// One heap in the order of seq: an append touches its last page, and those of the two indexes. Messages and the
// rest each have an index of their own, so that a page of messages never has to step over a million reactions.
// What retention removed less than a day ago stays as a stub (kind < 0, no body) for its idempotency key.
const schema = `
  CREATE TABLE epochs (n INTEGER PRIMARY KEY, epoch TEXT NOT NULL UNIQUE, first INTEGER NOT NULL);
  CREATE TABLE rooms (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
    trimmed INTEGER NOT NULL DEFAULT 0, settings TEXT NOT NULL DEFAULT '{}'
  );
  CREATE INDEX listed ON rooms (name) WHERE settings ->> 'listed';
  CREATE TABLE entries (
    seq INTEGER PRIMARY KEY, room INTEGER NOT NULL, kind INTEGER NOT NULL, at INTEGER NOT NULL,
    target INTEGER, key BLOB, body BLOB
  );
  CREATE INDEX messages ON entries (room, seq) WHERE kind = 1;
  CREATE INDEX others ON entries (room, seq) WHERE kind > 1 AND kind < 6;
  CREATE INDEX recorded ON entries (room, seq) WHERE kind = 6;
  CREATE UNIQUE INDEX keys ON entries (key) WHERE key IS NOT NULL;
  CREATE INDEX changes ON entries (target, kind) WHERE kind = 2 OR kind = 3;
  CREATE INDEX stubs ON entries (at) WHERE kind < 0;
  CREATE TABLE reactions (
    target INTEGER NOT NULL, emoji TEXT NOT NULL, person TEXT NOT NULL,
    seq INTEGER NOT NULL, live INTEGER NOT NULL, PRIMARY KEY (target, emoji, person)
  ) WITHOUT ROWID;
  CREATE TABLE records (
    room INTEGER NOT NULL, space TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (room, space, name)
  ) WITHOUT ROWID;
  CREATE TABLE shreds (block INTEGER PRIMARY KEY, keys BLOB NOT NULL);
  ${waiting}
  ${retained}
  ${newest}
  ${files}
  ${expired}
  PRAGMA application_id = ${application};
  PRAGMA user_version = ${version};
`

const full = 13
const alone = new Set([5, 6])

/** SQLite's primary result code, or 0 for other errors. */
function resultCode(error: unknown): number {
  const code = (error as { errcode?: unknown }).errcode
  return typeof code === 'number' ? code & 0xff : 0
}

/** The log's word for what went wrong in a running store. */
export function asLogError(error: unknown): LogError {
  if (error instanceof LogError) return error
  return resultCode(error) === full
    ? new LogError('disk-full', 'The disk is full: nothing can be kept until there is room.', error)
    : new LogError('failed', `The log could not be written or read: ${messageOf(error)}.`, error)
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)

/** An open database that is ours alone. */
export interface Opened {
  readonly db: DatabaseSync
  readonly epochs: readonly Epoch[]
  readonly head: number
}

/**
 * Opens the folder's database, or one in memory, and begins a new epoch in it.
 * @throws LogError `locked`, `newer`, `unusable`, `disk-full`
 */
export function openFile(dir: string | null): Opened {
  let db: DatabaseSync | undefined
  try {
    if (dir !== null) makeFolder(resolve(dir))
    const path = dir === null ? ':memory:' : join(dir, 'hearsay.db')
    db = new DatabaseSync(path, { timeout: patience })
    prepare(db, dir)
    return { db, ...begin(db) }
  } catch (error) {
    db?.close()
    throw refusal(error, dir)
  }
}

/** Not `recursive: true`: under /proc, where a folder's parent is there and it can't be made, that never ends. */
function makeFolder(dir: string): void {
  if (existsSync(dir)) return
  if (!existsSync(dirname(dir))) makeFolder(dirname(dir))
  mkdirSync(dir, { mode: 0o700 })
}

function prepare(db: DatabaseSync, dir: string | null): void {
  // Before the first read: so the index of the WAL lives in our memory, no other process can open the
  // file at all, and no foreign reader can keep erased text alive in the WAL.
  db.exec('PRAGMA locking_mode = EXCLUSIVE')
  db.exec('PRAGMA page_size = 4096')
  db.exec('PRAGMA secure_delete = ON')
  const found = db.prepare('PRAGMA user_version').get()?.['user_version'] as number
  const owner = db.prepare('PRAGMA application_id').get()?.['application_id'] as number
  const empty = db.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined
  if (!empty && owner !== application) {
    throw new LogError('unusable', `The database in ${dir} was not made by Hearsay.`)
  }
  if (found > version) {
    throw new LogError(
      'newer',
      `The database in ${dir} was written by a newer Hearsay (format ${found}; this one knows ${version}).`,
    )
  }
  db.exec('PRAGMA journal_mode = WAL')
  db.exec('PRAGMA synchronous = FULL')
  db.exec('PRAGMA cache_size = -16384')
  db.exec('PRAGMA temp_store = MEMORY')
  // What a process that was killed left in the WAL is written to the database and synced anew: pages that an
  // earlier failed fsync may have left unwritten are so never trusted.
  if (dir !== null) db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  if (empty) db.exec(`BEGIN IMMEDIATE; ${schema} COMMIT`)
  else if (found < version) {
    const steps = [
      [2, waiting],
      [3, retained],
      [4, newest],
      [5, files],
      [6, expired],
    ] as const
    const sql = steps.filter(([format]) => found < format).map(([, step]) => step)
    db.exec(`BEGIN IMMEDIATE; ${sql.join(' ')} PRAGMA user_version = ${version}; COMMIT`)
  }
}

/** A new life of the writer. Its first seq is past everything that ever was, trimmed or not. */
function begin(db: DatabaseSync): { epochs: Epoch[]; head: number } {
  const head = db
    .prepare(
      `SELECT max(
         coalesce((SELECT max(seq) FROM entries), 0),
         coalesce((SELECT seq FROM newest), 0),
         coalesce((SELECT max(trimmed) FROM rooms), 0),
         coalesce((SELECT max(first) - 1 FROM epochs), 0)
       ) AS head`,
    )
    .get()?.['head'] as number
  const epoch = Array.from({ length: 8 }, () => randomInt(36).toString(36)).join('')
  db.prepare('INSERT INTO epochs (epoch, first) VALUES (?, ?)').run(epoch, head + 1)
  const rows = db.prepare('SELECT epoch, first FROM epochs ORDER BY n').all()
  const epochs = rows.map((row) => ({
    epoch: row['epoch'] as string,
    first: row['first'] as number,
  }))
  return { epochs, head }
}

function refusal(error: unknown, dir: string | null): LogError {
  if (error instanceof LogError) return error
  const code = resultCode(error)
  if (alone.has(code)) {
    return new LogError('locked', `Another process is using the data folder ${dir}.`, error)
  }
  if (code === full || (error as { code?: unknown }).code === 'ENOSPC') {
    return new LogError('disk-full', `The disk of the data folder ${dir} is full.`, error)
  }
  return new LogError(
    'unusable',
    `The data folder ${dir} can't be used: ${messageOf(error)}.`,
    error,
  )
}
