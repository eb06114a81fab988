import type { JSX } from 'preact'
import { t } from '../i18n/translate.ts'
import { Person, Seal } from '../ui/Person.tsx'
import { useRoom, useSnapshot } from './view.ts'

/** Who is here. */
export function PeoplePanel(): JSX.Element {
  const view = useRoom()
  const { people } = useSnapshot(view, 'people')
  const { count, list } = people
  const rename = (): void => {
    view.panel.value = 'name'
  }
  return (
    <div class="people">
      {list === null ? (
        <p>{t('people.many', { count })}</p>
      ) : (
        <ul role="list">
          {/* One's own chosen name is known to the others from the next message on; here at once. */}
          {list.map((from) => (
            <li key={from.person}>
              <Seal mark={from.mark} />
              <Person
                from={view.isMine(from) ? { ...from, name: view.myName ?? from.name } : from}
                me={view.isMine(from)}
              />{' '}
              {from.away && <span class="tag">{t('people.away')}</span>}
            </li>
          ))}
        </ul>
      )}
      {count === 1 && <p class="soft">{t('people.none')}</p>}
      {view.joined.value && (
        <button type="button" onClick={rename}>
          {t('people.rename')}
        </button>
      )}
    </div>
  )
}
