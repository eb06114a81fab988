/**
 * A file as the log of a topic: one line of JSON for each item, in their order. It is small on purpose: all items stand
 * in memory too. What it shows is all that a hub asks of a log, so that a restart loses nobody's place.
 */
import * as fs from 'node:fs'
import {
  type Epoch,
  idOf,
  newEpoch,
  type Past,
  type PastEvent,
  type PastStretch,
} from '@hearsay/engine'

export interface Item {
  /** ISO 8601, UTC. */
  readonly at: string
  readonly headline: string
  readonly link?: string
}

/** A line of the file. */
type Line = Epoch | (Item & { readonly seq: number })

export class NewsLog implements Past {
  readonly epochs: Epoch[] = []
  readonly #events: PastEvent[] = []
  readonly #path: string
  readonly #file: number
  #size = 0

  /** @throws Error where the file can't be read and written, or a line of it is not one of ours */
  constructor(path: string) {
    this.#path = path
    this.#file = fs.openSync(path, fs.constants.O_RDWR | fs.constants.O_CREAT, 0o644)
    this.#read()
    // Each start begins an epoch. A file that was put back from an old copy goes on with numbers that pages know for
    // other items: by the epoch they are told apart.
    const epoch = { epoch: newEpoch(), first: this.head + 1 }
    this.#write(epoch)
    this.epochs.push(epoch)
  }

  get head(): number {
    return this.#events.length
  }

  /** Takes an item; when this returns, the file has been synced to the disk. */
  append(item: Item): PastEvent {
    const seq = this.head + 1
    this.#write({ seq, ...item })
    return this.#keep(seq, item)
  }

  after(_: readonly string[], after: number, upTo: number, limit: number): Promise<PastStretch> {
    // Items are numbered from 1 without holes: the item with this seq stands at seq - 1.
    const events = this.#events.slice(after, Math.min(upTo, after + limit))
    return Promise.resolve({ events, more: after + events.length < upTo, expired: [] })
  }

  newest(_: string, upTo: number, limit: number): Promise<PastStretch> {
    const events = this.#events.slice(Math.max(0, upTo - limit), upTo)
    return Promise.resolve({ events, more: false, expired: [] })
  }

  #read(): void {
    const text = fs.readFileSync(this.#file, 'utf8')
    const whole = text.slice(0, text.lastIndexOf('\n') + 1)
    for (const [index, json] of whole.split('\n').slice(0, -1).entries()) {
      const line = lineOf(json)
      if (line && 'epoch' in line) this.epochs.push(line)
      else if (line?.seq === this.head + 1) {
        const { seq, ...item } = line
        this.#keep(seq, item)
      } else throw new Error(`${this.#path}, line ${index + 1} is not a line of this log`)
    }
    // A last line without its end was being written when the machine stopped: nobody was told of it.
    this.#size = Buffer.byteLength(whole)
    fs.ftruncateSync(this.#file, this.#size)
  }

  #keep(seq: number, item: Item): PastEvent {
    // The empty type is the default one: what `onmessage` gets.
    const event = { seq, id: idOf(seq, this.epochs), type: '', data: JSON.stringify(item) }
    this.#events.push(event)
    return event
  }

  #write(line: Line): void {
    // Two servers on one file would give one number twice.
    if (fs.fstatSync(this.#file).size !== this.#size)
      throw new Error(`${this.#path} was changed by something else`)
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`)
    fs.writeSync(this.#file, bytes, 0, bytes.length, this.#size)
    fs.fsyncSync(this.#file)
    this.#size += bytes.length
  }
}

function lineOf(json: string): Line | undefined {
  try {
    return JSON.parse(json) as Line
  } catch {
    return undefined
  }
}
