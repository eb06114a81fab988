import { existsSync, readFileSync } from 'node:fs'

/** The cores that this process may use. */
function allowed(): number[] {
  const list =
    /^Cpus_allowed_list:\s*(.+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? ''
  return list.split(',').flatMap((range) => {
    const [from = 0, to = from] = range.split('-').map(Number)
    return Array.from({ length: to - from + 1 }, (_, i) => from + i)
  })
}

export interface Cores {
  /** What goes before a command so that it runs on the core of its own; empty where that can't be had. */
  readonly server: readonly string[]
  readonly load: readonly string[]
  /** Number of the server's core, or null. */
  readonly serverCore: number | null
  /** One sentence for the report. */
  readonly sentence: string
}

/** One core for the server under test, another for the load, so that neither takes from the other. */
export function chooseCores(): Cores {
  const none = { server: [], load: [], serverCore: null }
  const taskset = ['/usr/bin/taskset', '/bin/taskset'].find(existsSync)
  if (taskset === undefined) {
    return { ...none, sentence: 'NOT pinned: `taskset` (util-linux) is not installed.' }
  }
  const [server, load] = allowed()
  if (server === undefined || load === undefined) {
    return { ...none, sentence: 'NOT pinned: there is only one core, server and load share it.' }
  }
  return {
    server: [taskset, '-c', String(server)],
    load: [taskset, '-c', String(load)],
    serverCore: server,
    sentence: `Server pinned to core ${server}, load generator to core ${load}.`,
  }
}
