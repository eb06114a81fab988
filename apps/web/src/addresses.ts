/** The address that people are given for a room. */
export function addressOf(room: string): string {
  return `${location.origin}/r/${room}`
}
