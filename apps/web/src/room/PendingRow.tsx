import type { Pending } from '@hearsay/client'
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { use } from '../cell.ts'
import { secondsUntil, useNow } from '../countdown.ts'
import { t } from '../i18n/translate.ts'
import { copy } from '../ui/copy.ts'
import { CopyByHand } from '../ui/CopyByHand.tsx'
import { by, Seal } from '../ui/Person.tsx'
import { Failed } from './Edges.tsx'
import { Files } from './Files.tsx'
import { goesOn } from './order.ts'
import { sentence } from './problems.ts'
import { Reply } from './Reply.tsx'
import { textOf } from './Row.tsx'
import { takeBack } from './take-back.ts'
import { useRoom, useSnapshot } from './view.ts'
import css from '../style/pending.css?inline'
import { dress } from '../ui/later.tsx'

dress(css)

/** What would be answered the same however often it is sent. */
const final: ReadonlySet<string> = new Set(['not-let-through', 'file-gone', 'no-files'])

/** A message of one's own that the server has not stored yet. It never looks as if it were sent. */
export function PendingRow({
  pending,
  isFirst,
}: {
  readonly pending: Pending
  readonly isFirst: boolean
}): JSX.Element {
  const view = useRoom()
  const { key, text, state, replyTo, files } = pending
  const { messages, newer, connection } = useSnapshot(view, 'messages', 'newer', 'connection')
  const me = use(view.me)
  const [begun] = useState(() => new Date().toISOString())
  const back = (): void => takeBack(view, pending)
  const isApart = isFirst && newer !== 'end'
  // As it will stand once it is said: nothing is to move then.
  const isUnder = isFirst
    ? !isApart && !replyTo && me !== null && goesOn({ from: me, at: begun }, messages.at(-1))
    : !replyTo
  const isGoing =
    state.phase === 'sending' ||
    (state.phase === 'waiting' && !state.problem && isFirst && connection.phase === 'live')
  const [isByHand, setByHand] = useState(false)
  const copied = async (): Promise<void> => {
    if (await copy(text)) view.tell(t('app.copied'))
    else setByHand(true)
  }
  return (
    <>
      {isApart && (
        <li>
          {newer === 'failed' ? <Failed to="newer" /> : <p class="aside">{t('room.between')}</p>}
        </li>
      )}
      <li
        data-row
        class={`row mine pending ${state.phase} ${isUnder ? 'goes-on' : 'starts'}`}
        tabIndex={-1}
      >
        {!isUnder && me && <Seal mark={me.mark} />}
        <div class="said">
          {me && by(me, true, isUnder, isGoing ? <Going isUnder={isUnder} /> : undefined)}
          {replyTo && <Reply to={replyTo} reach={-1} />}
          {textOf(text, undefined, -1)}
          {files && me && (
            <Files files={files} name={me.name} reach={-1} isUnsaid={state.phase !== 'review'} />
          )}
          {!isGoing && <State pending={pending} onTakeBack={back} />}
          {state.phase === 'review' && (
            <div class="buttons">
              <button type="button" onClick={back}>
                {t('send.takeBack')}
              </button>
            </div>
          )}
          {state.phase === 'failed' && (
            <div class="buttons">
              {!final.has(state.problem.code) && (
                <button type="button" onClick={() => void view.room.retry(key)}>
                  {t('app.retry')}
                </button>
              )}
              {text !== '' && (
                <button type="button" onClick={() => void copied()}>
                  {t('app.copy')}
                </button>
              )}
              <button type="button" class="danger" onClick={() => void view.room.discard(key)}>
                {t('app.delete')}
              </button>
            </div>
          )}
          {isByHand && <CopyByHand text={text} onClose={() => setByHand(false)} />}
        </div>
      </li>
    </>
  )
}

/** It goes out: said where its time will stand. */
function Going({ isUnder }: { readonly isUnder: boolean }): JSX.Element {
  const words = t('send.sending')
  if (!isUnder) return <span class="at">{words}</span>
  return (
    <span class="at going" title={words}>
      <span class="sr">{words}</span>
    </span>
  )
}

function State({
  pending: { state },
  onTakeBack,
}: {
  readonly pending: Pending
  readonly onTakeBack: () => void
}): JSX.Element | null {
  const now = useNow(state.phase === 'held')
  const { connection, settings, role } = useSnapshot(useRoom(), 'connection', 'settings', 'role')
  const takeBack = (
    <button type="button" class="link" onClick={onTakeBack}>
      {t('send.takeBack')}
    </button>
  )
  switch (state.phase) {
    case 'sending':
      return null
    case 'waiting': {
      const isOn = !state.problem && connection.phase === 'live'
      const words = isOn ? t('send.turn') : t('send.waiting')
      return (
        <p class="state">
          {state.problem ? `${sentence(state.problem)} ${t('send.later')}` : words} {takeBack}
        </p>
      )
    }
    case 'review':
      return <p class="state">{t('send.review')}</p>
    case 'held': {
      const count = secondsUntil(state.until, now)
      // The host's pause, which is none for who looks after the room; another wait may be longer.
      const isHost = role === 'own' || role === 'moderate'
      const isPause = !isHost && count <= (settings['slow'] ?? 0)
      return (
        <p class="state">
          {isPause ? t('send.slow', { count }) : t('send.held', { count })} {takeBack}
        </p>
      )
    }
    case 'failed':
      return (
        <p class="state failed" role="alert">
          {t('send.failed')} {sentence(state.problem)}
        </p>
      )
  }
}
