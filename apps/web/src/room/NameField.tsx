import type { JSX } from 'preact'
import css from '../style/join.css?inline'
import { dress } from '../ui/later.tsx'
import { useRoom } from './view.ts'

dress(css)

interface Props {
  readonly id: string
  readonly label: string
  readonly value: string
  /** The name that the server made for this person. */
  readonly made?: string | undefined
  readonly hint: string
  /** It has the focus in the dialog in which it stands. */
  readonly autofocus?: boolean
  readonly onValue: (value: string) => void
}

/** A name, or nothing for the one that is made. */
export function NameField({
  id,
  label,
  value,
  made,
  hint,
  autofocus,
  onValue,
}: Props): JSX.Element {
  const wrong = useRoom().wrongName?.(value)
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        dir="auto"
        value={value}
        autofocus={autofocus}
        placeholder={made ?? ''}
        autoComplete="nickname"
        spellcheck={false}
        enterkeyhint="go"
        aria-invalid={!!wrong}
        aria-describedby={`${id}-hint`}
        onInput={(event) => onValue(event.currentTarget.value)}
      />
      <p id={`${id}-hint`} class={wrong ? 'under wrong' : 'under'} aria-live="polite">
        {wrong ?? hint}
      </p>
    </div>
  )
}
