import type { ComponentChildren, JSX } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { Icon } from './Icon.tsx'
import css from '../style/dialogs.css?inline'
import { dress } from './later.tsx'

dress(css)

interface Props {
  readonly label: string
  /** The button that opened it: the menu stands beside it and gives the focus back to it. */
  readonly anchor: HTMLElement
  readonly onClose: () => void
  readonly children: ComponentChildren
}

const items = '[role=menuitem]:not([disabled])'

/** A menu in the browser's top layer: a click elsewhere or Esc closes it, arrows move in it. */
export function Menu({ label, anchor, onClose, children }: Props): JSX.Element {
  const ref = useRef<HTMLDivElement>(null)
  const latest = useRef(onClose)
  latest.current = onClose
  // In the turn in which it goes: afterwards the focus would be nowhere, and taken elsewhere.
  useLayoutEffect(() => {
    const menu = ref.current
    if (!menu) return
    const toggled = (event: Event): void => {
      if ((event as ToggleEvent).newState === 'closed') latest.current()
    }
    menu.showPopover()
    place(menu, anchor)
    menu.querySelector<HTMLElement>(items)?.focus()
    menu.addEventListener('toggle', toggled)
    return () => {
      menu.removeEventListener('toggle', toggled)
      const had = menu.contains(document.activeElement) || document.activeElement === document.body
      if (had && anchor.isConnected) anchor.focus()
    }
  }, [anchor])
  const move = (event: KeyboardEvent): void => {
    const all = [...(ref.current?.querySelectorAll<HTMLElement>(items) ?? [])]
    const at = all.indexOf(document.activeElement as HTMLElement)
    // What stands in a line is gone along that line.
    const ahead = document.documentElement.dir === 'rtl' ? -1 : 1
    const to = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      ArrowRight: at + ahead,
      ArrowLeft: at - ahead,
      Home: 0,
      End: all.length - 1,
    }[event.key]
    if (event.key === 'Tab') onClose()
    if (to === undefined) return
    event.preventDefault()
    all[(to + all.length) % all.length]?.focus()
  }
  return (
    <div
      ref={ref}
      class="menu"
      popover="auto"
      role="menu"
      aria-label={label}
      onKeyDown={move}
      // Before the choice does anything: what it opens gives the focus back to where it finds it.
      onClickCapture={() => anchor.focus({ preventScroll: true })}
    >
      {children}
    </div>
  )
}

interface ItemProps {
  readonly icon?: string
  readonly danger?: boolean
  readonly onPick: () => void
  readonly children: ComponentChildren
  readonly label?: string
}

export function MenuItem({ icon, danger, onPick, children, label }: ItemProps): JSX.Element {
  return (
    <button
      type="button"
      role="menuitem"
      tabIndex={-1}
      class={danger ? 'danger' : undefined}
      aria-label={label}
      onClick={onPick}
    >
      {icon && <Icon path={icon} />}
      {children}
    </button>
  )
}

/** Below its button, or above it where there is no room; within the window in any case. */
function place(menu: HTMLElement, anchor: HTMLElement): void {
  const at = anchor.getBoundingClientRect()
  const { width, height } = menu.getBoundingClientRect()
  const edge = 8
  const below = at.bottom + 4
  const top = below + height <= innerHeight - edge ? below : Math.max(edge, at.top - height - 4)
  const rtl = document.documentElement.dir === 'rtl'
  const left = rtl ? at.left : at.right - width
  menu.style.insetBlockStart = `${top}px`
  menu.style.left = `${Math.min(Math.max(edge, left), innerWidth - width - edge)}px`
}
