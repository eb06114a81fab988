import type { Attachment, Problem, Upload } from '@hearsay/protocol'
import * as limits from '@hearsay/protocol/limits'
import {
  address,
  credentials,
  path,
  ProblemError,
  problemOf,
  unreachable,
  type Server,
} from './calls.ts'
import { LONGEST_WAIT, pause as backoff, systemClock } from './connection.ts'

export interface AttachOptions {
  /** What it is called, where it is no picture. Default: the name that a `File` has. */
  readonly name?: string | undefined
  /** Told after each piece that is there, and once before the first: bytes of how many. */
  readonly onProgress?: ((sent: number, size: number) => void) | undefined
  /** Ends it. */
  readonly signal?: AbortSignal | undefined
}

const badPicture: Problem = {
  type: 'about:blank',
  title: 'The picture is damaged, or too much for a browser.',
  status: 400,
  code: 'bad-picture',
}

/** Milliseconds for one piece. */
const ANSWER = 15_000
/** How often a file is sent from its beginning: the server waits two minutes for the next piece. */
const TURNS = 5

/**
 * Sends a file to a room, for a message that `say` then names it in; within an hour, else it is gone. A picture (JPEG, PNG, GIF,
 * WebP) is freed first of what it tells beside its pixels: place, camera, time, thumbnail. It goes in pieces: one that does not
 * get through is sent again until it does, or until `signal` ends it.
 * @param file at most 8 MiB
 * @throws ProblemError as the server refuses it: `no-files`, `file-too-large`, `bad-picture`, `files-full`, and what one may be
 *   refused for who says something. The reason of `signal`.
 */
export async function attach(
  server: Server,
  room: string,
  file: Blob,
  options: AttachOptions = {},
): Promise<Attachment> {
  const { name = file instanceof File ? file.name : '' } = options
  // Only who sends something pays for it.
  const { bareOf } = await import('@hearsay/protocol/picture')
  const isTooLarge = file.size > limits.file
  const picture = isTooLarge ? 'other' : await bareOf(new Uint8Array(await file.arrayBuffer()))
  // What the server would refuse need not get there first; what is too large it refuses by its size.
  if (picture === 'broken' || picture === 'heavy') throw new ProblemError(badPicture)
  const bare = typeof picture === 'string' ? file : new Blob([picture.bytes])
  for (let turn = 1; ; turn++) {
    try {
      return await send(server, room, bare, typeof picture === 'string' ? name : '', options)
    } catch (error) {
      const isGone = error instanceof ProblemError && error.problem.code === 'file-gone'
      if (!isGone || turn === TURNS) throw error
    }
  }
}

/** Where a file of a message is. */
export function fileAddress(server: Server, room: string, { id }: Pick<Attachment, 'id'>): URL {
  return address(server, path(room, 'files', id))
}

async function send(
  server: Server,
  room: string,
  file: Blob,
  name: string,
  { onProgress, signal }: AttachOptions,
): Promise<Attachment> {
  const { size } = file
  let id: string | undefined
  let at = 0
  let tries = 0
  for (;;) {
    signal?.throwIfAborted()
    onProgress?.(at, size)
    const query = new URLSearchParams(
      id === undefined ? { size: `${size}`, name } : { at: `${at}` },
    )
    const where = path(room, 'files', ...(id === undefined ? [] : [id]))
    // A file that changed or went away since it was chosen: no try will read it.
    const piece = await file.slice(at, at + limits.piece).arrayBuffer()
    try {
      const method = id === undefined ? 'POST' : 'PATCH'
      const answer = await sendPiece(server, method, `${where}?${query.toString()}`, piece, signal)
      if ('size' in answer) {
        onProgress?.(size, size)
        return answer
      }
      ;({ id, at } = answer)
      tries = 0
    } catch (error) {
      signal?.throwIfAborted()
      if (!(error instanceof ProblemError)) throw error
      const { code, status, at: there, retryAfter } = error.problem
      // Where it is told to go on where it did, telling it again helps nobody.
      if (code === 'bad-piece' && there !== undefined && there !== at) at = there
      // What is full stays full, where no time is given.
      else if (!error.passing || (status === 507 && !retryAfter)) throw error
      else {
        const wait = Math.max((retryAfter ?? 0) * 1000, backoff(systemClock, tries++))
        await pause(Math.min(wait, LONGEST_WAIT), signal)
      }
    }
  }
}

async function sendPiece(
  server: Server,
  method: string,
  where: string,
  body: ArrayBuffer,
  signal: AbortSignal | undefined,
): Promise<Attachment | Upload> {
  const patience = AbortSignal.timeout(ANSWER)
  let response: Response
  try {
    response = await (server.fetch ?? fetch)(address(server, where), {
      method,
      headers: { ...credentials(server), 'content-type': 'application/octet-stream' },
      body,
      cache: 'no-store',
      // Safari before 17.4 has no `any`.
      signal: (signal && AbortSignal.any?.([signal, patience])) ?? patience,
    })
    if (response.ok) return (await response.json()) as Attachment | Upload
  } catch (cause) {
    throw unreachable(cause)
  }
  throw new ProblemError(await problemOf(response))
}

function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, milliseconds)
    signal?.addEventListener('abort', done)
  })
}
