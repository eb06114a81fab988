import type { RefObject } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { use } from '../cell.ts'
import { ScrollKeeper } from './scroll.ts'
import { useSnapshot, type RoomView } from './view.ts'

/** Pixels from an edge at which the next page is asked for. */
const AHEAD = 800
/** Milliseconds for which the message that a link led to stands out. */
const MARKED = 2000

/** Where the reader is in the messages. */
export interface Reading {
  /** To be called when the reader scrolled. */
  readonly look: () => void
  /** The reader is not at the newest message. */
  readonly away: boolean
}

/** Keeps the reader's place while messages come and go, and gets more of them before the reader needs them. */
export function useReading(view: RoomView, scroller: RefObject<HTMLElement | null>): Reading {
  const { messages, older, newer, loaded } = useSnapshot(
    view,
    'messages',
    'older',
    'newer',
    'loaded',
  )
  const ends = use(view.endWanted)
  const wanted = use(view.marked)
  const keeper = useRef<ScrollKeeper>(null)
  const [away, setAway] = useState(false)

  // Here the page still is as it was before what is being drawn.
  keeper.current?.before(ends)

  const look = (): void => {
    const box = scroller.current
    const it = keeper.current
    if (!box || !it) return
    const { value } = view.snapshot
    it.hasMore = value.newer !== 'end'
    it.scrolled()
    const isAway = !it.isAtEnd || it.hasMore
    setAway(isAway)
    view.room.atEnd = !isAway
    if (!value.loaded) return
    // What failed waits for the reader's own wish: a page that asks by itself asks without end.
    if (value.older === 'more' && box.scrollTop < AHEAD) void view.room.older()
    if (value.newer === 'more' && it.below < AHEAD) void view.room.newer()
  }

  useLayoutEffect(() => {
    const box = scroller.current as HTMLElement
    const it = (keeper.current = new ScrollKeeper(box))
    view.hold = () => it.hold()
    const sizes = new ResizeObserver(() => it.resized())
    for (const part of [box, ...box.children]) sizes.observe(part)
    return () => sizes.disconnect()
  }, [])
  useLayoutEffect(() => keeper.current?.after(ends))
  useEffect(look, [messages, older, newer, loaded, ends])

  const isHere = wanted !== null && messages.some(({ id }) => id === wanted)
  useEffect(() => {
    if (!wanted || !isHere) return
    const row = document.getElementById(`m-${wanted}`)
    if (row) keeper.current?.show(row)
    look()
    const timer = setTimeout(() => (view.marked.value = null), MARKED)
    return () => clearTimeout(timer)
  }, [wanted, isHere])

  return { look, away }
}
