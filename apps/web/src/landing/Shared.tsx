import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { t } from '../i18n/translate.ts'
import { keepShared, sharedIn } from '../shared.ts'
import css from '../style/landing-rest.css?inline'
import { dress } from '../ui/later.tsx'

dress(css)

/** What another app shared with this page: it waits for the room that is opened next. */
export function Shared(): JSX.Element | null {
  const [shared] = useState(() => sharedIn(location.search))
  useEffect(() => {
    if (shared) keepShared(shared)
  }, [shared])
  if (!shared) return null
  return (
    <section class="stack" role="status">
      <h2>{t('landing.shared')}</h2>
      <blockquote class="shared" dir="auto">
        {shared.slice(0, 300)}
      </blockquote>
    </section>
  )
}
