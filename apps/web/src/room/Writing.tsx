import type { Role } from '@hearsay/protocol'
import type { JSX } from 'preact'
import { use } from '../cell.ts'
import { t, type Key } from '../i18n/translate.ts'
import { later } from '../ui/later.tsx'
import { useRoom } from './view.ts'

const Composer = later(async () => (await import('./Composer.tsx')).Composer)
const JoinCard = later(async () => (await import('./JoinCard.tsx')).JoinCard)
const Invitation = later(async () => (await import('./Invitation.tsx')).Invitation)

/** Where one writes; before that where one joins; or why one can't. */
export function Writing(): JSX.Element {
  const view = useRoom()
  const { settings, role } = use(view.snapshot)
  const isJoined = use(view.joined)
  const invitation = use(view.invitation)
  if (invitation) return <Invitation />
  const why = stopped(settings, role)
  if (why) return <p class="aside">{t(why)}</p>
  return isJoined ? <Composer /> : <JoinCard />
}

function stopped(
  settings: Readonly<Record<string, unknown>>,
  role: Role | null,
): Extract<Key, 'room.closed' | 'room.locked' | 'room.speakersOnly'> | null {
  if (settings['closed'] === true) return 'room.closed'
  if (role === 'own' || role === 'moderate') return null
  if (settings['locked'] === true) return 'room.locked'
  // A role of "speak" comes by a link: where only speakers write, the others are told to read.
  if (settings['speak'] === 'speakers' && role === 'read') return 'room.speakersOnly'
  return null
}
