// What calls may be refused for, by what they are about: for the documents (`calls.ts`).

import type { ProblemCode } from '@hearsay/protocol'

/** In a room. */
export const inRoom: readonly ProblemCode[] = [
  'bad-room',
  'bad-auth',
  'bad-name',
  'reserved-name',
  'banned',
  'slow-down',
  'unavailable',
]
/** Who hears what is said there. */
export const hearing: readonly ProblemCode[] = [...inRoom, 'removed', 'by-invitation']
/** Something that is to be kept. */
export const stored: readonly ProblemCode[] = ['disk-full', 'wrong-origin', 'too-large', 'bad-type']
/** Who looks after a room. */
export const hosting: readonly ProblemCode[] = [...inRoom, 'removed', 'not-allowed']
/** Who may not speak there for now. */
const silent: readonly ProblemCode[] = [
  ...hearing,
  ...stored,
  'room-closed',
  'listen-only',
  'room-locked',
  'muted',
  'newcomers-wait',
]
/** Who says something, or does what everyone hears of. */
export const speaking: readonly ProblemCode[] = [...silent, 'bad-proof']
/** A body of JSON. */
export const json: readonly ProblemCode[] = ['bad-utf8', 'bad-json', 'bad-body', ...stored]
/** Who sends a file. */
export const sending: readonly ProblemCode[] = [
  ...silent,
  'not-a-guest',
  'no-files',
  'file-too-large',
  'bad-picture',
  'files-full',
  'bad-body',
]
/** A body with a text. */
export const words: readonly ProblemCode[] = [...json, 'empty-text', 'too-long']
