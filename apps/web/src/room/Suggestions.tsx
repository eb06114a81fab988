import type { JSX, RefObject } from 'preact'
import { useEffect, useLayoutEffect, useMemo, useReducer, useState } from 'preact/hooks'
import { t } from '../i18n/translate.ts'
import { commands, type Command } from './commands.ts'
import { useRoom, type RoomView } from './view.ts'
import css from '../style/suggestions.css?inline'
import { dress } from '../ui/later.tsx'

dress(css)

/** What the composer asks before it acts on a key itself. */
export interface Suggest {
  /** Answers true where the key was for the suggestions. */
  key(event: KeyboardEvent): boolean
}

interface Choice {
  /** What comes in the place of what was typed. */
  readonly text: string
  readonly label: string
  readonly help?: string
}

/** Which of the choices for a word is the chosen one. */
interface Chosen {
  readonly of: string | null
  readonly place: number
}

interface Props {
  readonly field: RefObject<HTMLTextAreaElement | null>
  readonly handle: { current: Suggest | null }
  readonly onText: (text: string) => void
}

const MOST = 8

/** Commands after `/`, people after `@`, pictures after `:`. Tab always leaves the field. */
export function Suggestions({ field, handle, onText }: Props): JSX.Element | null {
  const view = useRoom()
  const [emoji, setEmoji] = useState<Readonly<Record<string, string>>>({})
  const [chosen, setChosen] = useState<Chosen>({ of: null, place: 0 })
  const [closed, setClosed] = useState<string | null>(null)
  const [, look] = useReducer((count: number) => count + 1, 0)
  const typed = wordIn(field.current)
  const choices = (word: string | null): readonly Choice[] =>
    word === null || word === closed ? [] : choicesFor(view, word, emoji)
  const placeOf = (word: string | null): number => (chosen.of === word ? chosen.place : 0)
  // As they were found: who comes meanwhile puts nobody else in the place that is chosen.
  const shown = useMemo(() => choices(typed), [typed, closed, emoji, view])
  const at = placeOf(typed)
  // The cursor and the focus may go elsewhere while the text stays the same.
  useLayoutEffect(() => {
    const events = ['selectionchange', 'focusin', 'focusout']
    for (const event of events) document.addEventListener(event, look)
    return () => {
      for (const event of events) document.removeEventListener(event, look)
    }
  }, [])
  const wantsEmoji = typed?.startsWith(':')
  useEffect(() => {
    if (wantsEmoji) void allEmoji().then(setEmoji)
  }, [wantsEmoji])
  const take = (choice: Choice): void => {
    const box = field.current
    if (!box) return
    const end = box.selectionEnd
    box.setRangeText(choice.text, end - (wordIn(box)?.length ?? 0), end, 'end')
    box.focus()
    onText(box.value)
  }
  handle.current = {
    key: (event) => {
      // For what is written by now: a key may come before the page has drawn what the one before it did.
      const word = wordIn(field.current)
      const all = word === typed ? shown : choices(word)
      const place = placeOf(word)
      const choice = all[place]
      if (shown.length === 0 || !choice) return false
      // It is written already: Enter does what it says.
      if (event.key === 'Enter' && choice.text.trim() === word) return false
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
      if (step) setChosen({ of: word, place: (place + step + all.length) % all.length })
      else if (event.key === 'Enter') take(choice)
      else if (event.key === 'Escape') setClosed(word)
      else return false
      event.preventDefault()
      event.stopPropagation()
      return true
    },
  }
  const isOpen = shown.length > 0
  useLayoutEffect(() => {
    const box = field.current
    if (!box || !isOpen) return
    const states: Record<string, string> = {
      // As a combobox would, but a field of several lines may not be called one (ARIA in HTML gives a `textarea` no other role).
      // It stays a textbox: of that these are known, `aria-expanded` is not (WAI-ARIA 1.2).
      'aria-autocomplete': 'list',
      'aria-haspopup': 'listbox',
      'aria-controls': 'suggestions',
      'aria-activedescendant': `suggestion-${at}`,
    }
    for (const [name, value] of Object.entries(states)) box.setAttribute(name, value)
    return () => {
      for (const name of Object.keys(states)) box.removeAttribute(name)
    }
  }, [isOpen, at])
  // Where nothing can be suggested any more, nothing is taken: Enter says what is written.
  useLayoutEffect(
    () => () => {
      handle.current = null
    },
    [],
  )
  if (!isOpen) return null
  return (
    <ul class="suggestions" id="suggestions" role="listbox" aria-label={t('composer.suggestions')}>
      {shown.map((choice, place) => (
        <li
          key={choice.label}
          id={`suggestion-${place}`}
          role="option"
          aria-selected={place === at}
          onMouseDown={(event) => event.preventDefault()}
          // One is chosen, by whichever hand.
          onMouseMove={() => setChosen({ of: typed, place })}
          onClick={() => take(choice)}
        >
          <bdi>{choice.label}</bdi>
          {choice.help && <span class="soft">{choice.help}</span>}
        </li>
      ))}
    </ul>
  )
}

/** The word that may be completed: the cursor is at its end, and the focus in the field. */
function wordIn(box: HTMLTextAreaElement | null): string | null {
  if (!box || document.activeElement !== box || box.selectionStart !== box.selectionEnd) return null
  const { value: text, selectionEnd: end } = box
  if (/\S/.test(text.charAt(end))) return null
  const before = text.slice(Math.max(0, end - 40), end)
  if (/^\/[a-z]*$/.test(text.slice(0, end))) return before
  return /(?:^|\s)(@[^\s@]{0,32}|:[a-z0-9_+]{2,24})$/iu.exec(before)?.[1] ?? null
}

async function allEmoji(): Promise<Readonly<Record<string, string>>> {
  const { emoji } = await import('../text/emoji.ts')
  return emoji
}

function choicesFor(
  view: RoomView,
  typed: string,
  emoji: Readonly<Record<string, string>>,
): readonly Choice[] {
  const wanted = typed.slice(1).toLowerCase()
  if (typed.startsWith('/')) {
    return Object.keys(commands)
      .filter((name) => name.startsWith(wanted))
      .map((name) => ({ text: `/${name} `, label: `/${name}`, help: t(commands[name as Command]) }))
  }
  if (typed.startsWith('@')) {
    const { messages, people } = view.snapshot.value
    const names = new Map<string, string>()
    for (const from of [...(people.list ?? []), ...messages.map((it) => it.from).reverse()]) {
      if (!view.isMine(from)) names.set(from.name, from.mark)
    }
    return [...names]
      .filter(([name]) => name.toLowerCase().includes(wanted))
      .slice(0, MOST)
      .map(([name, mark]) => ({ text: `@${name} `, label: name, help: mark }))
  }
  return Object.entries(emoji)
    .filter(([name]) => name.includes(wanted))
    .sort(([a], [b]) => Number(b.startsWith(wanted)) - Number(a.startsWith(wanted)))
    .slice(0, MOST)
    .map(([name, picture]) => ({ text: `${picture} `, label: `${picture} :${name}:` }))
}
