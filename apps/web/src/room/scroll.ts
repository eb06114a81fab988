/** Pixels from the end within which the reader is taken to be at the end. */
const NEAR_END = 100

/**
 * Keeps what a reader sees where it is, while messages come and go around it. Asked before the list is drawn anew,
 * it notes the first row in sight; after, it puts that row back to where it was. A reader at the end stays there.
 */
export class ScrollKeeper {
  readonly #scroller: HTMLElement
  #anchor: { readonly row: Element; readonly top: number } | undefined
  /** Whether the reader is at the end. Only the reader's own scrolling changes it, not what grows. */
  isAtEnd = true
  #height = 0
  /** Where the scroller stood when the reader's place was last noted. */
  #top = 0

  constructor(scroller: HTMLElement) {
    this.#scroller = scroller
    this.#height = scroller.clientHeight
  }

  /**
   * The list is about to be drawn anew. The browser tells of scrolling once a frame: what the reader did since then
   * must not be taken back.
   */
  before(): void {
    if (this.#scroller.scrollTop === this.#top) this.note()
    else this.scrolled()
  }

  /** The reader scrolled. */
  scrolled(): void {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller
    // A window that got smaller (a keyboard came up) scrolls too, without anybody's wish to go away from the end.
    if (clientHeight !== this.#height) return this.resized()
    this.isAtEnd = this.#isEmpty || scrollHeight - scrollTop - clientHeight <= NEAR_END
    this.note()
  }

  /** Notes the first row in sight. */
  note(): void {
    this.#top = this.#scroller.scrollTop
    const edge = this.#scroller.getBoundingClientRect().top
    for (const row of this.#rows()) {
      const { top, bottom } = row.getBoundingClientRect()
      if (bottom <= edge) continue
      this.#anchor = { row, top: top - edge }
      return
    }
    this.#anchor = undefined
  }

  /** The list was drawn anew, or something in it changed its height. */
  restore(): void {
    if (this.isAtEnd) return this.toEnd()
    const { row, top } = this.#anchor ?? {}
    if (!row?.isConnected || top === undefined) return this.note()
    const now = row.getBoundingClientRect().top - this.#scroller.getBoundingClientRect().top
    if (now === top) return
    this.#scroller.scrollTop += now - top
    this.#top = this.#scroller.scrollTop
  }

  resized(): void {
    const { clientHeight, scrollTop } = this.#scroller
    const grown = clientHeight - this.#height
    this.#height = clientHeight
    const moved = this.#top - scrollTop
    // A window that grows moves what stands at its end by as much. Whatever moved otherwise, the reader moved: in the
    // very frame in which something changed its size, before the browser has told of it. The reader goes first.
    const isWindow = this.isAtEnd && moved >= 0 && moved <= grown + 1
    if (moved !== 0 && !isWindow) this.scrolled()
    else this.restore()
  }

  toEnd(): void {
    this.isAtEnd = true
    // Where nothing was said yet, what stands there instead is read from its beginning.
    if (!this.#isEmpty) this.#scroller.scrollTop = this.#scroller.scrollHeight
    this.#top = this.#scroller.scrollTop
  }

  /** Brings a row into the middle; the reader is then where that row is. */
  show(row: Element): void {
    row.scrollIntoView({ block: 'center' })
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller
    this.isAtEnd = scrollHeight - scrollTop - clientHeight <= 1
    this.note()
  }

  /** Nothing was said here, so every place is the end. */
  get #isEmpty(): boolean {
    return this.#scroller.querySelector('[data-row]') === null
  }

  /** The rows from about where the reader looks: found by halves, as there may be hundreds. */
  *#rows(): Iterable<Element> {
    const rows = this.#scroller.querySelectorAll('[data-row]')
    const edge = this.#scroller.getBoundingClientRect().top
    let low = 0
    let high = rows.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((rows[middle] as Element).getBoundingClientRect().bottom <= edge) low = middle + 1
      else high = middle
    }
    for (let at = low; at < rows.length; at++) yield rows[at] as Element
  }
}
