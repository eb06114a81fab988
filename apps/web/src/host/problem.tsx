import type { JSX } from 'preact'
import { useState } from 'preact/hooks'

/**
 * What the server refused last, to be drawn, and how to say so; null: nothing. All is drawn anew each time: what was refused may stand
 * there as if it were done. The same sentence once more is another element, so that it is read out once more.
 */
export function useProblem(): readonly [
  problem: JSX.Element | null,
  setProblem: (sentence: string | null) => void,
] {
  const [{ sentence, turn }, set] = useState<{ sentence: string | null; turn: number }>({
    sentence: null,
    turn: 0,
  })
  return [
    sentence === null ? null : (
      <p class="problem" role="status">
        <span key={turn}>{sentence}</span>
      </p>
    ),
    (sentence) => set(({ turn }) => ({ sentence, turn: turn + 1 })),
  ]
}
