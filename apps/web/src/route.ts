import { roomPattern } from '@hearsay/protocol'

/** Where in the page we are. */
export type Route =
  | { readonly page: 'landing' }
  | { readonly page: 'room'; readonly room: string; readonly around?: string }
  | { readonly page: 'nowhere'; readonly path: string }

const isRoom = new RegExp(roomPattern)

/** What an address shows. `#m=<id>` opens a room around that message. */
export function routeOf(location: Pick<Location, 'pathname' | 'hash'>): Route {
  if (location.pathname === '/') return { page: 'landing' }
  const room = /^\/r\/([^/]+)\/?$/.exec(location.pathname)?.[1]
  if (!room || !isRoom.test(room)) return { page: 'nowhere', path: location.pathname }
  const around = new URLSearchParams(location.hash.slice(1)).get('m')
  return around ? { page: 'room', room, around } : { page: 'room', room }
}

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
