import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { t } from '../i18n/translate.ts'
import { Icon } from '../ui/Icon.tsx'
import { useRoom } from './view.ts'

/** What just happened ("Copied"), and what does not work in this browser. */
export function Notices(): JSX.Element {
  const view = useRoom()
  const [dismissed, setDismissed] = useState(false)
  const { durable } = view.snapshot.value
  return (
    <>
      {!durable && !dismissed && (
        <div class="notice">
          <Icon name="warn" />
          <span>{t('notice.unkept')}</span>
          <button
            type="button"
            class="quiet icon-only"
            aria-label={t('notice.dismiss')}
            onClick={() => setDismissed(true)}
          >
            <Icon name="close" />
          </button>
        </div>
      )}
      <div class="toast" role="status">
        {view.notice.value && <span>{view.notice.value}</span>}
      </div>
    </>
  )
}
