import { joinRoom, type Room, type RoomSnapshot } from '@hearsay/client'
import type { Attachment, From, Message, Problem } from '@hearsay/protocol'
import { createContext, type ComponentChild } from 'preact'
import { useContext, useLayoutEffect, useReducer, useRef } from 'preact/hooks'
import { Cell } from '../cell.ts'
import { withWords } from '../i18n/translate.ts'
import { keep, recall } from '../storage.ts'
import type { Sending } from './attaching.tsx'
import type { Unread } from './unread.ts'

/** What stands over the messages, or beside them. */
export type Panel = 'people' | 'share' | 'settings' | 'shortcuts' | 'name' | 'host'

/** Does with what was written whatever is not to say it. Whether it was something else. */
export type IsElse = (
  view: RoomView,
  text: string,
  tell: (wrong: ComponentChild) => void,
  clear: () => void,
) => boolean

/** Messages in the page at most: past that, the browser's layout is felt in every key. */
const SHOWN = 360
/** Milliseconds after which a page that gets no frame is brought up to date all the same. */
const UNSEEN = 100

/** A room as it is being looked at: what the client knows of it, and what the reader does with it. */
export class RoomView {
  readonly name: string
  readonly room: Room
  readonly snapshot: Cell<RoomSnapshot>
  /** Why this person is not let in; null: they are. */
  readonly refused: Cell<Problem | null> = new Cell(null)
  /** Who we are here. */
  readonly me: Cell<From | null>
  /** The id of the last message that was seen when the "New" line was drawn: the line stands after it. */
  readonly line: Cell<string | null> = new Cell(null)
  /** What was not seen yet, once its code is there. */
  declare unread?: Unread
  readonly panel: Cell<Panel | null> = new Cell(null)
  readonly replyTo: Cell<Message | null> = new Cell(null)
  readonly editing: Cell<Message | null> = new Cell(null)
  /** The text that the composer has for it. */
  edited = ''
  /** Other texts for messages, by id, which the server does not have yet. */
  readonly unsaved: Map<string, string> = new Map()
  /** What goes out with the next message. */
  readonly files: Cell<readonly Sending[]> = new Cell<readonly Sending[]>([])
  /** The person has said under which name; until then they only read. */
  readonly joined: Cell<boolean>
  /** The message that a link or a reply led to: it is shown for a while. */
  readonly marked: Cell<string | null> = new Cell(null)
  /** A sentence about the last thing that was done, such as "Copied". */
  readonly notice: Cell<string | null> = new Cell(null)
  /** Persons whose messages this reader does not want to see. */
  readonly hidden: Cell<ReadonlySet<string>>
  /** Messages that this reader reported: they are not shown to them. */
  readonly reported: Cell<ReadonlySet<string>>
  /** The secret of a link that carries a role, until the person accepts it. It may be cut off. */
  readonly invitation: Cell<string | null>
  /** Counts up whenever the end of the messages is to be shown. */
  readonly endWanted: Cell<number> = new Cell(0)
  /** Once its code is there: then it is asked in the turn of the Enter key, and what is typed after that is another message. */
  declare isElse?: IsElse
  /** What is in sight of the messages stays where it is, though something below it grows. */
  declare hold?: () => void
  /** Why what was typed can't be a name, in a sentence; of what else the server says no to, it says so itself. */
  declare wrongName?: (typed: string) => string | undefined
  /** The name under which this person goes here; null: the one that the server makes. */
  chosen: string | null
  #notices = 0
  /** It is about to be drawn. */
  #isDue = false
  #stop: () => void

