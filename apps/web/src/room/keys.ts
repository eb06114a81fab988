import { preferences } from '../preferences.ts'
import { focusComposer } from './focus.ts'
import type { RoomView } from './view.ts'

/** Closing the page loses nothing that is kept, but a person wants to know that it has not been said yet. */
export function warnOfUnsent(view: RoomView): () => void {
  const ask = (event: BeforeUnloadEvent): void => {
    if (view.snapshot.value.pending.some(({ state }) => state.phase !== 'failed')) {
      event.preventDefault()
    }
  }
  addEventListener('beforeunload', ask)
  return () => removeEventListener('beforeunload', ask)
}

/** The keys that work anywhere in a room. */
export function watchKeys(view: RoomView): () => void {
  const key = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing) return
    if (event.key === 'Escape') {
      if (view.panel.value) view.panel.value = null
      else view.unread.clear()
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const isWriting = (event.target as Element).matches('input, textarea, select, [role=menuitem]')
    if (isWriting || !preferences.value.shortcuts || document.querySelector('dialog[open]')) return
    if (event.key === '/') focusComposer(event)
    else if (event.key === '?') view.panel.value = 'shortcuts'
  }
  addEventListener('keydown', key)
  return () => removeEventListener('keydown', key)
}
