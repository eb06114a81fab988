import type { From } from '@hearsay/protocol'
import type { JSX } from 'preact'
import { t } from '../i18n/translate.ts'
import { later } from './later.tsx'
import { hueOf, sealPath } from './seal.ts'

const Alike = later(async () => (await import('../room/soon.ts')).Alike)

/** The picture of a mark. The mark in letters stands beside the name, so this one is not read aloud. */
export function Seal({ mark }: { readonly mark: string }): JSX.Element {
  return (
    <svg class="seal" viewBox="0 0 7 7" aria-hidden="true" style={{ '--hue': hueOf(mark) }}>
      <rect width="7" height="7" rx="1.5" />
      <path d={sealPath(mark)} />
    </svg>
  )
}

/** A name and, drawn by the page and never part of the name, the mark of who bears it. */
export function Person({
  from,
  me = false,
}: {
  readonly from: From
  readonly me?: boolean
}): JSX.Element {
  return (
    <span class="person" style={{ '--hue': hueOf(from.mark) }}>
      <bdi class="name">{from.name}</bdi>{' '}
      <span class="mark" aria-label={t('message.mark', { mark: spelled(from.mark) })} role="img">
        {from.mark}
      </span>
      {from.lookalike && <Alike />}
      {me && <span class="tag you">{t('room.you')}</span>}
      {from.role === 'own' && <span class="tag">{t('room.host')}</span>}
      {from.role === 'moderate' && <span class="tag">{t('room.moderator')}</span>}
    </span>
  )
}

/** Whose a message is, and what stands beside that. Under a name that stands there already it is only read aloud. */
export function by(from: From, me: boolean, goesOn: boolean, beside?: JSX.Element): JSX.Element {
  if (!goesOn) {
    return (
      <div class="by">
        <Person from={from} me={me} /> {beside}
      </div>
    )
  }
  // A sentence instead of elements: most rows are such, and each element costs.
  return (
    <>
      <span class="sr">{from.lookalike ? <Person from={from} me={me} /> : spoken(from, me)}</span>
      {beside}
    </>
  )
}

function spoken({ name, mark, role }: From, me: boolean): string {
  return [
    name,
    t('message.mark', { mark: spelled(mark) }),
    me && t('room.you'),
    role === 'own' && t('room.host'),
    role === 'moderate' && t('room.moderator'),
  ]
    .filter(Boolean)
    .join(', ')
}

/** The first two characters, one by one: enough for the ear to tell two people apart. */
function spelled(mark: string): string {
  return `${mark[0]} ${mark[1]}`
}
