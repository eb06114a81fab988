/** Puts the focus where one writes, or where one joins. */
export function focusComposer(event?: Event): void {
  event?.preventDefault()
  document.querySelector<HTMLElement>('#composer, #join-name')?.focus()
}
