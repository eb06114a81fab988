import type { JSX } from 'preact'

export function HostPanel(): JSX.Element {
  return <></>
}
