import type { JSX } from 'preact'
import { use } from '../cell.ts'
import { later } from '../ui/later.tsx'
import { stopped } from './stopped.ts'
import { useRoom, useSnapshot } from './view.ts'

const Composer = later(async () => (await import('./Composer.tsx')).Composer, undefined, null)
const JoinCard = later(async () => (await import('./JoinCard.tsx')).JoinCard, undefined, null)
const Stopped = later(async () => (await import('./soon.ts')).Stopped)
const Invitation = later(async () => (await import('./Invitation.tsx')).Invitation)

/** Where one writes; before that where one joins; or why one can't. */
export function Writing(): JSX.Element {
  const view = useRoom()
  const { settings, role } = useSnapshot(view, 'settings', 'role')
  const isJoined = use(view.joined)
  const invitation = use(view.invitation)
  if (invitation !== null) return <Invitation />
  const why = stopped(settings, role)
  if (why) return <Stopped why={why} />
  return isJoined ? <Composer /> : <JoinCard />
}
