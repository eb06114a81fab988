import { t } from '../i18n/translate.ts'
import { composer } from './field.ts'
import type { RoomView } from './view.ts'

/**
 * What is being answered or changed was removed: that is told at once, not by a refusal once it is sent. What was written stays, for a
 * message of its own. Answers how to stop.
 */
export function watchRemoved(view: RoomView): () => void {
  return view.snapshot.watch(() => {
    const about = view.editing.value ?? view.replyTo.value
    const now = about && view.snapshot.value.messages.find(({ id }) => id === about.id)
    if (!now?.deleted) return
    const written = view.editing.value && composer()?.value
    if (written && written !== about?.text) {
      view.room.draft = [written, view.room.draft].filter((part) => part !== '').join('\n')
    }
    view.editing.value = null
    view.replyTo.value = null
    view.tell(t(now.deletedBy ? `message.deleted.${now.deletedBy}` : 'message.deleted'))
  })
}
