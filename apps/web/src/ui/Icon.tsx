import type { JSX } from 'preact'

/** Lines on a square of 24, drawn for this page: those that are in sight at once. */
export const icons = {
  // An arc whose radius is too small for its ends gets the smallest that is not.
  people:
    'M9 4a1 1 0 0 0 0 7 1 1 0 0 0 0-7M2.5 20c1-7 12-7 13 0M16 4a1 1 0 0 1 0 7m2 4c2 1 3 3 3.5 5',
  share: 'M12 16V3M7 8l5-5 5 5M5 13v7h14v-7',
  more: 'M5.5 12h.01M12 12h.01M18.5 12h.01',
  send: 'M12 20V5m-7 6 7-7 7 7',
  bell: 'M6 16v-5a6 6 0 0 1 12 0v5l2 2H4zm4 5h4',
  check: 'm4.5 12.5 5 5 10-11',
} as const

/** A picture beside words, or on a button that has a name: it says nothing by itself. */
export function Icon({ path }: { readonly path: string }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={path} />
    </svg>
  )
}
