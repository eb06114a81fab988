import type { Hub } from '@hearsay/engine'
import type { FastifyRequest } from 'fastify'
import type { Config } from './config.ts'
import type { Files } from './files/files.ts'
import type { Limits } from './limits.ts'
import type { Log } from './log/log.ts'
import type { Networks } from './network.ts'
import type { Credential, People } from './people/people.ts'
import type { Recent } from './recent.ts'
import type { Proofs } from './rooms/proofs.ts'
import type { Raids } from './rooms/raids.ts'
import type { Rooms } from './rooms/rooms.ts'
import type { Presence } from './presence.ts'
import type { Streams } from './streams.ts'
import type { Waiting } from './waiting.ts'

/** What the routes stand on. Made once, in `serve`. */
export interface Parts {
  readonly config: Config
  readonly log: Log
  readonly hub: Hub
  readonly files: Files
  readonly rooms: Rooms
  readonly people: People
  readonly networks: Networks
  readonly limits: Limits
  readonly presence: Presence
  readonly waiting: Waiting
  readonly raids: Raids
  readonly proofs: Proofs
  /** When somebody last said something in a slow room. */
  readonly said: Recent<string, number>
  /** From which network (a keyed hash) somebody last said something, by room and person, where somebody could ban him. */
  readonly spokeFrom: Recent<string, string>
  readonly streams: Streams
  /** For `/metrics`. */
  readonly counts: { said: number }
  /** Milliseconds since 1970, for people to read. */
  readonly clock: () => number
  /** Milliseconds that never go back, for rules. */
  readonly monotonic: () => number
}

/** The network that a request comes from, as a keyed hash. */
export function networkOf({ networks }: Parts, { raw }: FastifyRequest): string {
  return networks.of(raw.socket.remoteAddress, raw.headers['x-forwarded-for'])
}

/** Who sends a request. A promise only where a password is stretched. */
export function credentialOf(
  parts: Parts,
  request: FastifyRequest,
  network: string,
): Credential | Promise<Credential> {
  return parts.people.identify(request.raw.headers.authorization, network)
}
