import { clearNotifications } from './notifications.ts'

/** Milliseconds for which no other page calls for a message: timers of hidden pages may be as late as this. */
const REMEMBERED = 60_000

const lockOf = (room: string): string => `hearsay:sight:${room}`

/** Holds a lock for as long as this page is in sight, by which the room's other pages know. Answers how to stop. */
export function watchSight(room: string): () => void {
  let release = (): void => {}
  const look = (): void => {
    release()
    if (document.visibilityState !== 'visible') return
    const held = new Promise<void>((resolve) => (release = resolve))
    navigator.locks?.request(lockOf(room), { mode: 'shared' }, () => held).catch(() => {})
    clearNotifications(room).catch(() => {})
  }
  look()
  document.addEventListener('visibilitychange', look)
  return () => {
    release()
    document.removeEventListener('visibilitychange', look)
  }
}

/**
 * Whether this page is the one that calls its reader for a message: while a page of the room is in sight none is, else the
 * first that asks. Where locks can't be had, it is not known what other pages there are: each calls.
 */
export async function isCaller(room: string, id: string): Promise<boolean> {
  const locks = navigator.locks as LockManager | undefined
  if (!locks) return true
  try {
    const { held } = await locks.query()
    if (held?.some(({ name }) => name === lockOf(room))) return false
  } catch {
    return true
  }
  return new Promise((answer) => {
    const claim = (got: Lock | null): Promise<void> | undefined => {
      answer(got !== null)
      return got ? new Promise((resolve) => setTimeout(resolve, REMEMBERED)) : undefined
    }
    locks.request(`hearsay:call:${room}:${id}`, { ifAvailable: true }, claim).catch(() => {
      answer(true)
    })
  })
}
