import type { History } from '@hearsay/protocol'
import * as calls from './calls.ts'
import { ProblemError, type Server } from './calls.ts'
import type { LoggedEvent } from './place.ts'
import { Timeline } from './timeline.ts'

/** Messages of one page of history. */
const PAGE = 50

export interface PagesOptions {
  readonly server: Server
  readonly room: string
  /** Messages kept at most. */
  readonly keep: number
  /** The message to open around; undefined: at the end. */
  readonly around: string | undefined
  readonly onChange: () => void
}

/** A room's timeline and the pages of history that it is made of. */
export class Pages {
  readonly timeline: Timeline
  /** The first page has come. */
  isLoaded = false
  #options: PagesOptions
  /** Counts the stretches shown: an answer to a question about an earlier one comes too late. */
  #view = 0
  #loads = 0
  #newestLoad = 0
  /** What was heard while pages are being fetched: a page may have been read before it. */
  #during: LoggedEvent[] = []
  #fetches = 0

  constructor(options: PagesOptions) {
    this.#options = options
    this.timeline = new Timeline(options.keep)
  }

  /** Something happened in the room. */
  apply(event: LoggedEvent): void {
    if (this.#fetches > 0) this.#during.push(event)
    this.timeline.apply(event)
  }

  /** Gets what is to be shown, or what is shown, as it is now. */
  async open(): Promise<void> {
    const { around } = this.#options
    if (this.isLoaded && this.timeline.newer !== 'end') return this.renew()
    if (!this.isLoaded && around !== undefined && (await this.#showAround(around)) !== false) return
    return this.#load()
  }

  /** Something is lost, and with it perhaps the removal of what is shown: all of it anew, where the reader is. */
  async renew(): Promise<void> {
    const { messages, newer } = this.timeline
    const middle = newer === 'end' ? undefined : messages[messages.length >> 1]
    if (middle && (await this.#showAround(middle.id)) !== false) return
    await this.#showNewest()
  }

  async older(): Promise<void> {
    const { timeline } = this
    const { oldest, older } = timeline
    if (!oldest) return this.#load()
    if (older !== 'more' && older !== 'failed') return
    timeline.older = 'loading'
    await this.#page({ before: oldest.id }, (page) => {
      if (page) timeline.prepend(page)
      else timeline.older = 'failed'
    })
  }

  async newer(): Promise<void> {
    const { timeline } = this
    const { newest, newer } = timeline
    if (!newest) return this.#load()
    if (newer !== 'more' && newer !== 'failed') return
    timeline.newer = 'loading'
    await this.#page({ after: newest.id }, (page) => {
      if (page) timeline.append(page)
      else timeline.newer = 'failed'
    })
  }

  async around(id: string): Promise<boolean> {
    return (await this.#showAround(id)) ?? false
  }

  async latest(): Promise<void> {
    this.timeline.atEnd = true
    if (this.timeline.newer !== 'end') await this.#showNewest()
  }

  /** What is under way is of no use any more. */
  close(): void {
    this.#view++
  }

  /** The newest page, over what is there. */
  #load(): Promise<void> {
    const load = ++this.#loads
    const { timeline } = this
    if (!timeline.oldest && timeline.older !== 'end') timeline.older = 'loading'
    return this.#page({}, (page) => {
      if (page) {
        // One that was asked for later came earlier, and knows more.
        if (load < this.#newestLoad) return
        this.#newestLoad = load
        if (timeline.renew(page)) this.#view++
      } else if (timeline.older === 'loading' && !timeline.oldest) timeline.older = 'failed'
    })
  }

  #showNewest(): Promise<void> {
    this.#newView()
    return this.#page({}, (page) => page && this.timeline.replace(page))
  }

  /** undefined: something else was asked for since. */
  async #showAround(id: string): Promise<boolean | undefined> {
    const { server, room } = this.#options
    const limit = PAGE / 2
    this.#newView()
    let found: boolean | undefined
    await this.#fetch(
      () =>
        Promise.all([
          calls.history(server, room, { before: id, limit }),
          calls.message(server, room, id),
          calls.history(server, room, { after: id, limit }),
        ]),
      (pages) => {
        found = pages !== undefined
        if (!pages) return
        const [{ messages: earlier, before }, message, { messages: later, after }] = pages
        this.timeline.replace({ messages: [...earlier, message, ...later], before, after })
      },
    )
    return found
  }

  /** Another stretch is to be shown: answers to questions about this one come too late. */
  #newView(): void {
    const { timeline } = this
    if (timeline.older === 'loading') timeline.older = 'more'
    if (timeline.newer === 'loading') timeline.newer = 'more'
    this.#view++
  }

  #page(query: calls.PageQuery, use: (page: History | undefined) => void): Promise<void> {
    const { server, room } = this.#options
    return this.#fetch(() => calls.history(server, room, { ...query, limit: PAGE }), use)
  }

  /** `use` gets undefined where it did not get through: the state of the connection tells the person why. */
  async #fetch<Answer>(
    ask: () => Promise<Answer>,
    use: (answer: Answer | undefined) => void,
  ): Promise<void> {
    const view = this.#view
    const { onChange } = this.#options
    this.#fetches++
    onChange()
    let answer: Answer | undefined
    try {
      answer = await ask()
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error
    } finally {
      this.#fetches--
      if (view === this.#view) {
        use(answer)
        if (answer) this.isLoaded = true
        // To a page that was read before it this adds what is missing, to one that was read after it nothing.
        for (const event of this.#during) {
          if (event.type !== 'message' || this.timeline.newer === 'end') this.timeline.apply(event)
        }
      }
      if (this.#fetches === 0) this.#during = []
      onChange()
    }
  }
}
