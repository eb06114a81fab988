import type { Attachment, From } from '@hearsay/protocol'
import { LogError, type Entry, type Kind, type Lost } from './log.ts'

/**
 * What passes between the server's thread and the log's. Entries travel as one flat array of strings and
 * numbers: to clone 64 of them costs a third of what the same entries cost as nested objects.
 */
export type Cell = string | number | null

/** Cells of one entry. */
export const stride = 13

/** A kind's number, on the wire and on disk. Never renumber: databases hold them. */
const kinds: readonly Kind[] = [
  ...(['message', 'edit', 'delete', 'reaction', 'room', 'record'] as const),
  ...(['hold', 'drop', 'act'] as const),
]
const codes: Readonly<Record<Kind, number>> = {
  message: 1,
  edit: 2,
  delete: 3,
  reaction: 4,
  room: 5,
  record: 6,
  hold: 7,
  drop: 8,
  act: 9,
}
export const codeOf = (kind: Kind): number => codes[kind]
export const kindOf = (code: number): Kind => kinds[Math.abs(code) - 1]!

/** Adds an entry's cells. Throws where `at` is no date or settings are no JSON, before anything was added. */
export function pack(entry: Entry, cells: Cell[]): void {
  // One entry that can't be written would fail all that share its transaction.
  if (!(Math.abs(entry.at) <= 8.64e15)) throw new RangeError(`Expected a date, got ${entry.at}.`)
  let target: Cell = null
  let text: Cell = null
  let extra: Cell = null
  let files: Cell = null
  switch (entry.kind) {
    case 'message':
      text = entry.text
      extra = entry.replyTo ?? null
      target = entry.held ?? null
      files = filesCell(entry.files)
      break
    case 'hold':
      text = entry.text
      extra = entry.replyTo ?? null
      files = filesCell(entry.files)
      break
    case 'drop':
      target = entry.target
      break
    case 'edit':
      target = entry.target
      text = entry.text
      break
    case 'delete':
      target = entry.target
      text = entry.hide ?? null
      break
    case 'reaction':
      target = entry.target
      text = entry.emoji
      extra = entry.on ? 1 : 0
      break
    case 'room':
      text = JSON.stringify(entry.settings)
      break
    case 'record':
    case 'act':
      target = entry.space
      extra = entry.name
      text = JSON.stringify(entry.value ?? null)
      break
  }
  const { person, name, mark, role, lookalike } = entry.from
  const key = entry.key ?? null
  const code = codes[entry.kind]
  const like = lookalike ? 1 : null
  cells.push(code, entry.room, entry.at, person, name, mark, role, key)
  cells.push(target, text, extra, like, files)
}

const filesCell = (files: readonly Attachment[] | undefined): Cell =>
  files === undefined ? null : JSON.stringify(files)

/** The entry whose cells begin at `at`. */
export function unpack(cells: readonly Cell[], at: number): Entry {
  const common = {
    room: cells[at + 1] as string,
    at: cells[at + 2] as number,
    from: {
      person: cells[at + 3] as string,
      name: cells[at + 4] as string,
      mark: cells[at + 5] as string,
      role: cells[at + 6] as From['role'],
      ...(cells[at + 11] === null ? {} : { lookalike: true as const }),
    },
    ...(cells[at + 7] === null ? {} : { key: cells[at + 7] as string }),
  }
  const target = cells[at + 8] as string
  const text = cells[at + 9] as string
  const extra = cells[at + 10]
  const more = {
    ...(extra === null ? {} : { replyTo: extra as string }),
    ...(cells[at + 12] === null
      ? {}
      : { files: JSON.parse(cells[at + 12] as string) as Attachment[] }),
  }
  const kind = kindOf(cells[at] as number)
  switch (kind) {
    case 'message':
      return target === null
        ? { kind, ...common, text, ...more }
        : { kind, ...common, text, ...more, held: target }
    case 'hold':
      return { kind, ...common, text, ...more }
    case 'drop':
      return { kind, ...common, target }
    case 'edit':
      return { kind: 'edit', ...common, target, text: cells[at + 9] as string | null }
    case 'delete':
      return text === null ? { kind, ...common, target } : { kind, ...common, target, hide: text }
    case 'reaction':
      return { kind: 'reaction', ...common, target, emoji: text, on: extra === 1 }
    case 'room':
      return {
        kind: 'room',
        ...common,
        settings: JSON.parse(text) as Readonly<Record<string, unknown>>,
      }
    case 'record':
    case 'act':
      return {
        kind,
        ...common,
        space: target,
        name: extra as string,
        value: JSON.parse(text) as unknown,
      }
  }
}

/** What became of one entry: its event's JSON; the entry that had the same effect before; or no such target, or no room for it. */
export type Outcome = string | Standing | null

/** An entry as it stands, cheap to clone. */
export interface Standing {
  readonly seq: number
  readonly kind: number
  readonly room: string
  readonly json: string
}

/** A change to what an older event says; null: gone. */
export interface Change {
  readonly seq: number
  readonly room: string
  readonly json: string | null
}

/** The answer to a batch: new events have the seqs from `first` on, one after another. */
export interface Batch {
  readonly first: number
  readonly outcomes: readonly Outcome[]
  readonly changes: readonly Change[]
  /** Why what these entries deleted may still be found on the disk; null: it is gone. */
  readonly unscrubbed: Refusal | null
}

/** A stretch of the log, its events column by column. */
export interface Piece {
  readonly seqs: readonly number[]
  readonly kinds: readonly number[]
  readonly rooms: readonly string[]
  readonly jsons: readonly string[]
  readonly more: boolean
  readonly expired: readonly Lost[]
}

/** One step of a trim. */
export interface Trimmed {
  readonly removed: number
  readonly changes: readonly Change[]
  readonly more: boolean
  readonly unscrubbed: Refusal | null
}

/** One step of an expiry. */
export interface Expired {
  readonly more: boolean
  /** In which less is held now. */
  readonly rooms: readonly string[]
  /** When there will be something to do, in ms since 1970; null: there is nothing. */
  readonly next: number | null
  readonly unscrubbed: Refusal | null
}

/** A LogError as it crosses between threads: an error's own fields do not survive a structured clone. */
export interface Refusal {
  readonly code: LogError['code']
  readonly sentence: string
}

/** Whether a message's data says that it was deleted. */
export const isTombstone = (json: string): boolean => json.endsWith('"deleted":true}')

export const refuse = (refusal: Refusal): LogError => new LogError(refusal.code, refusal.sentence)
export const refusalOf = ({ code, message }: LogError): Refusal => ({ code, sentence: message })
