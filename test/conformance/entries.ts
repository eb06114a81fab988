import type { Entry, Log, Retention, Stretch } from '../../apps/server/src/log/log.ts'

export const noon: number = Date.UTC(2030, 0, 1, 12)
export const hour: number = 60 * 60 * 1000

export const who = (person: string): Entry['from'] => ({
  person,
  name: `quiet ${person}`,
  mark: 'ABC123',
  role: 'speak',
})
export const from: Entry['from'] = who('ann')

export function message(room: string, text: string, person = 'ann', key?: string): Entry {
  const said = { kind: 'message', room, at: noon, from: who(person), text } as const
  return key === undefined ? said : { ...said, key }
}

export function edit(room: string, target: string, text: string): Entry {
  return { kind: 'edit', room, at: noon, from, target, text }
}

export function remove(room: string, target: string): Entry {
  return { kind: 'delete', room, at: noon, from, target }
}

/** A message is hidden by an act, an hour long. */
export function hide(room: string, target: string, act: string, at: number = noon): Entry {
  return { kind: 'delete', room, at, from: who('mod'), target, hide: act }
}

export function putBack(room: string, target: string): Entry {
  return { kind: 'edit', room, at: noon, from: who('mod'), target, text: null }
}

export function hold(room: string, text: string, person = 'ann', key?: string): Entry {
  const said = { kind: 'hold', room, at: noon, from: who(person), text } as const
  return key === undefined ? said : { ...said, key }
}

export function react(
  room: string,
  target: string,
  emoji: string,
  on: boolean,
  person = 'ann',
): Entry {
  return { kind: 'reaction', room, at: noon, from: who(person), target, emoji, on }
}

export function settle(room: string, settings: Record<string, unknown>): Entry {
  return { kind: 'room', room, at: noon, from, settings }
}

export function record(room: string, space: string, name: string, value: unknown): Entry {
  return { kind: 'record', room, at: noon, from, space, name, value }
}

export function texts({ events }: Stretch): string[] {
  return events.map(({ json }) => (JSON.parse(json) as { text: string }).text)
}

/** All that rooms no longer keep is gone. @returns how many events that were */
export async function trim(log: Log, standard: Retention, now: number): Promise<number> {
  let removed = 0
  for (let more = true; more;) {
    const step = await log.trim(standard, now)
    removed += step.removed
    more = step.more
  }
  return removed
}
