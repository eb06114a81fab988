import { on } from 'node:events'
import { parentPort } from 'node:worker_threads'
import type { Attachment } from '@hearsay/protocol'
import { bareOf } from '@hearsay/protocol/picture'
import { masked } from './mask.ts'

// A thread of its own: to look through eight megabytes that somebody has made for it takes half a second.

/** A file that has come in whole. */
export interface Task {
  readonly id: string
  readonly room: string
  readonly person: string
  readonly name: string
  readonly pieces: readonly Uint8Array[]
}

/** What it is, and as it is to lie on the disk; null: a picture that is damaged, or too much. */
export type Done = { readonly facts: Attachment; readonly bytes: Uint8Array } | null

const port = parentPort!

// One after the other, as the answers are told apart by nothing but their order. What is thrown ends the thread.
for await (const [task] of on(port, 'message') as AsyncIterable<[Task]>) {
  const done = await doneOf(task)
  port.postMessage(done, done === null ? [] : [done.bytes.buffer])
}

async function doneOf({ id, room, person, name, pieces }: Task): Promise<{
  readonly facts: Attachment
  readonly bytes: Uint8Array<ArrayBuffer>
} | null> {
  const all = Buffer.concat(pieces)
  const picture = await bareOf(all)
  if (picture === 'broken' || picture === 'heavy') return null
  if (picture === 'other') {
    const type = 'application/octet-stream'
    const facts = { id, type, size: all.length, ...(name === '' ? {} : { name }) }
    return { facts, bytes: masked(id, { room, person, facts }, all) }
  }
  const { type, width, height, bytes } = picture
  const facts = { id, type, size: bytes.length, width, height }
  return { facts, bytes: masked(id, { room, person, facts }, bytes) }
}
