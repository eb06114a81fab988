import { call, identity } from '@hearsay/client'
import type { Message, Remove, Removed } from '@hearsay/protocol'
import type { JSX } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { moreIcons } from '../ui/more-icons.ts'
import { t } from '../i18n/translate.ts'
import { addressOf } from '../addresses.ts'
import { isAbove } from '../host/above.ts'
import { BanAsk } from '../host/Ban.tsx'
import { copy } from '../ui/copy.ts'
import { CopyByHand } from '../ui/CopyByHand.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { Menu, MenuItem } from '../ui/Menu.tsx'
import { ActButton, useOnce } from '../ui/once.tsx'
import { wordsOf } from './first-line.ts'
import { hide } from './hiding.ts'
import { useMayWrite } from './may-write.ts'
import { refusalOf } from './problems.ts'
import { react } from './Reactions.tsx'
import { useRoom, useSnapshot, type RoomView } from './view.ts'

const QUICK = ['👍', '❤️', '😂', '😮', '😢', '🙏']

interface Props {
  readonly message: Message
  readonly anchor: HTMLElement
  readonly onClose: () => void
}

/** What can be done with a message. */
export function RowMenu({ message, anchor, onClose }: Props): JSX.Element {
  const view = useRoom()
  const [asking, setAsking] = useState<'delete' | 'report' | 'ban' | null>(null)
  const [byHand, setByHand] = useState<string | null>(null)
  const { from } = message
  const isMine = view.isMine(from)
  const { role } = useSnapshot(view, 'role')
  const mayWrite = useMayWrite()
  const isHost = role === 'own' || role === 'moderate'
  /** It stays where it is until the next frame: a second press is the same one. */
  const picked = useRef(false)
  const pick = (act: () => void) => (): void => {
    if (picked.current) return
    picked.current = true
    onClose()
    act()
  }
  const answer = pick(() => {
    view.editing.value = null
    view.replyTo.value = message
  })
  // Somebody removed it meanwhile.
  const isOver = message.deleted && (asking === null || asking === 'delete')
  useLayoutEffect(() => {
    if (!isOver) return
    document.getElementById(`m-${message.id}`)?.focus()
    onClose()
  }, [isOver])
  if (byHand !== null) return <CopyByHand text={byHand} onClose={onClose} />
  if (asking === 'delete') return <DeleteAsk message={message} onClose={onClose} />
  if (asking === 'ban') return <BanAsk from={from} onClose={onClose} />
  if (asking === 'report') return <ReportAsk message={message} onClose={onClose} />
  return (
    <Menu label={t('message.actions', { name: from.name })} anchor={anchor} onClose={onClose}>
      {mayWrite && (
        <div class="quick" role="group">
          {QUICK.map((emoji) => (
            <MenuItem
              label={t('message.react', { emoji })}
              onPick={pick(() => {
                const on = !message.reactions?.[emoji]?.includes(view.me.value?.person ?? '')
                void react(view, message, emoji, on)
              })}
            >
              <span class="emoji">{emoji}</span>
            </MenuItem>
          ))}
        </div>
      )}
      {mayWrite && (
        <MenuItem icon={moreIcons.reply} onPick={answer}>
          {t('message.reply')}
        </MenuItem>
      )}
      <CopyItems message={message} onClose={onClose} onRefused={setByHand} />
      {isMine && mayWrite && (
        <MenuItem icon={moreIcons.edit} onPick={pick(() => view.change(message))}>
          {t('message.edit')}
        </MenuItem>
      )}
      {(isMine || isAbove(role, from.role)) && (
        <MenuItem icon={moreIcons.bin} danger onPick={() => setAsking('delete')}>
          {t('message.delete')}
        </MenuItem>
      )}
      {!isMine && (
        <>
          <MenuItem icon={moreIcons.hide} onPick={pick(() => hide(view, from.person))}>
            {t('message.hidePerson')}
          </MenuItem>
          {isHost ? (
            <HostItems message={message} pick={pick} onBan={() => setAsking('ban')} />
          ) : (
            <MenuItem icon={moreIcons.flag} onPick={() => setAsking('report')}>
              {t('message.report')}
            </MenuItem>
          )}
        </>
      )}
    </Menu>
  )
}

interface CopyProps extends Omit<Props, 'anchor'> {
  /** The browser does not let us. */
  readonly onRefused: (text: string) => void
}

function CopyItems({ message: { id, text }, onClose, onRefused }: CopyProps): JSX.Element {
  const view = useRoom()
  const copied = async (what: string, said: string): Promise<void> => {
    if (!(await copy(what))) return onRefused(what)
    onClose()
    view.tell(said)
  }
  return (
    <>
      {text !== '' && (
        <MenuItem icon={moreIcons.copy} onPick={() => void copied(text, t('app.copied'))}>
          {t('message.copyText')}
        </MenuItem>
      )}
      <MenuItem
        icon={moreIcons.link}
        onPick={() => void copied(`${addressOf(view.name)}#m=${id}`, t('link.copied'))}
      >
        {t('message.copyLink')}
      </MenuItem>
    </>
  )
}

