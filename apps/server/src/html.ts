// What the small pages have in common that the server writes itself, beside the web app.
import { createHash } from 'node:crypto'

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text as it stands in HTML, between tags and in attributes. */
export const escaped = (text: string): string => text.replace(/[&<>"']/g, (each) => entities[each]!)

/** The web app's own paper and ink, by day and by night. */
export const paper: string = [
  ':root{color-scheme:light dark;background:light-dark(#fbf8f2,#1b1714);color:light-dark(#2a231d,#ece4d8)}',
  'a{color:light-dark(#a8401f,#f0906a)}',
  'body{max-width:45rem;margin:0 auto;padding:1rem;font:1rem/1.5 system-ui,sans-serif}',
].join('')

/** By what a policy knows a style that stands in a page. */
export const hashOf = (style: string): string =>
  `'sha256-${createHash('sha256').update(style).digest('base64')}'`

/** Nothing runs, nothing is loaded but this style, nothing is sent. */
export function policyFor(style: string): string {
  return `default-src 'none'; style-src ${hashOf(style)}; base-uri 'none'; form-action 'none'`
}
