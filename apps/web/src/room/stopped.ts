import type { Role } from '@hearsay/protocol'

export type Why = 'closed' | 'locked' | 'speakersOnly'

/** Why nobody of this role may write here now: closed, locked, or for speakers. */
export function stopped(
  settings: Readonly<Record<string, unknown>>,
  role: Role | null,
): Why | null {
  if (settings['closed']) return 'closed'
  if (role === 'own' || role === 'moderate') return null
  if (settings['locked']) return 'locked'
  // A role of "speak" comes by a link: where only speakers write, the others are told to read.
  if (settings['speak'] === 'speakers' && role === 'read') return 'speakersOnly'
  return null
}
