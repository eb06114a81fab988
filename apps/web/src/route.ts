import { roomPattern } from '@hearsay/protocol'

/** Where in the page we are. */
export type Route =
  | { readonly page: 'landing' }
  | { readonly page: 'room'; readonly room: string; readonly around: string | null }
  | { readonly page: 'nowhere'; readonly path: string }

export const isRoom: RegExp = new RegExp(roomPattern)

/** What an address shows. `#m=<id>` opens a room around that message. */
export function routeOf(location: Pick<Location, 'pathname' | 'hash'>): Route {
  if (location.pathname === '/') return { page: 'landing' }
  const room = /^\/r\/([^/]+)\/?$/.exec(location.pathname)?.[1]
  if (!room || !isRoom.test(room)) return { page: 'nowhere', path: location.pathname }
  return {
    page: 'room',
    room,
    around: new URLSearchParams(location.hash.slice(1)).get('m') || null,
  }
}
