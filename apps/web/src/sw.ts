// The page opens without a network: its shell from the cache, everything that is said from the server only.

/** What is used of a worker's scope here: the compiler's own types of it can't stand beside those of a page. */
interface Lasting extends Event {
  waitUntil(done: Promise<void>): void
}
interface Fetching extends Lasting {
  readonly request: Request
  respondWith(answer: Promise<Response>): void
}
interface Clicked extends Lasting {
  readonly notification: Notification
}
interface OpenPage {
  readonly url: string
  focus(): Promise<unknown>
}
interface Scope {
  readonly location: Location
  readonly clients: {
    claim(): Promise<void>
    matchAll(which: { type: 'window'; includeUncontrolled: true }): Promise<readonly OpenPage[]>
    openWindow(path: string): Promise<unknown>
  }
  skipWaiting(): Promise<void>
  addEventListener(type: 'install' | 'activate', listener: (event: Lasting) => void): void
  addEventListener(type: 'fetch', listener: (event: Fetching) => void): void
  addEventListener(type: 'notificationclick', listener: (event: Clicked) => void): void
}
const scope = globalThis as unknown as Scope

const { version, shell } = JSON.parse('__SHELL__') as { version: string; shell: string[] }
const cacheName = `hearsay-${version}`

/** Milliseconds that the server has for its page before the kept one is shown. */
const PATIENCE = 3000

scope.addEventListener('install', (event) => {
  const fill = async (): Promise<void> => {
    const cache = await caches.open(cacheName)
    await cache.addAll(['/', ...shell])
    await scope.skipWaiting()
  }
  event.waitUntil(fill())
})

scope.addEventListener('activate', (event) => {
  const clean = async (): Promise<void> => {
    for (const name of await caches.keys()) if (name !== cacheName) await caches.delete(name)
    await scope.clients.claim()
  }
  event.waitUntil(clean())
})

scope.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== scope.location.origin) return
  if (request.mode === 'navigate') {
    if (url.pathname === '/' || /^\/r\/[^/]+$/.test(url.pathname)) event.respondWith(page(event))
  } else if (url.pathname.startsWith('/assets/') || shell.includes(url.pathname)) {
    event.respondWith(asset(request))
  }
})

scope.addEventListener('notificationclick', (event) => {
  const { notification } = event
  notification.close()
  event.waitUntil(bringUp(notification.data as string))
})

/** Brings a page of the room into sight: the one that was looked at last of those that are open, else a new one. */
async function bringUp(path: string): Promise<void> {
  const pages = await scope.clients.matchAll({ type: 'window', includeUncontrolled: true })
  const page = pages.find(({ url }) => new URL(url).pathname.replace(/\/$/, '') === path)
  await (page ? page.focus() : scope.clients.openWindow(path))
}

/** The server's page; where it fails or is long in coming, the kept one, which is the same for every room. */
async function page(event: Fetching): Promise<Response> {
  const fresh = fetch(event.request)
  event.waitUntil(fresh.then(keep).catch(() => {}))
  const kept = await caches.match('/', { cacheName })
  if (!kept) return fresh
  const late = new Promise<Response>((done) => setTimeout(() => done(kept), PATIENCE))
  return Promise.race([fresh.catch(() => kept), late])
}

/** What the server says in its page may change. One of another build is not for the files that are kept. */
async function keep(answer: Response): Promise<void> {
  const copy = answer.clone()
  const html = await answer.clone().text()
  const script = / src="([^"]+)"/.exec(html)?.[1]
  if (!answer.ok || !script || !shell.includes(script)) return
  const cache = await caches.open(cacheName)
  await cache.put('/', copy)
}

/** Files under /assets/ have their content's hash in their name: what is kept can't be out of date. */
async function asset(request: Request): Promise<Response> {
  const cache = await caches.open(cacheName)
  const kept = await cache.match(request)
  if (kept) return kept
  const answer = await fetch(request)
  if (answer.ok) await cache.put(request, answer.clone())
  return answer
}
