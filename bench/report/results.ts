import type { Machine } from '../measure/machine.ts'
import type { Row } from '../stage.ts'

/** All that one run of the benchmarks gave: what is written as JSON, and what the report is made of. */
export interface Results {
  /** When it began, ISO 8601. */
  readonly at: string
  /** Seconds. */
  readonly took: number
  readonly command: string
  /** Only a trial: its figures say nothing. */
  readonly quick: boolean
  readonly pinned: string
  readonly machine: Machine
  readonly rows: readonly Row[]
  readonly failures: readonly {
    readonly scenario: string
    readonly peer: string
    readonly reason: string
  }[]
  /** Peers that could not run here, and why. */
  readonly missing: Readonly<Record<string, string>>
}

export function rowOf(results: Results, scenario: string, peer: string): Row | undefined {
  return results.rows.find((row) => row.scenario === scenario && row.peer === peer)
}

/** One figure of one peer, where it was measured. */
export function figure(
  results: Results,
  scenario: string,
  peer: string,
  name: string,
): number | null {
  const value = rowOf(results, scenario, peer)?.figures[name]
  return value === undefined || value === null || Number.isNaN(value) ? null : value
}
