import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLog } from '../apps/server/src/log/local.ts'
import type { Entry } from '../apps/server/src/log/log.ts'

// How many appends a second the log makes durable, with so many under way at a time, and how long each takes.
// node --conditions=@hearsay/source bench/log.ts [seconds for each line, default 3] [--memory]

const seconds = Number(process.argv.find((word) => /^\d+$/.test(word)) ?? 3)
const memory = process.argv.includes('--memory')
const text =
  'A message of about a hundred bytes, as people say them in a room on a quiet day: hello, all.'

const person = (n: number): Entry['from'] => ({
  person: `person${String(n).padStart(20, '0')}`,
  name: `quiet otter ${n}`,
  mark: 'ABC123',
  role: 'speak',
})

interface Case {
  readonly name: string
  readonly inFlight: number
  readonly rooms: number
  readonly keys: boolean
}

const cases: readonly Case[] = [
  { name: 'one room', inFlight: 1, rooms: 1, keys: false },
  { name: 'one room', inFlight: 64, rooms: 1, keys: false },
  { name: 'one room', inFlight: 1000, rooms: 1, keys: false },
  { name: 'one room, keys', inFlight: 64, rooms: 1, keys: true },
  { name: '10,000 rooms', inFlight: 64, rooms: 10_000, keys: false },
]

interface Row {
  readonly case: string
  readonly 'in flight': number
  readonly 'appends/s': number
  readonly 'p50 ms': number
  readonly 'p99 ms': number
  readonly 'max ms': number
  readonly 'main thread us/append': number
}

async function measure({ name, inFlight, rooms, keys }: Case): Promise<Row> {
  const dir = mkdtempSync(join(tmpdir(), 'hearsay-bench-'))
  const log = await openLog({ dir: memory ? null : dir })
  let announced = 0
  log.follow((events) => (announced += events.length))
  const times: number[] = []
  let n = 0
  let until = Infinity
  const loop = async (): Promise<void> => {
    while (performance.now() < until) {
      n += 1
      const key = keys ? { key: crypto.randomUUID() } : {}
      const room = `room-${n % rooms}`
      const at = performance.now()
      await log.append({
        kind: 'message',
        room,
        at: Date.now(),
        from: person(n % 500),
        text,
        ...key,
      })
      times.push(performance.now() - at)
    }
  }
  until = performance.now() + 300
  await Promise.all(Array.from({ length: inFlight }, loop))
  times.length = 0
  announced = 0
  const began = performance.now()
  const cpu = process.threadCpuUsage()
  until = began + seconds * 1000
  await Promise.all(Array.from({ length: inFlight }, loop))
  const took = (performance.now() - began) / 1000
  const used = process.threadCpuUsage(cpu)
  if (announced !== times.length) throw new Error(`${announced} announced of ${times.length}`)
  await log.close()
  rmSync(dir, { recursive: true })
  const sorted = Float64Array.from(times).toSorted()
  const at = (part: number): number =>
    Number(
      (sorted.at(Math.min(sorted.length - 1, Math.floor(sorted.length * part))) ?? 0).toFixed(2),
    )
  return {
    case: name,
    'in flight': inFlight,
    'appends/s': Math.round(times.length / took),
    'p50 ms': at(0.5),
    'p99 ms': at(0.99),
    'max ms': at(1),
    'main thread us/append': Number(((used.user + used.system) / times.length).toFixed(1)),
  }
}

const rows: Row[] = []
for (const one of cases) rows.push(await measure(one))
console.table(rows)
