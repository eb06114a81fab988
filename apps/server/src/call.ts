import type { ProblemCode } from '@hearsay/protocol'
import type { TSchema } from 'typebox'

/** Every call of the server, by the name that `/openapi.json` gives it (`operationId`). */
export type CallName =
  | ('landing' | 'hear' | 'say' | 'history' | 'message' | 'edit' | 'remove' | 'react' | 'unreact')
  | (
      | 'sendFile'
      | 'sendPiece'
      | 'file'
      | 'transcript'
      | 'type'
      | 'untype'
      | 'people'
      | 'takeName'
      | 'dropName'
      | 'goAway'
      | 'comeBack'
    )
  | ('settings' | 'changeSettings' | 'join')
  | ('links' | 'makeLink' | 'removeLink' | 'rotateLink')
  | ('kick' | 'bans' | 'ban' | 'unban' | 'mutes' | 'mute' | 'unmute')
  | ('held' | 'approve' | 'refuse' | 'removeMany' | 'undo' | 'filter' | 'changeFilter')
  | ('reports' | 'report' | 'closeReport' | 'acts' | 'rooms' | 'makeRoom')
  | ('hearRooms' | 'hearText' | 'sayText')
  | ('health' | 'ready' | 'metrics' | 'openapi' | 'asyncapi')

/** Bodies by media type. */
export type Bodies = Readonly<Record<string, TSchema>>

/** What a call takes, answers and refuses: what the documents say of it. */
export interface Call {
  readonly does: string
  /** anyone: the call does not ask who it is; guest: a guest may too; person: with a secret of his own. */
  readonly by: 'anyone' | 'guest' | 'person'
  readonly query?: Readonly<Record<string, TSchema>>
  /** A parameter that has to be there. */
  readonly needs?: string
  readonly body?: Bodies
  /** Bytes of a body, where it is not what any call takes. */
  readonly most?: number
  /** By status; null: no body. */
  readonly answers: Readonly<Record<number, Bodies | null>>
  /** Beside what any call may be refused for. */
  readonly refuses: readonly ProblemCode[]
  /** A GET that changes something: it has no HEAD. */
  readonly isUnsafe?: true
}
