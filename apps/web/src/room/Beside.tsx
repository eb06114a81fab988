import type { Message } from '@hearsay/protocol'
import type { JSX } from 'preact'
import { Edited } from './Edited.tsx'
import { Files } from './Files.tsx'
import { Reactions } from './Reactions.tsx'
import { Reply } from './Reply.tsx'

/** What some messages have before their text: that it was edited, and what it answers. */
export function Above({
  message: { edited, editedBy, deleted, replyTo },
  reach,
}: {
  readonly message: Message
  readonly reach: 0 | -1
}): JSX.Element {
  return (
    <>
      {edited && !deleted && <Edited at={edited} by={editedBy} reach={reach} />}
      {replyTo && <Reply to={replyTo} reach={reach} />}
    </>
  )
}

/** What some have behind it: files, and what people answered with a picture. */
export function Below({
  message,
  isHidden,
  reach,
}: {
  readonly message: Message
  readonly isHidden: boolean
  readonly reach: 0 | -1
}): JSX.Element | null {
  if (message.deleted) return null
  const { files, from, reactions } = message
  return (
    <>
      {files && !isHidden && <Files files={files} name={from.name} reach={reach} />}
      {reactions && <Reactions message={message} reach={reach} />}
    </>
  )
}
