/**
 * What a room needs a moment after it is in sight: one file, as a browser that speaks HTTP/1.1 has six connections, one
 * of which the room's stream has.
 */
export { followKeyboard } from '../ui/keyboard.ts'
export { startWorker } from '../worker.ts'
export { Announcer } from './Announcer.tsx'
export { toggleNotifications, watchAttention } from './attention.ts'
export { Banner } from './Banner.tsx'
export { warnOfUnsent, watchKeys } from './keys.ts'
export { Notices } from './Notices.tsx'
export { PendingRow } from './PendingRow.tsx'
export { Reactions } from './Reactions.tsx'
export { Reply } from './Reply.tsx'
export { TypingLine } from './TypingLine.tsx'
