/** The browser's storage for this page, where the page may have one: a private window may forbid to look at it. */
function pageStorage(): Storage | undefined {
  try {
    return localStorage
  } catch {
    return undefined
  }
}

/** What was kept under a key, or null. */
export function recall(key: string): string | null {
  try {
    return pageStorage()?.getItem(key) ?? null
  } catch {
    return null
  }
}

/** Keeps a value under a key, or forgets it (null). Where that is not possible nothing happens. */
export function keep(key: string, value: string | null): void {
  try {
    if (value === null) pageStorage()?.removeItem(key)
    else pageStorage()?.setItem(key, value)
  } catch {
    // Full or forbidden: the page goes on without.
  }
}
