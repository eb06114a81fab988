import type { Message } from '@hearsay/protocol'

/** The place of an id in the server's order, which is the only order there is. */
export function seqOf(id: string): number {
  return Number(id.slice(id.lastIndexOf('-') + 1))
}

/** Milliseconds within which one author's messages stand under one name. */
const TOGETHER = 5 * 60_000

/** Whether a message stands under the name of the one before it. */
export function goesOn(message: Message, before: Message | undefined): boolean {
  if (!before || before.from.person !== message.from.person) return false
  if (before.from.name !== message.from.name || message.replyTo !== undefined) return false
  const from = new Date(before.at)
  const to = new Date(message.at)
  return to.getTime() - from.getTime() < TOGETHER && from.toDateString() === to.toDateString()
}

/** For how many seconds the room keeps its messages, where it has said so. */
export function retention(settings: Readonly<Record<string, unknown>>): number | undefined {
  const hours = settings['keepHours']
  return typeof hours === 'number' ? hours * 3600 : undefined
}

/** The beginning of a text: enough to know it again. */
export function firstLine(text: string): string {
  const line = text.split('\n', 1)[0] ?? ''
  return line.length > 120 ? `${line.slice(0, 119)}…` : line
}
