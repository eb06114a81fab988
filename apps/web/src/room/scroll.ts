/** Pixels from the end within which the reader is taken to be at the end. */
const NEAR_END = 100

/**
 * Keeps what a reader sees where it is, while messages come and go around it. Asked before the list is drawn anew,
 * it notes the first row in sight; after, it puts that row back to where it was. A reader at the end stays there.
 */
export class ScrollKeeper {
  readonly #scroller: HTMLElement
  #anchor: { readonly row: Element; readonly top: number } | undefined
  /** What was brought into the middle, and stays there until the reader scrolls. */
  #shown: Element | undefined
  /** Whether the reader is at the end. Only the reader's own scrolling changes it, not what grows. */
  isAtEnd = true
  /** What is shown goes on: its end is not where one stays. */
  hasMore = false
  #height: number
  /** Where the scroller stood when the reader's place was last noted. */
  #top = 0
  /** It was drawn, and nothing moved yet. */
  #isDue = false
  /** How often the end was wished for, as far as that was drawn. */
  #ends = 0

  constructor(scroller: HTMLElement) {
    this.#scroller = scroller
    this.#height = scroller.clientHeight
  }

  /** Pixels below what is in sight. */
  get below(): number {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller
    return scrollHeight - scrollTop - clientHeight
  }

  /**
   * The list is about to be drawn anew. The browser tells of scrolling once a frame: what the reader did since then
   * must not be taken back. Who goes to the end needs no row to go back to: nothing is measured.
   */
  before(ends: number): void {
    if (!this.#isDue && ends === this.#ends) this.scrolled()
  }

  /**
   * The list was drawn anew, and the reader goes to the end where that was wished for once more, or stays. What else changes
   * in this turn is drawn first: so the page is laid out once, and nobody has seen it yet.
   */
  after(ends: number): void {
    if (ends !== this.#ends) this.isAtEnd = true
    this.#ends = ends
    this.#isDue = true
    queueMicrotask(() => this.#settle())
  }

  /** Moves what was drawn, before anything is read off it. */
  #settle(): void {
    if (this.#isDue) this.#restore()
  }

  /** The reader may have scrolled. Who did not stays at the end, or where a row was shown. */
  scrolled(): void {
    this.#settle()
    if ((this.isAtEnd || this.#shown) && this.#scroller.scrollTop === this.#top) return
    // A window that got smaller (a keyboard came up) scrolls too, without anybody's wish to go away from the end.
    if (this.#scroller.clientHeight !== this.#height) return this.resized()
    this.#note(this.#isEmpty || this.below <= NEAR_END)
  }

  /** Something in the list, or the list itself, changed its height. */
  resized(): void {
    this.#settle()
    const { clientHeight, scrollTop } = this.#scroller
    const grown = clientHeight - this.#height
    this.#height = clientHeight
    const moved = this.#top - scrollTop
    // A window that grows moves what stands at its end by as much. Whatever moved otherwise, the reader moved: in the
    // very frame in which something changed its size, before the browser has told of it. The reader goes first.
    const isWindow = this.isAtEnd && moved >= 0 && moved <= grown + 1
    if (moved !== 0 && !isWindow) this.scrolled()
    else this.#restore()
  }

  /** What is in sight stays where it is, whatever grows below it: the reader opened it. */
  hold(): void {
    this.#note(false)
  }

  /** Brings a row into the middle; the reader is then where that row is. */
  show(row: Element): void {
    this.#settle()
    this.#shown = row
    this.isAtEnd = false
    this.#restore()
    this.#note(this.below <= 1)
    this.#shown = row
  }

  /** Notes where the reader is, by the first row in sight: found by halves, as there may be hundreds. */
  #note(isAtEnd: boolean): void {
    this.isAtEnd = isAtEnd && !this.hasMore
    this.#shown = undefined
    this.#top = this.#scroller.scrollTop
    const rows = this.#scroller.querySelectorAll('[data-row]')
    const edge = this.#scroller.getBoundingClientRect().top
    let low = 0
    let high = rows.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((rows[middle] as Element).getBoundingClientRect().bottom <= edge) low = middle + 1
      else high = middle
    }
    const row = rows[low]
    this.#anchor = row && { row, top: this.#placeOf(row) }
  }

  /** Pixels from the top edge of what is in sight. */
  #placeOf(row: Element): number {
    return row.getBoundingClientRect().top - this.#scroller.getBoundingClientRect().top
  }

  #restore(): void {
    this.#isDue = false
    const box = this.#scroller
    const anchor = this.#anchor
    const shown = this.#shown
    if (this.isAtEnd) {
      // Where nothing was said yet, what stands there instead is read from its beginning.
      if (!this.#isEmpty) box.scrollTop = box.scrollHeight
    } else if (shown?.isConnected) {
      box.scrollTop += this.#placeOf(shown) - (box.clientHeight - shown.clientHeight) / 2
    } else if (anchor?.row.isConnected) {
      box.scrollTop += this.#placeOf(anchor.row) - anchor.top
    } else this.#note(false)
    this.#top = box.scrollTop
  }

  /** Nothing was said here, so every place is the end. */
  get #isEmpty(): boolean {
    return this.#scroller.querySelector('[data-row]') === null
  }
}
