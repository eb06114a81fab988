import type { Worker } from 'node:worker_threads'
import { thread } from '../thread.ts'
import type { From } from '@hearsay/protocol'
import { idOf } from './epochs.ts'
import {
  LogError,
  type Appended,
  type Entry,
  type Epoch,
  type Found,
  type Hiding,
  type Kept,
  type Log,
  type Logged,
  type Page,
  type Range,
  type Retention,
  type Rewritten,
  type RoomFacts,
  type Stretch,
  type Trimming,
} from './log.ts'
import type { Reads } from './reads.ts'
import type { FoundStep, Search } from './search.ts'
import {
  kindOf,
  pack,
  refuse,
  stride,
  type Batch,
  type Cell,
  type Change,
  type Expired,
  type Piece,
  type Refusal,
  type Standing,
  type Trimmed,
} from './wire.ts'

/** Entries in one transaction. What comes behind it, a read perhaps, waits some 20 ms at most. */
const batchSize = 1_000
/** Reads that may stand before a batch of appends. */
const readsAtOnce = 4

type Readable =
  | 'after'
  | 'newest'
  | 'page'
  | 'message'
  | 'facts'
  | 'listed'
  | 'records'
  | 'recorded'
  | 'held'
  | 'heldCount'
  | 'hidden'
  | 'hiddenBy'
  | 'keyed'
  | 'hasFile'
  | 'filesKept'

type Question =
  | {
      readonly do: 'read'
      readonly what: 'search'
      readonly args: Parameters<Search['step']>
    }
  | Readings

type Readings = {
  [What in Readable]: {
    readonly do: 'read'
    readonly what: What
    readonly args: Parameters<Reads[What]>
  }
}[Readable]

/** What the log's thread is asked. It answers in order, one answer to one request. */
export type Request =
  | Question
  | { readonly do: 'append'; readonly cells: readonly Cell[] }
  | {
      readonly do: 'trim'
      readonly standard: Retention
      readonly now: number
    }
  | { readonly do: 'expire'; readonly now: number }
  | { readonly do: 'close' }

/** A database that was opened: at start, or anew after a failed write. */
export interface Opening {
  readonly epochs: readonly Epoch[]
  readonly head: number
  /** Events that were not announced before the failure. */
  readonly events: readonly Standing[]
  readonly changes: readonly Change[]
}

export type Answer =
  | { readonly opened: Opening }
  | { readonly refused: Refusal }
  | { readonly done: unknown }
  | { readonly failed: Refusal }

interface Waiting {
  readonly entry: Entry
  readonly resolve: (appended: Appended) => void
  readonly reject: (error: LogError) => void
}

interface Asked {
  readonly done: (answer: never) => void
  readonly failed: (error: LogError) => void
}

/**
 * Opens the log of one machine: SQLite on a thread of its own.
 * @param options.dir the data folder, made if need be; null: in memory, gone with the process
 * @throws LogError `locked`, `newer`, `unusable`, `disk-full`
 */
export function openLog(options: { readonly dir: string | null }): Promise<Log> {
  const worker = thread(import.meta.url, './worker', {
    workerData: { dir: options.dir },
    name: 'hearsay log',
    // What a batch allocates dies with it: a young generation that grows only holds more garbage.
    resourceLimits: { maxYoungGenerationSizeMb: 6 },
  })
  return new Promise((resolve, reject) => {
    const lost = (error?: unknown): void =>
      reject(new LogError('unusable', 'The log did not start.', error))
    worker.once('error', lost)
    worker.once('exit', lost)
    worker.once('message', (answer: Answer) => {
      worker.off('error', lost)
      worker.off('exit', lost)
      if ('refused' in answer) reject(refuse(answer.refused))
      else if ('opened' in answer) resolve(new LocalLog(worker, answer.opened))
    })
  })
}

class LocalLog implements Log {
  epochs: readonly Epoch[]
  head: number
  readonly #worker: Worker
  readonly #asked: Asked[] = []
  readonly #gone: Promise<void>
  #announce: ((events: readonly Logged[], rewritten: readonly Rewritten[]) => void) | null = null
  #entries: Waiting[] = []
  #cells: Cell[] = []
  #appending = false
  #scheduled = false
  #reading = 0
  #reads: (() => void)[] = []
  /** The search that was asked for last. One at a time: two would push each other's indexes out of memory. */
  #searching: Promise<unknown> = Promise.resolve()
  #closing = false
  #dead: LogError | null = null

