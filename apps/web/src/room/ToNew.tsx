import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { use } from '../cell.ts'
import { t } from '../i18n/translate.ts'
import { Icon, icons } from '../ui/Icon.tsx'
import { seqOf } from './order.ts'
import { useRoom, type RoomView } from './view.ts'

/** The way up to the "New" line for who comes back to more than fits, until that line was once in sight. */
export function ToNew({ isCovered }: { readonly isCovered: boolean }): JSX.Element | null {
  const view = useRoom()
  const line = use(view.line)
  const [isAbove, setAbove] = useState(false)
  useEffect(() => {
    setAbove(false)
    if (line === null) return
    const over = new AbortController()
    const { signal } = over
    let isDue = false
    const look = (): void => {
      isDue = false
      if (signal.aborted) return
      const place = placeOf(view, line)
      setAbove(place === 'above')
      if (place === 'in sight') over.abort()
    }
    // Once a frame, when all is drawn and where it belongs.
    const later = (): void => {
      if (isDue || signal.aborted) return
      isDue = true
      requestAnimationFrame(() => requestAnimationFrame(look))
    }
    const unwatch = view.snapshot.watch(later)
    // Whichever list is there: it is another one after the room was closed to somebody for a while.
    document.addEventListener('scroll', later, { signal, capture: true })
    addEventListener('focus', later, { signal })
    later()
    return () => {
      unwatch()
      over.abort()
    }
  }, [view, line])
  if (!isAbove || isCovered) return null
  const go = (): void => {
    const mark = document.querySelector('.new')
    if (!mark && line !== null) return void view.show(line)
    const row = mark?.nextElementSibling as HTMLElement | null | undefined
    mark?.scrollIntoView({ block: 'start' })
    row?.focus({ preventScroll: true })
  }
  return (
    <button type="button" class="to-new" onClick={go}>
      <Icon path={icons.send} />
      {t('room.toNew')}
    </button>
  )
}

/** Where the line is, seen from what is in sight of the list. Nobody has seen it on a page at which nobody looks. */
function placeOf({ snapshot }: RoomView, line: string): 'above' | 'in sight' | null {
  const list = document.querySelector('.scroller')
  const [oldest] = snapshot.value.messages
  if (!list || !oldest) return null
  const mark = list.querySelector('.new')
  // It may be further up than what is loaded.
  if (!mark) return seqOf(oldest.id) > seqOf(line) ? 'above' : null
  const { bottom } = mark.getBoundingClientRect()
  const { top, bottom: end } = list.getBoundingClientRect()
  if (bottom <= top) return 'above'
  return bottom <= end && document.hasFocus() ? 'in sight' : null
}
