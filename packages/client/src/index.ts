export { attach, fileAddress, type AttachOptions } from './attach.ts'
export {
  away,
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
  settings,
  typing,
  type CallOptions,
  type Facts,
  type PageQuery,
  type Saying,
  type Server,
} from './calls.ts'
export { joinRoom, Room, type RoomOptions, type RoomSnapshot } from './chat.ts'
export {
  Connection,
  systemClock,
  type Clock,
  type ConnectionOptions,
  type ConnectionState,
  type StreamRequest,
  type WaitReason,
} from './connection.ts'
export {
  accept,
  approve,
  ban,
  bans,
  changeFilter,
  changeSettings,
  dismissReport,
  dropLink,
  filter,
  held,
  kick,
  links,
  log,
  makeLink,
  makeRoom,
  mute,
  mutes,
  refuse,
  removeMany,
  report,
  reported,
  reports,
  rooms,
  rotateLink,
  unban,
  undo,
  unmute,
  type Listed,
} from './hosting.ts'
export { identity, newSecret, useSecret, type Identity } from './identity.ts'
export type { Pending, PendingState } from './outbox.ts'
export { EventTooLargeError, Parser, type ParserOptions, type StreamEvent } from './parse.ts'
export type { People } from './rooms.ts'
export type { Edge } from './timeline.ts'
