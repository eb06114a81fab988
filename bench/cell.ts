// One scenario with one peer: the process that plays the load. It is started anew for each, so that no run inherits
// another's memory, and ends its server with itself.
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Cores } from './measure/cores.ts'
import { peers } from './peers/peers.ts'
import { scenarios } from './scenarios/scenarios.ts'
import { Stage, type Row } from './stage.ts'

/** What `run.ts` asks of this process. */
export interface Task {
  readonly scenario: string
  readonly peer: string
  readonly quick: boolean
  /** Where a folder for the server is made. */
  readonly dir: string
  readonly cores: Cores
}

/** What it hears back. */
export type Report =
  | { readonly kind: 'progress'; readonly text: string }
  | { readonly kind: 'row'; readonly row: Row }
  | { readonly kind: 'failed'; readonly reason: string }

const report = (message: Report): Promise<void> =>
  new Promise((resolve) => {
    process.send!(message, undefined, undefined, () => resolve())
  })

async function perform(task: Task): Promise<void> {
  const scenario = scenarios.find(({ name }) => name === task.scenario)!
  const peer = peers.find(({ name }) => name === task.peer)!
  const dir = mkdtempSync(join(task.dir, `${scenario.name}-${peer.name}-`))
  const stage = new Stage({
    peer,
    quick: task.quick,
    dir,
    cores: task.cores,
    progress: (text) => void report({ kind: 'progress', text }),
  })
  try {
    const result = await scenario.run(stage)
    await stage.end()
    const row: Row = {
      scenario: scenario.name,
      peer: peer.name,
      ...result,
      notes: [...stage.notes],
      others: stage.others,
    }
    await report({ kind: 'row', row })
  } catch (error) {
    await stage.end()
    await report({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) })
  }
  rmSync(dir, { recursive: true, force: true })
  // Sockets that a failure left open must not keep this process alive.
  process.exit()
}

process.once('message', (task: Task) => void perform(task))
