import { Recent } from '../recent.ts'
import { lookAlikeKey } from './skeleton.ts'

/** Names are few and said often; to compare one takes as long as all else that a message needs of its name. */
const known = new Recent<string, string>(16_384)

/** What a name looks like: the same for all that look like it. For comparing, never for showing. */
export function lookOf(name: string): string {
  let look = known.get(name)
  if (look === undefined) known.set(name, (look = lookAlikeKey(name)))
  return look
}

/** The names that people go by, by their look, each in the order in which they came with it. */
export class Looks {
  readonly #persons = new Map<string, Set<string>>()

  add(look: string, person: string): void {
    const persons = this.#persons.get(look)
    if (persons) persons.add(person)
    else this.#persons.set(look, new Set([person]))
  }

  delete(look: string, person: string): void {
    const persons = this.#persons.get(look)
    if (persons?.delete(person) && persons.size === 0) this.#persons.delete(look)
  }

  /** Did somebody else come with it before this person did? */
  isAnothers(look: string, person: string): boolean {
    for (const first of this.#persons.get(look) ?? []) return first !== person
    return false
  }
}
