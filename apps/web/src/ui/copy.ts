/** Puts a text into the clipboard. Answers false where the browser does not let us. */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copySelected(text)
  }
}

/** The older way, and the only one of a page that came over plain HTTP (Clipboard API §8: secure contexts). */
function copySelected(text: string): boolean {
  const had = document.activeElement
  const field = document.createElement('textarea')
  field.className = 'sr'
  // No keyboard comes up on a phone.
  field.readOnly = true
  field.value = text
  // Nothing but the dialog on top can have the focus.
  const dialog = [...document.querySelectorAll('dialog[open]')].at(-1)
  ;(dialog ?? document.body).append(field)
  field.focus({ preventScroll: true })
  field.select()
  const isDone = document.execCommand('copy')
  field.remove()
  if (had instanceof HTMLElement) had.focus({ preventScroll: true })
  return isDone
}
