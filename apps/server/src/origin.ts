import type { FastifyRequest } from 'fastify'
import type { Parts } from './parts.ts'
import { authorityOf } from './trust.ts'

/** Where people reach this server: what it was told, or where this request reached it. */
export function origin({ config }: Parts, { raw }: FastifyRequest): string {
  if (config.publicUrl) return config.publicUrl.origin
  const scheme = config.tls ? 'https' : 'http'
  // Where the server answers to any name, this one may be none.
  return URL.parse(`${scheme}://${authorityOf(raw.headers)}`)?.origin ?? `${scheme}://localhost`
}
