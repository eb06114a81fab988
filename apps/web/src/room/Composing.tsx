import { hasContact, limits, type Message } from '@hearsay/protocol'
import type { JSX } from 'preact'
import { useLayoutEffect } from 'preact/hooks'
import { rich, t } from '../i18n/translate.ts'
import { Icon } from '../ui/Icon.tsx'
import { moreIcons } from '../ui/more-icons.ts'
import { takeFiles } from './attaching.tsx'
import { change, Changes } from './Changes.tsx'
import { run } from './commands.ts'
import { firstLine } from './first-line.ts'
import { AttachButton, Tray } from './Tray.tsx'
import type { IsElse } from './view.ts'

/** The style sheet's own way (`field-sizing`) needs no layouts of its own for every letter. */
const growsItself = CSS.supports('field-sizing', 'content')

/** Its height follows the text; the style sheet holds it at 40 % of the window. */
function grow(box: HTMLTextAreaElement | null): void {
  if (!box || growsItself) return
  box.style.blockSize = 'auto'
  box.style.blockSize = `${box.scrollHeight}px`
}

/** What stands beside the field: what it is about, other than a new message, and what goes out with that. */
export function Context({ editing, replyTo, onStop }: ContextProps): JSX.Element {
  // The composer is drawn for every letter, and this with it.
  useLayoutEffect(() => grow(document.querySelector<HTMLTextAreaElement>('#composer')))
  return (
    <>
      <AttachButton />
      <Tray />
      <Changes />
      {(editing || replyTo) && <About editing={editing} replyTo={replyTo} onStop={onStop} />}
    </>
  )
}

interface ContextProps {
  readonly editing: Message | null
  readonly replyTo: Message | null
  readonly onStop: () => void
}

function About({ editing, replyTo, onStop }: ContextProps): JSX.Element {
  return (
    <div class="context">
      <Icon path={editing ? moreIcons.edit : moreIcons.reply} />
      <span>
        {replyTo
          ? rich('composer.replyTo', { name: <bdi>{replyTo.from.name}</bdi> })
          : t('composer.editing')}
        {replyTo && <bdi class="soft"> {firstLine(replyTo)}</bdi>}
      </span>
      <button
        type="button"
        class="quiet icon-only"
        aria-label={t(editing ? 'composer.cancelEdit' : 'composer.cancelReply')}
        onClick={onStop}
      >
        <Icon path={moreIcons.close} />
      </button>
    </div>
  )
}

/** How much may still be written, or by how much it is too much. */
export function Left({
  left,
  lines,
}: {
  readonly left: number
  readonly lines: number
}): JSX.Element {
  if (left < 0) return <>{t('composer.over', { count: -left })}</>
  if (lines > limits.lines) return <>{t('composer.lines', { count: limits.lines })}</>
  return <>{t('composer.left', { count: left })}</>
}

/**
 * Does with what was written whatever is not to say it: changes a message, runs a command, asks before a number or an address
 * is posted by which somebody could be found. Whether it was one of these.
 */
export const isElse: IsElse = (view, text, tell, clear) => {
  const edited = view.editing.value
  if (!edited && /^\/[^\s/]/.test(text)) {
    const wrong = run(view, text)
    if (wrong) tell(wrong)
    else clear()
    return true
  }
  if (edited && text === '') {
    tell(t('problem.empty-text'))
    return true
  }
  const say = (): void => {
    const files = view.files.value.length > 0 ? takeFiles(view, text, tell, clear) : []
    if (!files || (text === '' && files.length === 0)) return
    void view.say(text, files.length > 0 ? files : undefined)
    clear()
  }
  // Pictures go out without their names.
  const named = view.files.value.filter(({ done, file }) =>
    done ? !done.width : !file.type.startsWith('image/'),
  )
  const names = named.map(({ file }) => file.name).join('\n')
  if (hasContact(edited ? text : `${text}\n${names}`))
    tell(<AskFirst onSure={() => (edited ? change(view, edited, text) : say())} />)
  else if (edited) change(view, edited, text)
  else if (view.files.value.length > 0) say()
  else return false
  return true
}

function AskFirst({ onSure }: { readonly onSure: () => void }): JSX.Element {
  return (
    <>
      {t('composer.contact')}{' '}
      <button type="button" class="link" onClick={onSure}>
        {t('composer.contactSure')}
      </button>
    </>
  )
}
