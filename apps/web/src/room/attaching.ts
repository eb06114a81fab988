import { attach, identity, ProblemError } from '@hearsay/client'
import { limits, type Attachment } from '@hearsay/protocol'
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

/** Pictures of one's own, by id: they need not come back from the server. */
export const previews: Map<string, string> = new Map()

let keys = 0
/** One after the other: a browser that speaks HTTP/1.1 has few connections. */
let queue: Promise<unknown> = Promise.resolve()
/** Rooms whose message goes out as soon as its files are there. */
const hurried = new WeakSet<RoomView>()

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

/** Ends it where it is on its way, and takes it out: the server lets go of it by itself. */
export function removeFile(view: RoomView, { key, stop, preview }: Sending): void {
  stop.abort()
  if (preview) URL.revokeObjectURL(preview)
  view.files.value = view.files.value.filter((each) => each.key !== key)
}

function start(view: RoomView, sending: Sending): void {
  queue = queue.then(() => send(view, sending))
}

async function send(view: RoomView, { key, file, preview, stop }: Sending): Promise<void> {
  if (stop.signal.aborted) return
  const { signal } = stop
  try {
    const done = await attach({ secret: identity().secret }, view.name, file, {
      signal,
      onProgress: (sent, size) => change(view, key, { sent: sent / size }),
    })
    if (preview && done.width) previews.set(done.id, preview)
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
  const all = view.files.value
  if (hurried.has(view) && all.length > 0 && all.every((each) => each.done)) {
    document.querySelector<HTMLFormElement>('form.composer')?.requestSubmit()
  }
}

function change(view: RoomView, key: number, to: Partial<Sending>): void {
  view.files.value = view.files.value.map((each) => (each.key === key ? { ...each, ...to } : each))
}

/**
 * Takes the files for a message that is said now.
 * @returns a sentence where they are not all there: then it goes out once they are, or one of them has to be looked at
 */
export function takeFiles(view: RoomView): readonly Attachment[] | string {
  const all = view.files.value
  if (all.some(({ problem }) => problem)) return t('file.failed')
  const done = all.flatMap((each) => each.done ?? [])
  if (done.length < all.length) {
    hurried.add(view)
    return t('file.wait')
  }
  hurried.delete(view)
  view.files.value = []
  return done
}

/** Bytes as people say them: in KB or MB. */
export function sizeOf(bytes: number): string {
  const isLarge = bytes >= 1e6
  const unit = isLarge ? 'megabyte' : 'kilobyte'
  const format = { style: 'unit', unit, maximumFractionDigits: isLarge ? 1 : 0 } as const
  const value = isLarge ? bytes / 1e6 : Math.max(1, bytes / 1e3)
  return new Intl.NumberFormat(document.documentElement.lang, format).format(value)
}
