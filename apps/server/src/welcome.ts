import type { Settings } from '@hearsay/protocol'

const counted = (count: number, unit: string): string => `${count} ${unit}${count === 1 ? '' : 's'}`

/** Who may do what. */
function whoMay({ hear, speak, locked, closed }: Settings): string {
  if (closed) return 'The room is closed.'
  if (hear === 'invited') return 'Only people with a link of its host can read here.'
  if (speak === 'speakers')
    return 'Everyone who has the address can read here, only speakers write.'
  if (locked) return 'Everyone who has the address can read here. For now nobody can write.'
  return 'Everyone who has the address can read and write here.'
}

/**
 * What stands in a room in which nothing was said, a line each: how to invite, who can see what, and for how long it stays.
 *
 * @param way how to say or hear something there
 */
export function welcome(settings: Settings, address: string, way: string): string[] {
  const { hear, speak, locked, closed, keepHours, title, topic } = settings
  const isOpen = hear === 'everyone' && speak === 'everyone' && !locked && !closed
  const about = [title, topic].filter((each) => each !== '').join(': ')
  const time = keepHours % 24 === 0 ? counted(keepHours / 24, 'day') : counted(keepHours, 'hour')
  return [
    ...(about === '' ? [] : [`About this room: ${about}`]),
    'Nobody has said anything here yet.',
    ...(isOpen ? [`Invite people: give them ${address}`, way] : []),
    `${whoMay(settings)} Messages stay for ${time} at most.`,
  ]
}
