import type { Attachment } from '@hearsay/protocol'
import type { JSX } from 'preact'
import { t } from '../i18n/translate.ts'
import { Dialog } from '../ui/Dialog.tsx'

/** One picture, as large as the window lets it be. */
export function Viewer({
  address,
  title,
  file: { type, width, height },
  onClose,
}: {
  readonly address: string
  readonly title: string
  readonly file: Attachment
  readonly onClose: () => void
}): JSX.Element {
  return (
    <Dialog title={title} form="viewer" onClose={onClose}>
      <img src={address} alt={title} width={width} height={height} />
      <div class="buttons">
        <a class="button" href={address} download={`picture.${type.slice('image/'.length)}`}>
          {t('file.save')}
        </a>
      </div>
    </Dialog>
  )
}
