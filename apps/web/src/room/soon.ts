import { hasContact } from '@hearsay/protocol'
import { settleBack } from '../ui/back.ts'
import { followKeyboard } from '../ui/keyboard.ts'
import { dress } from '../ui/later.tsx'
import css from '../style/soon.css?inline'
import { keepAbout } from './about.ts'
import { watchAddress } from './address.ts'
import { watchAttention } from './attention.ts'
import { isElse } from './Composing.tsx'
import { keepReported } from './hiding.ts'
import { watchIncoming } from './incoming.ts'
import { keepFocus } from './keep-focus.ts'
import { followLanguage } from './language.ts'
import { watchJoining } from './joining.ts'
import { warnOfUnsent, watchKeys } from './keys.ts'
import { watchName, wrongName } from './naming.ts'
import { keepLine } from './new-line.ts'
import { watchOpening } from './opening.ts'
import { followOwn, shareJoining } from './own.ts'
import { watchRemoved } from './removed.ts'
import { watchAway, watchTyping } from './signs.ts'
import type { RoomView } from './view.ts'
import { startWorker } from '../worker.ts'

dress(css)

/**
 * What a room needs a moment after it is in sight: one file, as a browser that speaks HTTP/1.1 has six connections, one
 * of which the room's stream has.
 */
export { Alike } from '../ui/Alike.tsx'
export { Above, Below } from './Beside.tsx'
export { Announcer } from './Announcer.tsx'
export { Banner } from './Banner.tsx'
export { Context, Left } from './Composing.tsx'
export { isElse }
export { Failed, Start, ToEnd } from './Edges.tsx'
export { Gone } from './Gone.tsx'
export { Notices } from './Notices.tsx'
export { toggleNotifications } from './notifications.ts'
export { PendingRow } from './PendingRow.tsx'
export { Stopped } from './Stopped.tsx'
export { TypingLine } from './TypingLine.tsx'
export { Waiting } from './Waiting.tsx'

/** What every page does from when it has nothing better to do. */
export function begin(): void {
  followKeyboard()
  followLanguage()
  startWorker()
}

/** What watches a room for as long as it is looked at; each answers how to stop. */
export const watches: readonly ((view: RoomView) => () => void)[] = [
  watchAddress,
  watchAttention,
  warnOfUnsent,
  watchKeys,
  keepFocus,
  keepLine,
  keepAbout,
  keepReported,
  watchIncoming,
  watchJoining,
  watchName,
  watchOpening,
  watchRemoved,
  watchTyping,
  watchAway,
  followOwn,
  shareJoining,
  (view) => {
    view.isElse = isElse
    settleBack()
    view.wrongName = wrongName
    // The browser makes a program of each pattern when it is first asked: not when somebody waits for it.
    hasContact('@1')
    return () => {}
  },
]
