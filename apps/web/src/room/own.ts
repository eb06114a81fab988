import { since } from './heard.ts'
import type { RoomView } from './view.ts'

/** Pixels from the end of what is shown within which the reader is where their own message stood. */
const NEAR = 100

/** Goes to the end with what this person said, once it is said: by then the newest messages can be had. Answers how to stop. */
export function followOwn(view: RoomView): () => void {
  let last = view.snapshot.value.heard.at(-1)
  return view.snapshot.watch(() => {
    const { heard, newer } = view.snapshot.value
    const isSaid = since(last, heard).some(({ from }) => view.isMine(from))
    last = heard.at(-1)
    if (isSaid && newer !== 'end' && isThere()) void view.toEnd()
  })
}

function isThere(): boolean {
  const box = document.querySelector('.scroller')
  return box !== null && box.scrollHeight - box.scrollTop - box.clientHeight < NEAR
}

/** One person in all tabs: that they joined in one, and whom they do not want to see, holds in the others. Answers how to stop. */
export function shareJoining(view: RoomView): () => void {
  const hear = ({ key, newValue }: StorageEvent): void => {
    if (key === `hearsay:joined:${view.name}` && newValue) view.joined.value = true
    else if (key === `hearsay:hidden:${view.name}`)
      view.hidden.value = new Set(newValue?.split(' '))
    else if (key === `hearsay:reported:${view.name}`)
      view.reported.value = new Set(newValue?.split(' '))
  }
  addEventListener('storage', hear)
  return () => removeEventListener('storage', hear)
}
