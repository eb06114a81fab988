import type { JSX } from 'preact'
import { t } from '../i18n/translate.ts'
import { Icon } from '../ui/Icon.tsx'
import { useRoom } from './view.ts'

/** Which message this one answers, and the way there. */
export function Reply({ to, reach }: { readonly to: string; readonly reach: 0 | -1 }): JSX.Element {
  const view = useRoom()
  const answered = view.snapshot.value.messages.find(({ id }) => id === to)
  const words =
    answered && !answered.deleted
      ? t('message.inReplyTo', { name: answered.from.name, text: firstLine(answered.text) })
      : t(answered ? 'message.deleted' : 'message.replyGone')
  const go = async (): Promise<void> => {
    if (!(await view.show(to))) view.tell(t('room.notFound'))
  }
  return (
    <button type="button" class="reply" tabIndex={reach} onClick={() => void go()}>
      <Icon name="reply" />
      <bdi>{words}</bdi>
    </button>
  )
}

/** The beginning of a text: enough to know it again. */
export function firstLine(text: string): string {
  const line = text.split('\n', 1)[0] ?? ''
  return line.length > 120 ? `${line.slice(0, 119)}…` : line
}
