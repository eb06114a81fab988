import { today } from '../clock.ts'
import { midnight } from '../midnight.ts'
import { region, t } from './translate.ts'

const made = new Map<string, Intl.DateTimeFormat>()

/** Making a format costs a hundred times what using it does. */
function format(name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${region.value} ${name}`
  let it = made.get(key)
  if (!it) made.set(key, (it = new Intl.DateTimeFormat(region.value, options)))
  return it
}

/** The time of day: "14:02". */
export function timeOf(at: Date): string {
  return format('time', { hour: 'numeric', minute: '2-digit' }).format(at)
}

/** Date and time in full. */
export function fullTime(at: Date): string {
  return format('full', { dateStyle: 'full', timeStyle: 'medium' }).format(at)
}

/** The day in words: today, yesterday, or its date. */
export function dayOf(at: Date): string {
  const apart = Math.round((today.value - midnight(at)) / 86_400_000)
  if (apart === 0) return t('room.today')
  if (apart === 1) return t('room.yesterday')
  const sameYear = at.getFullYear() === new Date(today.value).getFullYear()
  return format(sameYear ? 'day' : 'year', {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    ...(sameYear ? {} : { year: 'numeric' }),
  }).format(at)
}
