import type { ProblemCode } from '@hearsay/protocol'
import { escaped, paper, policyFor } from './html.ts'

/** As the page at the root looks, to which it leads. */
const style = [
  paper,
  'body{box-sizing:border-box;max-width:38rem;padding:clamp(2rem,9vh,6rem) 1.25rem 3rem}',
  'img{display:block;border-radius:.85rem;margin-bottom:1.25rem}',
  "h1{margin:0 0 1.75rem;font:600 clamp(2.4rem,1.9rem + 3vw,3.4rem)/1.2 'Iowan Old Style','Palatino Linotype',Palatino,",
  "'URW Palladio L','Book Antiqua',Charter,'Noto Serif',Georgia,'DejaVu Serif',serif;letter-spacing:-.02em}",
  'main a{display:inline-block;margin-top:1rem;padding:.6rem 1rem;border-radius:.625rem;font-weight:600;text-decoration:none;',
  'background:light-dark(#a8401f,#f0906a);color:light-dark(#fffaf3,#2a120a)}',
].join('')

export const refusalPageHeaders: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  // A transcript is refused in the frame in which it would have stood.
  'content-security-policy': `${policyFor(style)}; img-src 'self'; frame-ancestors 'self'`,
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
    `<title>Hearsay</title><style>${style}</style></head><body><main><img src="/icon.svg" alt="" width="56" height="56"><h1>Hearsay</h1>\n` +
    `<p>${escaped(sentence)}</p>\n${further[code] ?? ''}` +
    '<p><a href="/" target="_top">Open or make a room</a></p>\n</main></body></html>\n'
  )
}
