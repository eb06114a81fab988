import type { JSX } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { t } from '../i18n/translate.ts'
import { forget, rememberedRooms } from '../room/remembered.ts'
import css from '../style/landing-rest.css?inline'
import { CopyLine } from '../ui/CopyLine.tsx'
import { Icon } from '../ui/Icon.tsx'
import { dress } from '../ui/later.tsx'
import { moreIcons } from '../ui/more-icons.ts'

dress(css)

/** Where whoever runs this server can be reached, where they say so. */
const contact = document.querySelector<HTMLMetaElement>('meta[name=contact]')?.content

/** The rooms of this device, what this server keeps, and who runs it. */
export function Rest(): JSX.Element {
  const [rooms, setRooms] = useState(rememberedRooms())
  /** At which place in the list one was forgotten. */
  const forgotten = useRef<number | undefined>(undefined)
  // The focus goes to the next one, not to the top of the page.
  useLayoutEffect(() => {
    if (forgotten.current === undefined) return
    const left = document.querySelectorAll<HTMLElement>('.recent button')
    const next = left[Math.min(forgotten.current, left.length - 1)]
    ;(next ?? document.getElementById('keeps'))?.focus()
  }, [rooms])
  return (
    <>
      {rooms.length > 0 && (
        <section aria-labelledby="recent">
          <h2 id="recent">{t('landing.recent')}</h2>
          <ul class="recent" role="list">
            {rooms.map((room, at) => (
              <li key={room}>
                <a href={`/r/${room}`}>{room}</a>
                <button
                  type="button"
                  class="quiet icon-only"
                  aria-label={t('landing.forget', { room })}
                  onClick={() => {
                    forget(room)
                    forgotten.current = at
                    setRooms(rememberedRooms())
                  }}
                >
                  <Icon path={moreIcons.close} />
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
      <section aria-labelledby="keeps">
        <h2 id="keeps" tabIndex={-1}>
          {t('landing.keepsTitle')}
        </h2>
        <ul class="facts">
          <li>{t('landing.keepsMessages')}</li>
          <li>{t('landing.keepsNever')}</li>
          <li>{t('landing.keepsName')}</li>
        </ul>
        <p>{t('landing.keepsCurl')}</p>
        <CopyLine text={`curl ${location.origin}/r/lobby`} label={t('landing.keepsCurl')} />
        {contact && (
          <p class="contact">
            <a href={contact} rel="noreferrer nofollow">
              {t('landing.contact')}
            </a>
          </p>
        )}
      </section>
    </>
  )
}
