import { call, identity } from '@hearsay/client'
import type { OwnSettings, Settings, SettingsChange } from '@hearsay/protocol'
import type { JSX } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { timeOf } from '../i18n/dates.ts'
import { lengthOf } from '../i18n/lengths.ts'
import { t } from '../i18n/translate.ts'
import { takesFiles } from '../room/attaching.tsx'
import { refusalOf } from '../room/problems.ts'
import { useRoom, useSnapshot } from '../room/view.ts'
import { Choice, Switch } from '../ui/Choice.tsx'
import { ActButton } from '../ui/once.tsx'
import { Links } from './Links.tsx'
import { useProblem } from './problem.tsx'
import { Watch } from './Watch.tsx'
import { Words } from './Words.tsx'
import css from '../style/host.css?inline'
import { dress } from '../ui/later.tsx'

dress(css)

/** Seconds and hours that are offered; what else was set by a call is shown among them. */
const PAUSES = [0, 5, 30, 120, 600]
const AGES = [1, 24, 7 * 24, 30 * 24, 366 * 24]

/** What a room's host can do, as far as this person's role reaches. */
export function HostPanel(): JSX.Element | null {
  const view = useRoom()
  const { role, waiting } = useSnapshot(view, 'role', 'waiting')
  // What waits for the host when this opens stands first, and stays there.
  const [isFirst] = useState(() => waiting !== null && waiting.held + waiting.reports > 0)
  const [settings, setSettings] = useState<OwnSettings | null>(null)
  const [problem, setProblem] = useProblem()
  const server = { secret: identity().secret }
  const path = `/r/${view.name}/settings`
  useEffect(() => {
    void refusalOf(async () => setSettings(await call<OwnSettings>(server, path))).then(setProblem)
  }, [view])
  const change = async (body: SettingsChange): Promise<void> => {
    const refused = await refusalOf(async () => {
      await call<Settings>(server, path, { method: 'PATCH', body })
      // The guard may have begun or ended by it.
      setSettings(await call<OwnSettings>(server, path))
    })
    setProblem(refused)
    if (!refused) view.tell(t('host.saved'))
  }
  if (!settings) return problem
  const isOwner = role === 'own'
  const { raid, guard } = settings
  // What began by itself would begin again with the next newcomer.
  const endRaid = (): Promise<void> => change({ guard: guard === 'on' ? 'auto' : 'off' })
  const watch = <Watch room={view.name} reviews={settings.review !== 'off'} />
  return (
    <div class="host-panel">
      {problem}
      {raid && <RaidNow raid={raid} onEnd={endRaid} />}
      {isFirst && watch}
      {isOwner && <About settings={settings} onChange={change} />}
      <section>
        <h3>{t('host.rules')}</h3>
        {isOwner && <Doors settings={settings} onChange={change} />}
        <Choice
          label={t('host.slow')}
          value={String(settings.slow)}
          options={offered(PAUSES, settings.slow, (it) => (it ? lengthOf(it) : t('host.slowOff')))}
          onPick={(slow) => void change({ slow: Number(slow) })}
        />
        <Switch
          label={t('host.locked')}
          checked={settings.locked}
          onPick={(locked) => void change({ locked })}
        />
        {takesFiles() && (
          <Switch
            label={t('host.files')}
            checked={settings.files}
            onPick={(files) => void change({ files })}
          />
        )}
        <Choice
          label={t('host.review')}
          value={settings.review}
          options={{
            off: t('host.reviewOff'),
            newcomers: t('host.reviewNewcomers'),
            everyone: t('host.reviewEveryone'),
          }}
          onPick={(review) => void change({ review: review as Settings['review'] })}
        />
        <Words />
        <Choice
          label={t('host.guard')}
          value={settings.guard}
          options={{
            auto: t('host.guardAuto'),
            review: t('host.guardReview'),
            on: t('host.guardOn'),
            off: t('host.guardOff'),
          }}
          onPick={(guard) => void change({ guard: guard as Settings['guard'] })}
        />
      </section>
      {!isFirst && watch}
      {isOwner && <Links room={view.name} />}
      {isOwner && <Close settings={settings} onChange={change} />}
    </div>
  )
}

