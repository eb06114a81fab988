import type { JSX } from 'preact'
import { t } from '../i18n/translate.ts'
import type { Why } from './stopped.ts'
import { Unsent } from './Unsent.tsx'

/** In the place of the composer: why one can't write here. */
export function Stopped({ why }: { readonly why: Why }): JSX.Element {
  return (
    <>
      <p class="aside">{t(`room.${why}`)}</p>
      <Unsent />
    </>
  )
}
