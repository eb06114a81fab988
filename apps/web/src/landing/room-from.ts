import { isRoom } from '../route.ts'

/** A room's name out of what a person typed: a name, or the address of a room that was pasted. */
export function roomFrom(typed: string): string | undefined {
  const path = typed.trim().split(/[?#]/)[0]
  const name = path?.split('/').filter(Boolean).at(-1)?.toLowerCase().replace(/\s+/g, '-') ?? ''
  return isRoom.test(name) ? name : undefined
}
