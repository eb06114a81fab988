import type { JSX } from 'preact'
import css from '../style/choice.css?inline'
import { dress } from './later.tsx'

dress(css)

/** One of several, by its name. */
export function Choice({
  label,
  value,
  options,
  onPick,
}: {
  readonly label: string
  readonly value: string
  readonly options: Readonly<Record<string, string>>
  readonly onPick: (value: string) => void
}): JSX.Element {
  return (
    <label class="choice">
      <span>{label}</span>
      <select value={value} onChange={(event) => onPick(event.currentTarget.value)}>
        {Object.entries(options).map(([key, name]) => (
          <option key={key} value={key}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
}

/** On or off. */
export function Switch({
  label,
  checked,
  onPick,
}: {
  readonly label: string
  readonly checked: boolean
  readonly onPick: (checked: boolean) => void
}): JSX.Element {
  return (
    <label class="choice">
      <span>{label}</span>
      <input
        type="checkbox"
        role="switch"
        checked={checked}
        onChange={(event) => onPick(event.currentTarget.checked)}
      />
    </label>
  )
}
