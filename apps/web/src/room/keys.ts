import { preferences } from '../preferences.ts'
import { focusComposer } from './focus.ts'
import type { RoomView } from './view.ts'

/** The server has decided on these: what is closed meanwhile changes nothing. */
const settled: ReadonlySet<string> = new Set(['failed', 'review'])

/** Closing the page loses nothing that is kept, but a person wants to know that it has not been said yet. */
export function warnOfUnsent(view: RoomView): () => void {
  const ask = (event: BeforeUnloadEvent): void => {
    const isUnsaid = view.snapshot.value.pending.some(({ state }) => !settled.has(state.phase))
    // Files are not kept over a reload.
    if (isUnsaid || view.files.value.length > 0) {
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
    // A dialog and a menu close by themselves, and with them nothing else.
    if (event.key === 'Escape' && !document.querySelector('dialog[open], :popover-open')) {
      if (view.replyTo.value || view.editing.value) {
        view.replyTo.value = null
        view.editing.value = null
      } else if (view.panel.value) view.panel.value = null
      else view.unread?.clear()
    }
    if (event.key === 'F6') nextRegion(event)
    if (event.ctrlKey || event.metaKey || event.altKey) return
    moveRow(event)
    const isWriting = (event.target as Element).matches('input, textarea, select, [role=menuitem]')
    if (isWriting || !preferences.value.shortcuts || document.querySelector('dialog[open]')) return
    if (event.key === '/') focusComposer(event)
    else if (event.key === '?') view.panel.value = 'shortcuts'
  }
  addEventListener('keydown', key)
  return () => removeEventListener('keydown', key)
}

/** Arrows move from message to message, Enter opens what can be done with one. */
function moveRow(event: KeyboardEvent): void {
  const row = event.target
  if (!(row instanceof HTMLElement) || !row.matches('[data-row]')) return
  const rows = [...document.querySelectorAll<HTMLElement>('[data-row]')]
  const at = rows.indexOf(row)
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key]
  if (event.key === 'Enter') row.querySelector<HTMLElement>('.row-more')?.click()
  else if (to !== undefined) rows[Math.min(Math.max(to, 0), rows.length - 1)]?.focus()
  else return
  event.preventDefault()
}

/** The parts of a room in the order in which they stand, each with what has the focus in it, or else. */
const regions = [
  ['.top', 'a, button'],
  ['.scroller', '[data-row][tabindex="0"]'],
  ['.foot', '#composer, #join-name', 'button'],
  ['.side', 'button'],
] as const

/** F6 goes to the next part of the room, with Shift to the one before. A dialog keeps the focus to itself. */
function nextRegion(event: KeyboardEvent): void {
  if (document.querySelector('dialog[open]')) return
  const there = regions.flatMap(([region, ...within]) => {
    const part = document.querySelector(region)
    const target = within.flatMap((it) => part?.querySelector<HTMLElement>(it) ?? [])[0]
    return part && target ? [{ part, target }] : []
  })
  if (there.length === 0) return
  event.preventDefault()
  const at = there.findIndex(({ part }) => part.contains(document.activeElement))
  const to = event.shiftKey ? (at < 0 ? 0 : at) - 1 : at + 1
  there.at(to % there.length)?.target.focus()
}
