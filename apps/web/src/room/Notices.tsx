import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { Icon, icons } from '../ui/Icon.tsx'
import { use } from '../cell.ts'
import { t } from '../i18n/translate.ts'
import { useRoom } from './view.ts'

/** What just happened ("Copied"), and what does not work in this browser. */
export function Notices(): JSX.Element {
  const view = useRoom()
  const [dismissed, setDismissed] = useState(false)
  const notice = use(view.notice)
  const { durable } = use(view.snapshot)
  return (
    <>
      {!durable && !dismissed && (
        <div class="notice">
          <Icon path={icons.warn} />
          <span>{t('notice.unkept')}</span>
          <button
            type="button"
            class="quiet icon-only"
            aria-label={t('notice.dismiss')}
            onClick={() => setDismissed(true)}
          >
            <Icon path={icons.close} />
          </button>
        </div>
      )}
      <div class="toast" role="status">
        {notice && <span>{notice}</span>}
      </div>
    </>
  )
}
