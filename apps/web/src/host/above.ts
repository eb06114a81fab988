import type { Role } from '@hearsay/protocol'

/** Nobody is silenced or sent out, and nothing of his deleted, by who is not above him: the server refuses it. */
export function isAbove(mine: Role | null, theirs: Role): boolean {
  if (mine === 'own') return theirs !== 'own'
  return mine === 'moderate' && theirs !== 'own' && theirs !== 'moderate'
}
