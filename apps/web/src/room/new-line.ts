import { keep, recall } from '../storage.ts'
import type { RoomView } from './view.ts'

/** Keeps the "New" line over a reload, until the reader is done with it or leaves the room. Answers how to stop. */
export function keepLine({ name, line }: RoomView): () => void {
  const put = (id: string | null): void => keep(`hearsay:line:${name}`, id, 'sessionStorage')
  // Where it stood before, and not before what has come since.
  line.value = recall(`hearsay:line:${name}`, 'sessionStorage') ?? line.value
  put(line.value)
  const stop = line.watch(() => put(line.value))
  return () => {
    stop()
    put(null)
  }
}
