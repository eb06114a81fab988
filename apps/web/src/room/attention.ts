import type { Message } from '@hearsay/protocol'
import { t } from '../i18n/translate.ts'
import { preferences, type Which } from '../preferences.ts'
import { mentionsName } from '../text/parse.ts'
import { chosen } from './choices.ts'
import { wordsOf } from './first-line.ts'
import { watchHeard } from './heard.ts'
import { showNotification } from './notifications.ts'
import { isCaller, watchSight } from './sight.ts'
import { Unread } from './unread.ts'
import type { RoomView } from './view.ts'

/** Says what is unread where a person sees it from elsewhere: title, icon, badge, notification. Answers how to stop. */
export function watchAttention(view: RoomView): () => void {
  const unread = (view.unread = new Unread(view))
  const title = (): void => {
    const count = unread.count.value
    document.title = count > 0 ? `(${count}) ${view.title}` : `${view.title} · Hearsay`
    const icon = document.querySelector<HTMLLinkElement>('link[rel=icon]')
    const name = count === 0 ? 'icon' : unread.mentioned.value ? 'icon-mention' : 'icon-unread'
    const href = `/${name}.svg`
    // Set to the same address it is loaded again.
    if (icon && icon.getAttribute('href') !== href) icon.href = href
    const badge = navigator as Partial<Pick<Navigator, 'setAppBadge' | 'clearAppBadge'>>
    void (count > 0 ? badge.setAppBadge?.(count) : badge.clearAppBadge?.())?.catch(() => {})
  }
  const calls = (fresh: readonly Message[], isNews: boolean): void => {
    const name = view.myName
    if (!isNews) return
    for (const message of fresh.slice(-20)) {
      const isMention = !!name && mentionsName(message.text, name)
      const wants = (which: Which): boolean =>
        which === 'all' || (which === 'mentions' && isMention)
      const isHeard = wants(chosen(view.name, 'sound'))
      const isShown = wants(preferences.value.notify)
      if (isHeard || isShown) void callFor(view, message, { isMention, isHeard, isShown })
    }
  }
  let { settings } = view.snapshot.value
  title()
  const stops = [
    unread.count.watch(title),
    unread.mentioned.watch(title),
    watchHeard(view, calls),
    view.snapshot.watch(() => {
      if (settings === view.snapshot.value.settings) return
      settings = view.snapshot.value.settings
      title()
    }),
    watchSight(view.name),
    () => unread.stop(),
  ]
  return () => {
    for (const stop of stops) stop()
    document.title = 'Hearsay'
  }
}

interface Wanted {
  readonly isMention: boolean
  readonly isHeard: boolean
  readonly isShown: boolean
}

/** Calls the reader for a message, as they want it, unless another page of the room does or they look at one. */
async function callFor(view: RoomView, message: Message, wanted: Wanted): Promise<void> {
  if (!(await isCaller(view.name, message.id))) return
  const { isMention, isHeard, isShown } = wanted
  if (isHeard) chime()
  if (!isShown || document.visibilityState !== 'hidden') return
  const { name } = message.from
  const room = view.title
  const title = isMention ? t('notify.mention', { name, room }) : t('notify.hidden', { room })
  const { notifyText } = preferences.value
  await showNotification(view.name, title, {
    // What sounds is for the person to choose, and is nothing until then.
    silent: !isHeard,
    ...(notifyText ? { body: `${name}: ${wordsOf(message).slice(0, 200)}` } : {}),
  })
}

let audio: AudioContext | undefined

/** Two soft tones. Made here: a file of its own would be another thing to load. */
function chime(): void {
  audio ??= new AudioContext()
  const start = audio.currentTime
  for (const [at, pitch] of [
    [0, 660],
    [0.09, 880],
  ] as const) {
    const tone = audio.createOscillator()
    const volume = audio.createGain()
    tone.frequency.value = pitch
    volume.gain.setValueAtTime(0.0001, start + at)
    volume.gain.exponentialRampToValueAtTime(0.08, start + at + 0.015)
    volume.gain.exponentialRampToValueAtTime(0.0001, start + at + 0.25)
    tone.connect(volume).connect(audio.destination)
    tone.start(start + at)
    tone.stop(start + at + 0.26)
  }
}
