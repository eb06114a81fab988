// Runs every scenario with every peer, one after another, and writes down what came out. See docs/benchmarks.md.
import { fork, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Report, Task } from './cell.ts'
import { chooseCores } from './measure/cores.ts'
import { machine } from './measure/machine.ts'
import { peers, type Peer } from './peers/peers.ts'
import type { Results } from './report/results.ts'
import { write } from './report/write.ts'
import { scenarios } from './scenarios/scenarios.ts'
import { middle } from './report/middle.ts'
import type { Row, Scenario } from './stage.ts'

const root = join(import.meta.dirname, '..')

const usage = `npm run bench -- [--only ${scenarios.map(({ name }) => name).join(',')}]
                 [--peers ${peers.map(({ name }) => name).join(',')}]
                 [--quick]      seconds instead of minutes; only shows that it works
                 [--out DIR]    where benchmarks.md and its pictures go
Without --out: docs/ where everything was run, .cache/bench/ where something was left out.`

function stop(sentence: string): never {
  console.error(sentence)
  process.exit(1)
}

function picked<T extends { readonly name: string }>(
  all: readonly T[],
  list: string | undefined,
): readonly T[] {
  if (list === undefined) return all
  return list
    .split(',')
    .map(
      (name) =>
        all.find((each) => each.name === name) ?? stop(`Nothing is called "${name}".\n${usage}`),
    )
}

function options(): {
  only: readonly Scenario[]
  with: readonly Peer[]
  quick: boolean
  out: string
  whole: boolean
} {
  const string = { type: 'string' } as const
  const boolean = { type: 'boolean' } as const
  try {
    const { values } = parseArgs({
      options: { only: string, peers: string, quick: boolean, out: string, help: boolean },
    })
    if (values.help === true) {
      console.log(usage)
      process.exit(0)
    }
    const quick = values.quick === true
    const whole = values.only === undefined && values.peers === undefined && !quick
    const out = values.out ?? join(root, whole ? 'docs' : '.cache/bench')
    return {
      only: picked(scenarios, values.only),
      with: picked(peers, values.peers),
      quick,
      out,
      whole,
    }
  } catch (error) {
    return stop(`${(error as Error).message}\n${usage}`)
  }
}

let current: ChildProcess | null = null

/** Ends the load process and whatever it has started. */
function end(child: ChildProcess): void {
  try {
    process.kill(-child.pid!, 'SIGKILL')
  } catch {
    // It is gone already.
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (current !== null) end(current)
    process.exit(1)
  })
}

/** Runs one scenario with one peer in a process of its own. */
function perform(
  task: Task,
  bound: number,
  progress: (text: string) => void,
): Promise<Row | string> {
  return new Promise((resolve) => {
    const [file = process.execPath, ...before] = task.cores.load
    const script = join(import.meta.dirname, 'cell.ts')
    const child = fork(script, [], {
      execPath: file,
      execArgv: before.length > 0 ? [...before, process.execPath] : [],
      // A group of its own, so that its server can be ended with it.
      detached: true,
    })
    current = child
    let result: Row | string = 'the load process ended without a word'
    const timer = setTimeout(() => {
      result = `not done after ${bound} s`
      end(child)
    }, bound * 1000)
    child.on('message', (report: Report) => {
      if (report.kind === 'progress') progress(report.text)
      else result = report.kind === 'row' ? report.row : report.reason
    })
    child.on('exit', () => {
      clearTimeout(timer)
      end(child)
      current = null
      resolve(result)
    })
    child.send(task)
  })
}

/** The same, with what comes of it on the screen. */
async function turn(scenario: Scenario, peer: Peer): Promise<Row | string> {
  const label = `  ${peer.name.padEnd(12)}`
  const start = Date.now()
  const task = { scenario: scenario.name, peer: peer.name, quick: chosen.quick, dir, cores }
  const result = await perform(task, scenario.bound, (text) => console.log(`${label} ${text}`))
  const took = `(${Math.round((Date.now() - start) / 1000)} s)`
  if (typeof result === 'string') {
    console.log(`${label} FAILED: ${result} ${took}`)
    return result
  }
  const figures = Object.entries(result.figures).map(
    ([name, value]) => `${name} ${value === null ? '-' : Number(value.toPrecision(4))}`,
  )
  console.log(`${label} => ${figures.join(', ')} ${took}`)
  const others = Math.round(result.others * 100)
  if (others > 5) console.log(`${label} others took up to ${others} % of the server's core`)
  for (const note of result.notes) console.log(`${label} note: ${note}`)
  return result
}

const chosen = options()
const cores = chooseCores()
const started = Date.now()
const cache = join(root, '.cache')
mkdirSync(cache, { recursive: true })
const dir = mkdtempSync(join(cache, 'bench-run-'))

console.log(cores.sentence)
const rows: Row[] = []
const failures: { scenario: string; peer: string; reason: string }[] = []
const missing = new Map<string, string>()
for (const scenario of chosen.only) {
  console.log(`\n${scenario.name}: ${scenario.title}`)
  const rounds = chosen.quick ? 1 : (scenario.rounds ?? 1)
  const turns = new Map<string, Row[]>()
  const able = chosen.with.filter((peer) => {
    if (!scenario.takes(peer)) return false
    const reason = peer.missing()
    if (reason === null) return true
    missing.set(peer.name, reason)
    console.log(`  ${peer.name.padEnd(12)} left out: ${reason}`)
    return false
  })
  for (let round = 0; round < rounds; round++) {
    for (const peer of able) {
      if (failures.some((one) => one.scenario === scenario.name && one.peer === peer.name)) continue
      const result = await turn(scenario, peer)
      if (typeof result === 'string')
        failures.push({ scenario: scenario.name, peer: peer.name, reason: result })
      else turns.set(peer.name, [...(turns.get(peer.name) ?? []), result])
    }
  }
  for (const of of turns.values()) rows.push(middle(of))
}
rmSync(dir, { recursive: true, force: true })

const results: Results = {
  at: new Date(started).toISOString(),
  took: Math.round((Date.now() - started) / 1000),
  command: [
    'npm run bench',
    ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : []),
  ].join(' '),
  quick: chosen.quick,
  pinned: cores.sentence,
  machine: machine(),
  rows,
  failures,
  missing: Object.fromEntries(missing),
}
console.log(`\n${write(results, chosen.out, root)}`)
process.exit(failures.length > 0 ? 1 : 0)
