import type { Act } from '@hearsay/protocol'
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { fullTime } from '../i18n/dates.ts'
import { t } from '../i18n/translate.ts'
import { ActButton } from '../ui/once.tsx'
import { Person } from '../ui/Person.tsx'
import type { Calling } from './Watch.tsx'

/** What was done by whom, with the way back for an hour. */
export function Acts({ acts, onCall }: { readonly acts: readonly Act[] } & Calling): JSX.Element {
  return (
    <section class="stack">
      <RemoveNewcomers onCall={onCall} />
      {acts.length > 0 && (
        <details open={acts.some(({ until }) => until)}>
          <summary>{t('host.log')}</summary>
          <ul role="list" class="links">
            {acts.map((act) => (
              <li key={act.id}>
                <Person from={act.from} />
                <span>
                  {actWord(act.what)}{' '}
                  {act.messages ? `· ${t('host.hidden', { count: act.messages })}` : null}{' '}
                  {!act.done && t(act.what === 'held' ? 'host.refused' : 'host.actUndone')}
                </span>
                <time class="soft" dateTime={act.at}>
                  {fullTime(new Date(act.at))}
                </time>
                {act.until && (
                  <span class="buttons">
                    <ActButton onAct={() => onCall('undo', 'POST', { act: act.id })}>
                      {t('host.undo')}
                    </ActButton>
                  </span>
                )}
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  )
}

/** Everything that newcomers said in the last ten minutes, at one stroke: asked twice, as it is much. */
function RemoveNewcomers({ onCall }: Calling): JSX.Element {
  const [asking, setAsking] = useState(false)
  const press = async (): Promise<void> => {
    if (asking) await onCall('removals', 'POST', { newcomers: true, minutes: 10 })
    setAsking(!asking)
  }
  return (
    <div class="stack">
      {asking && <p role="status">{t('host.removeAsk')}</p>}
      <p class="buttons">
        {asking && (
          <button type="button" onClick={() => setAsking(false)}>
            {t('app.cancel')}
          </button>
        )}
        <ActButton class="danger" onAct={press}>
          {t('host.removeNewcomers')}
        </ActButton>
      </p>
    </div>
  )
}

function actWord(what: Act['what']): string {
  switch (what) {
    case 'link':
      return t('host.actLink')
    case 'grant':
      return t('host.actGrant')
    case 'ban':
      return t('host.actBan')
    case 'mute':
      return t('host.actMute')
    case 'kick':
      return t('host.actKick')
    case 'raid':
      return t('host.actRaid')
    case 'report':
      return t('host.actReport')
    case 'held':
      return t('host.actHeld')
    case 'edit':
      return t('host.actEdit')
    case 'removal':
      return t('host.actRemoval')
    case 'settings':
      return t('host.actSettings')
    case 'filter':
      return t('host.actFilter')
    case 'undo':
      return t('host.actUndo')
  }
}
