import { Component, type ComponentType, type JSX } from 'preact'
import { useLayoutEffect, useState } from 'preact/hooks'
import { t, withWords, type Rest } from '../i18n/translate.ts'

/**
 * A part of the page whose code and words are loaded when it is first shown (or by `fetchLater`, when the page has
 * nothing better to do). Where that fails it says so, with a way to try again.
 */
export function later<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  /** Given for a part that nobody misses at first: when to begin. */
  when: (run: () => void) => void = (run) => run(),
  /** Which words it says, besides the first ones; null: none. */
  words: Rest | null = 'later',
): (props: Props) => JSX.Element | null {
  let loaded: ComponentType<Props> | undefined
  const get = async (): Promise<void> => {
    loaded = await (words ? withWords(load(), words) : load())
  }
  parts.push(get)
  return function Later(props) {
    const [state, setState] = useState<'loading' | 'failed'>('loading')
    const [, again] = useState(0)
    const start = (): void => {
      setState('loading')
      get().then(
        () => again((count) => count + 1),
        () => setState('failed'),
      )
    }
    // In this turn: what is loaded already then comes into the same frame.
    useLayoutEffect(() => {
      if (!loaded) when(start)
    }, [])
    if (loaded) {
      const Part = loaded
      return <Part {...props} />
    }
    if (state === 'loading') return null
    return (
      <p class="aside" role="status">
        {t('app.loadFailed')}{' '}
        <button type="button" class="link" onClick={start}>
          {t('app.tryAgain')}
        </button>
      </p>
    )
  }
}

const parts: (() => Promise<void>)[] = []

/** Loads the parts one after the other, once the page stands: a menu then opens at once, and without a network. */
export function fetchLater(): void {
  const next = (): void => {
    const part = parts.shift()
    // What could not be loaded now is loaded when it is wanted.
    part?.()
      .catch(() => {})
      .finally(next)
  }
  whenIdle(next)
}

/** Does something when the page has nothing better to do. */
export function whenIdle(run: () => void | Promise<void>): void {
  // What comes when nothing else does is nothing that the page can't do without: a failure is let be.
  const start = (): void => void Promise.resolve(run()).catch(() => {})
  if ('requestIdleCallback' in globalThis) requestIdleCallback(start)
  else setTimeout(start, 1000)
}

const worn = new Set<string>()

/**
 * Puts the style sheet of a part that comes late on the page, once. It comes within the part's own script: one request
 * less, of the six that a browser has over HTTP/1.1, and no code that waits for it.
 */
export function dress(css: string): void {
  if (worn.has(css)) return
  worn.add(css)
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(css)
  document.adoptedStyleSheets.push(sheet)
}

/** A part that is drawn anew only when one of its properties is another one. It uses no hooks. */
export function memo<Props extends object>(
  Part: (props: Props) => JSX.Element,
): ComponentType<Props> {
  return class Memo extends Component<Props> {
    override shouldComponentUpdate(next: Props): boolean {
      return Object.entries(next).some(([key, value]) => this.props[key as keyof Props] !== value)
    }

    override render(props: Props): JSX.Element {
      return Part(props)
    }
  }
}
