import type { Problem } from '@hearsay/protocol'
import { solveChallenge, type Challenge } from 'altcha-lib'
import { deriveKey } from 'altcha-lib/algorithms/web/pbkdf2'

/** Milliseconds after which to wait is the quicker way. */
const LONGEST = 60_000

/**
 * The work that a server asks of newcomers in a crowd, as the header `Proof-Of-Work` takes it. The browser derives the keys
 * beside the page, one after the other, so that the page stays as quick as it was.
 *
 * @throws Error where this can't be done here (WebCrypto is for secure pages alone), or not in time
 */
export async function prove(asked: NonNullable<Problem['challenge']>): Promise<string> {
  const challenge = asked as unknown as Challenge
  const solution = await solveChallenge({ challenge, deriveKey, timeout: LONGEST })
  if (!solution) throw new Error('The work took too long.')
  return btoa(JSON.stringify({ challenge, solution }))
}
