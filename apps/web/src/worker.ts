interface Policies {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): {
    createScriptURL(url: string): string
  }
}

/** Lets the page open without a network. Where the browser has no such thing, or forbids it, the page just needs one. */
export function startWorker(): void {
  if (!('serviceWorker' in navigator)) return
  const { trustedTypes } = window as { trustedTypes?: Policies }
  // The address of a script is a thing that Trusted Types guard: this policy lets one through, by its name.
  const policy = trustedTypes?.createPolicy('hearsay-worker', {
    createScriptURL: (url) => {
      if (url !== '/sw.js') throw new TypeError(`${url} is no script of this page.`)
      return url
    },
  })
  const url = policy?.createScriptURL('/sw.js') ?? '/sw.js'
  navigator.serviceWorker.register(url).catch(() => {})
}