  constructor(name: string, around: string | null) {
    this.name = name
    this.room = joinRoom(name, { keep: SHOWN, ...(around && { around }) })
    this.snapshot = new Cell(this.room.snapshot)
    this.chosen = recall(`hearsay:name:${name}`)
    this.me = new Cell(this.#named(this.room.snapshot.me))
    this.joined = new Cell(recall(`hearsay:joined:${name}`) !== null)
    const kept = (what: string): Cell<ReadonlySet<string>> =>
      new Cell(new Set(recall(`hearsay:${what}:${name}`)?.split(' ')))
    this.hidden = kept('hidden')
    this.reported = kept('reported')
    this.invitation = new Cell(takeInvitation())
    this.marked.value = around
    this.#stop = this.room.subscribe((snapshot) => {
      // What this person writes or scrolls to is there at once. What others say is drawn once a frame, however much came in it.
      const { pending, older, newer } = this.snapshot.value
      const isOwn = snapshot.pending.length > pending.length
      if (isOwn || snapshot.older !== older || snapshot.newer !== newer) return this.#draw()
      if (this.#isDue) return
      this.#isDue = true
      requestAnimationFrame(this.#draw)
      // Pages that are not in sight have no frames.
      setTimeout(this.#draw, UNSEEN)
    })
  }

  #draw = (): void => {
    const { snapshot } = this.room
    this.#isDue = false
    if (snapshot === this.snapshot.value) return
    if (snapshot.me !== this.snapshot.value.me) this.me.value = this.#named(snapshot.me)
    const { connection } = snapshot
    this.refused.value = connection.phase === 'refused' ? connection.problem : null
    this.snapshot.value = snapshot
  }

  /** From now on this person speaks here, under this name or, without one, the made one. */
  join(name: string): void {
    if (name) this.rename(name)
    keep(`hearsay:joined:${this.name}`, '1')
    this.joined.value = true
  }

  /** Goes by another name from now on; null: the one that the server makes. */
  rename(name: string | null): void {
    this.room.rename(name)
    this.chosen = name
    keep(`hearsay:name:${this.name}`, name)
    this.me.value = this.#named(this.snapshot.value.me)
  }

  /** Puts a message on its way and shows it. Two slashes at its start are one: no command. */
  async say(text: string, files?: readonly Attachment[]): Promise<void> {
    // It is in the list at once: all else that it changes is drawn with it, not when it is kept.
    const replyTo = this.replyTo.value?.id
    const kept = this.room.say(text.replace(/^\/(?=\/)/, ''), { replyTo, files })
    this.replyTo.value = null
    this.unread?.clear()
    this.endWanted.value++
    await this.toEnd()
    await kept
  }

  /** Shows the newest messages and follows them. */
  async toEnd(): Promise<void> {
    if (this.snapshot.value.newer !== 'end') await this.room.latest()
    this.endWanted.value++
  }

  /** Shows a message where it was said, and marks it for two seconds. */
  async show(id: string): Promise<boolean> {
    const has = this.snapshot.value.messages.some((message) => message.id === id)
    if (!has && !(await this.room.around(id))) return false
    this.marked.value = null
    this.marked.value = id
    return true
  }

  /** Says a sentence for a few seconds. */
  tell(sentence: string): void {
    const mine = ++this.#notices
    this.notice.value = sentence
    setTimeout(() => {
      if (mine === this.#notices) this.notice.value = null
    }, 4000)
  }

  /** The composer changes this message, beginning with a text that is not saved yet where there is one. */
  change(message: Message, text = this.unsaved.get(message.id) ?? message.text): void {
    this.replyTo.value = null
    this.edited = text
    this.editing.value = message
  }

  /** Turns notifications on or off, at the person's own wish. */
  async ring(): Promise<void> {
    const { toggleNotifications } = await withWords(import('./soon.ts'))
    await toggleNotifications(this)
  }

  /** The name by which others call this person here. */
  get myName(): string | undefined {
    return this.chosen ?? this.me.value?.name
  }

  /** How the room is called: its host's title for it, else its name. */
  get title(): string {
    return this.snapshot.value.settings.title || this.name
  }

  isMine(from: From): boolean {
    return from.person === this.me.value?.person
  }

  #named(me: From | null): From | null {
    return me && this.chosen !== null ? { ...me, name: this.chosen } : me
  }

  leave(): void {
    this.#stop()
    this.room.leave()
  }
}

/** The secret in the address (`#k=`). It is taken out of there at once: addresses are copied, shown and kept. */
function takeInvitation(): string | null {
  const fragment = new URLSearchParams(location.hash.slice(1))
  const secret = fragment.get('k')
  if (secret !== null) history.replaceState(history.state, '', location.pathname + location.search)
  return secret
}

const Context = createContext<RoomView | null>(null)
export const RoomProvider: typeof Context.Provider = Context.Provider

/** The room that is being looked at. */
export function useRoom(): RoomView {
  const view = useContext(Context)
  if (!view) throw new TypeError('useRoom stands within a RoomProvider.')
  return view
}

/** The room as it is now, for a component that is drawn anew whenever one of these parts of it changes: most change rarely. */
export function useSnapshot<Part extends keyof RoomSnapshot>(
  { snapshot }: RoomView,
  ...parts: readonly Part[]
): Pick<RoomSnapshot, Part> {
  const [, draw] = useReducer((count: number) => count + 1, 0)
  const shown = useRef(snapshot.value)
  shown.current = snapshot.value
  useLayoutEffect(() => {
    const look = (): void => {
      if (parts.some((part) => snapshot.value[part] !== shown.current[part])) draw(undefined)
    }
    // It may have changed between the drawing and now.
    look()
    return snapshot.watch(look)
  }, [snapshot])
  return shown.current
}
