import * as protocol from '@hearsay/protocol'
import type { TSchema } from 'typebox'

/** What JSON can say. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [member: string]: Json }

/** The protocol's schemas, which both documents call by their names. */
const names: ReadonlyMap<unknown, string> = new Map(
  Object.entries(protocol)
    .filter(([, value]) => typeof value === 'object' && 'type' in value && value.type === 'object')
    .map(([name, schema]) => [schema, name]),
)

/** A schema in which those that have a name are referred to by it. */
export function referring(schema: TSchema): Json {
  const name = names.get(schema)
  return name === undefined ? spelled(schema) : { $ref: `#/components/schemas/${name}` }
}

function spelled(value: unknown): Json {
  if (Array.isArray(value)) return value.map((each) => within(each))
  if (typeof value !== 'object' || value === null) return value as Json
  // What TypeBox keeps for itself is not enumerable.
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, within(each)]))
}

const within = (value: unknown): Json =>
  names.has(value) ? referring(value as TSchema) : spelled(value)

/** All of them, for `components`. */
export const named = (): Record<string, Json> =>
  Object.fromEntries([...names].map(([schema, name]) => [name, spelled(schema)]))
