import type { History, Message } from '@hearsay/protocol'
import * as calls from './calls.ts'
import { ProblemError, type PageQuery, type Server } from './calls.ts'
import { pause, type Clock } from './connection.ts'
import type { LoggedEvent } from './place.ts'
import { seq, Timeline } from './timeline.ts'

/** Messages on each side of one that is shown in the midst of others. */
const AROUND = 25
/** Messages of one page at most; 50 where nothing is said. */
const MOST = 200

export interface PagesOptions {
  readonly server: Server
  readonly room: string
  /** Messages kept at most. */
  readonly keep: number
  /** The message to open around; undefined: at the end. */
  readonly around: string | undefined
  readonly clock: Clock
  readonly onChange: () => void
}

/** Something may be missing in what is shown, and is to be got. */
interface Hole {
  /** After this message, where what is shown reached the end. */
  last: Message | undefined
}

/** A room's timeline and the pages of history that it is made of. */
export class Pages {
  readonly timeline: Timeline
  /** The first page has come. */
  isLoaded = false
  #options: PagesOptions
  /** Counts the stretches shown: an answer to a question about an earlier one comes too late. */
  #view = 0
  #hole: Hole | undefined
  #tries = 0
  #timer: unknown
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
    this.#miss()
    if (!this.isLoaded && around !== undefined) {
      // Where it could not be got, the newest is better than nothing, unless it was asked for once more.
      if ((await this.#showAround(around)) ?? (this.isLoaded || this.#fetches > 0)) return
    }
    await this.#again(() => this.#load())
  }

  /** Something is lost, and with it perhaps the removal of what is shown. */
  renew(): Promise<void> {
    this.#miss()
    return this.#again(() => this.#showNewest())
  }

  #miss(): void {
    this.#hole = { last: this.#hole ? this.#hole.last : this.#end }
  }

