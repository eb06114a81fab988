import { plain } from './plot.ts'
import { figure, type Results } from './results.ts'

interface Column {
  readonly head: string
  readonly figure: string
  /** Shown beside: how many times Hearsay's this peer's figure is. */
  readonly ratio?: true
}

/** What a scenario's table shows, figure by figure. */
const columns: Readonly<Record<string, readonly Column[]>> = {
  ceiling: [
    { head: 'one to a read, us a delivery', figure: 'single' },
    { head: 'eight together', figure: 'few' },
    { head: '32 together', figure: 'bulk' },
    { head: 'which was, deliveries/s', figure: 'bulkRate' },
  ],
  isolated: [
    { head: 'CPU per delivery, us', figure: 'cpu', ratio: true },
    { head: 'p50, ms', figure: 'p50' },
    { head: 'p99, ms', figure: 'p99' },
    { head: 'messages to a read', figure: 'together' },
    { head: 'load generator', figure: 'load' },
  ],
  fanout: [
    { head: 'best sustained, deliveries/s', figure: 'best', ratio: true },
    { head: 'at posts/s', figure: 'offered' },
    { head: 'with p99, ms', figure: 'p99' },
    { head: 'messages to a read', figure: 'together' },
    { head: 'most ever, deliveries/s', figure: 'peak' },
    { head: 'load generator', figure: 'load' },
  ],
  idle: [
    { head: 'memory per listener, KB', figure: 'each', ratio: true },
    { head: 'server without any, MB', figure: 'base' },
    { head: 'with 10,000, MB', figure: 'all' },
  ],
  durable: [
    { head: 'posts/s', figure: 'rate' },
    { head: 'p50, ms', figure: 'p50' },
    { head: 'p99, ms', figure: 'p99' },
    { head: 'CPU per post, us', figure: 'cpu' },
    { head: 'fdatasync/s of the disk', figure: 'syncs' },
    { head: 'its p99, ms', figure: 'syncP99' },
    { head: 'load generator', figure: 'load' },
  ],
  comeback: [
    { head: 'running: all back, s', figure: 'warm' },
    { head: 'deaf at worst, ms', figure: 'warmStall' },
    { head: 'restarted: all back, s', figure: 'cold' },
    { head: 'deaf at worst, ms', figure: 'coldStall' },
    { head: 'load generator', figure: 'load' },
  ],
  rooms: [
    { head: '10,000 rooms: p50, ms', figure: 'p50' },
    { head: 'p99, ms', figure: 'p99' },
    { head: 'CPU per post, us', figure: 'cpu' },
    { head: 'one room: p99, ms', figure: 'oneP99' },
    { head: 'CPU per post, us', figure: 'oneCpu' },
    { head: 'load generator', figure: 'load' },
  ],
  'many-rooms': [
    { head: 'memory grew by, MB', figure: 'growth' },
    { head: 'at most, MB', figure: 'most' },
    { head: 'saying in a cold room: p50, ms', figure: 'p50' },
    { head: 'p99, ms', figure: 'p99' },
    { head: 'of a bare fdatasync then: p99, ms', figure: 'disk' },
    { head: 'p99 after a restart, ms', figure: 'restartedP99' },
    { head: 'the whole server then, MB', figure: 'restarted' },
    { head: 'CPU per post, us', figure: 'cpu' },
    { head: 'load generator', figure: 'load' },
  ],
  stalled: [
    { head: 'memory grew by, MB', figure: 'growth' },
    { head: "the others' p99, ms", figure: 'p99' },
    { head: 'at the head again after, s', figure: 'recovered' },
    { head: 'load generator', figure: 'load' },
  ],
  flood: [
    { head: 'in the room: p99, ms', figure: 'p99' },
    { head: 'elsewhere: p99, ms', figure: 'elsewhere' },
    { head: 'without a flood: p99, ms', figure: 'calm' },
    { head: 'refused of those who were there', figure: 'errors' },
    { head: 'flood, requests/s', figure: 'offered' },
    { head: 'of it taken, in all', figure: 'taken' },
    { head: 'CPU for each, us', figure: 'cpu' },
    { head: 'memory grew by, MB', figure: 'growth' },
    { head: 'files by, MB', figure: 'kept' },
    { head: 'load generator', figure: 'load' },
  ],
}

function cell(results: Results, scenario: string, peer: string, column: Column): string {
  const value = figure(results, scenario, peer, column.figure)
  if (value === null) return '-'
  if (column.figure === 'load') return `${Math.round(value * 100)} %`
  const ours = column.ratio && figure(results, scenario, 'hearsay', column.figure)
  const ratio = ours && peer !== 'hearsay' ? ` (${plain(value / ours)} x)` : ''
  return `${plain(value)}${ratio}`
}

/** One scenario's figures as a Markdown table, a peer a line. */
export function scenarioTable(results: Results, scenario: string): string {
  const shown = columns[scenario] ?? []
  const rows = results.rows.filter((row) => row.scenario === scenario)
  const lines = rows.map(({ peer }) =>
    [peer, ...shown.map((column) => cell(results, scenario, peer, column))].join(' | '),
  )
  const notes = [
    ...rows
      .filter(({ others }) => others > 0.05)
      .map(
        ({ peer, others }) =>
          `- ${peer}: other processes took up to ${Math.round(others * 100)} % of the server's core`,
      ),
    ...rows.flatMap(({ peer, notes: said }) => said.map((note) => `- ${peer}: ${note}`)),
    ...results.failures
      .filter((failure) => failure.scenario === scenario)
      .map(({ peer, reason }) => `- ${peer}: no figure, ${reason.split('\n')[0]}`),
  ]
  return [
    `| | ${shown.map(({ head }) => head).join(' | ')} |`,
    `|---|${shown.map(() => '---:|').join('')}`,
    ...lines.map((line) => `| ${line} |`),
    '',
    ...(notes.length > 0 ? [...notes, ''] : []),
  ].join('\n')
}
