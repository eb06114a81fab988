import type { JSX } from 'preact'
import { useRef, useState } from 'preact/hooks'
import { Icon, icons } from './Icon.tsx'
import { moreIcons } from './more-icons.ts'
import { t } from '../i18n/translate.ts'
import { copy } from './copy.ts'
import css from '../style/copy-line.css?inline'
import { dress } from './later.tsx'

dress(css)

/** A line to be copied: an address, a command. */
export function CopyLine({
  text,
  label,
}: {
  readonly text: string
  readonly label: string
}): JSX.Element {
  const field = useRef<HTMLInputElement>(null)
  const [isCopied, setCopied] = useState<boolean | null>(null)
  const done = async (): Promise<void> => {
    const isDone = await copy(text)
    setCopied(isDone)
    if (isDone) setTimeout(() => setCopied(null), 2000)
    else field.current?.focus()
  }
  return (
    <div class="copy-line">
      <input
        ref={field}
        readOnly
        dir="ltr"
        value={text}
        aria-label={label}
        onFocus={(event) => event.currentTarget.select()}
      />
      <button type="button" class="quiet" onClick={() => void done()}>
        <Icon path={isCopied ? icons.check : moreIcons.copy} />
        <span aria-live="polite">{isCopied ? t('app.copied') : t('app.copy')}</span>
      </button>
      <p role="status">{isCopied === false && t('copy.failed')}</p>
    </div>
  )
}
