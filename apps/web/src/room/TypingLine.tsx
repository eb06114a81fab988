import type { JSX } from 'preact'
import { use } from '../cell.ts'
import { rich } from '../i18n/translate.ts'
import { useRoom, useSnapshot } from './view.ts'

/** In larger rooms somebody always types: it says nothing any more. */
const MOST_PEOPLE = 20

/** Who is writing now. Not announced. */
export function TypingLine(): JSX.Element {
  const view = useRoom()
  const { typing, people } = useSnapshot(view, 'typing', 'people')
  const hidden = use(view.hidden)
  const [a, b, ...others] = typing
    .filter((from) => !view.isMine(from) && !hidden.has(from.person))
    .map(({ name }) => name)
  const first = <bdi>{a}</bdi>
  const second = <bdi>{b}</bdi>
  const count = others.length
  const words =
    a === undefined || people.count > MOST_PEOPLE
      ? null
      : b === undefined
        ? rich('typing.one', { a: first })
        : count === 0
          ? rich('typing.two', { a: first, b: second })
          : rich('typing.more', { a: first, b: second, count })
  return (
    <p class="typing">
      {words && (
        <>
          <span class="pulse" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          {words}
        </>
      )}
    </p>
  )
}
