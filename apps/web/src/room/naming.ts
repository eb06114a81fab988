import { cleanName, houseNames } from '@hearsay/protocol'
import { t } from '../i18n/translate.ts'

let isOfHouse: ((name: string) => boolean) | undefined

/** Why what was typed can't be a name, in a sentence. Nothing typed is none, so one is made. */
export function wrongName(typed: string): string | undefined {
  if (typed.trim() === '') return undefined
  const name = cleanName(typed)
  if (name === null) return t('problem.bad-name')
  isOfHouse ??= houseNames()
  return isOfHouse(name) ? t('problem.reserved-name') : undefined
}
