import type { JSX } from 'preact'
import { use } from './cell.ts'
import { locale, withWords } from './i18n/translate.ts'
import { RoomPage } from './room/RoomPage.tsx'
import { later } from './ui/later.tsx'
import type { Route } from './route.ts'

const Landing = later(
  async () => (await import('./landing/Landing.tsx')).Landing,
  undefined,
  'landing',
)
const Nowhere = later(
  async () => (await withWords(import('./landing/Nowhere.tsx'), 'landing')).Nowhere,
)

export function App({ route }: { readonly route: Route }): JSX.Element {
  // Another language draws everything anew, with what is open staying open.
  use(locale)
  switch (route.page) {
    case 'landing':
      return <Landing />
    case 'room':
      return <RoomPage room={route.room} around={route.around} />
    case 'nowhere':
      return <Nowhere />
  }
}
