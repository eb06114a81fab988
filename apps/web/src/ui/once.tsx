import type { ButtonHTMLAttributes, JSX } from 'preact'
import { useRef, useState } from 'preact/hooks'
import { Cell } from '../cell.ts'

/** How much of what people began is under way: a dialog says so to who can't see it. */
export const underWay: Cell<number> = new Cell(0)

/** Does one thing at a time: what is asked for meanwhile is the same press once more. */
export function useOnce(): readonly [isBusy: boolean, once: (act: () => Promise<unknown>) => void] {
  const [isBusy, setBusy] = useState(false)
  // Two presses may come before anything is drawn.
  const began = useRef(false)
  const turn = (is: boolean): void => {
    began.current = is
    setBusy(is)
    underWay.value += is ? 1 : -1
  }
  const once = async (act: () => Promise<unknown>): Promise<void> => {
    if (began.current) return
    turn(true)
    await act().finally(() => turn(false))
  }
  return [isBusy, (act) => void once(act)]
}

interface Props extends Omit<ButtonHTMLAttributes, 'onClick'> {
  readonly onAct: () => Promise<unknown>
}

/** A button that begins what takes its time. It keeps the focus meanwhile, as one that is `disabled` would not. */
export function ActButton({ onAct, ...rest }: Props): JSX.Element {
  const [isBusy, once] = useOnce()
  return <button type="button" {...rest} aria-disabled={isBusy} onClick={() => once(onAct)} />
}
