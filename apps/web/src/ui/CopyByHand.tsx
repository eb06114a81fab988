import type { JSX } from 'preact'
import { t } from '../i18n/translate.ts'
import { Dialog } from './Dialog.tsx'

/** A text that the browser does not let the page copy: selected, for who reads it to do so. */
export function CopyByHand({
  text,
  onClose,
}: {
  readonly text: string
  readonly onClose: () => void
}): JSX.Element {
  return (
    <Dialog title={t('copy.byHand')} onClose={onClose}>
      <div class="stack">
        <p>{t('copy.failed')}</p>
        <textarea
          autofocus
          readOnly
          dir="auto"
          rows={6}
          value={text}
          aria-label={t('copy.text')}
          onFocus={(event) => event.currentTarget.select()}
        />
      </div>
    </Dialog>
  )
}
