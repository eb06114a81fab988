import { cleanName, houseNames } from '@hearsay/protocol'
import { Recent } from '../recent.ts'
import { Refusal } from '../refusal.ts'
import { lookAlikeKey } from './skeleton.ts'

const isOfHouse = houseNames(lookAlikeKey)

/** People send the same name with each message. */
const known = new Recent<string, string>(4096)

/** A name as it may be shown. @throws Refusal `bad-name`, `reserved-name` */
export function checkName(raw: string): string {
  const before = known.get(raw)
  if (before !== undefined) return before
  const name = cleanName(raw)
  if (name === null) throw new Refusal('bad-name')
  if (isOfHouse(name)) throw new Refusal('reserved-name')
  known.set(raw, name)
  return name
}
