import type { JSX } from 'preact'
import { t } from '../i18n/translate.ts'

/** A name that could be taken for somebody else's. */
export function Alike(): JSX.Element {
  return (
    <span class="tag alike" title={t('person.alikeWhy')}>
      ⚠ {t('person.alike')}
    </span>
  )
}
