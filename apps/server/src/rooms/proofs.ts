import { randomBytes } from 'node:crypto'
import { createChallenge, verifySolution, type Challenge, type Payload } from 'altcha-lib'
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2'
import { Recent } from '../recent.ts'

const ALGORITHM = 'PBKDF2/SHA-256'
/** Rounds of one try; 256 tries are needed on average, so this is some half a second of one core. */
const COST = 5000
/** Proofs after which the next cost as much again; at most eight times as much. */
const STEP = 40
/** Milliseconds for which a challenge can be answered. */
const LASTS = 5 * 60_000
/** Challenges that are known to be used: more than can be answered while they last. */
const USED = 20_000
/** Characters of a proof. */
const LONGEST = 4096
/** Proofs that are looked at at once: each takes one of the process's few threads for some milliseconds. */
const AT_ONCE = 8

/** Whom a challenge is for. */
interface Bound {
  readonly room: string
  readonly person: string
}

/** Work that a newcomer proves: challenges are signed, so none is kept until it is answered, and each is good once. */
export class Proofs {
  readonly #secret = randomBytes(32).toString('hex')
  readonly #clock: () => number
  readonly #used = new Recent<string, true>(USED)
  #checking = 0

  /** @param clock milliseconds since 1970 */
  constructor(clock: () => number) {
    this.#clock = clock
  }

  /** @param before how many have proven already: the work grows with them */
  challenge({ room, person }: Bound, before: number): Promise<Challenge> {
    return createChallenge({
      algorithm: ALGORITHM,
      cost: COST * Math.min(8, 1 + Math.floor(before / STEP)),
      data: { room, person },
      deriveKey,
      expiresAt: Math.ceil((this.#clock() + LASTS) / 1000),
      hmacSignatureSecret: this.#secret,
    })
  }

  /** Too many are being looked at: this one should come again. */
  get isBusy(): boolean {
    return this.#checking >= AT_ONCE
  }

  /** Whether this proves work for this person in this room, for the first time. A challenge is used up even by a wrong answer. */
  async isGood(proof: string, { room, person }: Bound): Promise<boolean> {
    const payload = read(proof)
    if (!payload) return false
    const { challenge, solution } = payload
    const { data, expiresAt } = challenge.parameters
    if (data?.['room'] !== room || data['person'] !== person) return false
    if (!(Number(expiresAt) * 1000 > this.#clock())) return false
    const { signature } = challenge
    if (typeof signature !== 'string' || this.#used.get(signature)) return false
    this.#checking++
    try {
      const checked = await verifySolution({
        challenge,
        solution,
        deriveKey,
        hmacSignatureSecret: this.#secret,
      })
      // Only what this server signed is remembered, or forged ones would push out those; and of several that came at once one is good.
      if (checked.invalidSignature === true || this.#used.get(signature)) return false
      this.#used.set(signature, true)
      return checked.verified
    } catch {
      return false
    } finally {
      this.#checking--
    }
  }
}

/** The proof as it came; null: it is none. */
function read(proof: string): Payload | null {
  if (proof.length > LONGEST) return null
  try {
    const payload = JSON.parse(Buffer.from(proof, 'base64').toString()) as Payload | null
    return typeof payload?.challenge?.parameters === 'object' && payload.challenge.parameters
      ? payload
      : null
  } catch {
    return null
  }
}
