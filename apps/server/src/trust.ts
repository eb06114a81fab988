import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import type { Config } from './config.ts'
import { Refusal } from './refusal.ts'

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/i

/** Which host a request is for: HTTP/2 says it in a field of its own (RFC 9113, section 8.3.1). */
export function authorityOf(headers: IncomingHttpHeaders): string | undefined {
  return (headers[':authority'] as string | undefined) ?? headers.host
}

/** Node keeps the first of several and is silent about the others, of which RFC 9112, section 3.2, wants none. */
export function hasTwoHosts({ rawHeaders }: IncomingMessage): boolean {
  let hosts = 0
  for (let i = 0; i < rawHeaders.length; i += 2)
    if (rawHeaders[i]!.length === 4 && rawHeaders[i]!.toLowerCase() === 'host') hosts++
  return hosts > 1
}

/**
 * May a request for this host be answered? A page of a stranger can point its own host's name at this machine (DNS
 * rebinding) and would then speak as a page of ours. So where the server's name is known no other one is answered: it is
 * the public URL's, or none where it listens on loopback alone. An address is nobody's own name, so who came by one
 * (a proxy, a health check) was not misled.
 */
export function hostCheck(config: Config): (host: string | undefined) => void {
  const { host: bound, publicUrl } = config
  if (!publicUrl && !LOOPBACK.test(bound)) return () => {}
  const known = publicUrl?.hostname.toLowerCase()
  return (host) => {
    // HTTP/1.0 has no Host, and no browser speaks it.
    if (host === undefined) return
    const name = host.replace(/:\d{1,5}$/, '').toLowerCase()
    if (name === known || name === 'localhost' || isIP(name.replace(/^\[|\]$/g, ''))) return
    throw new Refusal('wrong-host')
  }
}

/** Headers that let pages of other origins in. There are no cookies, so `*` gives away nothing. */
export function crossOrigin(
  config: Config,
): (origin: string | undefined) => Record<string, string> {
  const { allowOrigin } = config
  const readable = { 'access-control-expose-headers': 'Location, Retry-After' }
  const everyone = { ...readable, 'access-control-allow-origin': '*' }
  if (allowOrigin === '*') return () => everyone
  const varies = { vary: 'Origin' }
  return (origin) =>
    origin !== undefined && allowOrigin.includes(origin)
      ? { ...varies, ...readable, 'access-control-allow-origin': origin }
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
    const { origin } = headers
    const site = headers['sec-fetch-site']
    if (origin === undefined && (site === undefined || site === 'same-origin' || site === 'none'))
      return
    if (origin !== undefined && (allowOrigin.includes(origin) || origin === publicUrl?.origin))
      return
    if (origin !== undefined && URL.parse(origin)?.host === authorityOf(headers)) return
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
