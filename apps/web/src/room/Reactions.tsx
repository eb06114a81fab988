import type { Message } from '@hearsay/protocol'
import type { JSX } from 'preact'
import { use } from '../cell.ts'
import { t } from '../i18n/translate.ts'
import { useMayWrite } from './may-write.ts'
import { refusalOf } from './problems.ts'
import { useRoom, type RoomView } from './view.ts'
import css from '../style/answers.css?inline'
import { dress } from '../ui/later.tsx'

dress(css)

/** What people answered with a picture; a click of who may write adds one's own or takes it back. */
export function Reactions({
  message,
  reach,
}: {
  readonly message: Message
  readonly reach: 0 | -1
}): JSX.Element | null {
  const view = useRoom()
  const all = Object.entries(message.reactions ?? {}).filter(([, persons]) => persons.length > 0)
  if (all.length === 0) return null
  const mine = use(view.me)?.person
  const mayWrite = useMayWrite()
  return (
    <div class="reactions">
      {all.map(([emoji, persons]) => {
        const isOn = mine !== undefined && persons.includes(mine)
        const words = t('message.reacted', { emoji, count: persons.length })
        const shown = (
          <>
            <span>{emoji}</span> {persons.length}
          </>
        )
        return mayWrite ? (
          <button
            type="button"
            key={emoji}
            class="reaction"
            tabIndex={reach}
            aria-pressed={isOn}
            aria-label={words}
            onClick={() => void react(view, message, emoji, !isOn)}
          >
            {shown}
          </button>
        ) : (
          <span key={emoji} class={isOn ? 'reaction on' : 'reaction'} role="img" aria-label={words}>
            {shown}
          </span>
        )
      })}
    </div>
  )
}

/** Adds a reaction or takes it back, and says so where that did not work. */
export async function react(
  view: RoomView,
  message: Message,
  emoji: string,
  on: boolean,
): Promise<void> {
  const refused = await refusalOf(() => view.room.react(message.id, emoji, on))
  if (refused) view.tell(t('message.failedAction', { reason: refused }))
}
