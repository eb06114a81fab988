import type { Message } from '@hearsay/protocol'
import type { ComponentType, JSX } from 'preact'
import { useState } from 'preact/hooks'
import { fullTime, timeOf } from '../i18n/dates.ts'
import { t } from '../i18n/translate.ts'
import { markup } from '../text/Markup.tsx'
import { mentionsName } from '../text/parse.ts'
import { later, memo } from '../ui/later.tsx'
import { by, Seal } from '../ui/Person.tsx'

interface Props {
  readonly message: Message
  /** It stands under the name of the message before it. */
  readonly goesOn: boolean
  /** The list's one place in the tab order is here. */
  readonly isActive: boolean
  readonly isMarked: boolean
  readonly isMine: boolean
  /** This reader does not want to see it. */
  readonly isHidden: boolean
  /** Its menu is open. */
  readonly isOpen: boolean
  /** The name by which others call the reader. */
  readonly me: string | undefined
  /** The language that is shown: in another one the row is drawn anew. */
  readonly language: string
}

const Above = later(async () => (await import('./soon.ts')).Above)
const Gone = later(async () => (await import('./soon.ts')).Gone)
const Below = later(async () => (await import('./soon.ts')).Below)

/** Characters and lines from which on a message is shown in part. */
const LONG = { characters: 1600, lines: 24 }

/**
 * A message. Read aloud: author, mark and role, time, state, text. There may be hundreds: so it has no state of its own, its
 * list hears the events for it, and what it always consists of are functions, as each component costs.
 */
export const Row: ComponentType<Props> = memo(function Row({
  message,
  goesOn,
  isActive,
  isMarked,
  isMine,
  isHidden,
  isOpen,
  me,
}: Props): JSX.Element {
  const { id, from, at, deleted } = message
  const mention = isMine ? undefined : me
  const time = new Date(at)
  const reach = isActive ? 0 : -1
  const classes = [
    'row',
    goesOn ? 'goes-on' : 'starts',
    isMine && 'mine',
    isMarked && 'marked',
    mention && mentionsName(message.text, mention) && 'mentions-me',
  ]
  return (
    <li id={`m-${id}`} data-row class={classes.filter(Boolean).join(' ')} tabIndex={reach}>
      {!goesOn && <Seal mark={from.mark} />}
      <div class="said">
        {by(
          from,
          isMine,
          goesOn,
          <a class="at" href={`#m=${id}`} tabIndex={reach} title={fullTime(time)}>
            <time dateTime={at}>{timeOf(time)}</time>
          </a>,
        )}
        {(message.edited || message.replyTo) && <Above message={message} reach={reach} />}
        {isHidden || deleted ? (
          <Gone message={message} isHidden={isHidden} reach={reach} />
        ) : (
          textOf(message.text, mention, reach)
        )}
        {(message.reactions || message.files) && (
          <Below message={message} isHidden={isHidden} reach={reach} />
        )}
      </div>
      {!deleted && (
        <button
          type="button"
          class="row-more quiet icon-only"
          tabIndex={reach}
          aria-haspopup="menu"
          aria-expanded={isOpen}
          aria-label={t('message.actions', { name: from.name })}
        />
      )}
    </li>
  )
})

/** Marks on marks: only where there are any are they cut off at the message's edge, as that costs every repaint. */
const STACKED = /\p{M}{2}/u

interface TextProps {
  readonly text: string
  readonly mention: string | undefined
  readonly reach: 0 | -1
}

/** The text; of a very long one the beginning, until more is asked for. */
export function textOf(text: string, mention: string | undefined, reach: 0 | -1): JSX.Element {
  const isLong =
    text.length > LONG.characters || text.split('\n', LONG.lines + 1).length > LONG.lines
  return isLong ? (
    <LongText text={text} mention={mention} reach={reach} />
  ) : (
    lines('text', text, mention, reach)
  )
}

function LongText({ text, mention, reach }: TextProps): JSX.Element {
  const [whole, setWhole] = useState(false)
  return (
    <>
      {lines(whole ? 'text' : 'text cut', text, mention, reach)}
      <button type="button" class="link" tabIndex={reach} onClick={() => setWhole(!whole)}>
        {whole ? t('message.showLess') : t('message.showMore')}
      </button>
    </>
  )
}

function lines(how: string, text: string, mention: string | undefined, reach: 0 | -1): JSX.Element {
  return (
    <div class={STACKED.test(text) ? `${how} stacked` : how}>{markup(text, mention, reach)}</div>
  )
}
