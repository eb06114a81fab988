import { useLayoutEffect, useReducer } from 'preact/hooks'

/**
 * A value that can be watched. All that the page needs of a library of signals, at a tenth of its size: the page's
 * first load has a budget (size.ts).
 */
export class Cell<Value> {
  #value: Value
  readonly #watchers = new Set<() => void>()

  constructor(value: Value) {
    this.#value = value
  }

  get value(): Value {
    return this.#value
  }

  set value(value: Value) {
    if (Object.is(value, this.#value)) return
    this.#value = value
    for (const watcher of this.#watchers) watcher()
  }

  /** Calls the watcher after each change. Answers how to stop. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }
}

/** The value, for a component that is to be drawn anew whenever it changes. */
export function use<Value>(cell: Cell<Value>): Value {
  const [, draw] = useReducer((count: number) => count + 1, 0)
  const { value } = cell
  useLayoutEffect(() => {
    // It may have changed between the drawing and now.
    if (!Object.is(cell.value, value)) draw(undefined)
    return cell.watch(() => draw(undefined))
  }, [cell])
  return value
}
