import { call, identity, message as messageOf } from '@hearsay/client'
import type { Act, AllHeld, Held, Message, Penalty, Report } from '@hearsay/protocol'
import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { fullTime } from '../i18n/dates.ts'
import { t } from '../i18n/translate.ts'
import { Files } from '../room/Files.tsx'
import { wordsOf } from '../room/first-line.ts'
import { refusalOf } from '../room/problems.ts'
import { useRoom, useSnapshot } from '../room/view.ts'
import { ActButton } from '../ui/once.tsx'
import { Person } from '../ui/Person.tsx'
import { isAbove } from './above.ts'
import { Acts } from './Acts.tsx'
import { BanForm } from './Ban.tsx'
import { HeldMessages } from './Held.tsx'
import { useProblem } from './problem.tsx'

/** A report with the message that it is about, where that is still there. */
interface Reported {
  readonly report: Report
  readonly message: Message | null
}

type Kind = 'bans' | 'mutes'

interface State {
  readonly reports: readonly Reported[]
  readonly bans: readonly Penalty[]
  readonly mutes: readonly Penalty[]
  readonly acts: readonly Act[]
  readonly held: readonly Held[]
}

/** What was reported, who is out or silent, and what was done by whom. */
export function Watch({
  room,
  reviews,
}: {
  readonly room: string
  /** Messages wait for the host in this room. */
  readonly reviews: boolean
}): JSX.Element | null {
  const [state, setState] = useState<State | null>(null)
  const [problem, setProblem] = useProblem()
  const looks = useRef(0)
  /** An answer that was overtaken by another one tells nothing new. */
  const look = async (): Promise<void> => {
    const turn = ++looks.current
    const seen = await lookAt(room)
    if (turn === looks.current) setState(seen)
  }
  const act = async (what?: () => Promise<unknown>): Promise<boolean> => {
    const refused = await refusalOf(async () => {
      await what?.()
      await look()
    })
    setProblem(refused)
    return refused === null
  }
  useEffect(() => void act(), [room])
  const { waiting } = useSnapshot(useRoom(), 'waiting')
  const shown = useRef(waiting)
  // What comes in while it is looked at is shown, too, once it comes no more for a moment.
  useEffect(() => {
    if (waiting === shown.current) return
    shown.current = waiting
    const timer = setTimeout(() => void refusalOf(look), 500)
    return () => clearTimeout(timer)
  }, [waiting])
  const server = { secret: identity().secret }
  const to: Calling['onCall'] = (path, method, body) => {
    const options = body === undefined ? { method } : { method, body }
    return act(() => call(server, `/r/${room}/${path}`, options))
  }
  if (!state) return problem
  const { reports, bans, mutes, acts, held } = state
  return (
    <>
      {problem}
      {(reviews || held.length > 0) && <HeldMessages held={held} onCall={to} />}
      <section class="stack">
        <h3>{t('host.reports')}</h3>
        {reports.length === 0 && <p class="soft">{t('host.noReports')}</p>}
        <ul role="list" class="links">
          {reports.map(({ report, message }) => (
            <Complaint key={report.id} report={report} message={message} onCall={to} />
          ))}
        </ul>
      </section>
      <section class="stack">
        <h3>{t('host.people')}</h3>
        {bans.length + mutes.length === 0 && <p class="soft">{t('host.nobody')}</p>}
        <ul role="list" class="links">
          <Penalties kind="bans" all={bans} onCall={to} />
          <Penalties kind="mutes" all={mutes} onCall={to} />
        </ul>
      </section>
      <Acts acts={acts} onCall={to} />
    </>
  )
}

/** A call about the room; what it shows is looked at anew afterwards. Answers whether it worked. */
export interface Calling {
  readonly onCall: (path: string, method: string, body?: unknown) => Promise<boolean>
}

function Complaint({ report, message, onCall }: Reported & Calling): JSX.Element {
  const done = `reports/${encodeURIComponent(report.id)}`
  const [banning, setBanning] = useState(false)
  const { role } = useSnapshot(useRoom(), 'role')
  const toBan = useRef<HTMLButtonElement>(null)
  const close = (): void => {
    setBanning(false)
    toBan.current?.focus()
  }
  const punish = async (kind: Kind | 'kicks', how?: object): Promise<boolean> =>
    message !== null && onCall(kind, 'POST', { person: message.from.person, ...how })
  return (
    <li>
      {message && <Person from={message.from} />}
      <blockquote dir="auto">
        {message && !message.deleted ? wordsOf(message).slice(0, 500) : t('message.deleted')}
      </blockquote>
      {message?.files && <Files files={message.files} name={message.from.name} reach={0} />}
      {report.reason && <p dir="auto">{report.reason}</p>}
      <span class="buttons">
        {message && !message.deleted && (
          <ActButton
            class="danger"
            onAct={() => onCall('removals', 'POST', { messages: [message.id] })}
          >
            {t('host.hide')}
          </ActButton>
        )}
        {message && !message.deleted && isAbove(role, message.from.role) && (
          <>
            <ActButton
              class="danger"
              onAct={() => onCall(`messages/${encodeURIComponent(message.id)}`, 'DELETE')}
            >
              {t('message.delete')}
            </ActButton>
            <ActButton onAct={() => punish('mutes', { minutes: 60 })}>{t('host.mute')}</ActButton>
            <ActButton onAct={() => punish('kicks')}>{t('host.kick')}</ActButton>
            <button
              ref={toBan}
              type="button"
              aria-expanded={banning}
              onClick={() => setBanning(!banning)}
            >
              {t('host.ban')}
            </button>
          </>
        )}
        <ActButton onAct={() => onCall(done, 'DELETE')}>{t('host.dismiss')}</ActButton>
      </span>
      {banning && (
        <BanForm
          onBan={async (how) => {
            if (await punish('bans', how)) close()
          }}
          onCancel={close}
        />
      )}
    </li>
  )
}

function Penalties({
  kind,
  all,
  onCall,
}: { readonly kind: Kind; readonly all: readonly Penalty[] } & Calling): JSX.Element {
  return (
    <>
      {all.map(({ person, until, reason }) => (
        <li key={person}>
          <span>
            <strong>{t(kind === 'bans' ? 'host.actBan' : 'host.actMute')}</strong>{' '}
            <span class="mark">{person.slice(0, 6).toUpperCase()}</span>{' '}
            <span class="soft">{t('host.until', { time: fullTime(new Date(until)) })}</span>{' '}
            <bdi>{reason}</bdi>
          </span>
          <span class="buttons">
            <ActButton onAct={() => onCall(`${kind}/${person}`, 'DELETE')}>
              {t('host.lift')}
            </ActButton>
          </span>
        </li>
      ))}
    </>
  )
}

/** All of it at once. @throws ProblemError */
async function lookAt(room: string): Promise<State> {
  const server = { secret: identity().secret }
  const [{ reports }, { bans }, { mutes }, { acts }, { held }] = await Promise.all([
    call<{ readonly reports: readonly Report[] }>(server, `/r/${room}/reports`),
    call<{ readonly bans: readonly Penalty[] }>(server, `/r/${room}/bans`),
    call<{ readonly mutes: readonly Penalty[] }>(server, `/r/${room}/mutes`),
    call<{ readonly acts: readonly Act[] }>(server, `/r/${room}/log`),
    call<AllHeld>(server, `/r/${room}/held`),
  ])
  const found = reports.map(async (report): Promise<Reported> => {
    // It may be gone by now: then the report alone is shown.
    const message = await messageOf(server, room, report.message).catch(() => null)
    return { report, message }
  })
  return { reports: await Promise.all(found), bans, mutes, acts, held }
}
