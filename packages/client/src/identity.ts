/** A person's secret, and whether it will still be there after a reload. */
export interface Identity {
  /** 32 random bytes in base64url. Whoever has it speaks as this person: never put it into a URL. */
  readonly secret: string
  /** false: the browser keeps nothing for this page, so the next visit is another person. */
  readonly kept: boolean
}

const storageKey = 'hearsay:secret'
let unkept: Identity | undefined

/** This browser's person at this origin: made on the first call, the same for every tab from then on. */
export function identity(storage: Storage | undefined = pageStorage('localStorage')): Identity {
  try {
    const secret = storage?.getItem(storageKey)
    if (secret) return { secret, kept: true }
    if (storage) {
      storage.setItem(storageKey, newSecret())
      // Read back: of two tabs that open at once, both go by what was written last.
      return { secret: storage.getItem(storageKey) ?? newSecret(), kept: true }
    }
  } catch {
    // No room, or not allowed: a person for this page load only.
  }
  return (unkept ??= { secret: newSecret(), kept: false })
}

/** Makes this browser speak as the person of another device from the next `joinRoom` on. */
export function useSecret(
  secret: string,
  storage: Storage | undefined = pageStorage('localStorage'),
): Identity {
  if (!/^[\w-]{22,128}$/.test(secret)) {
    throw new TypeError('A secret has 22 to 128 characters of A-Z, a-z, 0-9, "-" and "_".')
  }
  unkept = { secret, kept: false }
  try {
    storage?.setItem(storageKey, secret)
    return identity(storage)
  } catch {
    return unkept
  }
}

/** 32 random bytes in base64url. */
export function newSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32))
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}

/** A page may be forbidden to as much as look at its storage: then there is none. Node's is not a page's. */
export function pageStorage(name: 'localStorage' | 'sessionStorage'): Storage | undefined {
  try {
    return typeof document === 'undefined' ? undefined : globalThis[name]
  } catch {
    return undefined
  }
}

/** A short name that tells nothing of what it was made from (FNV-1a, 32 bits). */
export function fingerprint(text: string): string {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193)
  return (hash >>> 0).toString(36)
}
