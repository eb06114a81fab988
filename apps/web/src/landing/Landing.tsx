import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { t, withWords } from '../i18n/translate.ts'
import css from '../style/landing.css?inline'
import { dress, later, whenIdle } from '../ui/later.tsx'
import { roomFrom } from './room-from.ts'

dress(css)

const Shared = later(async () => (await import('./Shared.tsx')).Shared)
const Rest = later(async () => (await import('./Rest.tsx')).Rest, whenIdle)

/** The first page: open a room or make one. What stands below comes when that is in sight. */
export function Landing(): JSX.Element {
  const [typed, setTyped] = useState('')
  const [wrong, setWrong] = useState(false)
  const [making, setMaking] = useState(false)
  /** What is to be seen in the place of this page; or why a room could not be made, in a sentence. */
  const [got, setGot] = useState<JSX.Element | string>('')
  const open = (event: Event): void => {
    event.preventDefault()
    const room = roomFrom(typed)
    if (room) location.assign(`/r/${room}`)
    else setWrong(true)
  }
  const make = async (): Promise<void> => {
    if (making) return
    setMaking(true)
    setGot(
      await withWords(import('./Made.tsx')).then(
        ({ makeOne }) => makeOne(),
        () => t('app.loadFailed'),
      ),
    )
    setMaking(false)
  }
  if (typeof got !== 'string') return got
  return (
    <main class="landing">
      <header>
        <img src="/icon.svg" alt="" width="56" height="56" />
        <h1>Hearsay</h1>
        <p class="lead">{t('landing.lead')}</p>
      </header>
      {location.search && <Shared />}
      <form class="open" onSubmit={open}>
        <label for="room-name">{t('landing.roomLabel')}</label>
        <div class="open-row">
          <span class="slash" aria-hidden="true">
            /r/
          </span>
          <input
            id="room-name"
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
          {/* Another element once it is broken: only what is new is read out. */}
          <span key={`${wrong}`}>{t('landing.roomRule')}</span>
        </p>
        <div class="buttons">
          <button type="button" aria-disabled={making} onClick={() => void make()}>
            {making ? t('landing.making') : t('landing.make')}
          </button>
          <a class="button" href="/r/lobby">
            {t('landing.lobby')}
          </a>
        </div>
        {got && <p role="status">{got}</p>}
      </form>
      <Rest />
    </main>
  )
}
