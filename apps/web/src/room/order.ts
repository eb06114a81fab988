import type { Message } from '@hearsay/protocol'
import { midnight } from '../midnight.ts'

/** The place of an id in the server's order, which is the only order there is. */
export function seqOf(id: string): number {
  return Number(id.slice(id.lastIndexOf('-') + 1))
}

/** Milliseconds within which one author's messages stand under one name. */
const TOGETHER = 5 * 60_000

/** Whether a message stands under the name of the one before it. */
export function goesOn(
  message: Pick<Message, 'from' | 'at' | 'replyTo'>,
  before: Message | undefined,
): boolean {
  if (!before || before.from.person !== message.from.person) return false
  if (before.from.name !== message.from.name || message.replyTo !== undefined) return false
  const apart = Date.parse(message.at) - Date.parse(before.at)
  return apart < TOGETHER && midnight(before.at) === midnight(message.at)
}
