import { call, identity } from '@hearsay/client'
import type { Link, MadeLink, MakeLink, Role } from '@hearsay/protocol'
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { fullTime } from '../i18n/dates.ts'
import { lengthOf } from '../i18n/lengths.ts'
import { t } from '../i18n/translate.ts'
import { refusalOf } from '../room/problems.ts'
import { Choice } from '../ui/Choice.tsx'
import { CopyLine } from '../ui/CopyLine.tsx'
import { useOnce } from '../ui/once.tsx'
import { QrCode } from '../ui/QrCode.tsx'
import { useProblem } from './problem.tsx'

/** Hours after which a link may expire, and times that it may be used; 0: never, any number. */
const HOURS = [0, 1, 24, 7 * 24]
const USES = [0, 1, 10, 100]

/** The room's links that carry a role: made, listed, taken back. */
export function Links({ room }: { readonly room: string }): JSX.Element {
  const [links, setLinks] = useState<readonly Link[]>([])
  const [made, setMade] = useState<MadeLink | null>(null)
  const [problem, setProblem] = useProblem()
  /** One at a time: only the link that was made last is shown, and that once. */
  const [isBusy, once] = useOnce()
  const server = { secret: identity().secret }
  const path = `/r/${room}/links`
  const refresh = async (): Promise<void> => {
    setLinks((await call<{ readonly links: readonly Link[] }>(server, path)).links)
  }
  const act = (what: () => Promise<unknown>): void =>
    once(async () => {
      const refused = await refusalOf(async () => {
        await what()
        await refresh()
      })
      setProblem(refused)
    })
  useEffect(() => void refusalOf(refresh).then(setProblem), [room])
  // The server keeps the last of these: without it nobody could look after the room.
  const owners = links.filter((link) => link.role === 'own')
  return (
    <section class="stack">
      <h3>{t('host.links')}</h3>
      <p class="soft">{t('host.linksExplain')}</p>
      {problem}
      {made && (
        <div class="made">
          <p>{t('host.madeLink')}</p>
          <CopyLine text={made.url} label={t('message.copyLink')} />
          <QrCode text={made.url} label={t('share.qr')} />
        </div>
      )}
      <ul role="list" class="links">
        {links.map((link) => (
          <li key={link.id}>
            <span>
              <strong>{roleWord(link.role)}</strong> {link.label && <bdi>{link.label}</bdi>}{' '}
              <span class="soft">{state(link)}</span>
            </span>
            <span class="buttons">
              <button
                type="button"
                aria-disabled={isBusy}
                onClick={() =>
                  act(async () => {
                    const at = `${path}/${encodeURIComponent(link.id)}/rotate`
                    setMade(await call<MadeLink>(server, at, { method: 'POST', body: {} }))
                  })
                }
              >
                {t('host.rotate')}
              </button>
              {(link.role !== 'own' || owners.length > 1) && (
                <button
                  type="button"
                  class="danger"
                  aria-disabled={isBusy}
                  onClick={() =>
                    act(() =>
                      call(server, `${path}/${encodeURIComponent(link.id)}`, { method: 'DELETE' }),
                    )
                  }
                >
                  {t('host.revoke')}
                </button>
              )}
            </span>
          </li>
        ))}
      </ul>
      <NewLink
        isBusy={isBusy}
        onMake={(body, done) =>
          act(async () => {
            setMade(await call<MadeLink>(server, path, { method: 'POST', body }))
            done()
          })
        }
      />
    </section>
  )
}

function NewLink({
  isBusy,
  onMake,
}: {
  readonly isBusy: boolean
  readonly onMake: (link: MakeLink, done: () => void) => void
}): JSX.Element {
  const [role, setRole] = useState<Role>('speak')
  const [label, setLabel] = useState('')
  const [hours, setHours] = useState(0)
  const [uses, setUses] = useState(0)
  const make = (event: Event): void => {
    event.preventDefault()
    const rest = { ...(label && { label }), ...(hours && { hours }), ...(uses && { uses }) }
    onMake({ role, ...rest }, () => setLabel(''))
  }
  const roles = { read: '', speak: '', moderate: '', own: '' }
  for (const it of Object.keys(roles) as Role[]) roles[it] = roleWord(it)
  const words = (
    numbers: readonly number[],
    word: (it: number) => string,
  ): Record<string, string> => Object.fromEntries(numbers.map((it) => [String(it), word(it)]))
  return (
    <form class="new-link" onSubmit={make}>
      <Choice
        label={t('host.linkRole')}
        value={role}
        options={roles}
        onPick={(it) => setRole(it as Role)}
      />
      <Choice
        label={t('host.linkExpires')}
        value={String(hours)}
        options={words(HOURS, (it) => (it ? lengthOf(it * 3600) : t('host.never')))}
        onPick={(it) => setHours(Number(it))}
      />
      <Choice
        label={t('host.linkUses')}
        value={String(uses)}
        options={words(USES, (it) => (it ? t('host.times', { count: it }) : t('host.unlimited')))}
        onPick={(it) => setUses(Number(it))}
      />
      <label>
        {t('host.linkLabel')}
        <input
          dir="auto"
          value={label}
          maxLength={80}
          onInput={(event) => setLabel(event.currentTarget.value)}
        />
      </label>
      <button class="primary" aria-disabled={isBusy}>
        {t('host.makeLink')}
      </button>
    </form>
  )
}

function roleWord(role: Role): string {
  switch (role) {
    case 'read':
      return t('host.roleRead')
    case 'speak':
      return t('host.roleSpeak')
    case 'moderate':
      return t('host.roleModerate')
    case 'own':
      return t('host.roleOwn')
  }
}

function state({ used, expires }: Link): string {
  const by = t('host.usedBy', { count: used })
  if (expires === null) return by
  const at = new Date(expires)
  const until =
    at.getTime() < Date.now() ? t('host.expired') : t('host.expires', { time: fullTime(at) })
  return `${by} · ${until}`
}
