import type { JSX } from 'preact'
import { useRef, useState } from 'preact/hooks'
import { use } from '../cell.ts'
import { t } from '../i18n/translate.ts'
import css from '../style/files.css?inline'
import { Icon } from '../ui/Icon.tsx'
import { dress } from '../ui/later.tsx'
import { moreIcons } from '../ui/more-icons.ts'
import { addFiles, mayAttach, removeFile, sizeOf, tryAgain, type Sending } from './attaching.tsx'
import { FileName } from './FileName.tsx'
import { useRoom, useSnapshot } from './view.ts'

dress(css)

/** The button that chooses files for the next message. */
export function AttachButton(): JSX.Element | null {
  const view = useRoom()
  const input = useRef<HTMLInputElement>(null)
  useSnapshot(view, 'settings', 'role')
  if (!mayAttach(view)) return null
  const take = (): void => {
    const field = input.current
    addFiles(view, [...(field?.files ?? [])])
    // The same file can be chosen again.
    if (field) field.value = ''
    document.querySelector<HTMLElement>('#composer')?.focus()
  }
  return (
    <>
      <button
        type="button"
        class="attach quiet icon-only"
        aria-label={t('file.attach')}
        onClick={() => input.current?.click()}
      >
        <Icon path={moreIcons.attach} />
      </button>
      <input ref={input} type="file" multiple hidden onChange={take} />
    </>
  )
}

/** What goes out with the next message. */
export function Tray(): JSX.Element {
  const view = useRoom()
  const files = use(view.files)
  const { length: count } = files
  const wrong = files.find(({ problem }) => problem)?.problem
  const way = files.find(({ done }) => !done)?.file
  return (
    <>
      {/* Always there, as what comes with its words is often not read. */}
      <p class="sr" role="status">
        {wrong ??
          (way && t('file.sending', { name: way.name })) ??
          (count > 0 && t('file.ready', { count }))}
      </p>
      {count > 0 && (
        <div class="tray">
          <ul role="list" aria-label={t('file.count', { count })}>
            {files.map((sending) => (
              <Item key={sending.key} sending={sending} />
            ))}
          </ul>
          <p class="soft">{t('file.note')}</p>
        </div>
      )}
    </>
  )
}

function Item({ sending }: { readonly sending: Sending }): JSX.Element {
  const view = useRoom()
  const [isShown, setShown] = useState(sending.preview !== null)
  const { file, preview, sent, done, problem } = sending
  const { name } = file
  // Its button goes with what was wrong.
  const again = ({ currentTarget }: Event): void => {
    const item = (currentTarget as Element).closest('li')
    item?.querySelector<HTMLElement>('.icon-only')?.focus()
    tryAgain(view, sending)
  }
  const remove = ({ currentTarget, detail }: MouseEvent): void => {
    const item = (currentTarget as Element).closest('li')
    const other = item?.nextElementSibling ?? item?.previousElementSibling
    // By keys one goes on where one was: in the composer a second Enter would send the others.
    const next = detail === 0 ? other?.querySelector<HTMLElement>('.icon-only') : null
    removeFile(view, sending)
    ;(next ?? document.querySelector<HTMLElement>('#composer'))?.focus()
  }
  return (
    <li class={problem ? 'wrong' : undefined}>
      {isShown && preview ? (
        <img src={preview} alt="" onError={() => setShown(false)} />
      ) : (
        <Icon path={moreIcons.file} />
      )}
      <span class="what">
        <FileName name={name} />
        {problem ? (
          <span>
            {problem}{' '}
            <button type="button" class="link" onClick={again}>
              {t('app.tryAgain')}
            </button>
          </span>
        ) : (
          <span class="soft">
            {sizeOf(done?.size ?? file.size)}
            {/* A picture of a kind that can't be freed of what it tells. */}
            {done && !done.width && file.type.startsWith('image/') && ` · ${t('file.asItIs')}`}
          </span>
        )}
        {!done && !problem && <progress value={sent} aria-label={t('file.sending', { name })} />}
      </span>
      <button
        type="button"
        class="quiet icon-only"
        aria-label={t(done || problem ? 'file.remove' : 'file.cancel', { name })}
        onClick={remove}
      >
        <Icon path={moreIcons.close} />
      </button>
    </li>
  )
}
