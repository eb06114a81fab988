import type { IncomingHttpHeaders } from 'node:http'
import { hashOf } from './html.ts'

/**
 * No script, style or form but our own, and no HTML made from strings: what somebody says can't become code (CSP level 3,
 * Trusted Types).
 */
const contentSecurityPolicy = (html: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    // The few lines in the page itself are for while its style sheet is on its way.
    `style-src 'self' ${hashOf(/<style>([^]*?)<\/style>/.exec(html)?.[1] ?? '')}`,
    "connect-src 'self'",
    "img-src 'self' data: blob:",
    "manifest-src 'self'",
    "worker-src 'self'",
    // A room's last messages, where JavaScript is off.
    "frame-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types hearsay-worker',
  ].join('; ')

type Headers = Readonly<Record<string, string>>

/** What goes with a page, for each request for it. */
export function pageHeaders(html: string): (asked: IncomingHttpHeaders) => Headers {
  const all: Headers = {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-cache',
    'content-security-policy': contentSecurityPolicy(html),
    'permissions-policy': 'camera=(), microphone=(), geolocation=()',
  }
  const apart: Headers = { ...all, 'cross-origin-opener-policy': 'same-origin' }
  // Over plain HTTP a browser takes no heed of that one, and logs a fault with every page. It says where it would, as it sends these
  // headers to the same origins (Fetch Metadata, section 2; HTML, section 7.1.3).
  return (asked) => (asked['sec-fetch-dest'] === undefined ? all : apart)
}
