import type { Message } from '@hearsay/protocol'
import type { JSX } from 'preact'
import { Cell, use } from '../cell.ts'
import { t } from '../i18n/translate.ts'
import { Icon } from '../ui/Icon.tsx'
import { moreIcons } from '../ui/more-icons.ts'
import { refusalOf } from './problems.ts'
import { useRoom, type RoomView } from './view.ts'

/** Another text for a message, until the server has it. */
export interface Change {
  readonly message: Message
  readonly text: string
  /** Why it was refused; null: it is on its way. */
  readonly refused: string | null
}

const known = new WeakMap<RoomView, Cell<readonly Change[]>>()
/** One goes out after the other: the last one is to hold. */
let before: Promise<void> = Promise.resolve()

function changesOf(view: RoomView): Cell<readonly Change[]> {
  const changes = known.get(view) ?? new Cell<readonly Change[]>([])
  known.set(view, changes)
  return changes
}

/** Gives a message another text. The composer is free at once; what is refused waits beside it. */
export function change(view: RoomView, message: Message, text: string): void {
  const changes = changesOf(view)
  const others = changes.value.filter((it) => it.message.id !== message.id)
  view.editing.value = null
  const { messages } = view.snapshot.value
  const now = messages.find(({ id }) => id === message.id) ?? message
  if (text === now.text && others.length === changes.value.length) return
  const mine: Change = { message, text, refused: null }
  changes.value = [...others, mine]
  view.unsaved.set(message.id, text)
  const set = (...next: Change[]): void => {
    // It may have been changed once more.
    if (!changes.value.includes(mine)) return
    changes.value = changes.value.flatMap((it) => (it === mine ? next : [it]))
    if (!next[0]) view.unsaved.delete(message.id)
  }
  const send = async (last: Promise<void>): Promise<void> => {
    await last.catch(() => {})
    const refused = await refusalOf(() => view.room.edit(message.id, text))
    if (refused === null) set()
    else set({ ...mine, refused })
  }
  before = send(before)
}

/** What is on its way, and what did not get there: with the text, which is to be found nowhere else. */
export function Changes(): JSX.Element {
  const view = useRoom()
  const changes = changesOf(view)
  const all = use(changes)
  const drop = (gone: Change): void => {
    changes.value = changes.value.filter((it) => it !== gone)
    view.unsaved.delete(gone.message.id)
  }
  return (
    <div role="status">
      {all.map((it) => {
        const { message, text, refused } = it
        return (
          <div class="context" key={message.id}>
            <Icon path={refused === null ? moreIcons.edit : moreIcons.warn} />
            <span>
              {refused === null
                ? t('composer.saving')
                : t('message.failedAction', { reason: refused })}
              <bdi class="soft"> {text}</bdi>
            </span>
            {refused !== null && (
              <>
                <button type="button" class="link" onClick={() => change(view, message, text)}>
                  {t('app.retry')}
                </button>
                <button
                  type="button"
                  class="link"
                  onClick={() => {
                    view.change(message)
                    drop(it)
                  }}
                >
                  {t('message.edit')}
                </button>
                <button
                  type="button"
                  class="quiet icon-only"
                  aria-label={t('app.delete')}
                  onClick={() => drop(it)}
                >
                  <Icon path={moreIcons.close} />
                </button>
              </>
            )}
          </div>
        )
      })}
    </div>
  )
}
