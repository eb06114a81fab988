import { t } from '../i18n/translate.ts'
import { prefer, preferences } from '../preferences.ts'
import { registration } from '../worker.ts'
import type { RoomView } from './view.ts'

/** The bell: asks the browser only now, as a page that asks by itself is refused by most people. */
export async function toggleNotifications(view: RoomView): Promise<void> {
  if (preferences.value.notify !== 'off') {
    prefer({ notify: 'off' })
    return view.tell(t('notify.off'))
  }
  if (typeof Notification === 'undefined') {
    // Only there is it known whether a page stands on the home screen.
    const { standalone } = navigator as { readonly standalone?: boolean }
    return view.tell(t(standalone === false ? 'settings.notifyIos' : 'settings.notifyCannot'))
  }
  if ((await Notification.requestPermission()) !== 'granted') {
    return view.tell(t('settings.notifyDenied'))
  }
  if (!(await registration()) && !canShowAlone()) return view.tell(t('settings.notifyCannot'))
  prefer({ notify: 'all' })
  view.tell(t('notify.onWhile'))
}

/** Whether the page shows notifications without a worker. That is known only once it has shown one. */
function canShowAlone(): boolean {
  try {
    new Notification(t('notify.onWhile'), { silent: true }).close()
    return true
  } catch {
    return false
  }
}

const tagOf = (room: string): string => `hearsay ${room}`

/**
 * Shows something of a room in place of what was shown of it before: by the worker where there is one, as browsers of phones
 * know no other way, else by the page.
 */
export async function showNotification(
  room: string,
  title: string,
  more: NotificationOptions,
): Promise<void> {
  // The permission was taken back, or this browser has none to give: the bell is not to say otherwise.
  if (typeof Notification === 'undefined' || Notification.permission !== 'granted') {
    return prefer({ notify: 'off' })
  }
  const options = { tag: tagOf(room), icon: '/icon-192.png', data: `/r/${room}`, ...more }
  const worker = await registration()
  try {
    if (worker?.active) return await worker.showNotification(title, options)
    const notification = new Notification(title, options)
    notification.addEventListener('click', () => {
      focus()
      notification.close()
    })
  } catch {
    // A worker that is still being installed shows the next one; for this one title and badge must do.
    if (!worker) prefer({ notify: 'off' })
  }
}

/** Takes away what the worker has shown of a room. */
export async function clearNotifications(room: string): Promise<void> {
  const shown = await (await registration())?.getNotifications({ tag: tagOf(room) })
  for (const notification of shown ?? []) notification.close()
}
