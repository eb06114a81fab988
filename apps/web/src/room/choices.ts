import { Cell } from '../cell.ts'
import { preferences, type Which } from '../preferences.ts'
import { keep, recall } from '../storage.ts'

/** What a person chose for one room; what is not there is as everywhere. */
export type RoomChoices = { readonly [what in 'announce' | 'sound']?: Which }

const cells = new Map<string, Cell<RoomChoices>>()
const keyOf = (room: string): string => `hearsay:choices:${room}`

/** What was chosen for a room on this device. */
export function choicesOf(room: string): Cell<RoomChoices> {
  let cell = cells.get(room)
  if (!cell) cells.set(room, (cell = new Cell(kept(room))))
  return cell
}

function kept(room: string): RoomChoices {
  try {
    return JSON.parse(recall(keyOf(room)) ?? '{}') as RoomChoices
  } catch {
    return {}
  }
}

/** Chooses for one room; null: as everywhere. */
export function choose(room: string, what: keyof RoomChoices, which: Which | null): void {
  const { [what]: _, ...rest } = choicesOf(room).value
  const next = which === null ? rest : { ...rest, [what]: which }
  choicesOf(room).value = next
  keep(keyOf(room), Object.keys(next).length > 0 ? JSON.stringify(next) : null)
}

/** About which messages of a room a person wants to be told in this way. */
export function chosen(room: string, what: keyof RoomChoices): Which {
  return choicesOf(room).value[what] ?? preferences.value[what]
}
