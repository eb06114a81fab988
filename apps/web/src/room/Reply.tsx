import type { JSX } from 'preact'
import { Icon } from '../ui/Icon.tsx'
import { moreIcons } from '../ui/more-icons.ts'
import { t } from '../i18n/translate.ts'
import { firstLine } from './first-line.ts'
import { useRoom, useSnapshot } from './view.ts'
import css from '../style/answers.css?inline'
import { dress } from '../ui/later.tsx'

dress(css)

/** Which message this one answers, and the way there. */
export function Reply({ to, reach }: { readonly to: string; readonly reach: 0 | -1 }): JSX.Element {
  const view = useRoom()
  const answered = useSnapshot(view, 'messages').messages.find(({ id }) => id === to)
  const words =
    answered && !answered.deleted
      ? t('message.inReplyTo', { name: answered.from.name, text: firstLine(answered) })
      : t(answered ? 'message.deleted' : 'message.replyGone')
  const go = async (): Promise<void> => {
    if (!(await view.show(to))) view.tell(t('room.notFound'))
  }
  return (
    <button type="button" class="reply" tabIndex={reach} onClick={() => void go()}>
      <Icon path={moreIcons.reply} />
      <bdi>{words}</bdi>
    </button>
  )
}
