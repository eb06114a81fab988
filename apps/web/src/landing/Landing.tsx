import { call, identity } from '@hearsay/client'
import type { MadeRoom } from '@hearsay/protocol'
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Icon } from '../ui/Icon.tsx'
import { moreIcons } from '../ui/more-icons.ts'
import { t, withWords } from '../i18n/translate.ts'
import { forget, rememberedRooms } from '../room/remembered.ts'
import { roomFrom } from '../addresses.ts'
import { keepShared, sharedIn } from '../shared.ts'
import { CopyLine } from '../ui/CopyLine.tsx'
import css from '../style/landing.css?inline'
import { dress, later } from '../ui/later.tsx'

dress(css)

const Made = later(async () => (await import('./Made.tsx')).Made)

/** Where whoever runs this server can be reached, where they say so. */
const contact = document.querySelector<HTMLMetaElement>('meta[name=contact]')?.content

/** The first page: open a room or make one, and what this server keeps. */
export function Landing(): JSX.Element {
  const [typed, setTyped] = useState('')
  const [wrong, setWrong] = useState(false)
  const [making, setMaking] = useState(false)
  const [made, setMade] = useState<MadeRoom | null>(null)
  const [refused, setRefused] = useState<string | null>(null)
  const [rooms, setRooms] = useState(rememberedRooms())
  const open = (event: Event): void => {
    event.preventDefault()
    const room = roomFrom(typed)
    if (room) location.assign(`/r/${room}`)
    else setWrong(true)
  }
  const make = async (): Promise<void> => {
    setMaking(true)
    const asked = async (): Promise<void> => {
      const { secret } = identity()
      setMade(await call<MadeRoom>({ secret }, '/rooms', { method: 'POST', body: {} }))
    }
    const no = await withWords(import('../room/problems.ts')).then(
      ({ refusalOf }) => refusalOf(asked),
      () => t('app.loadFailed'),
    )
    setMaking(false)
    setRefused(no)
  }
  const [shared] = useState(() => sharedIn(location.search))
  useEffect(() => {
    if (shared) keepShared(shared)
  }, [shared])
  if (made) return <Made made={made} />
  return (
    <main class="landing">
      <header>
        <img src="/icon.svg" alt="" width="56" height="56" />
        <h1>Hearsay</h1>
        <p class="lead">{t('landing.lead')}</p>
      </header>
      {shared && (
        <section class="stack" role="status">
          <h2>{t('landing.shared')}</h2>
          <blockquote class="shared" dir="auto">
            {shared.slice(0, 300)}
          </blockquote>
        </section>
      )}
      <form class="open" onSubmit={open} noValidate>
        <label for="room-name">{t('landing.roomLabel')}</label>
        <div class="open-row">
          <span class="slash" aria-hidden="true">
            /r/
          </span>
          <input
            id="room-name"
            dir="ltr"
            value={typed}
            placeholder="lobby"
            autoComplete="off"
            autoCapitalize="none"
            spellcheck={false}
            enterkeyhint="go"
            aria-invalid={wrong}
            aria-describedby="room-hint"
            onInput={(event) => {
              setTyped(event.currentTarget.value)
              setWrong(false)
            }}
          />
          <button class="primary">{t('landing.open')}</button>
        </div>
        <p id="room-hint" class={wrong ? 'under wrong' : 'under'} aria-live="polite">
          {wrong ? t('landing.roomWrong') : t('landing.roomHint')}
        </p>
        <div class="buttons">
          <button type="button" disabled={making} onClick={() => void make()}>
            {making ? t('landing.making') : t('landing.make')}
          </button>
          <a class="button" href="/r/lobby">
            {t('landing.lobby')}
          </a>
        </div>
        {refused && <p role="status">{refused}</p>}
      </form>
      {rooms.length > 0 && (
        <section aria-labelledby="recent">
          <h2 id="recent">{t('landing.recent')}</h2>
          <ul class="recent" role="list">
            {rooms.map((room) => (
              <li key={room}>
                <a href={`/r/${room}`}>{room}</a>
                <button
                  type="button"
                  class="quiet icon-only"
                  aria-label={t('landing.forget', { room })}
                  onClick={() => {
                    forget(room)
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
      <Keeps />
    </main>
  )
}

/** What this server keeps, and who runs it. */
function Keeps(): JSX.Element {
  return (
    <section aria-labelledby="keeps">
      <h2 id="keeps">{t('landing.keepsTitle')}</h2>
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
  )
}
