import { roomPattern } from '@hearsay/protocol'
import { Refusal } from './refusal.ts'

const pattern = new RegExp(roomPattern)

/** @throws Refusal `bad-room` */
export function checkRoom(name: string): string {
  if (!pattern.test(name)) throw new Refusal('bad-room')
  return name
}

/** The name that was meant where it was only written in upper case; null: there is none. */
export function lowerCased(name: string): string | null {
  if (!/[A-Z]/.test(name)) return null
  // ASCII alone: toLowerCase would make an "i" of "İ", and a room of a name that is not one.
  const lower = name.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
  return pattern.test(lower) ? lower : null
}
