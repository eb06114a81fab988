import { call, identity } from '@hearsay/client'
import type { Filter } from '@hearsay/protocol'
import type { JSX } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { t } from '../i18n/translate.ts'
import { refusalOf } from '../room/problems.ts'
import { useRoom } from '../room/view.ts'
import { Switch } from '../ui/Choice.tsx'
import { useProblem } from './problem.tsx'

/** What waits for whoever looks after the room by its words, whoever writes it. */
export function Words(): JSX.Element | null {
  const view = useRoom()
  const [filter, setFilter] = useState<Filter | null>(null)
  /** As it is being written: whatever is drawn anew meanwhile must not take it back. */
  const [text, setText] = useState<string | null>(null)
  const [problem, setProblem] = useProblem()
  const hint = useId()
  /** One after the other: the last one holds. */
  const turn = useRef<Promise<unknown>>(Promise.resolve())
  const latest = useRef<Filter | null>(null)
  const savedContacts = useRef(false)
  const server = { secret: identity().secret }
  const path = `/r/${view.name}/filter`
  useEffect(() => {
    const read = async (): Promise<void> => {
      const saved = await call<Filter>(server, path)
      savedContacts.current = saved.contacts
      setFilter(saved)
    }
    void refusalOf(read).then(setProblem)
  }, [view])
  const change = (part: Partial<Filter>): void => {
    if (!filter) return
    const body = { ...filter, ...part }
    // At once: a click on the switch ends what is written in the field, and both are to be kept.
    setFilter(body)
    latest.current = body
    turn.current = put(turn.current, body)
  }
  const put = async (before: Promise<unknown>, body: Filter): Promise<void> => {
    await before
    const refused = await refusalOf(() => call(server, path, { method: 'PUT', body }))
    setProblem(refused)
    if (!refused) {
      savedContacts.current = body.contacts
      view.tell(t('host.saved'))
    }
    // What was refused of what is written stays, to be written otherwise; the switch shows what is.
    if (latest.current === body) setFilter({ ...body, contacts: savedContacts.current })
  }
  return (
    <>
      {problem}
      {filter && (
        <>
          <label>
            {t('host.filter')}
            <textarea
              rows={3}
              dir="auto"
              autoComplete="off"
              spellcheck={false}
              value={text ?? filter.patterns.join('\n')}
              onInput={(event) => setText(event.currentTarget.value)}
              aria-describedby={hint}
              onChange={(event) => {
                const lines = event.currentTarget.value.split('\n')
                change({ patterns: lines.filter((line) => line.trim() !== '') })
              }}
            />
          </label>
          <p id={hint} class="soft">
            {t('host.filterHint')}
          </p>
          <Switch
            label={t('host.filterContacts')}
            checked={filter.contacts}
            onPick={(contacts) => change({ contacts })}
          />
        </>
      )}
    </>
  )
}
