import { readFileSync } from 'node:fs'

/** USER_HZ: the kernel shows times in hundredths of a second on every architecture that Node runs on. */
const msPerTick = 10

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** The process and all it has started: nginx is a master and its worker. */
function tree(pid: number): number[] {
  const children = read(`/proc/${pid}/task/${pid}/children`).trim()
  return [
    pid,
    ...(children === '' ? [] : children.split(' ').flatMap((child) => tree(Number(child)))),
  ]
}

/** CPU time of all threads of a process and its children, user and system, in milliseconds since they started. */
export function cpuTime(pid: number): number {
  let ticks = 0
  for (const each of tree(pid)) {
    // The name in parentheses may hold spaces, so the fields are counted from behind it.
    const fields = read(`/proc/${each}/stat`).split(') ').pop()?.split(' ') ?? []
    ticks += Number(fields[11] ?? 0) + Number(fields[12] ?? 0)
  }
  return ticks * msPerTick
}

/** Resident memory of a process and its children in bytes, exact; takes the kernel about a millisecond. */
export function residentExact(pid: number): number {
  return tree(pid).reduce((sum, each) => {
    const rss = /^Rss:\s+(\d+) kB/m.exec(read(`/proc/${each}/smaps_rollup`))?.[1]
    return sum + Number(rss ?? 0) * 1024
  }, 0)
}

/** The same from `statm`: cheap, and up to some hundred KB behind. */
export function resident(pid: number): number {
  return tree(pid).reduce(
    (sum, each) => sum + Number(read(`/proc/${each}/statm`).split(' ')[1] ?? 0) * 4096,
    0,
  )
}

/** How long a core was busy with anything at all, in milliseconds since boot. */
export function coreBusy(core: number): number {
  const line = new RegExp(`^cpu${core} (.+)$`, 'm').exec(read('/proc/stat'))?.[1]
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = (line ?? '')
    .split(' ')
    .map(Number)
  return (user + nice + system + irq + softirq + steal) * msPerTick
}
