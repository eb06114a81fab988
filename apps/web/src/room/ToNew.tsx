import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { use } from '../cell.ts'
import { t } from '../i18n/translate.ts'
import { Icon, icons } from '../ui/Icon.tsx'
import { useRoom } from './view.ts'

/** The way up to the "New" line for who comes back to more than fits, until that line was once in sight. */
export function ToNew(): JSX.Element | null {
  const view = useRoom()
  const line = use(view.line)
  const [isAbove, setAbove] = useState(false)
  useEffect(() => {
    const list = document.querySelector('.scroller')
    setAbove(false)
    if (line === null || !list) return
    let isDue = false
    const look = (): void => {
      isDue = false
      const place = placeOf(list)
      setAbove(place === 'above')
      if (place === 'in sight') stop()
    }
    // Once a frame, when all is drawn and where it belongs.
    const later = (): void => {
      if (isDue) return
      isDue = true
      requestAnimationFrame(() => requestAnimationFrame(look))
    }
    const unwatch = view.snapshot.watch(later)
    list.addEventListener('scroll', later)
    const stop = (): void => {
      unwatch()
      list.removeEventListener('scroll', later)
    }
    later()
    return stop
  }, [view, line])
  if (!isAbove) return null
  const go = (): void => {
    const mark = document.querySelector('.new')
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
function placeOf(list: Element): 'above' | 'in sight' | null {
  const mark = list.querySelector('.new')
  if (!mark) return null
  const { bottom } = mark.getBoundingClientRect()
  const { top, bottom: end } = list.getBoundingClientRect()
  if (bottom <= top) return 'above'
  return bottom <= end && document.hasFocus() ? 'in sight' : null
}
