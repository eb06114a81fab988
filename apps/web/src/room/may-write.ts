import { use } from '../cell.ts'
import { stopped } from './stopped.ts'
import { useRoom, useSnapshot } from './view.ts'

/** Whether this person may write here now. To answer, to change what was said and to react is to write, too. */
export function useMayWrite(): boolean {
  const view = useRoom()
  const { settings, role } = useSnapshot(view, 'settings', 'role')
  return use(view.joined) && !stopped(settings, role)
}