  constructor(worker: Worker, opening: Opening) {
    this.#worker = worker
    this.epochs = opening.epochs
    this.head = opening.head
    worker.on('message', (answer: Answer) => this.#hear(answer))
    worker.on('error', (error) => this.#die(error))
    this.#gone = new Promise((resolve) => worker.once('exit', () => resolve()))
    void this.#gone.then(() => this.#die())
  }

  append(entry: Entry): Promise<Appended> {
    return new Promise((resolve, reject) => {
      if (this.#dead !== null || this.#closing) throw this.#closed()
      pack(entry, this.#cells)
      this.#entries.push({ entry, resolve, reject })
      if (this.#appending || this.#scheduled) return
      // Whatever else arrives in this turn goes with it.
      this.#scheduled = true
      setImmediate(() => {
        this.#scheduled = false
        this.#flush()
      })
    })
  }

  follow(announce: (events: readonly Logged[], rewritten: readonly Rewritten[]) => void): void {
    this.#announce = announce
  }

  async after(
    rooms: readonly string[],
    after: number,
    upTo: number,
    limit: number,
  ): Promise<Stretch> {
    const args: Parameters<Reads['after']> = [rooms, after, upTo, limit]
    return this.#stretch(await this.#read<Piece>({ do: 'read', what: 'after', args }))
  }

  async newest(room: string, upTo: number, limit: number): Promise<Stretch> {
    const args: Parameters<Reads['newest']> = [room, upTo, limit]
    return this.#stretch(await this.#read<Piece>({ do: 'read', what: 'newest', args }))
  }

  page(room: string, range: Range): Promise<Page> {
    return this.#read<Page>({ do: 'read', what: 'page', args: [room, range] })
  }

  message(room: string, seq: number): Promise<string | null> {
    return this.#read<string | null>({ do: 'read', what: 'message', args: [room, seq] })
  }

  facts(room: string): Promise<RoomFacts | null> {
    return this.#read<RoomFacts | null>({ do: 'read', what: 'facts', args: [room] })
  }

  listed(after: string, limit: number): Promise<readonly string[]> {
    return this.#read<string[]>({ do: 'read', what: 'listed', args: [after, limit] })
  }

  records(room: string): Promise<readonly Kept[]> {
    return this.#read<Kept[]>({ do: 'read', what: 'records', args: [room] })
  }

  recorded(room: string, before: number, limit: number): Promise<readonly string[]> {
    return this.#read<string[]>({ do: 'read', what: 'recorded', args: [room, before, limit] })
  }

  held(room: string, after: number, limit: number): Promise<readonly string[]> {
    return this.#read<string[]>({ do: 'read', what: 'held', args: [room, after, limit] })
  }

  heldCount(room: string): Promise<number> {
    return this.#read<number>({ do: 'read', what: 'heldCount', args: [room] })
  }

  hidden(room: string): Promise<readonly Hiding[]> {
    return this.#read<Hiding[]>({ do: 'read', what: 'hidden', args: [room] })
  }

  hiddenBy(room: string, act: string): Promise<readonly string[]> {
    return this.#read<string[]>({ do: 'read', what: 'hiddenBy', args: [room, act] })
  }

  async keyed(room: string, from: From, key: string): Promise<Logged | null> {
    const args: Parameters<Reads['keyed']> = [room, from, key]
    const standing = await this.#read<Standing | null>({ do: 'read', what: 'keyed', args })
    return standing && this.#logged(standing)
  }

  hasFile(room: string, name: string): Promise<boolean> {
    return this.#read<boolean>({ do: 'read', what: 'hasFile', args: [room, name] })
  }

  filesKept(names: readonly string[]): Promise<readonly string[]> {
    return this.#read<string[]>({ do: 'read', what: 'filesKept', args: [names] })
  }

  search(
    room: string,
    words: readonly string[],
    range: { readonly before?: number; readonly limit: number },
  ): Promise<Found> {
    const found = this.#searching.then(() => this.#search(room, words, range))
    this.#searching = found.catch(() => {})
    return found
  }

  async #search(
    room: string,
    words: readonly string[],
    { before = Number.MAX_SAFE_INTEGER, limit }: { readonly before?: number; limit: number },
  ): Promise<Found> {
    const args: Parameters<Search['step']> = [room, words, this.head, before, limit]
    for (;;) {
      // One step at a time: appends and other reads go between them.
      const step = await this.#read<FoundStep>({ do: 'read', what: 'search', args })
      if (step.more) continue
      const { messages, before, since } = step
      return { messages, before, since }
    }
  }

  async trim(standard: Retention, now: number): Promise<Trimming> {
    const step = await this.#tell<Trimmed>({ do: 'trim', standard, now }, ({ changes }) => {
      if (changes.length > 0) this.#announce?.([], changes)
    })
    if (step.unscrubbed !== null) throw refuse(step.unscrubbed)
    return { removed: step.removed, more: step.more }
  }

  async expire(now: number, released?: (room: string) => void): Promise<number | null> {
    for (;;) {
      // One step at a time: appends and reads go between them.
      const step = await this.#tell<Expired>({ do: 'expire', now })
      if (released) step.rooms.forEach(released)
      if (step.unscrubbed !== null) throw refuse(step.unscrubbed)
      if (!step.more) return step.next
    }
  }

  /** Asks for a change; `heard` is called in the turn in which it is there. */
  #tell<T>(request: Request, heard?: (answer: T) => void): Promise<T> {
    return new Promise((resolve, failed) => {
      if (this.#dead !== null || this.#closing) throw this.#closed()
      const done = (answer: T): void => {
        heard?.(answer)
        resolve(answer)
      }
      this.#ask(request, { done, failed })
    })
  }

  close(): Promise<void> {
    this.#closing = true
    this.#letGo()
    return this.#gone
  }

  /** Closes the file once nothing waits for an answer. */
  #letGo(): void {
    const waiting = this.#entries.length + this.#asked.length + this.#reads.length
    if (waiting > 0 || this.#dead !== null) return
    this.#dead = new LogError('closed', 'The log is closed.')
    this.#worker.postMessage({ do: 'close' } satisfies Request)
  }

  #ask(request: Request, asked: Asked): void {
    this.#asked.push(asked)
    this.#worker.postMessage(request)
  }

  #read<T>(question: Question): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#dead !== null || this.#closing) throw this.#closed()
      const next = (): void => {
        this.#reading -= 1
        this.#reads.shift()?.()
      }
      const start = (): void => {
        if (this.#dead !== null) return reject(this.#dead)
        this.#reading += 1
        this.#ask(question, {
          done: (answer: T) => {
            next()
            resolve(answer)
          },
          failed: (error) => {
            next()
            reject(error)
          },
        })
      }
      if (this.#reading < readsAtOnce) start()
      else this.#reads.push(start)
    })
  }

  /** Sends what waits, up to one batch. While it is on its way, everything new waits for the next one. */
  #flush(): void {
    if (this.#appending || this.#entries.length === 0) return
    let entries = this.#entries
    let cells = this.#cells
    if (entries.length > batchSize) {
      entries = this.#entries.splice(0, batchSize)
      cells = this.#cells.splice(0, batchSize * stride)
    } else {
      this.#entries = []
      this.#cells = []
    }
    this.#appending = true
    this.#ask(
      { do: 'append', cells },
      {
        done: (batch: Batch) => {
          this.#appending = false
          this.#settle(entries, batch)
          this.#flush()
        },
        failed: (error) => {
          this.#appending = false
          for (const { reject } of entries) reject(error)
          this.#flush()
        },
      },
    )
  }

  #settle(entries: readonly Waiting[], batch: Batch): void {
    const { first, outcomes, changes, unscrubbed } = batch
    const events: Logged[] = []
    const appended = outcomes.map((outcome, i): Appended | null => {
      if (outcome === null) return null
      if (typeof outcome !== 'string') return { event: this.#logged(outcome), first: false }
      const { room, kind } = entries[i]!.entry
      const seq = first + events.length
      const event = { seq, id: idOf(this.epochs, seq), room, kind, json: outcome }
      events.push(event)
      return { event, first: true }
    })
    if (events.length > 0) this.head = events.at(-1)!.seq
    if (events.length > 0 || changes.length > 0) this.#announce?.(events, changes)
    for (const [i, done] of appended.entries()) {
      const { resolve, reject, entry } = entries[i]!
      const erases = entry.kind === 'delete' || entry.kind === 'drop'
      if (done !== null && unscrubbed !== null && erases) reject(refuse(unscrubbed))
      else if (done !== null) resolve(done)
      else if (entry.kind === 'hold')
        reject(new LogError('too-many', `Too much is held in ${entry.room}.`))
      else reject(new LogError('not-found', `There is no such message in ${entry.room}.`))
    }
  }

  #logged({ seq, kind, room, json }: Standing): Logged {
    return { seq, id: idOf(this.epochs, seq), room, kind: kindOf(kind), json }
  }

  #stretch({ seqs, kinds, rooms, jsons, more, expired }: Piece): Stretch {
    const events = seqs.map((seq, i) =>
      this.#logged({ seq, kind: kinds[i]!, room: rooms[i]!, json: jsons[i]! }),
    )
    return { events, more, expired }
  }

  #hear(answer: Answer): void {
    if ('opened' in answer) this.#reopened(answer.opened)
    const asked = 'opened' in answer ? undefined : this.#asked.shift()
    if ('done' in answer) asked?.done(answer.done as never)
    else if ('failed' in answer) asked?.failed(refuse(answer.failed))
    if (this.#closing) this.#letGo()
  }

  #reopened({ epochs, head, events, changes }: Opening): void {
    this.epochs = epochs
    this.head = Math.max(this.head, head)
    if (events.length > 0) {
      this.#announce?.(
        events.map((event) => this.#logged(event)),
        changes,
      )
    }
  }

  #closed(): LogError {
    return this.#dead ?? new LogError('closed', 'The log is closed.')
  }

  #die(cause?: unknown): void {
    if (this.#dead !== null) return
    this.#dead = new LogError('failed', 'The log has stopped.', cause)
    for (const { failed } of this.#asked.splice(0)) failed(this.#dead)
    for (const { reject } of this.#entries.splice(0)) reject(this.#dead)
    for (const start of this.#reads.splice(0)) start()
  }
}
