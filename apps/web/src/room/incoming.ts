import { limits } from '@hearsay/protocol'
import { t } from '../i18n/translate.ts'
import { takeShared } from '../shared.ts'
import { addFiles, mayAttach } from './attaching.tsx'
import { composer, insert } from './field.ts'
import type { RoomView } from './view.ts'

/**
 * What comes from elsewhere: files that are dropped or pasted, and text that another app shared. Where the server takes no
 * files, of one its text is taken, where it is one; anything else is told plainly. Answers how to stop.
 */
export function watchIncoming(view: RoomView): () => void {
  const over = (event: DragEvent): void => {
    if (!event.dataTransfer?.types.includes('Files')) return
    // Else the browser would leave the room and show the file.
    event.preventDefault()
    // It comes several times a second for as long as the file is over the page.
    const hint = t(mayAttach(view) ? 'file.dropAny' : 'file.drop')
    if (composer() && view.notice.value !== hint) view.tell(hint)
  }
  const take = (event: DragEvent | ClipboardEvent): void => {
    const data = event instanceof ClipboardEvent ? event.clipboardData : event.dataTransfer
    const files = [...(data?.files ?? [])]
    // A copied cell of a table comes as text and as a picture of it: the text is what is meant.
    if (files.length === 0 || data?.getData('text/plain')) return
    event.preventDefault()
    if (mayAttach(view) && composer()) addFiles(view, files)
    else void takeTexts(view, files)
  }
  let timer: ReturnType<typeof setTimeout> | undefined
  // The composer's code may come later than this; where nobody may write there is none.
  const shared = (tries = 50): void => {
    if (!view.joined.value) return
    const text = composer() && takeShared()
    if (text) insert(text)
    else if (!composer() && tries > 0) timer = setTimeout(shared, 100, tries - 1)
  }
  const joined = view.joined.watch(() => requestAnimationFrame(() => shared()))
  shared()
  document.addEventListener('dragover', over)
  document.addEventListener('drop', take)
  document.addEventListener('paste', take)
  return () => {
    joined()
    clearTimeout(timer)
    document.removeEventListener('dragover', over)
    document.removeEventListener('drop', take)
    document.removeEventListener('paste', take)
  }
}

async function takeTexts(view: RoomView, files: readonly File[]): Promise<void> {
  for (const file of files) {
    const { name } = file
    const text = await textOf(file)
    if (text === null) return view.tell(t('file.notText', { name }))
    if (text === '') return view.tell(t('file.empty', { name }))
    // Before one joined, and where only others write.
    if (!composer()) return view.tell(t('file.noWriting', { name }))
    if (text === undefined) return view.tell(t('file.tooLarge', { name }))
    insert(text)
    view.tell(t('file.taken', { name }))
  }
}

/** The text of a file; undefined where it is far too much to be said; null where it is no text. */
async function textOf(file: File): Promise<string | undefined | null> {
  const isLarge = file.size > limits.body
  const start = await file.slice(0, isLarge ? 1024 : limits.body).arrayBuffer()
  try {
    // The end of what is read of a large file may lie within a character.
    const text = new TextDecoder('utf-8', { fatal: true }).decode(start, { stream: isLarge })
    return text.includes('\0') ? null : isLarge ? undefined : text.trim()
  } catch {
    return null
  }
}
