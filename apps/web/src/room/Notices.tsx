import { identity } from '@hearsay/client'
import type { Gap } from '@hearsay/protocol'
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Icon } from '../ui/Icon.tsx'
import { isCovered } from '../ui/back.ts'
import { moreIcons } from '../ui/more-icons.ts'
import { use } from '../cell.ts'
import { lengthOf } from '../i18n/lengths.ts'
import { t } from '../i18n/translate.ts'
import { Skew } from './skew.ts'
import { useRoom, useSnapshot } from './view.ts'

/** What just happened ("Copied"), and what does not work in this browser. */
export function Notices(): JSX.Element {
  const view = useRoom()
  const notice = use(view.notice)
  // A dialog tells it itself.
  const isShown = !use(isCovered)
  const { durable, gaps } = useSnapshot(view, 'durable', 'gaps')
  use(view.me)
  const lost = gaps.at(-1)
  /** The name under which this person spoke last, where it is shown with a warning. */
  const [alike, setAlike] = useState<string | undefined>(undefined)
  const [off, setOff] = useState(0)
  useEffect(() => {
    const skew = new Skew()
    const hear = (): void => {
      const { value } = view.snapshot
      setOff(skew.hear(value, Date.now()))
      const own = value.messages.findLast(({ from }) => view.isMine(from))?.from
      setAlike(own?.lookalike && own.name)
    }
    hear()
    return view.snapshot.watch(hear)
  }, [view])
  const isKnown = identity().kept
  return (
    <>
      {!isKnown && <Notice text={t('settings.notKept')} />}
      {isKnown && !durable && <Notice text={t('notice.unkept')} />}
      {off !== 0 && (
        <Notice
          text={t(off > 0 ? 'notice.clockAhead' : 'notice.clockBehind', {
            time: lengthOf(Math.abs(off) / 1000),
          })}
        />
      )}
      {lost && lost.lost !== 0 && <Notice key={lost.after} text={lossOf(lost)} />}
      {alike !== undefined && alike === view.myName && (
        <Notice key={alike} text={t('notice.alike')} />
      )}
      <div class="toast" role="status">
        {isShown && notice && <span>{notice}</span>}
      </div>
    </>
  )
}

/** What the server has no more. A hole that nobody can count is told without a number. */
const lossOf = ({ lost }: Gap): string =>
  lost === undefined ? t('room.missing') : t('room.gap', { count: lost })

/** What does not work as it should, until it was read. */
function Notice({ text }: { readonly text: string }): JSX.Element | null {
  const [dismissed, setDismissed] = useState(false)
  if (dismissed) return null
  return (
    <div class="notice" role="status">
      <Icon path={moreIcons.warn} />
      <span>{text}</span>
      <button
        type="button"
        class="quiet icon-only"
        aria-label={t('notice.dismiss')}
        onClick={() => setDismissed(true)}
      >
        <Icon path={moreIcons.close} />
      </button>
    </div>
  )
}
