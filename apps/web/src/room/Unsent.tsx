import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { t } from '../i18n/translate.ts'
import { copy } from '../ui/copy.ts'
import { CopyByHand } from '../ui/CopyByHand.tsx'
import { use } from '../cell.ts'
import { useRoom, useSnapshot } from './view.ts'

/** What somebody was writing when writing came to an end: it is not lost. */
export function Unsent(): JSX.Element | null {
  const view = useRoom()
  const [isByHand, setByHand] = useState(false)
  // What is taken back now comes to it.
  useSnapshot(view, 'pending')
  const edited = use(view.editing) ? view.edited : ''
  const draft = [edited, view.room.draft].filter((part) => part !== '').join('\n')
  if (draft === '') return null
  const copied = async (): Promise<void> => {
    if (await copy(draft)) view.tell(t('app.copied'))
    else setByHand(true)
  }
  return (
    <section class="unsent">
      <p class="soft">{t('refused.draft')}</p>
      <blockquote dir="auto" tabIndex={0}>
        {draft}
      </blockquote>
      <button type="button" onClick={() => void copied()}>
        {t('app.copy')}
      </button>
      {isByHand && <CopyByHand text={draft} onClose={() => setByHand(false)} />}
    </section>
  )
}
