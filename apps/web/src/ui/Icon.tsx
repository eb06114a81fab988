import type { JSX } from 'preact'

/** Lines on a square of 24, drawn for this page. */
const paths = {
  people:
    'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Zm-6.5 9c.4-3.6 3-5.5 6.5-5.5s6.1 1.9 6.5 5.5M16 4.4a3.5 3.5 0 0 1 0 6.2M18 14.9c2 .7 3.2 2.5 3.5 5.1',
  share:
    'M12 15.5V3.5M7.5 7.5 12 3l4.5 4.5M5 12.5v6A1.5 1.5 0 0 0 6.5 20h11a1.5 1.5 0 0 0 1.5-1.5v-6',
  more: 'M5.5 12h.01M12 12h.01M18.5 12h.01',
  close: 'm6 6 12 12M18 6 6 18',
  send: 'M12 19.5V5M5.5 11 12 4.5l6.5 6.5',
  down: 'M12 5v13.5M6 13l6 6 6-6',
  back: 'M19 12H5.5M11 5.5 4.5 12l6.5 6.5',
  reply: 'M9.5 6 4 11.5 9.5 17M4.5 11.5h9.5a6 6 0 0 1 6 6V19',
  edit: 'M4.5 19.5v-3.8L16 4.2l3.8 3.8L8.3 19.5H4.5ZM13.5 6.7l3.8 3.8',
  bin: 'M4.5 7h15M9.5 7V4.5h5V7M6.5 7l.9 12.5h9.2L17.5 7M10.3 11v5M13.7 11v5',
  copy: 'M9 9h10.5v10.5H9zM15 9V4.5H4.5V15H9',
  link: 'M10 14a4 4 0 0 0 5.7 0l3.1-3.1a4 4 0 0 0-5.7-5.7l-1 1M14 10a4 4 0 0 0-5.7 0l-3.1 3.1a4 4 0 0 0 5.7 5.7l1-1',
  flag: 'M6 20.5V4M6 5c4-2 7 2 12 0v8.5c-5 2-8-2-12 0',
  gear: 'M12 15.2a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4ZM12 3v2.5M12 18.5V21M3 12h2.5M18.5 12H21M5.6 5.6l1.8 1.8M16.6 16.6l1.8 1.8M5.6 18.4l1.8-1.8M16.6 7.4l1.8-1.8',
  bell: 'M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15L6 16.5ZM10 20.5h4',
  keys: 'M3.5 6.5h17v11h-17zM7 10h.01M10.3 10h.01M13.7 10h.01M17 10h.01M8 14h8',
  shield: 'M12 3.5 19 6v5.5c0 4.2-2.8 7.5-7 9-4.2-1.5-7-4.8-7-9V6l7-2.5Z',
  door: 'M14 4.5H6v15h8M10.5 12h10M17 8.5l3.5 3.5-3.5 3.5',
  hide: 'M3.5 3.5l17 17M10 6.3c6-1.3 9.7 2.9 11 5.7a15 15 0 0 1-2.6 3.5M6.5 8A14 14 0 0 0 3 12c1.7 3.7 6.2 8 12 5.5',
  warn: 'M12 4 2.8 19.5h18.4L12 4ZM12 10v4.5M12 17h.01',
  check: 'm4.5 12.5 5 5 10-11',
  search: 'M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM15.3 15.3 20 20',
  smile:
    'M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17ZM8.5 14c1.7 2.7 5.3 2.7 7 0M9 9.5h.01M15 9.5h.01',
  lock: 'M5.5 11h13v9h-13zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
} as const

export type IconName = keyof typeof paths

/** A picture beside words, or on a button that has a name: it says nothing by itself. */
export function Icon({ name }: { readonly name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  )
}
