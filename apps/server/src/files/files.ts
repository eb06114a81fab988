import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { pipeline, type Readable } from 'node:stream'
import type { Worker } from 'node:worker_threads'
import { limits, type Attachment } from '@hearsay/protocol'
import { fileName, headOf, headSize, unmasking, type Head } from './mask.ts'
import { InMemory, OnDisk, type Place } from './places.ts'
import type { Done, Task } from './worker.ts'
import type { Log } from '../log/log.ts'
import { LogError } from '../log/log.ts'
import { reportFault } from '../problem.ts'
import { Recent } from '../recent.ts'
import { Refusal } from '../refusal.ts'
import { thread } from '../thread.ts'

/** How long a file is kept, at most, in ms. */
const KEPT = 24 * 60 * 60 * 1000
/** How long a file can be said, and after how long one that no message has is let go of: what is being said just now has it. */
const UNSAID = 60 * 60 * 1000
const UNKEPT = UNSAID + 5 * 60 * 1000
/** How long the rest of a file may be waited for, in ms. */
const UNFINISHED = 2 * 60 * 1000
/** How long it may take in all. */
const LONGEST = 20 * 60 * 1000
/** Milliseconds between two looks for what is waited for no more, and how many of these there are to one for what is to go. */
const REST = 60 * 1000
const LOOKS = 10
/** Bytes and files that may be coming in at once: of all, and of one network. */
const COMING = { bytes: 64 * 1024 * 1024, files: 1000 }
const OF_NETWORK = { bytes: 24 * 1024 * 1024, files: 100 }
/** Files of one person that may be coming in to a room: with the next one the oldest is given up. */
const OF_PERSON = 2
/** The part of all that may be kept which one network may take. */
const SHARE = 0.5
/** Files that are read at once: of all, and of one network. Each needs two of the process's descriptors. */
const READ = 400
const READ_OF_NETWORK = 120
/** Files that have just come in, for whoever did not hear the answer. */
const FINISHED = 1000
/** Bytes that a file counts at least: there shall not be millions of small ones. */
const LEAST = 16 * 1024
/** Files that are asked of the log at once. */
const ASKED = 500

/** Who sends a file, and where to. */
export interface Sender {
  readonly room: string
  readonly person: string
  /** A keyed hash. */
  readonly network: string
}

/** A file that is coming in. */
interface Coming extends Sender {
  readonly name: string
  readonly size: number
  readonly pieces: Uint8Array[]
  at: number
  /** When the first and the last piece came. */
  readonly began: number
  heard: number
}

/** A file that has just come in whole. */
interface Finished extends Pick<Sender, 'room' | 'person'> {
  readonly size: number
  readonly facts: Promise<Facts>
  /** It could not be kept: who goes on with it begins anew. */
  failed: boolean
}

type Facts = Omit<Attachment, 'id'>

/** A file that is there. */
interface There {
  readonly size: number
  readonly at: number
  /** Who sent it, where that was since the start: it is kept nowhere. */
  readonly network?: string
}

/** How far a file has come, and what it is, once it is whole. */
export interface Progress {
  readonly id: string
  readonly at: number
  readonly whole: Promise<Attachment> | null
}

/**
 * The files that messages carry. A file's id is 192 random bits, and its key and the name under which it lies on the disk
 * are made of them. The server keeps the id nowhere but in the message: when that is deleted, what is left on the disk
 * can't be read by anybody, and the next look removes it.
 */
export class Files {
  readonly #place: Place
  readonly #log: Log
  readonly #most: number
  readonly #clock: () => number
  readonly #workshop = new Workshop()
  /** By the names under which they will lie on the disk: what the server has of an id it has for one turn. */
  readonly #coming = new Map<string, Coming>()
  readonly #finished = new Recent<string, Finished>(FINISHED)
  /** Bytes of those that are coming in, or are looked at, or written. */
  #held = 0
  /** What is there, by name. */
  readonly #there = new Map<string, There>()
  /** How many are read by whom, of all of them so many. */
  readonly #reading = new Map<string, number>()
  #read = 0
  /** Bytes of `#there`. */
  #used = 0
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  /**
   * @param options.dir the data folder; null: memory
   * @param options.most bytes of all files; 0: none are taken
   * @param options.clock milliseconds since 1970
   */
  constructor(options: {
    readonly dir: string | null
    readonly most: number
    readonly log: Log
    readonly clock: () => number
  }) {
    const { dir, most, log, clock } = options
    this.#place = dir === null ? new InMemory() : new OnDisk(join(dir, 'files'))
    this.#most = most
    this.#log = log
    this.#clock = clock
  }

  /** Bytes of all that is there. */
  get used(): number {
    return this.#used
  }

