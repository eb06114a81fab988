import { clearNotifications } from './notifications.ts'

/** Takes away what was shown of a room whenever this page comes into sight. Answers how to stop. */
export function watchSight(room: string): () => void {
  const look = (): void => {
    if (document.visibilityState === 'visible') clearNotifications(room).catch(() => {})
  }
  look()
  document.addEventListener('visibilitychange', look)
  return () => document.removeEventListener('visibilitychange', look)
}
