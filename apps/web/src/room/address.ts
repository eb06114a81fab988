import { t } from '../i18n/translate.ts'
import type { RoomView } from './view.ts'

/**
 * An address that names a message of this room was followed: it is shown where it was said. Where it is not there any more
 * that is told, also of the one for which the page was opened. Answers how to stop.
 */
export function watchAddress(view: RoomView): () => void {
  const go = (): void => {
    const id = new URLSearchParams(location.hash.slice(1)).get('m')
    if (id) void view.show(id).then((found) => found || view.tell(t('room.notFound')))
  }
  const opened = (): void => {
    const { loaded, messages } = view.snapshot.value
    if (!loaded) return
    stop()
    // Were it there, it would be marked for a moment and then no more.
    const { marked } = view
    if (marked.value === null || messages.some(({ id }) => id === marked.value)) return
    marked.value = null
    view.tell(t('room.notFound'))
  }
  const stop = view.snapshot.watch(opened)
  opened()
  addEventListener('hashchange', go)
  return () => {
    stop()
    removeEventListener('hashchange', go)
  }
}
