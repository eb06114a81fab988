import type { JSX } from 'preact'

/** Lines on a square of 24, drawn for this page: those that are in sight at once. */
export const icons = {
  people:
    'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Zm-6.5 9c.4-3.6 3-5.5 6.5-5.5s6.1 1.9 6.5 5.5M16 4.4a3.5 3.5 0 0 1 0 6.2M18 14.9c2 .7 3.2 2.5 3.5 5.1',
  share:
    'M12 15.5V3.5M7.5 7.5 12 3l4.5 4.5M5 12.5v6A1.5 1.5 0 0 0 6.5 20h11a1.5 1.5 0 0 0 1.5-1.5v-6',
  more: 'M5.5 12h.01M12 12h.01M18.5 12h.01',
  send: 'M12 19.5V5M5.5 11 12 4.5l6.5 6.5',
  bell: 'M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15L6 16.5ZM10 20.5h4',
  check: 'm4.5 12.5 5 5 10-11',
} as const

/** A picture beside words, or on a button that has a name: it says nothing by itself. */
export function Icon({ path }: { readonly path: string }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={path} />
    </svg>
  )
}
