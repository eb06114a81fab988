import { call, identity } from '@hearsay/client'
import type { From } from '@hearsay/protocol'
import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { lengthOf } from '../i18n/lengths.ts'
import { t } from '../i18n/translate.ts'
import { refusalOf } from '../room/problems.ts'
import { useRoom } from '../room/view.ts'
import { Choice } from '../ui/Choice.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { useOnce } from '../ui/once.tsx'

/** Minutes that are offered. */
const LENGTHS = [60, 24 * 60, 7 * 24 * 60, 30 * 24 * 60]

interface Ban {
  readonly minutes: number
  readonly reason?: string
}

interface FormProps {
  readonly onBan: (ban: Ban) => Promise<unknown>
  readonly onCancel: () => void
}

/** For how long, and why: who is banned is told both. */
export function BanForm({ onBan, onCancel }: FormProps): JSX.Element {
  const [minutes, setMinutes] = useState(24 * 60)
  const [isBusy, once] = useOnce()
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => field.current?.focus(), [])
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    const reason = field.current?.value.trim()
    once(() => onBan({ minutes, ...(reason && { reason }) }))
  }
  return (
    <form class="stack" onSubmit={submit}>
      <label>
        {t('host.banReason')}
        {/* A dialog gives the focus to what asks for it. */}
        <input ref={field} dir="auto" autofocus maxLength={500} autoComplete="off" />
      </label>
      <Choice
        label={t('host.banFor')}
        value={String(minutes)}
        options={Object.fromEntries(LENGTHS.map((each) => [String(each), lengthOf(each * 60)]))}
        onPick={(picked) => setMinutes(Number(picked))}
      />
      <div class="buttons">
        <button type="button" onClick={onCancel}>
          {t('app.cancel')}
        </button>
        <button class="danger" aria-disabled={isBusy}>
          {t('host.banDo')}
        </button>
      </div>
    </form>
  )
}

/** Asks before somebody is banned. */
export function BanAsk({
  from,
  onClose,
}: {
  readonly from: From
  readonly onClose: () => void
}): JSX.Element {
  const view = useRoom()
  const [refused, setRefused] = useState<string | null>(null)
  const ban = async (how: Ban): Promise<void> => {
    const { secret } = identity()
    const body = { person: from.person, ...how }
    const no = await refusalOf(() =>
      call({ secret }, `/r/${view.name}/bans`, { method: 'POST', body }),
    )
    if (no) return setRefused(no)
    onClose()
    view.tell(t('host.banned', { name: from.name }))
  }
  return (
    <Dialog title={t('host.banAsk', { name: from.name })} onClose={onClose}>
      {refused && <p role="status">{t('message.failedAction', { reason: refused })}</p>}
      <BanForm onBan={ban} onCancel={onClose} />
    </Dialog>
  )
}
