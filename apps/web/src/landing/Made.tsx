import { call, identity } from '@hearsay/client'
import type { MadeRoom } from '@hearsay/protocol'
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { t } from '../i18n/translate.ts'
import { refusalOf } from '../room/problems.ts'
import { CopyLine } from '../ui/CopyLine.tsx'

/** Makes a room with a name of the server's choice. @returns what is then to be seen, or in a sentence why there is none */
export async function makeOne(): Promise<JSX.Element | string> {
  let made: JSX.Element | undefined
  const refused = await refusalOf(async () => {
    const { secret } = identity()
    const room = await call<MadeRoom>({ secret }, '/rooms', { method: 'POST', body: {} })
    made = <Made made={room} />
  })
  return made ?? refused ?? ''
}

/** A room was made: its owner's link is shown here and never again. */
function Made({ made }: { readonly made: MadeRoom }): JSX.Element {
  const title = useRef<HTMLHeadingElement>(null)
  // The button that was pressed went with its page.
  useEffect(() => title.current?.focus(), [])
  return (
    <main class="landing">
      <header>
        <img src="/icon.svg" alt="" width="56" height="56" />
        <h1 ref={title} tabIndex={-1}>
          {t('made.title')}
        </h1>
      </header>
      <section class="stack">
        <p>{t('made.owner')}</p>
        <CopyLine text={made.owner.url} label={t('made.copyOwner')} />
      </section>
      <section class="stack">
        <p>{t('empty.invite')}</p>
        <CopyLine text={made.url} label={t('share.address')} />
      </section>
      <p class="buttons">
        <a class="button primary" href={`/r/${made.room}`}>
          {t('made.enter')}
        </a>
      </p>
    </main>
  )
}
