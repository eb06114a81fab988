import type { JSX } from 'preact'
import { use } from './cell.ts'
import { locale, t } from './i18n/translate.ts'
import { RoomPage } from './room/RoomPage.tsx'
import { later } from './ui/later.tsx'
import type { Route } from './route.ts'

const Landing = later(async () => (await import('./landing/Landing.tsx')).Landing)

export function App({ route }: { readonly route: Route }): JSX.Element {
  // Another language draws everything anew, with what is open staying open.
  use(locale)
  switch (route.page) {
    case 'landing':
      return <Landing />
    case 'room':
      return <RoomPage room={route.room} around={route.around} />
    case 'nowhere':
      return (
        <main class="landing">
          <h1>{t('refused.badRoom')}</h1>
          <p>{t('landing.roomWrong')}</p>
          <p class="buttons">
            <a class="button primary" href="/">
              {t('refused.elsewhere')}
            </a>
          </p>
        </main>
      )
  }
}
