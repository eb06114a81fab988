/**
 * The back button closes what lies over the page: on a phone that is what people press first. For each that is open the history has one
 * entry, which says how many there are. Going back takes its time, and whatever is opened meanwhile waits for that: so a dialog that
 * follows another at once takes its entry over, and none takes the other's way back for its own.
 */

import { Cell } from '../cell.ts'

/** Something lies over the page. */
export const isCovered: Cell<boolean> = new Cell(false)
/** How to close each that is open, the topmost last. */
const open: (() => void)[] = []
/** The history is on its way to an entry, as we told it. */
let isGoing = false

/** From now on the back button closes this first. Answers how it says that it is closed. */
export function closeByBack(close: () => void): () => void {
  open.push(close)
  isCovered.value = true
  settleBack()
  return () => {
    const at = open.indexOf(close)
    if (at >= 0) open.splice(at, 1)
    isCovered.value = open.length > 0
    settleBack()
  }
}

/**
 * Brings the history in line with what is open, once this turn is over. It may be behind as well as ahead: after a reload it has entries
 * of what was open before, and so it does where somebody goes forward to them.
 */
export function settleBack(): void {
  queueMicrotask(() => {
    if (isGoing) return
    let entries = entriesNow()
    isGoing = entries > open.length
    if (isGoing) history.go(open.length - entries)
    while (entries < open.length) history.pushState({ over: ++entries }, '')
  })
}

const entriesNow = (): number => (history.state as { over?: number } | null)?.over ?? 0

addEventListener('popstate', () => {
  if (!isGoing) for (const close of open.splice(entriesNow()).reverse()) close()
  isGoing = false
  settleBack()
})
