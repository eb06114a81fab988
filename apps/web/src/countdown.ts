import { systemClock } from '@hearsay/client'
import { useEffect, useState } from 'preact/hooks'

/** The time by which the client waits, anew every second while it is needed. */
export function useNow(needed: boolean): number {
  const [now, setNow] = useState(systemClock.now())
  useEffect(() => {
    if (!needed) return
    setNow(systemClock.now())
    const timer = setInterval(() => setNow(systemClock.now()), 1000)
    return () => clearInterval(timer)
  }, [needed])
  return now
}

/** Whole seconds until a moment, 1 at least: "in 0 seconds" helps no one. */
export function secondsUntil(until: number, now: number): number {
  return Math.max(1, Math.ceil((until - now) / 1000))
}
