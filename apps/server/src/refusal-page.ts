import type { ProblemCode } from '@hearsay/protocol'
import { escaped, paper, policyFor } from './html.ts'

export const refusalPageHeaders: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  // A transcript is refused in the frame in which it would have stood.
  'content-security-policy': `${policyFor(paper)}; frame-ancestors 'self'`,
}

/** Where an address is wrong, how a right one looks. */
const example = '<p>Rooms have addresses like <code>/r/bread-club</code>.</p>\n'

const further: Readonly<Partial<Record<ProblemCode, string>>> = {
  'bad-room': example,
  'not-found': example,
  // It was not read, so it can't be given back; browsers keep what was written in a form for who goes back to it.
  'too-large': '<p>Go back in your browser: what you wrote should still be there.</p>\n',
}

/** A refusal for people who came by a browser: its sentence, and a way on. */
export function refusalPage(code: ProblemCode, sentence: string): string {
  return (
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">' +
    '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">' +
    `<title>Hearsay</title><style>${paper}</style></head><body><main><h1>Hearsay</h1>\n` +
    `<p>${escaped(sentence)}</p>\n${further[code] ?? ''}` +
    '<p><a href="/" target="_top">Open or make a room</a></p>\n</main></body></html>\n'
  )
}
