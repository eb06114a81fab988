import { call, identity } from '@hearsay/client'
import { preferences } from '../preferences.ts'
import type { RoomView } from './view.ts'

/** Milliseconds without a page of the room in sight, after which its reader counts as away. */
const AWAY = 5000

/** Tells the others that this person writes, and that they stopped. Answers how to stop. */
export function watchTyping(view: RoomView): () => void {
  const tell = ({ type, target }: Event): void => {
    if (!(target instanceof HTMLTextAreaElement) || target.id !== 'composer') return
    if (preferences.value.typing) view.room.typing(type === 'input' && target.value !== '')
  }
  document.addEventListener('input', tell)
  document.addEventListener('focusout', tell)
  return () => {
    document.removeEventListener('input', tell)
    document.removeEventListener('focusout', tell)
  }
}

/**
 * Tells the others that this person is away, once no page of the room has been in sight for a while, and that they are back.
 * Pages in sight share a lock: whoever gets it for itself alone is out of sight with all others. Answers how to stop.
 */
export function watchAway(view: RoomView): () => void {
  const lock = `hearsay:seen:${view.name}`
  let release = (): void => {}
  let timer: ReturnType<typeof setTimeout> | undefined
  let isGone = false
  const tell = async (isAway: boolean): Promise<void> => {
    const { list } = view.snapshot.value.people
    const me = list?.find((from) => view.isMine(from))
    // Where only the number is told, or nothing would change, there is nothing to tell.
    if (!me || (me.away === true) === isAway || (isAway && !preferences.value.typing)) return
    const method = isAway ? 'PUT' : 'DELETE'
    // Of the moment, as typing is.
    await call({ secret: identity().secret }, `/r/${view.name}/away`, { method }).catch(() => {})
  }
  const look = (): void => {
    clearTimeout(timer)
    if (document.visibilityState === 'visible') {
      isGone = false
      release()
      const held = new Promise<void>((resolve) => (release = resolve))
      void navigator.locks?.request(lock, { mode: 'shared' }, () => held)
      void tell(false)
    } else {
      release()
      timer = setTimeout(() => {
        isGone = true
        gone()
      }, AWAY)
    }
  }
  const gone = (): void =>
    void navigator.locks?.request(lock, { ifAvailable: true }, (got) => {
      if (got && isGone) void tell(true)
    })
  // A server that has begun anew knows nothing of it.
  let { people } = view.snapshot.value
  const again = view.snapshot.watch(() => {
    if (people === view.snapshot.value.people) return
    ;({ people } = view.snapshot.value)
    if (isGone) gone()
    else if (document.visibilityState === 'visible') void tell(false)
  })
  look()
  document.addEventListener('visibilitychange', look)
  return () => {
    again()
    clearTimeout(timer)
    release()
    document.removeEventListener('visibilitychange', look)
  }
}
