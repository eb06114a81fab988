import type { ComponentChildren, JSX, RefObject } from 'preact'
import { useId, useLayoutEffect, useRef } from 'preact/hooks'
import { closeByBack } from './back.ts'
import { Icon } from './Icon.tsx'
import { moreIcons } from './more-icons.ts'
import { underWay } from './once.tsx'
import { use } from '../cell.ts'
import { t } from '../i18n/translate.ts'
import { useRoom } from '../room/view.ts'
import css from '../style/dialogs.css?inline'
import { dress } from './later.tsx'

dress(css)

interface Props {
  readonly title: string
  /**
   * A `drawer` slides in from the side, a `sheet` stands in the middle (at the bottom of a small screen), a `viewer` is as large as what it
   * shows, and the window lets it be.
   */
  readonly form?: 'sheet' | 'drawer' | 'viewer'
  readonly onClose: () => void
  /** What gets the focus afterwards, if it is not what had it before. */
  readonly back?: RefObject<HTMLElement | null>
  readonly children: ComponentChildren
}

/** A window over the page. The browser keeps the focus in it and gives it back; Esc closes it, and so does the back button. */
export function Dialog({ title, form = 'sheet', onClose, back, children }: Props): JSX.Element {
  const ref = useRef<HTMLDialogElement>(null)
  const label = useId()
  const latest = useRef(onClose)
  latest.current = onClose
  // In the turn in which the one before it is closed: its entry in the history then goes over to this one.
  useLayoutEffect(() => {
    const dialog = ref.current
    if (!dialog) return
    const opener = document.activeElement
    const close = (): void => latest.current()
    dialog.showModal()
    // Not at "cancel": where two are closed by Esc one after the other, the browser leaves that out for the second.
    dialog.addEventListener('close', close)
    const closed = closeByBack(close)
    return () => {
      dialog.removeEventListener('close', close)
      dialog.close()
      const to = back?.current ?? opener
      if (to instanceof HTMLElement && to.isConnected) to.focus()
      closed()
    }
  }, [])
  return (
    <dialog
      ref={ref}
      class={form}
      aria-labelledby={label}
      onClick={(event) => event.target === event.currentTarget && onClose()}
    >
      <div class="dialog">
        <div class="dialog-head">
          <h2 id={label}>{title}</h2>
          <button
            type="button"
            class="quiet icon-only"
            aria-label={t('app.close')}
            onClick={onClose}
          >
            <Icon path={moreIcons.close} />
          </button>
        </div>
        <div class="dialog-body">{children}</div>
        <Said />
      </div>
    </dialog>
  )
}

/** What is told while a dialog is open: the page below it is neither in sight nor read aloud. */
function Said(): JSX.Element {
  const notice = use(useRoom().notice)
  const isBusy = use(underWay) > 0
  return (
    <>
      <p class="sr" role="status">
        {isBusy && t('app.underWay')}
      </p>
      <div class="toast" role="status">
        {notice && <span>{notice}</span>}
      </div>
    </>
  )
}
