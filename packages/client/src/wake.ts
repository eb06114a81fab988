/** What a page goes through that a stream does not notice by itself. */
export interface Wake {
  /** It is shown or online again. `fresh`: for so long that a stream from before may be dead without knowing. */
  back(fresh: boolean): void
  offline(): void
  /** It is hidden now. */
  hidden(): void
  /** It goes away; it may come back as it is (`back`). */
  gone(): void
}

/** Milliseconds that a page may be hidden without its stream being doubted. */
const HIDDEN = 5000

/** Tells what happens to this page. Does nothing where there is no page. Answers how to stop. */
export function watchPage(wake: Wake, now: () => number): () => void {
  if (typeof document === 'undefined') return () => {}
  const listening = new AbortController()
  const { signal } = listening
  let hiddenAt: number | undefined
  document.addEventListener(
    'visibilitychange',
    () => {
      if (document.visibilityState === 'hidden') {
        hiddenAt = now()
        wake.hidden()
      } else wake.back(hiddenAt !== undefined && now() - hiddenAt > HIDDEN)
    },
    { signal },
  )
  addEventListener('online', () => wake.back(true), { signal })
  addEventListener('offline', () => wake.offline(), { signal })
  addEventListener('pagehide', () => wake.gone(), { signal })
  addEventListener('pageshow', (event) => event.persisted && wake.back(true), { signal })
  return () => listening.abort()
}

/** A browser that stops the streams of hidden pages without telling them (Safari on iOS). */
export function stopsHiddenPages(): boolean {
  return (
    typeof navigator !== 'undefined' && 'standalone' in navigator && navigator.maxTouchPoints > 1
  )
}
