import type { JSX } from 'preact'
import { t } from '../i18n/translate.ts'

/** For who looks after the room: how much waits to be looked at. */
export function Waiting({
  count,
  onOpen,
}: {
  readonly count: number
  readonly onOpen: () => void
}): JSX.Element {
  return (
    <button type="button" class="link waiting" onClick={onOpen}>
      {t('room.waiting', { count })}
    </button>
  )
}
