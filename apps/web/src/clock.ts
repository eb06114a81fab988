import { Cell } from './cell.ts'
import { midnight } from './midnight.ts'

/** Midnight of this day where the reader is, in milliseconds since 1970: what "today" is said by. */
export const today: Cell<number> = new Cell(midnight(Date.now()))

/** A timer alone would be late on a machine that slept. */
const turn = (): void => {
  today.value = midnight(Date.now())
}
setInterval(turn, 30_000)
document.addEventListener('visibilitychange', turn)
