import type { Problem } from '@hearsay/protocol'
import type { JSX } from 'preact'
import { useEffect, useMemo } from 'preact/hooks'
import { use } from '../cell.ts'
import { fullTime } from '../i18n/dates.ts'
import { rich, t, type Key } from '../i18n/translate.ts'
import { Invitation } from './Invitation.tsx'
import { penaltyOf, sentence } from './problems.ts'
import { Unsent } from './Unsent.tsx'
import { useRoom } from './view.ts'
import css from '../style/refused.css?inline'
import { dress } from '../ui/later.tsx'

dress(css)

/** Why a room is closed to us, by the server's code: the sentence, and what can be done. */
const reasons: Readonly<Record<string, readonly [why: Plain, next: Plain]>> = {
  banned: ['refused.banned', 'refused.bannedNext'],
  removed: ['refused.removed', 'refused.removedNext'],
  'room-closed': ['refused.closed', 'refused.closedNext'],
  'by-invitation': ['refused.private', 'refused.privateNext'],
  'bad-link': ['refused.badLink', 'refused.privateNext'],
  'bad-room': ['refused.badRoom', 'refused.closedNext'],
}

/** Texts without slots. */
type Plain = Extract<Key, `refused.${string}`>

/** A removal that is over within this time (ms) is waited for. */
const SOON = 10 * 60_000

/** Where whoever runs this server is reached, if that is told. */
const contact = document.querySelector<HTMLMetaElement>('meta[name=contact]')?.content

function Contact({ href }: { readonly href: string }): JSX.Element {
  return (
    <a href={href} rel="noreferrer nofollow">
      <bdi>{href.replace(/^(mailto:|https?:\/\/)/, '')}</bdi>
    </a>
  )
}

/** The server said no, for good: why, and what to do next. */
export function Refused({ problem }: { readonly problem: Problem }): JSX.Element {
  const view = useRoom()
  const invitation = use(view.invitation)
  const [why, next] = reasons[problem.code] ?? []
  const { until, reason } = useMemo(() => penaltyOf(problem), [problem])
  useEffect(() => {
    const wait = until ? until.getTime() - Date.now() : Infinity
    if (wait > SOON) return
    const timer = setTimeout(() => view.room.reconnect(), wait)
    return () => clearTimeout(timer)
  }, [until, view])
  // Who has a link is not told to ask for one.
  if (invitation !== null && problem.code === 'by-invitation') {
    return (
      <div class="refusal">
        <Invitation />
      </div>
    )
  }
  return (
    <div class="refusal" role="alert">
      <h2 tabIndex={-1}>{t('refused.title')}</h2>
      <p>{why ? t(why) : sentence(problem)}</p>
      {why && until && <p>{t('problem.until', { time: fullTime(until) })}</p>}
      {why && reason && <p>{rich('problem.reason', { reason: <bdi>{reason}</bdi> })}</p>}
      {next && <p class="soft">{t(next)}</p>}
      {contact && problem.code === 'banned' && (
        <p class="soft">{rich('problem.appeal', { contact: <Contact href={contact} /> })}</p>
      )}
      <Invitation />
      <Unsent />
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