  /** Are any taken? */
  get isOpen(): boolean {
    return this.#most > 0
  }

  /**
   * The first piece of a file, or all of it.
   * @param size bytes of the whole
   * @param name of what may turn out to be no picture
   * @returns its id, for the other pieces, and what it is, where it is whole
   * @throws Refusal `file-too-large`, `bad-picture`, `files-full`, `disk-full`
   */
  begin(sender: Sender, name: string, size: number, piece: Uint8Array): Progress {
    if (size > limits.file) throw new Refusal('file-too-large')
    if (piece.length === 0 || piece.length > size)
      throw new Refusal('bad-body', 'A piece has 1 byte or more, and no more than its file.')
    this.#forget()
    if (this.#used + this.#held + Math.max(size, LEAST) > this.#most)
      throw new Refusal('files-full')
    this.#giveUp(sender)
    this.#checkShare(sender, size)
    const id = randomBytes(24).toString('base64url')
    const began = this.#clock()
    const coming = { ...sender, name, size, pieces: [], at: 0, began, heard: began }
    this.#coming.set(fileName(id), coming)
    this.#held += size
    return this.#add(id, coming, piece)
  }

  /** Who begins one more has lost sight of his oldest: its answer did not reach him. */
  #giveUp({ room, person }: Sender): void {
    const own = [...this.#coming].filter(([, each]) => each.room === room && each.person === person)
    for (const [name, { size }] of own.slice(0, 1 - OF_PERSON)) {
      this.#coming.delete(name)
      this.#held -= size
    }
  }

  /** @throws Refusal `files-full`; with a time to wait: too much is coming in just now */
  #checkShare({ network }: Sender, size: number): void {
    const own = [...this.#coming.values()].filter((each) => each.network === network)
    const bytes = own.reduce((sum, each) => sum + each.size, size)
    if (
      this.#held + size > COMING.bytes ||
      this.#coming.size >= COMING.files ||
      bytes > OF_NETWORK.bytes ||
      own.length >= OF_NETWORK.files
    )
      throw new Refusal('files-full', undefined, 5000)
    const kept = [...this.#there.values()].filter((each) => each.network === network)
    const taken = kept.reduce((sum, each) => sum + Math.max(each.size, LEAST), bytes)
    if (taken > this.#most * SHARE) throw new Refusal('files-full')
  }

  /**
   * A further piece.
   * @param at where it begins
   * @throws Refusal as `begin`, and `file-gone`, `bad-piece`
   */
  goOn(id: string, { room, person }: Sender, at: number, piece: Uint8Array): Progress {
    this.#forget()
    const name = fileName(id)
    const coming = this.#coming.get(name)
    const finished = this.#finished.get(name)
    const known = coming ?? (finished?.failed ? undefined : finished)
    if (known?.room !== room || known.person !== person) throw new Refusal('file-gone')
    const there = coming?.at ?? known.size
    // Its answer was lost: it is not taken twice.
    if (piece.length > 0 && at + piece.length === there) return this.#progress(id, there)
    if (!coming || at !== there || piece.length === 0 || at + piece.length > coming.size)
      throw new Refusal('bad-piece', undefined, 0, { at: there })
    return this.#add(id, coming, piece)
  }

  #add(id: string, coming: Coming, piece: Uint8Array): Progress {
    const { room, person, size } = coming
    coming.pieces.push(piece)
    coming.at += piece.length
    coming.heard = this.#clock()
    if (coming.at === size) {
      this.#coming.delete(fileName(id))
      const facts = this.#take(id, coming).finally(() => (this.#held -= size))
      const finished = { room, person, size, facts, failed: false }
      // Whoever asks is told; that nobody does is no fault.
      facts.catch(() => (finished.failed = true))
      this.#finished.set(fileName(id), finished)
    }
    return this.#progress(id, coming.at)
  }

  #progress(id: string, at: number): Progress {
    const finished = this.#finished.get(fileName(id))
    return { id, at, whole: finished?.facts.then((facts) => ({ id, ...facts })) ?? null }
  }

  async #take(id: string, { room, person, network, name, pieces }: Coming): Promise<Facts> {
    const done = await this.#workshop.do({ id, room, person, name, pieces })
    if (done === null) throw new Refusal('bad-picture')
    const { facts, bytes } = done
    const at = this.#clock()
    await this.#place.write(fileName(id), bytes, at)
    this.#have(fileName(id), { size: bytes.length, at, network })
    const { id: _, ...rest } = facts
    return rest
  }

