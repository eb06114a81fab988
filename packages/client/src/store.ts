import type { Attachment, Problem } from '@hearsay/protocol'

/** A message as the outbox keeps it. */
export interface Kept {
  /** Its place in the queue, given by the store. */
  readonly n?: number
  /** Whose outbox: server, person and room. */
  readonly scope: string
  /** The tab that it was written in, and whose it is to send. */
  readonly tab: string
  readonly key: string
  readonly text: string
  readonly replyTo?: string | undefined
  readonly name?: string | undefined
  readonly files?: readonly Attachment[] | undefined
  readonly at: number
  /** The server refused it. */
  readonly problem?: Problem
  /** Not before this time, the server said: by the clock of the page that it was said to. */
  readonly until?: number
  /** Milliseconds for which it was to wait then. */
  readonly wait?: number
  /** The id under which it waits for whoever looks after the room. */
  readonly review?: string
}

/** What was written and not yet confirmed, over reloads and for all tabs. Every call may fail: storage may be full. */
export interface Store {
  /** A scope's messages in the order in which they were put. */
  all(scope: string): Promise<readonly Kept[]>
  /** Adds a message, or changes the one with the same `n`. Answers its `n`. */
  put(message: Kept): Promise<number>
  remove(n: number): Promise<unknown>
}

const DATABASE = 'hearsay'
const OUTBOX = 'outbox'
/** Milliseconds after which a browser's store that has not answered is taken to be none. */
const ANSWER = 4000

let opened: Promise<Store> | undefined

/** The browser's store. Rejects where there is none: no IndexedDB, or a mode that forbids it. */
export function openStore(): Promise<Store> {
  // A store that could not be opened may be there on the next try.
  return (opened ??= open().catch((error: unknown) => {
    opened = undefined
    throw error
  }))
}

async function open(): Promise<Store> {
  const request = indexedDB.open(DATABASE, 1)
  request.addEventListener('upgradeneeded', () => {
    const store = request.result.createObjectStore(OUTBOX, { keyPath: 'n', autoIncrement: true })
    store.createIndex('scope', 'scope')
  })
  // Another tab has a newer version of this program: its upgrade must not wait for this one, though it came too late.
  request.addEventListener('success', () => {
    request.result.addEventListener('versionchange', () => request.result.close())
  })
  const database = await done(request)
  database.addEventListener('close', () => (opened = undefined))
  const outbox = (mode: IDBTransactionMode): IDBObjectStore =>
    database.transaction(OUTBOX, mode).objectStore(OUTBOX)
  return {
    all: (scope) => done(outbox('readonly').index('scope').getAll(scope)),
    put: (message) => kept(outbox('readwrite').put(message)) as Promise<number>,
    remove: (n) => kept(outbox('readwrite').delete(n)),
  }
}

/** A write counts when its transaction is complete: a full disk shows only there. */
function kept<Result>(request: IDBRequest<Result>): Promise<Result> {
  return done(request, request.transaction as IDBTransaction)
}

function done<Result>(request: IDBRequest<Result>, by: EventTarget = request): Promise<Result> {
  return new Promise((resolve, reject) => {
    setTimeout(reject, ANSWER)
    const onsuccess = (): void => resolve(request.result)
    Object.assign(by, { onsuccess, oncomplete: onsuccess, onerror: reject, onabort: reject })
  })
}
