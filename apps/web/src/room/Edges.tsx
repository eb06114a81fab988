import { call, identity } from '@hearsay/client'
import type { Facts } from '@hearsay/protocol'
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { lengthOf } from '../i18n/lengths.ts'
import { t } from '../i18n/translate.ts'
import { Icon } from '../ui/Icon.tsx'
import { moreIcons } from '../ui/more-icons.ts'
import { watchHeard } from './heard.ts'
import { retention } from './retention.ts'
import { useRoom, useSnapshot } from './view.ts'

/** Before the first message: nothing stands there any more, or nothing ever did. */
export function Start(): JSX.Element {
  const view = useRoom()
  const { messages, settings } = useSnapshot(view, 'messages', 'settings')
  const age = retention(settings)
  // What was before it may be messages that are gone, or only that the host has named the room: the server knows.
  const isFirst = messages[0]?.prev === null
  const [expired, setExpired] = useState<boolean>()
  useEffect(() => {
    if (isFirst) return
    call<Facts>({ secret: identity().secret }, `/r/${view.name}`).then(
      (facts) => setExpired(facts.expired),
      () => {},
    )
  }, [view, isFirst])
  if (isFirst || expired === false || age === undefined)
    return <p class="aside">{t('room.startOf', { room: view.name })}</p>
  // Until it is known, its place stands.
  return <p class="aside">{expired ? t('room.trimmed', { time: lengthOf(age) }) : '\u00a0'}</p>
}

/** The way to the newest messages for who reads older ones, and how many came meanwhile. */
export function ToEnd(): JSX.Element {
  const view = useRoom()
  // It is here from when the reader went away from the end.
  const [count, setCount] = useState(0)
  useEffect(() => watchHeard(view, ({ length }) => setCount((before) => before + length)), [view])
  const go = async (): Promise<void> => {
    await view.toEnd()
    if (view.snapshot.value.newer !== 'end') view.tell(t('room.newerFailed'))
  }
  return (
    <button type="button" class="to-end" onClick={() => void go()}>
      <Icon path={moreIcons.down} />
      {count > 0 ? t('room.newMessages', { count }) : t('room.toEnd')}
    </button>
  )
}

/** At an edge of the messages: the next page could not be got. */
export function Failed({ to }: { readonly to: 'older' | 'newer' }): JSX.Element {
  const { room } = useRoom()
  return (
    <p class="aside">
      {t(`room.${to}Failed`)}{' '}
      <button type="button" class="link" onClick={() => void room[to]()}>
        {t('app.tryAgain')}
      </button>
    </p>
  )
}
