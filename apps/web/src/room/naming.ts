import { call, identity, ProblemError } from '@hearsay/client'
import { cleanName, houseNames, type From } from '@hearsay/protocol'
import { t } from '../i18n/translate.ts'
import { recall } from '../storage.ts'
import { sentence } from './problems.ts'
import type { RoomView } from './view.ts'

let isOfHouse: ((name: string) => boolean) | undefined

/** Why what was typed can't be a name, in a sentence. Nothing typed is none, so one is made. */
export function wrongName(typed: string): string | undefined {
  if (typed.trim() === '') return undefined
  const name = cleanName(typed)
  if (name === null) return t('problem.bad-name')
  isOfHouse ??= houseNames()
  return isOfHouse(name) ? t('problem.reserved-name') : undefined
}

/** Tells the room by which name this person goes, before anything is said under it. Answers how to stop. */
export function watchName(view: RoomView): () => void {
  /** What was told since the connection is there: a server that has begun anew knows nothing. */
  let told: string | null | undefined
  const look = (): void => {
    const { connection, people } = view.snapshot.value
    const { chosen } = view
    if (connection.phase !== 'live') told = undefined
    // Until it is told who is here, the server may well know it.
    else if (people.count > 0 && chosen !== told) {
      const known = people.list?.find((from) => view.isMine(from))?.name
      if (told !== undefined || (chosen !== null && chosen !== known)) void tell()
    }
  }
  let isTelling = false
  const tell = async (): Promise<void> => {
    if (isTelling) return
    isTelling = true
    try {
      await tellOnce((told = view.chosen))
    } finally {
      isTelling = false
      // One after the other: the last one is to hold.
      look()
    }
  }
  const tellOnce = async (name: string | null): Promise<void> => {
    const [method, body] = name === null ? ['DELETE'] : ['PUT', { name }]
    try {
      const from = await call<From>({ secret: identity().secret }, `/r/${view.name}/name`, {
        method,
        body,
      })
      // It is as the others see it: without what can't be seen, or another where this one may not be said here.
      if (name === null || view.chosen !== name || from.name === name) return
      told = from.name
      view.rename(from.name)
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error
      // For anything else than the name, it is told with the next message.
      if (error.problem.code.endsWith('-name')) view.tell(sentence(error.problem))
    }
  }
  // Another tab of the same person has told it: they go by one name.
  const follow = ({ key }: StorageEvent): void => {
    if (key !== `hearsay:name:${view.name}`) return
    // Not what the event brings: of two that are chosen at once, the one that is kept holds in all.
    const name = recall(key)
    if (!isTelling) told = name
    view.rename(name)
  }
  look()
  addEventListener('storage', follow)
  const stops = [view.me.watch(look), view.snapshot.watch(look)]
  return () => {
    removeEventListener('storage', follow)
    for (const stop of stops) stop()
  }
}
