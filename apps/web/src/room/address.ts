import { t } from '../i18n/translate.ts'
import type { RoomView } from './view.ts'

/** An address that names a message of this room was followed: it is shown where it was said. Answers how to stop. */
export function watchAddress(view: RoomView): () => void {
  const go = (): void => {
    const id = new URLSearchParams(location.hash.slice(1)).get('m')
    if (id) void view.show(id).then((found) => found || view.tell(t('room.notFound')))
  }
  addEventListener('hashchange', go)
  return () => removeEventListener('hashchange', go)
}
