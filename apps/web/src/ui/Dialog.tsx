import type { ComponentChildren, JSX, RefObject } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import { Icon } from './Icon.tsx'
import { moreIcons } from './more-icons.ts'
import { t } from '../i18n/translate.ts'
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

/**
 * A window over the page. The browser keeps the focus in it and gives it back, Esc closes it, and so does the back
 * button: on a phone that is what people press first.
 */
export function Dialog({ title, form = 'sheet', onClose, back, children }: Props): JSX.Element {
  const ref = useRef<HTMLDialogElement>(null)
  const label = useId()
  const latest = useRef(onClose)
  latest.current = onClose
  useEffect(() => {
    const dialog = ref.current
    const opener = document.activeElement
    dialog?.showModal()
    history.pushState({ dialog: label }, '')
    let left = false
    const pop = (): void => {
      left = true
      latest.current()
    }
    addEventListener('popstate', pop)
    return () => {
      removeEventListener('popstate', pop)
      dialog?.close()
      const to = back?.current ?? opener
      if (to instanceof HTMLElement && to.isConnected) to.focus()
      if (!left && history.state?.dialog === label) history.back()
    }
  }, [label])
  return (
    <dialog
      ref={ref}
      class={form}
      aria-labelledby={label}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
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
      </div>
    </dialog>
  )
}