/** What who looks after the room can do about somebody else’s message. */
function HostItems({
  message: { id, from },
  pick,
  onBan,
}: {
  readonly message: Message
  readonly pick: (act: () => void) => () => void
  readonly onBan: () => void
}): JSX.Element {
  const view = useRoom()
  const { secret } = identity()
  const { role } = useSnapshot(view, 'role')
  const mayPunish = isAbove(role, from.role)
  const punish = async (how: 'mutes' | 'kicks', minutes?: number): Promise<void> => {
    const body = { person: from.person, ...(minutes && { minutes }) }
    const refused = await refusalOf(() =>
      call({ secret }, `/r/${view.name}/${how}`, { method: 'POST', body }),
    )
    const done = how === 'mutes' ? 'host.muted' : 'host.kicked'
    const { name } = from
    view.tell(refused ? t('message.failedAction', { reason: refused }) : t(done, { name }))
  }
  const remove = async (body: Remove): Promise<void> => {
    const refused = await refusalOf(async () => {
      const path = `/r/${view.name}/removals`
      const { messages } = await call<Removed>({ secret }, path, { method: 'POST', body })
      view.tell(t('host.removed', { count: messages }))
    })
    if (refused) view.tell(t('message.failedAction', { reason: refused }))
  }
  return (
    <>
      <MenuItem icon={moreIcons.hide} danger onPick={pick(() => void remove({ messages: [id] }))}>
        {t('host.hide')}
      </MenuItem>
      {mayPunish && (
        <>
          <MenuItem icon={moreIcons.shield} danger onPick={pick(() => void punish('mutes', 60))}>
            {t('host.mute')}
          </MenuItem>
          <MenuItem icon={moreIcons.door} danger onPick={pick(() => void punish('kicks'))}>
            {t('host.kick')}
          </MenuItem>
        </>
      )}
      <MenuItem
        icon={moreIcons.bin}
        danger
        onPick={pick(() => void remove({ person: from.person }))}
      >
        {t('host.removeAll')}
      </MenuItem>
      {mayPunish && (
        <MenuItem icon={moreIcons.door} danger onPick={onBan}>
          {t('host.ban')}
        </MenuItem>
      )}
    </>
  )
}

function DeleteAsk({ message, onClose }: Omit<Props, 'anchor'>): JSX.Element {
  const view = useRoom()
  const [refused, setRefused] = useState<string | null>(null)
  const back = useRef<HTMLElement>(null)
  const remove = async (): Promise<void> => {
    const rows = [...document.querySelectorAll<HTMLElement>('[data-row]')]
    const at = rows.findIndex(({ id }) => id === `m-${message.id}`)
    // Before it is asked for: the message may be gone, and this with it, before that is answered.
    back.current = rows[at + 1] ?? rows[at - 1] ?? null
    const reason = await refusalOf(() => view.room.remove(message.id))
    if (reason === null) return onClose()
    back.current = null
    setRefused(reason)
  }
  return (
    <Dialog title={t('message.deleteAsk')} back={back} onClose={onClose}>
      <blockquote dir="auto">{wordsOf(message).slice(0, 300)}</blockquote>
      {refused && <p role="status">{t('message.failedAction', { reason: refused })}</p>}
      <div class="buttons">
        <button type="button" autofocus onClick={onClose}>
          {t('app.cancel')}
        </button>
        <ActButton class="danger" onAct={remove}>
          {t('app.delete')}
        </ActButton>
      </div>
    </Dialog>
  )
}

function ReportAsk({ message, onClose }: Omit<Props, 'anchor'>): JSX.Element {
  const view = useRoom()
  const field = useRef<HTMLInputElement>(null)
  const [refused, setRefused] = useState<string | null>(null)
  const [isBusy, once] = useOnce()
  const report = async (): Promise<void> => {
    const reason = field.current?.value.trim() ?? ''
    const no = await refusalOf(() => tellHost(view, message, reason))
    if (no) return setRefused(no)
    onClose()
    view.tell(t('report.sent'))
  }
  return (
    <Dialog title={t('report.title')} onClose={onClose}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault()
          once(report)
        }}
      >
        <p>{t('report.explain')}</p>
        <label>
          {t('report.reason')}
          <input ref={field} autofocus maxLength={500} autoComplete="off" />
        </label>
        {refused && <p role="status">{t('message.failedAction', { reason: refused })}</p>}
        <div class="buttons">
          <button type="button" onClick={onClose}>
            {t('app.cancel')}
          </button>
          <button class="primary" aria-disabled={isBusy}>
            {t('report.send')}
          </button>
        </div>
      </form>
    </Dialog>
  )
}

/** Tells the host of a message, and hides it here. @throws ProblemError */
async function tellHost(view: RoomView, { id }: Message, reason: string): Promise<void> {
  const { secret } = identity()
  await call({ secret }, `/r/${view.name}/reports`, {
    method: 'POST',
    body: { message: id, ...(reason && { reason }) },
  })
  view.reported.value = new Set([...view.reported.value, id])
}
