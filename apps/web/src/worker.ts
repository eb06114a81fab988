interface Policies {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): {
    createScriptURL(url: string): string
  }
}

let started: Promise<ServiceWorkerRegistration | undefined> | undefined

/** Lets the page open without a network. Where the browser has no such thing, or forbids it, the page just needs one. */
export function startWorker(): void {
  void registration()
}

/** What the browser knows the worker by, which is perhaps still being installed; undefined: there is none. */
export function registration(): Promise<ServiceWorkerRegistration | undefined> {
  return (started ??= register())
}

async function register(): Promise<ServiceWorkerRegistration | undefined> {
  try {
    return await navigator.serviceWorker?.register(workerUrl())
  } catch {
    // The server's rules allow no worker, or not this policy.
    return undefined
  }
}

/** The address of a script is a thing that Trusted Types guard: this policy lets one through, by its name. */
function workerUrl(): string {
  const { trustedTypes } = window as { trustedTypes?: Policies }
  const policy = trustedTypes?.createPolicy('hearsay-worker', {
    createScriptURL: (url) => {
      if (url !== '/sw.js') throw new TypeError(`${url} is no script of this page.`)
      return url
    },
  })
  return policy?.createScriptURL('/sw.js') ?? '/sw.js'
}
