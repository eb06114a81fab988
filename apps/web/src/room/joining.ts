import { t } from '../i18n/translate.ts'
import { composer, insert } from './field.ts'
import type { RoomView } from './view.ts'

/**
 * Who joins goes on typing. Until the composer's code is there another field has the focus, unseen: what is written in it is
 * the composer's then. Answers how to stop.
 */
export function watchJoining(view: RoomView): () => void {
  let end = (): void => {}
  // It is about to be wanted.
  if (!view.joined.value) void import('./Composer.tsx').catch(() => {})
  const stop = view.joined.watch(() => {
    const foot = document.querySelector('.foot')
    if (composer() || !foot) return
    const meanwhile = document.createElement('textarea')
    meanwhile.className = 'sr'
    meanwhile.ariaLabel = t('composer.label', { room: view.name })
    foot.append(meanwhile)
    meanwhile.focus({ preventScroll: true })
    // In the turn in which the composer comes: no key falls between the two.
    const watch = new MutationObserver(() => {
      const field = composer()
      if (!field) return
      if (meanwhile.value) insert(meanwhile.value)
      else if (document.activeElement === meanwhile) field.focus()
      end()
    })
    end = () => {
      watch.disconnect()
      meanwhile.remove()
    }
    watch.observe(foot, { childList: true, subtree: true })
  })
  return () => {
    stop()
    end()
  }
}
