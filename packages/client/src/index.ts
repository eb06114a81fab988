export {
  call,
  edit,
  facts,
  history,
  message,
  people,
  ProblemError,
  react,
  remove,
  say,
  typing,
  type CallOptions,
  type Facts,
  type PageQuery,
  type Server,
} from './calls.ts'
export { joinRoom, Room, type RoomOptions, type RoomSnapshot } from './chat.ts'
export {
  Connection,
  type Clock,
  type ConnectionOptions,
  type ConnectionState,
  type StreamRequest,
  type WaitReason,
} from './connection.ts'
export { identity, newSecret, useSecret, type Identity } from './identity.ts'
export type { Pending, PendingState } from './outbox.ts'
export { EventTooLargeError, Parser, type ParserOptions, type StreamEvent } from './parse.ts'
export type { People } from './rooms.ts'
export type { Edge } from './timeline.ts'
