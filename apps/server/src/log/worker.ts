import { parentPort, workerData } from 'node:worker_threads'
import { asLogError, openFile } from './file.ts'
import { LogError } from './log.ts'
import { Expiry } from './expiry.ts'
import { Reads } from './reads.ts'
import { Search } from './search.ts'
import { Store } from './store.ts'
import { Trim } from './trim.ts'
import {
  refusalOf,
  stride,
  unpack,
  type Batch,
  type Cell,
  type Change,
  type Outcome,
} from './wire.ts'
import type { Answer, Opening, Request } from './local.ts'

const { dir } = workerData as { readonly dir: string | null }
const port = parentPort!

interface Parts {
  readonly store: Store
  readonly reads: Reads
  readonly trim: Trim
  readonly expiry: Expiry
  readonly search: Search
}

function open(): Parts {
  const store = new Store(openFile(dir))
  const reads = new Reads(store)
  return {
    store,
    reads,
    trim: new Trim(store, reads),
    expiry: new Expiry(store),
    search: new Search(store, reads),
  }
}

/** null: a write failed in a way after which nothing this connection believes can be trusted. */
let parts: Parts | null
/** Highest seq that the server knows of. */
let told = 0

try {
  parts = open()
  told = parts.store.head
  post({ opened: opening(parts.store) })
} catch (error) {
  post({ refused: refusalOf(asLogError(error)) })
  port.close()
}

port.on('message', (request: Request) => {
  try {
    parts ??= reopen()
    post({ done: answer(parts, request) })
    if (parts.store.doubtful) drop()
  } catch (error) {
    const why = asLogError(error)
    if (why.code === 'failed' && request.do !== 'read') drop()
    post({ failed: refusalOf(why) })
  }
  if (request.do === 'close') port.close()
})

function answer({ store, reads, trim, expiry, search }: Parts, request: Request): unknown {
  switch (request.do) {
    case 'append':
      return followed(search, append(store, request.cells))
    case 'trim':
      return followed(search, trim.step(request.standard, request.now))
    case 'expire':
      return expiry.step(request.now)
    case 'close':
      store.db.close()
      return null
    case 'read':
      switch (request.what) {
        case 'after':
          return reads.after(...request.args)
        case 'newest':
          return reads.newest(...request.args)
        case 'page':
          return reads.page(...request.args)
        case 'message':
          return reads.message(...request.args)
        case 'facts':
          return reads.facts(...request.args)
        case 'listed':
          return reads.listed(...request.args)
        case 'records':
          return reads.records(...request.args)
        case 'recorded':
          return reads.recorded(...request.args)
        case 'held':
          return reads.held(...request.args)
        case 'heldCount':
          return reads.heldCount(...request.args)
        case 'hidden':
          return reads.hidden(...request.args)
        case 'hiddenBy':
          return reads.hiddenBy(...request.args)
        case 'keyed':
          return reads.keyed(...request.args)
        case 'hasFile':
          return reads.hasFile(...request.args)
        case 'filesKept':
          return reads.filesKept(...request.args)
        case 'search':
          return search.step(...request.args)
      }
  }
}

/** A search finds nothing that was changed before it. */
function followed<T extends { readonly changes: readonly Change[] }>(search: Search, done: T): T {
  search.follow(done.changes)
  return done
}

/** The order of one machine: the next free number, in the same transaction as its effect. */
function append(store: Store, cells: readonly Cell[]): Batch {
  const first = store.head + 1
  const { answer, changes, unscrubbed } = store.transact(() => {
    const all: Outcome[] = []
    for (let at = 0; at < cells.length; at += stride) {
      all.push(store.apply(store.head + 1, unpack(cells, at)))
    }
    return all
  })
  told = store.head
  return {
    first,
    outcomes: answer,
    changes,
    unscrubbed: unscrubbed === null ? null : refusalOf(unscrubbed),
  }
}

/**
 * After a failed write or fsync nobody knows what is on the disk, and to ask again may answer from pages that
 * never got there. So the connection is thrown away, and the next request opens the file as if after a crash.
 */
function drop(): void {
  if (dir === null || parts === null) return
  parts.search.close()
  try {
    parts.store.db.close()
  } catch {
    // Its close may fail as its write did.
  }
  parts = null
}

function reopen(): Parts {
  let again: Parts
  try {
    again = open()
  } catch (error) {
    const why = asLogError(error)
    throw why.code === 'disk-full' ? why : new LogError('failed', why.message, why)
  }
  // Entries whose append failed, and which are there all the same: they are announced like any other.
  const { store } = again
  post({ opened: { ...opening(store), ...store.since(told) } })
  told = store.head
  return again
}

function opening(store: Store): Opening {
  return { epochs: store.epochs, head: store.head, events: [], changes: [] }
}

function post(message: Answer): void {
  port.postMessage(message)
}
