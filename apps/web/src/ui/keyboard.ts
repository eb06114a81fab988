/**
 * Safari lays the keyboard over the page instead of making the page smaller: the page's height then follows what is
 * left of it, so that the composer and the last message stay in sight, and so does a dialog's.
 */
export function followKeyboard(): void {
  const view = window.visualViewport
  if (!view) return
  const follow = (): void => {
    // A person who zooms in wants the page larger, not the layout smaller.
    const isCovered = view.scale <= 1.01 && innerHeight - view.height > 80
    const { style } = document.documentElement
    if (isCovered) style.setProperty('--height', `${Math.round(view.height)}px`)
    else style.removeProperty('--height')
    if (!isCovered) return
    scrollTo(0, 0)
    // What is written in may have been in the part of a dialog that is below now.
    document.querySelector('dialog :focus')?.scrollIntoView({ block: 'nearest' })
  }
  view.addEventListener('resize', follow)
}
