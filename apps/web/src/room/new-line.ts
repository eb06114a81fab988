import type { RoomView } from './view.ts'

/** Keeps the "New" line over a reload, until the reader is done with it or leaves the room. Answers how to stop. */
export function keepLine({ name, line }: RoomView): () => void {
  const key = `hearsay:line:${name}`
  const put = (id: string | null): void => {
    if (id === null) sessionStorage.removeItem(key)
    else sessionStorage.setItem(key, id)
  }
  try {
    // Where it stood before, and not before what has come since.
    line.value = sessionStorage.getItem(key) ?? line.value
    put(line.value)
  } catch {
    // A private window may forbid it: then it is for this page alone.
    return () => {}
  }
  const stop = line.watch(() => put(line.value))
  return () => {
    stop()
    put(null)
  }
}
