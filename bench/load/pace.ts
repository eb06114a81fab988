/**
 * Calls `say` at an even rate, whatever becomes of the calls (open loop): each is given the time at which it was due, so
 * that a late one is measured as late. Resolves when the last was made, with the worst lateness in milliseconds.
 *
 * @param rate Calls a second.
 */
export function pace(rate: number, seconds: number, say: (due: number) => void): Promise<number> {
  const start = performance.now() + 2
  const count = Math.round(rate * seconds)
  return new Promise((resolve) => {
    let made = 0
    let worst = 0
    const turn = (): void => {
      const now = performance.now()
      for (; made < count; made++) {
        const due = start + (made * 1000) / rate
        if (due > now) break
        if (now - due > worst) worst = now - due
        say(due)
      }
      if (made === count) return resolve(worst)
      setTimeout(turn, Math.max(0, start + (made * 1000) / rate - performance.now()))
    }
    turn()
  })
}
