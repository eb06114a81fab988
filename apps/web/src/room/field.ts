/** The field in which one writes; none before one joined, where one may not write, and until its code is there. */
export function composer(): HTMLTextAreaElement | null {
  return document.querySelector<HTMLTextAreaElement>('textarea#composer')
}

/** Puts a text where the cursor is, or in the place of something, as if it were typed. */
export function insert(text: string, from?: number, to?: number): void {
  const field = composer()
  if (!field) return
  field.setRangeText(text, from ?? field.selectionStart, to ?? field.selectionEnd, 'end')
  field.dispatchEvent(new InputEvent('input', { bubbles: true }))
  field.focus()
}
