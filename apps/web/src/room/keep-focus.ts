import { focusComposer } from './focus.ts'

/**
 * Where what has the focus goes away, the focus goes to the row that it was in, to the row beside that, to why one is out of the room, or to the
 * composer: left to itself it would begin again at the top of the page. Answers how to stop.
 */
export function keepFocus(): () => void {
  let last: Element | null = null
  const gained = ({ target }: FocusEvent): void => {
    last = target as Element
  }
  // Somebody took it away from what is still there, by a click beside it.
  const lost = (): void =>
    queueMicrotask(() => {
      if (last?.isConnected && isNowhere()) last = null
    })
  const changes = new MutationObserver((records) => {
    if (!last || last.isConnected || !isNowhere()) return
    const gone = last
    last = null
    const record = records.find(({ removedNodes }) =>
      [...removedNodes].some((node) => node.contains(gone)),
    )
    if (!record) return
    const { target, previousSibling, nextSibling } = record
    // In a dialog it stays in the part that lost something, and on nothing there: another Enter is not to do the next thing.
    if ((target as Element).closest('dialog[open]')) {
      const part = target as HTMLElement
      part.tabIndex = -1
      return part.focus({ preventScroll: true })
    }
    const row =
      (target as Element).closest<HTMLElement>('[data-row]') ??
      rowFrom(nextSibling, 'nextSibling') ??
      rowFrom(previousSibling, 'previousSibling')
    const next = row ?? document.querySelector<HTMLElement>('.refusal h2')
    if (next) next.focus({ preventScroll: true })
    // On a phone that would bring up the keyboard.
    else if (matchMedia('(pointer: coarse)').matches)
      document
        .querySelector<HTMLElement>('[data-row][tabindex="0"]')
        ?.focus({ preventScroll: true })
    else focusComposer()
  })
  changes.observe(document.body, { childList: true, subtree: true })
  document.addEventListener('focusin', gained)
  document.addEventListener('focusout', lost)
  return () => {
    changes.disconnect()
    document.removeEventListener('focusin', gained)
    document.removeEventListener('focusout', lost)
  }
}

const isNowhere = (): boolean => document.activeElement === document.body

/** The first row from here on. */
function rowFrom(
  start: Node | null,
  towards: 'nextSibling' | 'previousSibling',
): HTMLElement | undefined {
  for (let node = start; node; node = node[towards]) {
    if (node instanceof HTMLElement && node.matches('[data-row]')) return node
  }
  return undefined
}
