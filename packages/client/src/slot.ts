import { address, type Server } from './calls.ts'
import { fingerprint, pageStorage } from './identity.ts'

/** A person at a server. It holds the secret: not to be kept or told. */
export function personAt(server: Server): string {
  return `${address(server, '/').href} ${server.secret}`
}

/** Names a person at a server, and tells nothing of the secret: for what the browser keeps, and for what its tabs share. */
export function whose(server: Server): string {
  return fingerprint(personAt(server))
}

/** Where the browser keeps something: for the origin, or for the tab. */
export type Where = 'localStorage' | 'sessionStorage'

/** Small things that concern one person in one room: kept by the browser, or as long as the page where it keeps nothing. */
export class Slot {
  #name: string
  #unkept = new Map<string, string>()

  constructor(name: string) {
    this.#name = name
  }

  recall(what: string, where: Where = 'localStorage'): string | undefined {
    const key = `hearsay:${what}:${this.#name}`
    try {
      return pageStorage(where)?.getItem(key) ?? this.#unkept.get(key)
    } catch {
      return this.#unkept.get(key)
    }
  }

  /** null: forgets it. */
  remember(what: string, value: string | null, where: Where = 'localStorage'): void {
    const key = `hearsay:${what}:${this.#name}`
    if (value === null) this.#unkept.delete(key)
    else this.#unkept.set(key, value)
    try {
      if (value === null) pageStorage(where)?.removeItem(key)
      else pageStorage(where)?.setItem(key, value)
    } catch {
      // Full or forbidden: it lasts as long as the page.
    }
  }
}
