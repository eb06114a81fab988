import { keep, recall } from '../storage.ts'
import type { RoomView } from './view.ts'

/** What the composer is about, other than a new message. */
interface About {
  readonly id: string
  /** Of an edit the text as far as it was written; of an answer it is the draft, which the client keeps. */
  readonly text?: string
}

/** Keeps for this tab which message is answered or edited: a phone throws pages away that are out of sight. Answers how to stop. */
export function keepAbout(view: RoomView): () => void {
  const key = `hearsay:about:${view.name}`
  const { editing, replyTo, snapshot } = view
  let kept = read(key)
  const put = (): void => {
    const message = editing.value ?? replyTo.value
    const about = message && { id: message.id, ...(editing.value && { text: view.edited }) }
    // What was kept is still to be found.
    if (about || !kept) keep(key, about && JSON.stringify(about), 'sessionStorage')
  }
  const restore = (): void => {
    const { messages, loaded } = snapshot.value
    if (!kept || !loaded || !view.joined.value) return
    const { id, text } = kept
    const message = messages.find((it) => it.id === id && !it.deleted)
    kept = null
    if (!message || editing.value || replyTo.value) return put()
    if (text === undefined) replyTo.value = message
    else view.change(message, text)
  }
  restore()
  const stops = [editing.watch(put), replyTo.watch(put), snapshot.watch(restore)]
  // What was written since then.
  addEventListener('pagehide', put)
  document.addEventListener('visibilitychange', put)
  return () => {
    removeEventListener('pagehide', put)
    document.removeEventListener('visibilitychange', put)
    for (const stop of stops) stop()
  }
}

function read(key: string): About | null {
  try {
    return JSON.parse(recall(key, 'sessionStorage') ?? 'null') as About | null
  } catch {
    return null
  }
}
