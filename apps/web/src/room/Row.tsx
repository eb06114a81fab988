import type { Message } from '@hearsay/protocol'
import type { ComponentType, JSX } from 'preact'
import { useState } from 'preact/hooks'
import { Icon, icons } from '../ui/Icon.tsx'
import { use } from '../cell.ts'
import { fullTime, timeOf } from '../i18n/dates.ts'
import { t } from '../i18n/translate.ts'
import { Markup } from '../text/Markup.tsx'
import { mentionsName } from '../text/parse.ts'
import { later, memo } from '../ui/later.tsx'
import { Person, Seal } from '../ui/Person.tsx'
import { useRoom } from './view.ts'

interface Props {
  readonly message: Message
  /** It stands under the name of the message before it. */
  readonly goesOn: boolean
  /** The list's one place in the tab order is here. */
  readonly isActive: boolean
  readonly isMarked: boolean
  readonly onActive: (id: string) => void
  /** The language that is shown: in another one the row is drawn anew. */
  readonly language: string
}

const Edited = later(async () => (await import('./soon.ts')).Edited)
const Gone = later(async () => (await import('./soon.ts')).Gone)
const Reactions = later(async () => (await import('./soon.ts')).Reactions)
const Reply = later(async () => (await import('./soon.ts')).Reply)
const RowMenu = later(async () => (await import('./menus.ts')).RowMenu)

/** Characters and lines from which on a message is shown in part. */
const LONG = { characters: 1600, lines: 24 }

/** A message. Read aloud: author, mark and role, time, state, text. */
export const Row: ComponentType<Props> = memo(function Row({
  message,
  goesOn,
  isActive,
  isMarked,
  onActive,
}: Props): JSX.Element {
  const view = useRoom()
  const [menu, setMenu] = useState<HTMLElement | null>(null)
  const { id, from, at, edited, deleted, replyTo } = message
  const isMine = view.isMine(from)
  use(view.me)
  const me = view.myName
  const time = new Date(at)
  const hidden = use(view.hidden)
  const reported = use(view.reported)
  const isHidden = hidden.has(from.person) || reported.has(id)
  const classes = [
    'row',
    goesOn ? 'goes-on' : 'starts',
    isMine && 'mine',
    isMarked && 'marked',
    !isMine && me && mentionsName(message.text, me) && 'mentions-me',
  ]
  return (
    <li
      id={`m-${id}`}
      data-row
      class={classes.filter(Boolean).join(' ')}
      tabIndex={isActive ? 0 : -1}
      onFocus={() => onActive(id)}
    >
      <div class="gutter" aria-hidden="true">
        {!goesOn && <Seal mark={from.mark} />}
      </div>
      <div class="said">
        <div class="by">
          <Person from={from} me={isMine} />{' '}
          <a class="at" href={`#m=${id}`} tabIndex={isActive ? 0 : -1} title={fullTime(time)}>
            <time dateTime={at}>{timeOf(time)}</time>
          </a>
        </div>
        {edited && <Edited at={edited} />}
        {replyTo && <Reply to={replyTo} reach={isActive ? 0 : -1} />}
        {isHidden || deleted ? (
          <Gone message={message} isHidden={isHidden} reach={isActive ? 0 : -1} />
        ) : (
          <Text text={message.text} mention={isMine ? undefined : me} reach={isActive ? 0 : -1} />
        )}
        {!deleted && message.reactions && <Reactions message={message} reach={isActive ? 0 : -1} />}
      </div>
      {!deleted && (
        <button
          type="button"
          class="row-more quiet icon-only"
          tabIndex={isActive ? 0 : -1}
          aria-haspopup="menu"
          aria-expanded={menu !== null}
          aria-label={t('message.actions', { name: from.name })}
          onClick={(event) => setMenu(menu ? null : event.currentTarget)}
        >
          <Icon path={icons.more} />
        </button>
      )}
      {menu && <RowMenu message={message} anchor={menu} onClose={() => setMenu(null)} />}
    </li>
  )
})

/** Marks on marks: only where there are any are they cut off at the message's edge, as that costs every repaint. */
const STACKED = /\p{M}{2}/u

/** The text; of a very long one the beginning, until more is asked for. */
export function Text({
  text,
  mention,
  reach,
}: {
  readonly text: string
  readonly mention?: string | undefined
  readonly reach: 0 | -1
}): JSX.Element {
  const [whole, setWhole] = useState(false)
  const isLong =
    text.length > LONG.characters || text.split('\n', LONG.lines + 1).length > LONG.lines
  return (
    <>
      <div class={`text${isLong && !whole ? ' cut' : ''}${STACKED.test(text) ? ' stacked' : ''}`}>
        <Markup text={text} mention={mention} reach={reach} />
      </div>
      {isLong && (
        <button type="button" class="link" tabIndex={reach} onClick={() => setWhole(!whole)}>
          {whole ? t('message.showLess') : t('message.showMore')}
        </button>
      )}
    </>
  )
}
