import type { Held } from '@hearsay/protocol'
import type { JSX } from 'preact'
import { t } from '../i18n/translate.ts'
import { Files } from '../room/Files.tsx'
import { ActButton } from '../ui/once.tsx'
import { Person } from '../ui/Person.tsx'
import type { Calling } from './Watch.tsx'

/** What waits for whoever looks after the room: let through it is said at that moment, refused it is gone. */
export function HeldMessages({
  held,
  onCall,
}: { readonly held: readonly Held[] } & Calling): JSX.Element {
  const at = (id: string): string => `held/${encodeURIComponent(id)}`
  return (
    <section class="stack">
      <h3>{t('host.held')}</h3>
      {held.length === 0 && <p class="soft">{t('host.noHeld')}</p>}
      <ul role="list" class="links">
        {held.map(({ id, from, text, files }) => (
          <li key={id}>
            <Person from={from} />
            {text && <blockquote dir="auto">{text.slice(0, 500)}</blockquote>}
            {files && <Files files={files} name={from.name} reach={0} />}
            <span class="buttons">
              <ActButton class="primary" onAct={() => onCall(at(id), 'POST')}>
                {t('host.approve')}
              </ActButton>
              <ActButton class="danger" onAct={() => onCall(at(id), 'DELETE')}>
                {t('host.refuse')}
              </ActButton>
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
