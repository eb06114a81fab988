import type { IncomingHttpHeaders } from 'node:http'
import type { Config } from './config.ts'
import { Refusal } from './refusal.ts'

const LOOPBACK = /^(localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i

/**
 * May a request for this host be answered? A page of a stranger can point its own host's name at this machine (DNS
 * rebinding) and would then speak as a page of ours. So where the server's name is known only that one is answered: the
 * public URL's, and loopback's where it listens on loopback alone.
 */
export function hostCheck(config: Config): (host: string | undefined) => void {
  const { host: bound, publicUrl } = config
  const isLoopback = LOOPBACK.test(bound) || bound === '::1'
  if (!publicUrl && !isLoopback) return () => {}
  const known = publicUrl?.hostname.toLowerCase()
  return (host) => {
    // HTTP/1.0 has no Host, and no browser speaks it.
    if (host === undefined) return
    const name = host.replace(/:\d{1,5}$/, '').toLowerCase()
    if (name === known || (isLoopback && LOOPBACK.test(name))) return
    throw new Refusal('wrong-host')
  }
}

/** Headers that let pages of other origins in. There are no cookies, so `*` gives away nothing. */
export function crossOrigin(
  config: Config,
): (origin: string | undefined) => Record<string, string> {
  const { allowOrigin } = config
  const everyone = { 'access-control-allow-origin': '*' }
  if (allowOrigin === '*') return () => everyone
  const varies = { vary: 'Origin' }
  return (origin) =>
    origin !== undefined && allowOrigin.includes(origin)
      ? { ...varies, 'access-control-allow-origin': origin }
      : varies
}

/**
 * Something is to be changed: may the page that asks? With no cookies nothing rides along, but a stranger's page could
 * still speak as the guest behind its visitor's address.
 */
export function speakCheck(config: Config): (headers: IncomingHttpHeaders) => void {
  const { allowOrigin, publicUrl } = config
  if (allowOrigin === '*') return () => {}
  return (headers) => {
    const { origin, host } = headers
    const site = headers['sec-fetch-site']
    if (origin === undefined && (site === undefined || site === 'same-origin' || site === 'none'))
      return
    if (origin !== undefined && (allowOrigin.includes(origin) || origin === publicUrl?.origin))
      return
    if (origin !== undefined && URL.parse(origin)?.host === host) return
    throw new Refusal('wrong-origin')
  }
}

/**
 * `/chat` changes something on GET, as the tutorial's page wants it. So it is refused where a browser asks by itself: for an
 * image, a frame, a link or a prefetch (Fetch Metadata, sections 2.1 and 2.5).
 */
export function refuseUnasked(headers: IncomingHttpHeaders): void {
  const destination = headers['sec-fetch-dest']
  const purpose = headers['sec-purpose'] ?? headers['purpose'] ?? headers['x-moz']
  if ((destination !== undefined && destination !== 'empty') || purpose !== undefined)
    throw new Refusal('not-by-browser')
}
