import { Cell } from './cell.ts'
import { useEffect, useState } from 'preact/hooks'

/** Midnight of this day where the reader is, in milliseconds since 1970: what "today" is said by. */
export const today: Cell<number> = new Cell(midnight(Date.now()))

/** The beginning of the reader's own day in which a moment lies. */
function midnight(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0)
}

/** A timer alone would be late on a machine that slept. */
const turn = (): void => {
  today.value = midnight(Date.now())
}
setInterval(turn, 30_000)
document.addEventListener('visibilitychange', turn)

/** The time, anew every second while it is needed. */
export function useNow(needed: boolean): number {
  const [now, setNow] = useState(Date.now())
  useEffect(() => {
    if (!needed) return
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [needed])
  return now
}

/** Whole seconds until a moment, 1 at least: "in 0 seconds" helps no one. */
export function secondsUntil(until: number, now: number): number {
  return Math.max(1, Math.ceil((until - now) / 1000))
}
