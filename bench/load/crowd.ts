import { connect, type Socket } from 'node:net'
import { Histogram } from './histogram.ts'
import { Place, scan } from './text.ts'
import type { Said } from './said.ts'
import type { Wire } from './wire.ts'

// Every socket reads into the same memory: a read is looked at before the next one is made.
const bytes = Buffer.allocUnsafeSlow(256 * 1024)
const numbers = new Int32Array(bytes.length / 8)

/** One open stream, and what came over it. */
export class Listener {
  readonly place: Place = new Place()
  socket: Socket
  open = false
  closed = false
  /** Messages since the crowd last began. */
  count = 0
  /** Of their numbers. Together with `count` and `order` it tells whether each came once. */
  sum = 0
  /** A hash of their numbers that depends on the order. */
  order = 0
  #head = ''
  /** Everything that came, where this listener is a witness. */
  kept: Buffer[] | null = null

  constructor(socket: Socket) {
    this.socket = socket
  }

  /** Goes through the wire's handshake with what came. Answers whether it is over now. */
  greet(wire: Wire, length: number): boolean {
    this.#head += bytes.toString('latin1', 0, length)
    const greeting = wire.greet(this.#head)
    if (greeting.refused !== undefined)
      throw new Error(`a listener was refused: ${greeting.refused}`)
    if (greeting.answer !== undefined) this.socket.write(greeting.answer)
    this.open = greeting.open
    if (this.open) this.#head = ''
    return this.open
  }
}

export interface CrowdOptions {
  readonly port: number
  readonly wire: Wire
  readonly said: Said
  /** Path and extra headers of listener number `index`. */
  readonly listen: (index: number) => {
    readonly path: string
    readonly headers?: readonly string[]
  }
  /** Its first listeners keep every byte, so that their streams can be parsed afterwards. */
  readonly witnesses?: number
  /** The server sends nothing, not even a head, before the first message. */
  readonly silent?: boolean
}

/** Listeners on raw sockets. Each message is found, numbered and timed on every one of them. */
export class Crowd {
  readonly listeners: Listener[] = []
  /** Time from when a message should have been said to when it was read here, in milliseconds. */
  readonly latency: Histogram = new Histogram()
  /** Messages read since it last began, over all listeners. */
  delivered = 0
  /** Reads that held at least one message. */
  reads = 0
  /** Streams that ended though nobody here ended them. */
  lost = 0
  readonly #options: CrowdOptions
  #wanted = Infinity
  #reached: (() => void) | null = null
  /** The message that `heard` waits for, and on how many streams it has come. */
  #last = -1
  #heardBy = 0
  #heard: (() => void) | null = null
  #failed: ((reason: Error) => void) | null = null
  #ending = false

  constructor(options: CrowdOptions) {
    this.#options = options
  }

  /** Opens `count` more, at most `together` being on their way at a time. Resolves when the server has accepted all. */
  open(count: number, together = 200): Promise<void> {
    return new Promise((resolve, reject) => {
      const first = this.listeners.length
      let started = 0
      let accepted = 0
      this.#failed = reject
      const start = (): void => {
        const index = first + started++
        this.#start(index, () => {
          accepted++
          if (accepted === count) resolve()
          else if (started < count) start()
        })
      }
      while (started < Math.min(count, together)) start()
    })
  }

  #start(index: number, accepted: () => void): void {
    const { port, wire, listen, witnesses = 0, silent = false } = this.#options
    const socket = connect({
      port,
      host: '127.0.0.1',
      onread: {
        buffer: bytes,
        callback: (length) => {
          this.#read(listener, length, silent ? null : accepted)
          return true
        },
      },
    })
    const listener = new Listener(socket)
    if (index < witnesses) listener.kept = []
    this.listeners.push(listener)
    socket.on('connect', () => {
      const { path, headers = [] } = listen(index)
      socket.write(wire.request(path, `127.0.0.1:${port}`, headers), 'latin1')
      if (silent) accepted()
    })
    socket.on('error', (error) => this.#failed?.(error))
    socket.on('close', () => {
      listener.closed = true
      if (!this.#ending) this.lost++
    })
  }

  #read(listener: Listener, length: number, accepted: (() => void) | null): void {
    const now = performance.now()
    const { said, wire } = this.#options
    if (!listener.open) {
      try {
        if (listener.greet(wire, length)) accepted?.()
      } catch (error) {
        this.#failed?.(error as Error)
      }
    }
    listener.kept?.push(Buffer.from(bytes.subarray(0, length)))
    const beat = wire.beat?.(bytes, length)
    if (beat) listener.socket.write(beat)
    const found = scan(listener.place, bytes, length, numbers)
    if (found === 0) return
    for (let i = 0; i < found; i++) {
      const number = numbers[i]!
      listener.count++
      listener.sum += number
      listener.order = (Math.imul(listener.order, 31) + number) | 0
      this.latency.record(now - said.at(number))
      if (number === this.#last && ++this.#heardBy === this.listeners.length) this.#heard?.()
    }
    this.delivered += found
    this.reads++
    if (this.delivered >= this.#wanted) this.#reached?.()
  }

  /** Counts from zero again. Everything said so far must have arrived. */
  begin(): void {
    this.delivered = 0
    this.reads = 0
    this.latency.clear()
    for (const listener of this.listeners) {
      listener.count = 0
      listener.sum = 0
      listener.order = 0
      if (listener.kept !== null) listener.kept = []
    }
  }

  /** Waits until `delivered` messages were read since it began. Answers whether that was so within `ms`. */
  until(delivered: number, ms: number): Promise<boolean> {
    if (this.delivered >= delivered) return Promise.resolve(true)
    return new Promise((resolve) => {
      const finish = (reached: boolean): void => {
        clearTimeout(timer)
        this.#wanted = Infinity
        this.#reached = null
        resolve(reached)
      }
      const timer = setTimeout(finish, ms, false)
      this.#wanted = delivered
      this.#reached = () => finish(true)
    })
  }

  /** Waits until every listener has read message `number`, which is about to be said. Answers whether that was so. */
  heard(number: number, ms: number): Promise<boolean> {
    this.#last = number
    this.#heardBy = 0
    return new Promise((resolve) => {
      const finish = (reached: boolean): void => {
        clearTimeout(timer)
        this.#heard = null
        resolve(reached)
      }
      const timer = setTimeout(finish, ms, false)
      this.#heard = () => finish(true)
    })
  }

  /** Streams on which the message of `heard` has come. */
  get heardBy(): number {
    return this.#heardBy
  }

  /**
   * Says what is wrong where not every listener has read every message of these once, and all in the same order; null
   * where all is well.
   */
  fault(numbers: { readonly count: number; readonly sum: number }): string | null {
    const order = this.listeners[0]?.order
    const bad = this.listeners.filter(
      (listener) =>
        listener.count !== numbers.count ||
        listener.sum !== numbers.sum ||
        listener.order !== order,
    )
    if (this.lost > 0) return `${this.lost} streams were closed by the server`
    if (bad.length === 0) return null
    const missing = bad.reduce((sum, listener) => sum + numbers.count - listener.count, 0)
    return `${bad.length} of ${this.listeners.length} listeners have not read each message once in one order (${missing} missing)`
  }

  /** Closes every stream and waits until the sockets are gone. */
  async close(): Promise<void> {
    this.#ending = true
    const open = this.listeners.filter(({ closed }) => !closed)
    const gone = open.map(
      ({ socket }) =>
        new Promise((resolve) => {
          socket.once('close', resolve)
          socket.destroy()
        }),
    )
    await Promise.all(gone)
  }
}
