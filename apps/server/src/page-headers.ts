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

/** What goes with a page. */
export function pageHeaders(html: string): Record<string, string> {
  return {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-cache',
    'content-security-policy': contentSecurityPolicy(html),
    'cross-origin-opener-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=()',
  }
}
