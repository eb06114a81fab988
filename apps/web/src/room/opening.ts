import type { RoomView } from './view.ts'

/**
 * Who opens a long message reads on where its beginning was, also at the end of the list; who closes it again has it in sight.
 * Answers how to stop.
 */
export function watchOpening(view: RoomView): () => void {
  const clicked = ({ target }: MouseEvent): void => {
    const row = (target as Element).closest?.('.text + .link')?.closest('[data-row]')
    if (!row) return
    view.hold?.()
    // Once it is drawn, which is in the frame after this one at the latest.
    const drawn = (): void => {
      const list = row.closest('.scroller')
      if (!list || row.getBoundingClientRect().top >= list.getBoundingClientRect().top) return
      if (row.querySelector('.text.cut')) row.scrollIntoView({ block: 'start' })
    }
    requestAnimationFrame(() => requestAnimationFrame(drawn))
  }
  // Before the row hears of it.
  document.addEventListener('click', clicked, true)
  return () => document.removeEventListener('click', clicked, true)
}
