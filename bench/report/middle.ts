import type { Row } from '../stage.ts'

/** The median of numbers; of an even count the upper one of the two in the middle. */
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1]!

/**
 * One row for all turns of a peer in a scenario: each figure's median, and everything that makes any of them doubtful.
 * @param turns at least one
 */
export function middle(turns: readonly Row[]): Row {
  const [first] = turns as readonly [Row]
  if (turns.length === 1) return first
  const figures = Object.keys(first.figures).map((name) => {
    const values = turns.map((turn) => turn.figures[name] ?? null)
    return [name, values.includes(null) ? null : median(values as number[])] as const
  })
  return {
    ...first,
    figures: Object.fromEntries(figures),
    notes: [...new Set(turns.flatMap(({ notes }) => notes))],
    others: Math.max(...turns.map(({ others }) => others)),
  }
}
