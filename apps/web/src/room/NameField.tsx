import { limits } from '@hearsay/protocol'
import type { JSX } from 'preact'
import { t } from '../i18n/translate.ts'
import css from '../style/join.css?inline'
import { dress } from '../ui/later.tsx'

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
  const isWrong = nameOf(value) === undefined
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
        aria-invalid={isWrong}
        aria-describedby={`${id}-hint`}
        onInput={(event) => onValue(event.currentTarget.value)}
      />
      <p id={`${id}-hint`} class={isWrong ? 'under wrong' : 'under'}>
        {isWrong ? t('name.tooLong') : hint}
      </p>
    </div>
  )
}

const graphemes = new Intl.Segmenter()

/** What was typed as a name; null: none, so one is made; undefined: it is too long. */
export function nameOf(typed: string): string | null | undefined {
  const name = typed.trim().replace(/\s+/gu, ' ')
  if (name === '') return null
  return [...graphemes.segment(name)].length > limits.name ? undefined : name
}
