import { createReadStream, existsSync } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { LogError } from '../log/log.ts'
import { reportFault } from '../problem.ts'
import { Refusal } from '../refusal.ts'

interface Stored {
  readonly name: string
  readonly size: number
  /** When it was written, in ms since 1970. */
  readonly at: number
}

/** Where files lie. */
export interface Place {
  /** Resolves when it is durable. */
  write(name: string, bytes: Uint8Array, at: number): Promise<void>
  /** The first so many bytes; null: it is not there. */
  start(name: string, length: number): Promise<Uint8Array | null>
  read(name: string, from: number): Readable
  remove(name: string): Promise<void>
  /** What was there at the start. */
  list(): Promise<Stored[]>
}

export class InMemory implements Place {
  readonly #all = new Map<string, Uint8Array>()

  async write(name: string, bytes: Uint8Array): Promise<void> {
    this.#all.set(name, bytes)
  }

  async start(name: string, length: number): Promise<Uint8Array | null> {
    return this.#all.get(name)?.subarray(0, length) ?? null
  }

  read(name: string, from: number): Readable {
    return Readable.from(slices(this.#all.get(name) ?? new Uint8Array(), from))
  }

  async remove(name: string): Promise<void> {
    this.#all.delete(name)
  }

  async list(): Promise<Stored[]> {
    return []
  }
}

/** A reader that is slow holds one of them, not all. */
function* slices(bytes: Uint8Array, from: number): Generator<Uint8Array> {
  for (let at = from; at < bytes.length; at += 64 * 1024) yield bytes.subarray(at, at + 64 * 1024)
}

export class OnDisk implements Place {
  readonly #dir: string

  constructor(dir: string) {
    this.#dir = dir
  }

  async write(name: string, bytes: Uint8Array, at: number): Promise<void> {
    const path = join(this.#dir, name)
    try {
      await mkdir(this.#dir, { recursive: true, mode: 0o700 })
      await writeFile(`${path}.new`, bytes, { mode: 0o600, flush: true })
      await utimes(`${path}.new`, at / 1000, at / 1000)
      await rename(`${path}.new`, path)
      const folder = await open(this.#dir)
      try {
        await folder.sync()
      } finally {
        await folder.close()
      }
    } catch (error) {
      await rm(`${path}.new`, { force: true }).catch(() => {})
      const { code = '' } = error as NodeJS.ErrnoException
      if (code === 'ENOSPC' || code === 'EDQUOT') throw new Refusal('disk-full')
      reportFault(error)
      throw new Refusal('unavailable')
    }
  }

  async start(name: string, length: number): Promise<Uint8Array | null> {
    let file: Awaited<ReturnType<typeof open>> | undefined
    try {
      file = await open(join(this.#dir, name))
      const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, 0)
      return bytesRead === length ? buffer : null
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
      throw error
    } finally {
      await file?.close()
    }
  }

  read(name: string, from: number): Readable {
    return createReadStream(join(this.#dir, name), { start: from })
  }

  remove(name: string): Promise<void> {
    return rm(join(this.#dir, name), { force: true })
  }

  /** @throws LogError `unusable` */
  async #names(): Promise<string[]> {
    try {
      return existsSync(this.#dir) ? await readdir(this.#dir) : []
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      throw new LogError('unusable', `${this.#dir} can't be used: ${code ?? message}.`, error)
    }
  }

  async list(): Promise<Stored[]> {
    const all: Stored[] = []
    for (const name of await this.#names()) {
      // A write that was cut short. What else may lie there is none of ours.
      if (/^[0-9a-f]{32}\.new$/.test(name)) await rm(join(this.#dir, name), { force: true })
      else if (/^[0-9a-f]{32}$/.test(name)) {
        const { size, mtimeMs } = await stat(join(this.#dir, name))
        all.push({ name, size, at: mtimeMs })
      }
    }
    return all
  }
}
