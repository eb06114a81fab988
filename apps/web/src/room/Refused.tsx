import type { Problem } from '@hearsay/protocol'
import type { JSX } from 'preact'
import { fullTime } from '../i18n/dates.ts'
import { t, type Key } from '../i18n/translate.ts'
import { Invitation } from './Invitation.tsx'
import { sentence } from './problems.ts'
import { useRoom } from './view.ts'
import css from '../style/refused.css?inline'
import { dress } from '../ui/later.tsx'

dress(css)

/** Why a room is closed to us, by the server's code: the sentence, and what can be done. */
const reasons: Readonly<Record<string, readonly [why: Plain, next: Plain]>> = {
  banned: ['refused.banned', 'refused.bannedNext'],
  'room-closed': ['refused.closed', 'refused.closedNext'],
  expired: ['refused.expired', 'refused.closedNext'],
  'room-full': ['refused.full', 'refused.fullNext'],
  'by-invitation': ['refused.private', 'refused.privateNext'],
  'bad-link': ['refused.badLink', 'refused.privateNext'],
  'bad-room': ['refused.badRoom', 'refused.closedNext'],
}

/** Texts without slots. */
type Plain = Exclude<Extract<Key, `refused.${string}`>, 'refused.bannedUntil'>

/** The server said no, for good: why, and what to do next. */
export function Refused({ problem }: { readonly problem: Problem }): JSX.Element {
  const view = useRoom()
  const [why, next] = reasons[problem.code] ?? []
  const { until } = problem as { readonly until?: unknown }
  const isTimed = problem.code === 'banned' && typeof until === 'string'
  return (
    <div class="refusal" role="alert">
      <h2>{t('refused.title')}</h2>
      <p>
        {isTimed
          ? t('refused.bannedUntil', { time: fullTime(new Date(until)) })
          : why
            ? t(why)
            : sentence(problem)}
      </p>
      {problem.detail && problem.code === 'banned' && <p dir="auto">{problem.detail}</p>}
      {next && <p class="soft">{t(next)}</p>}
      <Invitation />
      <div class="buttons">
        <a class="button primary" href="/">
          {t('refused.elsewhere')}
        </a>
        <button type="button" onClick={() => view.room.reconnect()}>
          {t('app.tryAgain')}
        </button>
      </div>
    </div>
  )
}
