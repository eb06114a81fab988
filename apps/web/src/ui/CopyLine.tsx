import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
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
  const [copied, setCopied] = useState(false)
  const done = async (): Promise<void> => {
    setCopied(await copy(text))
    setTimeout(() => setCopied(false), 2000)
  }
  return (
    <div class="copy-line">
      <input
        readOnly
        dir="ltr"
        value={text}
        aria-label={label}
        onFocus={(event) => event.currentTarget.select()}
      />
      <button type="button" class="quiet" onClick={() => void done()}>
        <Icon path={copied ? icons.check : moreIcons.copy} />
        <span aria-live="polite">{copied ? t('app.copied') : t('app.copy')}</span>
      </button>
    </div>
  )
}