  get #end(): Message | undefined {
    const { newer, newest } = this.timeline
    return newer === 'end' ? newest : undefined
  }

  /**
   * What is shown, from its oldest to its newest message, as it is now: so whoever reads in it stays where he is. A reader at the
   * end gets the newest.
   */
  async #again(newest: () => Promise<void>): Promise<void> {
    const { timeline } = this
    const [first, last] = [timeline.oldest, timeline.newest]
    if (this.isLoaded && first && last && !(this.#hole?.last && timeline.atEnd)) {
      // The place just before the oldest.
      const before = first.id.replace(/\d+$/, (seq) => `${+seq - 1}`)
      if ((await this.#show(() => this.#stretch(before, last.id))) !== false) return
    }
    await newest()
  }

  async older(): Promise<void> {
    const { timeline } = this
    const { oldest, older } = timeline
    if (!oldest) return this.#load()
    if (older === 'end' || older === 'loading') return
    timeline.older = 'loading'
    await this.#fetch(
      () => this.#get({ before: oldest.id }),
      (page) => {
        // What it was to stand beside may have made room for something else.
        if (page && timeline.oldest?.id === oldest.id) timeline.prepend(page)
        else timeline.older = page ? 'more' : 'failed'
      },
    )
  }

  async newer(): Promise<void> {
    const { timeline } = this
    const { newest, newer } = timeline
    if (!newest) return this.#load()
    if (newer === 'end' || newer === 'loading') return
    timeline.newer = 'loading'
    if (this.#hole) return this.open()
    await this.#fetch(
      () => this.#get({ after: newest.id }),
      (page) => {
        if (page && timeline.newest?.id === newest.id) timeline.append(page)
        else timeline.newer = page ? 'more' : 'failed'
      },
    )
  }

  async around(id: string): Promise<boolean> {
    const isShown = await this.#showAround(id)
    // The first page may have come meanwhile, and too late.
    if (isShown === false && !this.isLoaded) void this.open()
    return isShown ?? false
  }

  async latest(): Promise<void> {
    this.timeline.atEnd = true
    if (this.timeline.newer !== 'end') await this.#showNewest()
  }

  /** What is under way is of no use any more. */
  close(): void {
    this.#view++
    this.#hole = undefined
    this.#options.clock.clearTimeout(this.#timer)
  }

  /** The newest page, over what is there. */
  async #load(): Promise<void> {
    const { timeline } = this
    if (!timeline.oldest && timeline.older !== 'end') timeline.older = 'loading'
    const hole = this.#hole
    await this.#fetch(
      () => this.#get({}),
      (page) => {
        if (page) {
          // One that was asked for later came earlier, and knows more.
          if (hole && !this.#hole) return
          if (timeline.renew(page)) this.#view++
          this.#take(hole)
        } else if (timeline.older === 'loading') timeline.older = 'failed'
      },
    )
  }

  /** What is shown was asked for when this was the hole: nothing is missing, but for what was missed since. */
  #take(hole: Hole | undefined): void {
    if (this.#hole === hole) {
      this.#hole = undefined
      this.#tries = 0
    } else if ((this.#hole ??= hole)) this.#hole.last = this.#end
  }

  /** What may be missing did not come: nothing is shown from there on, and it is tried again. */
  #retry({ last }: Hole): void {
    const { clock } = this.#options
    if (last) this.timeline.cut(last)
    clock.clearTimeout(this.#timer)
    this.#timer = clock.setTimeout(
      () => this.#hole && void this.open(),
      pause(clock, this.#tries++),
    )
  }

  async #showNewest(): Promise<void> {
    await this.#show(() => this.#get({}))
  }

  /** Answers false where the message is not there. */
  #showAround(id: string): Promise<boolean | undefined> {
    return this.#show(async () => {
      const page = await this.#get({ around: id, limit: 2 * AROUND + 1 })
      return page.messages.some((message) => message.id === id) ? page : undefined
    })
  }

  /** From after a place to this message at least. */
  async #stretch(after: string, to: string): Promise<History> {
    const page = await this.#get({ after, limit: MOST })
    if (page.after === null || seq(page.after) >= seq(to)) return page
    const next = await this.#stretch(page.after, to)
    return { ...next, before: page.before, messages: [...page.messages, ...next.messages] }
  }

  /**
   * Shows another stretch and nothing else: answers to questions about this one come too late. Until it is there nothing is added
   * to what it takes the place of: that would be there and vanish.
   */
  #show(ask: () => Promise<History | undefined>): Promise<boolean | undefined> {
    const { timeline } = this
    const set = (state: 'loading' | 'more'): void => {
      if (timeline.older !== 'end') timeline.older = state
      if (timeline.newer !== 'end') timeline.newer = state
    }
    set('loading')
    this.#view++
    const hole = this.#hole
    return this.#fetch(ask, (page) => {
      if (!page) {
        set('more')
        // It is tried again by itself: whoever asks at once, as there is more, would ask without end.
        if (hole && timeline.newer !== 'end') timeline.newer = 'failed'
        return
      }
      timeline.replace(page)
      this.#take(hole)
    })
  }

  #get(query: PageQuery): Promise<History> {
    const { server, room } = this.#options
    return calls.history(server, room, query)
  }

  /**
   * `use` gets undefined where it did not get through: the state of the connection tells the person why. Answers whether it did;
   * undefined: it may yet, or something else was asked for since.
   */
  async #fetch(
    ask: () => Promise<History | undefined>,
    use: (page: History | undefined) => void,
  ): Promise<boolean | undefined> {
    const view = this.#view
    const { onChange } = this.#options
    this.#fetches++
    onChange()
    let page: History | undefined
    let isPassing = false
    try {
      page = await ask()
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error
      isPassing = error.passing
    } finally {
      this.#fetches--
      if (view === this.#view) {
        use(page)
        if (page) this.isLoaded = true
        // To a page that was read before it this adds what is missing, to one that was read after it nothing.
        for (const event of this.#during) {
          if (event.type !== 'message' || this.timeline.newer === 'end') this.timeline.apply(event)
        }
      }
      if (this.#fetches === 0) {
        this.#during = []
        if (this.#hole && (isPassing || this.isLoaded || view !== this.#view))
          this.#retry(this.#hole)
      }
      onChange()
    }
    return isPassing || view !== this.#view ? undefined : page !== undefined
  }
}
