/** Where the browser keeps something: for the origin, or for the tab. */
type Where = 'localStorage' | 'sessionStorage'

/** What was kept under a key, or null. A private window may forbid to look. */
export function recall(key: string, where: Where = 'localStorage'): string | null {
  try {
    return globalThis[where].getItem(key)
  } catch {
    return null
  }
}

/** Keeps a value under a key, or forgets it (null). Where that is not possible nothing happens. */
export function keep(key: string, value: string | null, where: Where = 'localStorage'): void {
  try {
    if (value === null) globalThis[where].removeItem(key)
    else globalThis[where].setItem(key, value)
  } catch {
    // Full or forbidden: the page goes on without.
  }
}