  #have(name: string, there: There): void {
    this.#there.set(name, there)
    this.#used += Math.max(there.size, LEAST)
  }

  /** What is waited for no more. */
  #forget(): void {
    const now = this.#clock()
    for (const [name, { began, heard, size }] of this.#coming) {
      if (heard >= now - UNFINISHED && began >= now - LONGEST) continue
      this.#coming.delete(name)
      this.#held -= size
    }
  }

  /**
   * What a person's message may say of these files of his.
   * @throws Refusal `file-gone`
   */
  async of(
    ids: readonly string[],
    { room, person }: Pick<Sender, 'room' | 'person'>,
  ): Promise<Attachment[]> {
    const since = this.#clock() - UNSAID
    return Promise.all(
      ids.map(async (id) => {
        const { at } = this.#there.get(fileName(id)) ?? {}
        const head = at !== undefined && at > since ? await this.#head(id) : null
        if (head?.room !== room || head.person !== person) throw new Refusal('file-gone')
        return head.facts
      }),
    )
  }

  /**
   * A file that a message of this room has, for whoever knows its id; null: there is none.
   * @throws Refusal `unavailable`: too many are read
   */
  async open(
    id: string,
    { room, network }: Pick<Sender, 'room' | 'network'>,
  ): Promise<{ readonly facts: Attachment; readonly read: () => Readable } | null> {
    const name = fileName(id)
    const head = await this.#head(id)
    if (head?.room !== room || !(await this.#log.hasFile(room, name))) return null
    const read = (): Readable => {
      const own = this.#reading.get(network) ?? 0
      if (this.#read >= READ || own >= READ_OF_NETWORK)
        throw new Refusal('unavailable', undefined, 1000)
      const content = unmasking(id)
      this.#count(network, 1)
      content.once('close', () => this.#count(network, -1))
      // What goes wrong on the way ends what comes out of it.
      pipeline(this.#place.read(name, headSize), content, () => {})
      return content
    }
    return { facts: head.facts, read }
  }

  #count(network: string, more: 1 | -1): void {
    this.#read += more
    const own = (this.#reading.get(network) ?? 0) + more
    if (own > 0) this.#reading.set(network, own)
    else this.#reading.delete(network)
  }

  async #head(id: string): Promise<Head | null> {
    const name = fileName(id)
    const bytes = await this.#place.start(name, headSize)
    const head = bytes && headOf(id, bytes)
    // What is not whole any more is not there.
    return head && head.facts.size + headSize === this.#there.get(name)?.size ? head : null
  }

  /** Finds what is there from before, and removes what is to go, now and from now on. */
  async start(): Promise<void> {
    for (const { name, size, at } of await this.#place.list()) this.#have(name, { size, at })
    await this.#turn(0)
  }

  async #turn(turns: number): Promise<void> {
    this.#forget()
    try {
      if (turns % LOOKS === 0) await this.#sweep()
    } catch (error) {
      // The log says by itself when it is well again.
      if (!(error instanceof LogError)) reportFault(error)
    }
    if (!this.#isClosed) this.#timer = setTimeout(() => void this.#turn(turns + 1), REST).unref()
  }

  async #sweep(): Promise<void> {
    const now = this.#clock()
    const late = [...this.#there].filter(([, { at }]) => at <= now - UNKEPT)
    for (let i = 0; i < late.length; i += ASKED) {
      const some = late.slice(i, i + ASKED)
      const kept = new Set(await this.#log.filesKept(some.map(([name]) => name)))
      for (const [name, { size, at }] of some) {
        if (at > now - KEPT && kept.has(name)) continue
        // What can't be removed now may be the next time, and holds up nothing else.
        const isGone = await this.#place.remove(name).then(
          () => true,
          (error: unknown) => {
            reportFault(error)
            return false
          },
        )
        if (!isGone || !this.#there.delete(name)) continue
        this.#used -= Math.max(size, LEAST)
      }
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    await this.#workshop.close()
  }
}

/** The thread in which files are looked at, one after the other. It starts with the first one. */
class Workshop {
  #thread: Worker | null = null
  readonly #waiting: { readonly resolve: (done: Done) => void; readonly reject: () => void }[] = []

  do(task: Task): Promise<Done> {
    this.#thread ??= this.#start()
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject: () => reject(new Refusal('unavailable')) })
      this.#thread!.postMessage(task)
    })
  }

  #start(): Worker {
    const started = thread(import.meta.url, './worker', { name: 'hearsay files' })
    started.unref()
    started.on('message', (done: Done) => this.#waiting.shift()?.resolve(done))
    started.on('error', reportFault)
    started.on('exit', () => {
      this.#thread = null
      for (const { reject } of this.#waiting.splice(0)) reject()
    })
    return started
  }

  async close(): Promise<void> {
    await this.#thread?.terminate()
  }
}
