import type { Pending } from '@hearsay/client'
import { limits } from '@hearsay/protocol'
import { t } from '../i18n/translate.ts'
import { returnFiles } from './attaching.tsx'
import { composer, insert } from './field.ts'
import type { RoomView } from './view.ts'

/** Takes a message back that was not said: it stands in the composer again, before what was written there since. */
export function takeBack(view: RoomView, { key, text, replyTo, files = [], state }: Pending): void {
  // What the server looked at goes there with its files.
  const back = state.phase === 'review' ? [] : files
  if (view.files.value.length + back.length > limits.files)
    return view.tell(t('file.tooMany', { count: limits.files }))
  void view.room.discard(key)
  const { draft } = view.room
  // As it was typed: of two slashes one was taken away.
  const typed = text.startsWith('/') ? `/${text}` : text
  const all = [typed, draft].filter((part) => part !== '').join('\n')
  const field = composer()
  // While another message is edited, that is what stands in the field.
  if (view.editing.value || !field) view.room.draft = all
  else {
    insert(all, 0, field.value.length)
    const answered = view.snapshot.value.messages.find(({ id }) => id === replyTo)
    if (answered && draft === '') view.replyTo.value ??= answered
  }
  returnFiles(view, back)
  field?.focus()
}
