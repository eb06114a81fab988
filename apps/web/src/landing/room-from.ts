import { isRoom } from '../route.ts'

/** A room's name out of what a person typed: a name, or the address of a room that was pasted, with what its `#` leads to. */
export function roomFrom(typed: string): string | undefined {
  const [, last = '', hash = ''] = /([^/?#]+)\/*(?:\?[^#]*)?(#.*)?$/.exec(typed.trim()) ?? []
  const name = last.toLowerCase().replace(/\s+/g, '-')
  return isRoom.test(name) ? name + hash : undefined
}
