import type { JSX } from 'preact'
import { t } from './i18n/translate.ts'
import { Landing } from './landing/Landing.tsx'
import { RoomPage } from './room/RoomPage.tsx'
import type { Route } from './route.ts'

export function App({ route }: { readonly route: Route }): JSX.Element {
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
