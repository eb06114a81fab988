import { limits } from '@hearsay/protocol'
import type { ComponentChild, JSX } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { Icon, icons } from '../ui/Icon.tsx'
import { use } from '../cell.ts'
import { t, withWords } from '../i18n/translate.ts'
import { dress, later, whenIdle } from '../ui/later.tsx'
import type { Suggest } from './Suggestions.tsx'
import { useRoom } from './view.ts'
import css from '../style/composer.css?inline'

dress(css)

const Context = later(async () => (await import('./soon.ts')).Context, whenIdle)
const Left = later(async () => (await import('./soon.ts')).Left)
const Suggestions = later(async () => (await import('./Suggestions.tsx')).Suggestions)

/** From this share of the limit downwards it is shown how much is left. */
const SHOW_LEFT = 0.2

/** Where messages are written. Nothing that was written is ever thrown away unasked. */
export function Composer(): JSX.Element {
  const view = useRoom()
  const field = useRef<HTMLTextAreaElement>(null)
  const [text, setText] = useState(view.editing.value ? view.edited : view.room.draft)
  const [wrong, setWrong] = useState<ComponentChild>(null)
  const suggest = useRef<Suggest | null>(null)
  const editing = use(view.editing)
  const replyTo = use(view.replyTo)
  const [file] = use(view.files)
  const left = limits.text - [...text].length
  const lines = text.split('\n').length
  const isTooMuch = left < 0 || lines > limits.lines

  const write = (next: string): void => {
    setText(next)
    setWrong(null)
    if (view.editing.value) view.edited = next
    else view.room.draft = next
  }
  const put = (next: string): void => {
    if (field.current) field.current.value = next
    write(next)
    field.current?.focus()
  }
  const clear = (): void => put('')
  // At once, and not in the frame that shows it: a key that is pressed after it must not be lost.
  useLayoutEffect(
    () => view.editing.watch(() => put(view.editing.value ? view.edited : view.room.draft)),
    [view],
  )
  useLayoutEffect(() => {
    if (replyTo) field.current?.focus()
  }, [replyTo])

  const send = async (): Promise<void> => {
    // The field's own text: a second Enter may come before the page has drawn what the first one did.
    const said = field.current?.value.trim() ?? ''
    if ((said === '' && !view.files.value[0]) || isTooMuch) return field.current?.focus()
    if (view.editing.value || view.files.value[0] || /^\/[^\s/]|[\p{N}@]/u.test(said)) {
      const isElse = view.isElse ?? (await withWords(import('./soon.ts')).catch(() => null))?.isElse
      if (!isElse) return setWrong(t('app.loadFailed'))
      // A second Enter may have said it meanwhile.
      if (field.current?.value.trim() !== said || isElse(view, said, setWrong, clear)) return
    }
    // From here on it stands in the list, so the field can be empty.
    const saying = view.say(said)
    clear()
    await saying
  }

  const key = (event: KeyboardEvent): void => {
    // While an input method composes, Enter chooses a word; 229 is how Safari tells.
    if (event.isComposing || event.keyCode === 229) return
    if (suggest.current?.key(event)) return
    // Where Enter is a key of the screen it begins a line, and the button sends.
    const isByFinger = matchMedia('(pointer: coarse)').matches
    if (event.key === 'Enter' && !event.shiftKey && !isByFinger) {
      event.preventDefault()
      void send()
    } else if (event.key === 'Escape' && (editing || replyTo)) {
      event.stopPropagation()
      stop()
    } else if (event.key === 'ArrowUp' && field.current?.value === '' && !view.editing.value) {
      const { messages, pending } = view.snapshot.value
      const own = messages.findLast((it) => view.isMine(it.from) && !it.deleted)
      // What was said last can't be changed before the server has it.
      if (!own || pending[0]) return
      event.preventDefault()
      view.change(own)
    }
  }
  const stop = (): void => {
    view.editing.value = null
    view.replyTo.value = null
    field.current?.focus()
  }
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault()
        void send()
      }}
    >
      <Context editing={editing} replyTo={replyTo} onStop={stop} />
      {/[/@:]/.test(text) && <Suggestions field={field} handle={suggest} onText={write} />}
      <div class="write">
        <textarea
          id="composer"
          ref={field}
          rows={1}
          dir="auto"
          value={text}
          placeholder={t('composer.placeholder')}
          aria-label={t('composer.label', { room: view.name })}
          aria-describedby="composer-state"
          aria-invalid={isTooMuch}
          autoComplete="off"
          onInput={(event) => write(event.currentTarget.value)}
          onKeyDown={key}
        />
        <button
          class="send primary icon-only"
          aria-label={editing ? t('app.save') : t('composer.send')}
          disabled={(text.trim() === '' && !(file && !editing)) || isTooMuch}
          onMouseDown={(event) => event.preventDefault()}
        >
          <Icon path={editing ? icons.check : icons.send} />
        </button>
      </div>
      <p
        id="composer-state"
        class={isTooMuch || wrong ? 'under wrong' : 'under'}
        aria-live="polite"
      >
        {wrong ||
          ((isTooMuch || left <= limits.text * SHOW_LEFT) && <Left left={left} lines={lines} />)}
      </p>
    </form>
  )
}
