import { fileAddress } from '@hearsay/client'
import type { Attachment } from '@hearsay/protocol'
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { t } from '../i18n/translate.ts'
import css from '../style/files.css?inline'
import { Icon } from '../ui/Icon.tsx'
import { dress, later } from '../ui/later.tsx'
import { moreIcons } from '../ui/more-icons.ts'
import { previewOf, sizeOf } from './attaching.tsx'
import { FileName } from './FileName.tsx'
import { useRoom } from './view.ts'

dress(css)

const Viewer = later(async () => (await import('./menus.ts')).Viewer)

/** Pixels of the page that a picture is high at most, in a message. */
const HIGH = 320

/** The files of a message: pictures as they are, in a place that is theirs before they have come; others to be saved. */
export function Files({
  files,
  name,
  reach,
  isUnsaid = false,
}: {
  readonly files: readonly Attachment[]
  /** Who said it. */
  readonly name: string
  readonly reach: 0 | -1
  /** They are on their way to the server, which gives them to nobody yet. */
  readonly isUnsaid?: boolean
}): JSX.Element {
  return (
    <div class="files">
      {files.map((file) =>
        isUnsaid && !previewOf(file.id) ? (
          <p key={file.id} class="file">
            <Icon path={moreIcons.file} />
            <FileName name={file.name ?? t('file.unnamed')} />{' '}
            <span class="soft">{sizeOf(file.size)}</span>
          </p>
        ) : file.width && file.height ? (
          <Picture
            key={file.id}
            file={file}
            width={file.width}
            height={file.height}
            name={name}
            reach={reach}
          />
        ) : (
          <Other key={file.id} file={file} reach={reach} />
        ),
      )}
    </div>
  )
}

function Picture({
  file,
  width,
  height,
  name,
  reach,
}: {
  readonly file: Attachment
  readonly width: number
  readonly height: number
  readonly name: string
  readonly reach: 0 | -1
}): JSX.Element {
  const view = useRoom()
  const [isOpen, setOpen] = useState(false)
  const [missing, setMissing] = useState<'gone' | 'failed' | null>(null)
  const address = previewOf(file.id) ?? fileAddress({}, view.name, file).href
  // The button goes with what was wrong.
  const again = ({ currentTarget }: Event): void => {
    ;(currentTarget as Element).closest<HTMLElement>('[data-row]')?.focus()
    setMissing(null)
  }
  if (missing === 'gone') return <p class="gone">{t('file.expired')}</p>
  if (missing === 'failed')
    return (
      <p class="gone">
        {t('app.loadFailed')}{' '}
        <button type="button" class="link" tabIndex={reach} onClick={again}>
          {t('app.tryAgain')}
        </button>
      </p>
    )
  const look = async (): Promise<void> => {
    const answer = await fetch(address, { method: 'HEAD' }).catch(() => null)
    setMissing(answer?.status === 404 ? 'gone' : 'failed')
  }
  const shown = Math.round(Math.min(width, (HIGH * width) / height))
  return (
    <>
      <button
        type="button"
        class="picture"
        tabIndex={reach}
        aria-haspopup="dialog"
        style={{ inlineSize: `${shown}px`, aspectRatio: `${width} / ${height}` }}
        onClick={() => setOpen(true)}
      >
        <img
          src={address}
          alt={t('file.picture', { name })}
          width={width}
          height={height}
          loading="lazy"
          decoding="async"
          onError={() => void look()}
        />
      </button>
      {isOpen && (
        <Viewer
          address={address}
          title={t('file.picture', { name })}
          file={file}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  )
}

function Other({
  file,
  reach,
}: {
  readonly file: Attachment
  readonly reach: 0 | -1
}): JSX.Element {
  const view = useRoom()
  const name = file.name ?? t('file.unnamed')
  return (
    <a
      class="file"
      href={fileAddress({}, view.name, file).href}
      download={file.name ?? ''}
      tabIndex={reach}
    >
      <Icon path={moreIcons.file} />
      <FileName name={name} /> <span class="soft">{sizeOf(file.size)}</span>
    </a>
  )
}
