import { plain } from './plot.ts'
import { figure, rowOf, type Results } from './results.ts'

/** What the project set itself to reach, each of it checked against the figures of one run. */
interface Target {
  readonly about: string
  readonly wanted: string
  readonly unit: string
  /** Whether less is better or more. */
  readonly better: 'less' | 'more'
  measured(results: Results): number | null
  limit(results: Results): number | null
}

const ours = 'hearsay'

const of =
  (scenario: string, name: string, peer = ours, times = 1) =>
  (results: Results): number | null => {
    const value = figure(results, scenario, peer, name)
    return value === null ? null : value * times
  }

const fixed = (value: number) => (): number => value

const targets: readonly Target[] = [
  {
    about: 'isolated: CPU per delivery, whole server',
    wanted: "at most nchan's",
    unit: 'us',
    better: 'less',
    measured: of('isolated', 'cpu'),
    limit: of('isolated', 'cpu', 'nchan'),
  },
  {
    about: 'isolated: CPU per delivery, whole server',
    wanted: "at most 0.65 x better-sse's",
    unit: 'us',
    better: 'less',
    measured: of('isolated', 'cpu'),
    limit: of('isolated', 'cpu', 'better-sse', 0.65),
  },
  {
    about: 'hot room at 1,000 posts/s: deliveries',
    wanted: 'at least 900,000 a second',
    unit: '/s',
    better: 'more',
    measured: of('fanout', 'thousand'),
    limit: fixed(900_000),
  },
  {
    about: 'hot room at 1,000 posts/s: p99',
    wanted: 'at most 100 ms',
    unit: 'ms',
    better: 'less',
    measured: of('fanout', 'thousandP99'),
    limit: fixed(100),
  },
  {
    about: 'hot room: best sustained deliveries',
    wanted: "at least 5 x nchan's best",
    unit: '/s',
    better: 'more',
    measured: of('fanout', 'best'),
    limit: of('fanout', 'best', 'nchan', 5),
  },
  {
    about: 'hot room: best sustained deliveries',
    wanted: "at least 15 x better-sse's best",
    unit: '/s',
    better: 'more',
    measured: of('fanout', 'best'),
    limit: of('fanout', 'best', 'better-sse', 15),
  },
  {
    about: 'idle listeners of the whole server: memory',
    wanted: 'at most 8 KB each',
    unit: 'KB',
    better: 'less',
    measured: of('idle', 'each'),
    limit: fixed(8),
  },
  {
    about: 'durable posts, 64 at a time',
    wanted: 'at least 8,000 a second',
    unit: '/s',
    better: 'more',
    measured: of('durable', 'rate'),
    limit: fixed(8000),
  },
  {
    about: 'durable posts, 64 at a time: p99',
    wanted: 'at most 50 ms',
    unit: 'ms',
    better: 'less',
    measured: of('durable', 'p99'),
    limit: fixed(50),
  },
  {
    about: 'come back: listeners that read everything once, in order',
    wanted: 'all of them',
    unit: 'share',
    better: 'more',
    measured: (results) => {
      const row = rowOf(results, 'comeback', ours)
      return row === undefined
        ? null
        : Number(!row.notes.some((note) => /listeners|streams|gap|follows/.test(note)))
    },
    limit: fixed(1),
  },
  {
    about: '10,000 rooms, 2,000 posts/s: p99',
    wanted: 'at most 50 ms',
    unit: 'ms',
    better: 'less',
    measured: of('rooms', 'p99'),
    limit: fixed(50),
  },
  {
    about: '200,000 rooms with a message each: growth of resident memory',
    wanted: 'at most 200 MB',
    unit: 'MB',
    better: 'less',
    measured: of('many-rooms', 'growth'),
    limit: fixed(200),
  },
  {
    about: '200,000 rooms with a message each: p99 of saying in a cold one',
    wanted: 'at most 50 ms',
    unit: 'ms',
    better: 'less',
    measured: of('many-rooms', 'p99'),
    limit: fixed(50),
  },
  {
    about: '100 stalled listeners: growth of resident memory',
    wanted: 'at most 64 MB',
    unit: 'MB',
    better: 'less',
    measured: of('stalled', 'growth'),
    limit: fixed(64),
  },
  {
    about: "100 stalled listeners: the others' p99",
    wanted: 'at most 250 ms',
    unit: 'ms',
    better: 'less',
    measured: of('stalled', 'p99'),
    limit: fixed(250),
  },
  {
    about: '100 stalled listeners: go on with no hole',
    wanted: 'all of them',
    unit: 'share',
    better: 'more',
    measured: of('stalled', 'whole'),
    limit: fixed(1),
  },
  {
    about: 'flood of 200 people, 20 a second each: p99 of those who were there',
    wanted: 'at most 250 ms',
    unit: 'ms',
    better: 'less',
    measured: of('flood', 'p99'),
    limit: fixed(250),
  },
  {
    about: 'flood of 200 people, 20 a second each: p99 in another room',
    wanted: 'at most 250 ms',
    unit: 'ms',
    better: 'less',
    measured: of('flood', 'elsewhere'),
    limit: fixed(250),
  },
  {
    about: 'flood of 200 people, 20 a second each: words of those who were there that are taken',
    wanted: 'all of them',
    unit: 'share',
    better: 'more',
    measured: of('flood', 'heeded'),
    limit: fixed(1),
  },
]

function verdict({ better }: Target, measured: number, limit: number): string {
  const met = better === 'less' ? measured <= limit : measured >= limit
  if (met) return 'met'
  const by = better === 'less' ? measured / limit - 1 : 1 - measured / limit
  return `**not met**, ${Math.max(1, Math.round(by * 100))} % ${better === 'less' ? 'over' : 'short'}`
}

/** The targets as a Markdown table; those that this run did not look at are left out. */
export function targetTable(results: Results): string {
  const lines = targets.flatMap((target) => {
    const { about, wanted, unit } = target
    const asked = results.rows.some(
      ({ peer, scenario }) => peer === ours && about.startsWith(words[scenario]!),
    )
    if (!asked) return []
    const measured = target.measured(results)
    const limit = target.limit(results)
    if (measured === null || limit === null) {
      return [
        `| ${about} | ${wanted} | ${measured === null ? 'not reached' : plain(measured)} | ${measured === null ? '**not met**' : 'no peer to compare with'} |`,
      ]
    }
    const shown = unit === 'share' ? (measured === 1 ? 'yes' : 'no') : `${plain(measured)} ${unit}`
    const against = unit === 'share' ? '' : ` (limit ${plain(limit)})`
    return [`| ${about} | ${wanted} | ${shown}${against} | ${verdict(target, measured, limit)} |`]
  })
  if (lines.length === 0) return 'The whole server was not measured in this run.\n'
  return ['| | target | measured | |', '|---|---|---|---|', ...lines, ''].join('\n')
}

/** How the targets of a scenario begin. */
const words: Readonly<Record<string, string>> = {
  isolated: 'isolated',
  fanout: 'hot room',
  idle: 'idle',
  durable: 'durable',
  comeback: 'come back',
  rooms: '10,000 rooms',
  'many-rooms': '200,000 rooms',
  stalled: '100 stalled',
  flood: 'flood',
}
