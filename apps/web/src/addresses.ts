import { isRoom } from './route.ts'

/** A room's name out of what a person typed: a name, or the address of a room that was pasted. */
export function roomFrom(typed: string): string | undefined {
  const last = typed.trim().replace(/\/+$/, '').split('/').at(-1) ?? ''
  const name = last.split(/[?#]/)[0]?.toLowerCase().replace(/\s+/g, '-') ?? ''
  return isRoom.test(name) ? name : undefined
}

/** The address that people are given for a room. */
export function addressOf(room: string): string {
  return `${location.origin}/r/${room}`
}
