import type { Room, RoomOptions } from './chat.ts'

export type { Edge, People, Room, RoomOptions, RoomSnapshot } from './chat.ts'
export {
  call,
  edit,
  history,
  people,
  ProblemError,
  react,
  remove,
  say,
  typing,
  type CallOptions,
  type PageQuery,
  type Server,
} from './calls.ts'
export type { ConnectionState, WaitReason } from './connection.ts'
export { identity, newSecret, useSecret, type Identity } from './identity.ts'
export type { Pending, PendingState } from './outbox.ts'

/** Joins a room: hears it at once, and says what is in the outbox for it. */
export declare function joinRoom(room: string, options?: RoomOptions): Room