/** A crowd came: since when newcomers wait, until when, and the switch. */
function RaidNow({
  raid,
  onEnd,
}: {
  readonly raid: NonNullable<OwnSettings['raid']>
  readonly onEnd: () => Promise<void>
}): JSX.Element {
  return (
    <section class="stack raid" role="status">
      <p>
        {t(raid.until ? 'host.raidNow' : 'host.raidByHost', { time: timeOf(new Date(raid.since)) })}{' '}
        {raid.until && t('host.raidUntil', { time: timeOf(new Date(raid.until)) })}
      </p>
      <p class="buttons">
        <ActButton onAct={onEnd}>{t('host.raidEnd')}</ActButton>
      </p>
    </section>
  )
}

interface Part {
  readonly settings: Settings
  readonly onChange: (change: SettingsChange) => Promise<void>
}

/** Closing is for good, so it is asked twice: the first click only arms the button. */
function Close({ settings, onChange }: Part): JSX.Element | null {
  const [asking, setAsking] = useState(false)
  const place = useRef<HTMLElement>(null)
  // It may open below what is in sight.
  useLayoutEffect(() => {
    if (asking) place.current?.scrollIntoView({ block: 'nearest' })
  }, [asking])
  if (settings.closed) return <p>{t('refused.closed')}</p>
  const press = async (): Promise<void> => {
    if (asking) await onChange({ closed: true })
    setAsking(!asking)
  }
  return (
    <section class="stack" ref={place}>
      {asking && <p role="status">{t('host.closeAsk')}</p>}
      <p class="buttons">
        {asking && (
          <button type="button" onClick={() => setAsking(false)}>
            {t('app.cancel')}
          </button>
        )}
        <ActButton class="danger" onAct={press}>
          {t('host.close')}
        </ActButton>
      </p>
    </section>
  )
}

function About({ settings, onChange }: Part): JSX.Element {
  return (
    <section class="stack">
      <h3>{t('host.about')}</h3>
      <Line
        label={t('host.roomTitle')}
        text={settings.title}
        most={80}
        onText={(title) => void onChange({ title })}
      />
      <Line
        label={t('host.topic')}
        text={settings.topic}
        most={200}
        onText={(topic) => void onChange({ topic })}
      />
    </section>
  )
}

/** A line of words. While it is written, whatever is drawn anew must not take it back. */
function Line({
  label,
  text,
  most,
  onText,
}: {
  readonly label: string
  readonly text: string
  readonly most: number
  readonly onText: (text: string) => void
}): JSX.Element {
  const [written, setWritten] = useState<string | null>(null)
  return (
    <label>
      {label}
      <input
        dir="auto"
        value={written ?? text}
        maxLength={most}
        onInput={(event) => setWritten(event.currentTarget.value)}
        onChange={(event) => onText(event.currentTarget.value)}
      />
    </label>
  )
}

function Doors({ settings, onChange }: Part): JSX.Element {
  const everyone = t('host.everyone')
  return (
    <>
      <Choice
        label={t('host.hear')}
        value={settings.hear}
        options={{ everyone, invited: t('host.invited') }}
        onPick={(hear) => void onChange({ hear: hear as Settings['hear'] })}
      />
      <Choice
        label={t('host.speak')}
        value={settings.speak}
        options={{ everyone, speakers: t('host.speakers') }}
        onPick={(speak) => void onChange({ speak: speak as Settings['speak'] })}
      />
      <Choice
        label={t('host.keep')}
        value={String(settings.keepHours)}
        options={offered(AGES, settings.keepHours, (hours) => lengthOf(hours * 3600))}
        onPick={(hours) => void onChange({ keepHours: Number(hours) })}
      />
      <Switch
        label={t('host.listed')}
        checked={settings.listed}
        onPick={(listed) => void onChange({ listed })}
      />
    </>
  )
}

/** The numbers that are offered and the one that is set, each in words. */
function offered(
  numbers: readonly number[],
  set: number,
  words: (it: number) => string,
): Record<string, string> {
  const all = [...new Set([...numbers, set])].sort((a, b) => a - b)
  return Object.fromEntries(all.map((it) => [String(it), words(it)]))
}
