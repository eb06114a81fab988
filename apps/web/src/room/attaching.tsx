import { attach, identity, ProblemError } from '@hearsay/client'
import { limits, type Attachment } from '@hearsay/protocol'
import type { ComponentChild } from 'preact'
import { t } from '../i18n/translate.ts'
import { sentence } from './problems.ts'
import type { RoomView } from './view.ts'

/** A file on its way, or there, to go out with the next message. */
export interface Sending {
  readonly key: number
  readonly file: File
  /** What shows it, where it may be a picture. */
  readonly preview: string | null
  /** How much of it is there: 0 to 1. */
  readonly sent: number
  /** It is there. */
  readonly done: Attachment | null
  /** Why it is not. */
  readonly problem: string | null
  readonly stop: AbortController
}

/** Does this server take files? */
export const takesFiles = (): boolean => document.querySelector('meta[name=files]') !== null

/** May this person send some here? */
export function mayAttach({ snapshot }: RoomView): boolean {
  const { settings, role } = snapshot.value
  const isHost = role === 'own' || role === 'moderate'
  return takesFiles() && (settings.files !== false || isHost)
}

/** The newest pictures of one's own, by id: they need not come back from the server. */
const previews = new Map<string, string>()
const PREVIEWS = 20

/** Where a picture of one's own is, on this device; undefined: it has to come from the server. */
export const previewOf = (id: string): string | undefined => previews.get(id)

let keys = 0
/** One after the other: a browser that speaks HTTP/1.1 has few connections. */
let queue: Promise<unknown> = Promise.resolve()
/** What was to be said, and goes out as soon as its files are there: with these, and as it stood then. */
interface Hurry {
  readonly text: string
  readonly keys: string
  readonly replyTo: string | undefined
  readonly tell: (words: null) => void
  readonly clear: () => void
}
const hurries = new WeakMap<RoomView, Hurry>()
const keysOf = (view: RoomView): string => view.files.value.map(({ key }) => key).join()

/** Begins to send files, for the next message. */
export function addFiles(view: RoomView, files: readonly File[]): void {
  for (const file of files) {
    const { name, size, type } = file
    if (view.files.value.length >= limits.files)
      return view.tell(t('file.tooMany', { count: limits.files }))
    if (size === 0) view.tell(t('file.empty', { name }))
    else if (size > limits.file) view.tell(t('file.tooBig', { name, size: sizeOf(limits.file) }))
    else {
      const preview = /^image\/(?!svg)/.test(type) ? URL.createObjectURL(file) : null
      const key = ++keys
      const stop = new AbortController()
      const sending = { key, file, preview, sent: 0, done: null, problem: null, stop }
      view.files.value = [...view.files.value, sending]
      start(view, sending)
    }
  }
}

/** Tries one again that did not get through. */
export function tryAgain(view: RoomView, sending: Sending): void {
  const again = { ...sending, problem: null, sent: 0, stop: new AbortController() }
  change(view, sending.key, again)
  start(view, again)
}

/** Files of a message that was taken back: they go out with the next one. */
export function returnFiles(view: RoomView, files: readonly Attachment[]): void {
  const back = files.map((done): Sending => {
    const preview = previewOf(done.id) ?? null
    // From here on it is let go of with the file.
    previews.delete(done.id)
    const unnamed = done.width ? t('file.picture', { name: view.myName ?? '' }) : t('file.unnamed')
    const file = new File([], done.name ?? unnamed)
    const stop = new AbortController()
    return { key: ++keys, file, preview, sent: 1, done, problem: null, stop }
  })
  view.files.value = [...back, ...view.files.value]
}

/** Ends it where it is on its way, and takes it out: the server lets go of it by itself. */
export function removeFile(view: RoomView, { key, stop, preview }: Sending): void {
  stop.abort()
  // What was to be said with it is to be said anew.
  hurries.get(view)?.tell(null)
  hurries.delete(view)
  if (preview) URL.revokeObjectURL(preview)
  view.files.value = view.files.value.filter((each) => each.key !== key)
}

function start(view: RoomView, sending: Sending): void {
  queue = queue.then(() => send(view, sending))
}

async function send(view: RoomView, { key, file, stop }: Sending): Promise<void> {
  if (stop.signal.aborted) return
  const { signal } = stop
  try {
    const done = await attach({ secret: identity().secret }, view.name, file, {
      signal,
      onProgress: (sent, size) => change(view, key, { sent: sent / size }),
    })
    change(view, key, { done, sent: 1 })
  } catch (error) {
    if (signal.aborted) return
    const problem =
      error instanceof ProblemError
        ? sentence(error.problem)
        : error instanceof DOMException
          ? t('file.unreadable', { name: file.name })
          : t('app.loadFailed')
    change(view, key, { problem })
  }
  goOn(view)
}

/** Says what is in a hurry, once its files are there, unless it was changed since. */
function goOn(view: RoomView): void {
  const hurry = hurries.get(view)
  if (!hurry || !view.files.value.every((each) => each.done)) return
  hurries.delete(view)
  const field = document.querySelector<HTMLTextAreaElement>('#composer')
  const isSame =
    field?.value.trim() === hurry.text &&
    keysOf(view) === hurry.keys &&
    view.replyTo.value?.id === hurry.replyTo &&
    !view.editing.value
  if (!isSame) return hurry.tell(null)
  void view.say(hurry.text, taken(view))
  hurry.clear()
}

function change(view: RoomView, key: number, to: Partial<Sending>): void {
  view.files.value = view.files.value.map((each) => (each.key === key ? { ...each, ...to } : each))
}

/**
 * Takes the files for a message that is to be said now.
 * @returns null where they are not all there: then it goes out once they are, or one of them has to be looked at
 */
export function takeFiles(
  view: RoomView,
  text: string,
  tell: (words: ComponentChild) => void,
  clear: () => void,
): readonly Attachment[] | null {
  const all = view.files.value
  if (all.some(({ problem }) => problem)) {
    tell(t('file.failed'))
    return null
  }
  if (all.every(({ done }) => done)) return taken(view)
  hurries.set(view, { text, keys: keysOf(view), replyTo: view.replyTo.value?.id, tell, clear })
  // Nothing is wrong.
  tell(<span class="soft">{t('file.wait')}</span>)
  return null
}

/** The files, which are the message's from now on. */
function taken(view: RoomView): Attachment[] {
  const all = view.files.value
  view.files.value = []
  for (const { preview, done } of all) {
    if (!preview || !done) continue
    if (done.width) previews.set(done.id, preview)
    else URL.revokeObjectURL(preview)
  }
  for (const [id, preview] of [...previews].slice(0, -PREVIEWS)) {
    URL.revokeObjectURL(preview)
    previews.delete(id)
  }
  return all.flatMap(({ done }) => done ?? [])
}

/** Bytes as people say them: in KB or MB. */
export function sizeOf(bytes: number): string {
  const isLarge = bytes >= 1e6
  const unit = isLarge ? 'megabyte' : 'kilobyte'
  const format = { style: 'unit', unit, maximumFractionDigits: isLarge ? 1 : 0 } as const
  const value = isLarge ? bytes / 1e6 : Math.max(1, bytes / 1e3)
  return new Intl.NumberFormat(document.documentElement.lang, format).format(value)
}
