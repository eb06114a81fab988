import { keep, recall } from './storage.ts'

const key = 'hearsay:shared'

/** What another app shared with this page, by the address that the manifest's `share_target` makes; null: nothing. */
export function sharedIn(search: string): string | null {
  const query = new URLSearchParams(search)
  const parts = ['title', 'text', 'url'].map((name) => query.get(name)?.trim())
  // Many apps put the address into the text, too.
  const text = parts.filter(
    (part, at) => part && !parts.slice(0, at).some((it) => it?.includes(part)),
  )
  return text.join('\n') || null
}

/** Keeps what was shared until a room is open. In this tab only; where nothing can be kept, it is lost. */
export const keepShared = (text: string): void => keep(key, text, 'sessionStorage')

/** What was shared and is not yet in a composer: once. */
export function takeShared(): string | null {
  const text = recall(key, 'sessionStorage')
  keep(key, null, 'sessionStorage')
  return text
}
