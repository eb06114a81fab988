import { resolveCursor } from '@hearsay/engine'
import type { FastifyRequest } from 'fastify'
import type { Parts } from './parts.ts'
import { Refusal } from './refusal.ts'

/** A parameter of a query, which is given once or not at all. @throws Refusal `bad-query` */
export function parameter(request: FastifyRequest, name: string): string | undefined {
  const value = (request.query as Record<string, string | string[] | undefined>)[name]
  if (Array.isArray(value)) throw new Refusal('bad-query', `"${name}" is given once.`)
  return value
}

/** A parameter that is the id of an event, as its seq. @throws Refusal `bad-query` */
export function seqParameter(
  { log }: Parts,
  request: FastifyRequest,
  name: string,
): number | undefined {
  const id = parameter(request, name)
  if (id === undefined) return undefined
  const seq = resolveCursor(id, log.epochs, log.head)
  if (typeof seq !== 'number')
    throw new Refusal('bad-query', `"${name}" takes the id of an event of this server.`)
  return seq
}

/** A parameter that is a number from 1 to `most`. @throws Refusal `bad-query` */
export function countParameter<Standard extends number | undefined>(
  request: FastifyRequest,
  name: string,
  { most, standard }: { readonly most: number; readonly standard: Standard },
): number | Standard {
  const text = parameter(request, name)
  if (text === undefined) return standard
  const count = /^\d{1,6}$/.test(text) ? Number(text) : 0
  if (count < 1 || count > most)
    throw new Refusal('bad-query', `"${name}" takes a number from 1 to ${most}.`)
  return count
}
