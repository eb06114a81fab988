import { createCipheriv, createDecipheriv, hash } from 'node:crypto'
import type { Transform } from 'node:stream'
import type { Attachment } from '@hearsay/protocol'

/** What the head of a file says. */
export interface Head {
  readonly room: string
  readonly person: string
  readonly facts: Attachment
}

/** Bytes of the head, which stands before the content: a whole number of AES blocks. */
export const headSize = 2048

/** The name under which a file lies on the disk: who reads the disk learns by it neither the file's id nor its key. */
export const fileName = (id: string): string => hash('sha256', `name ${id}`).slice(0, 32)

const keyOf = (id: string): Buffer => hash('sha256', `key ${id}`, 'buffer')

/** The counter of a block (NIST SP 800-38A, section 6.5). Each file has a key of its own, so all begin at 0. */
function counter(block: number): Buffer {
  const bytes = Buffer.alloc(16)
  bytes.writeUInt32BE(block, 12)
  return bytes
}

/** A file as it lies on the disk. */
export function masked(id: string, head: Head, content: Uint8Array): Uint8Array<ArrayBuffer> {
  const first = Buffer.alloc(headSize)
  first.write(JSON.stringify(head))
  const cipher = createCipheriv('aes-256-ctr', keyOf(id), counter(0))
  const all = new Uint8Array(headSize + content.length)
  all.set(cipher.update(first))
  all.set(cipher.update(content), headSize)
  return all
}

/** The head of a file, of its first `headSize` bytes; null: it is damaged. */
export function headOf(id: string, bytes: Uint8Array): Head | null {
  const head = createDecipheriv('aes-256-ctr', keyOf(id), counter(0)).update(bytes).toString()
  try {
    return JSON.parse(head.slice(0, head.indexOf('\0'))) as Head
  } catch {
    return null
  }
}

/** Makes of what comes behind the head the content that it was. */
export const unmasking = (id: string): Transform =>
  createDecipheriv('aes-256-ctr', keyOf(id), counter(headSize / 16))
