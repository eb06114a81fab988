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
  let isTold = false
  const tell = async (isAway: boolean): Promise<void> => {
    const me = view.snapshot.value.people.list?.find((from) => view.isMine(from))
    // Where only the number is told, or nothing would change, there is nothing to tell.
    if (isAway ? !me || me.away || !preferences.value.typing : !isTold && !me?.away) return
    isTold = isAway
    const method = isAway ? 'PUT' : 'DELETE'
    // Of the moment, as typing is.
    await call({ secret: identity().secret }, `/r/${view.name}/away`, { method }).catch(() => {})
  }
  /** Again and again: the page that was in sight may be closed by now, and a server that has begun anew knows nothing. */
  const gone = (): void => {
    isGone = true
    timer = setTimeout(gone, AWAY)
    void ask({ ifAvailable: true }, (got) => {
      if (got && isGone) void tell(true)
    })
  }
  /** Where locks can't be had, it is not known what other pages there are: nobody is away. */
  const ask = async (options: LockOptions, use: LockGrantedCallback<unknown>): Promise<void> => {
    await navigator.locks?.request(lock, options, use).catch(() => {})
  }
  const look = (): void => {
    clearTimeout(timer)
    if (document.visibilityState !== 'visible') {
      // Until then it keeps its lock: the others ask every now and then.
      timer = setTimeout(() => {
        release()
        timer = setTimeout(gone)
      }, AWAY)
      return
    }
    isGone = false
    release()
    const held = new Promise<void>((resolve) => (release = resolve))
    void ask({ mode: 'shared' }, () => held)
    void tell(false)
  }
  // Another page may have told it just before this one came into sight.
  let { people } = view.snapshot.value
  const again = view.snapshot.watch(() => {
    if (people === view.snapshot.value.people) return
    people = view.snapshot.value.people
    if (document.visibilityState === 'visible') void tell(false)
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
