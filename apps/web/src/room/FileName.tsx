import type { JSX } from 'preact'

/** Characters at the end of a name that are always seen: they tell what kind of file it is. */
const END = 8

/** A file's name, of which the middle gives way where there is no room for all of it. */
export function FileName({ name }: { readonly name: string }): JSX.Element {
  const all = Array.from(name)
  return (
    <bdi class="file-name">
      <span>{all.slice(0, -END).join('')}</span>
      <span>{all.slice(-END).join('')}</span>
    </bdi>
  )
}
