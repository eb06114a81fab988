import type { FastifyReply, FastifyRequest } from 'fastify'
import { Counter, Gauge, Registry } from 'prom-client'
import type { Parts } from '../parts.ts'
import { Refusal } from '../refusal.ts'

/** `GET /healthz`: the process answers. */
export function getHealth(
  _parts: Parts,
  _request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  return reply.header('cache-control', 'no-store').send({ status: 'ok' })
}

/** `GET /readyz`: newcomers are welcome, and what they say would be kept. */
export async function getReady(
  { hub, log }: Parts,
  _request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (hub.draining) throw new Refusal('unavailable', 'The server is shutting down.')
  // A read goes through the log's thread: it answers only while that one does.
  await log.facts('lobby')
  return reply.header('cache-control', 'no-store').send({ status: 'ready' })
}

/** `GET /metrics`, in the format of Prometheus. Numbers of the whole server: no room and no person in them. */
export function metrics({ hub, files, log, counts }: Parts): Registry {
  const registry = new Registry()
  const gauge = (name: string, help: string, value: () => number): void => {
    const made: Gauge = new Gauge({
      name,
      help,
      registers: [registry],
      collect: () => made.set(value()),
    })
  }
  const counter = (name: string, help: string, value: () => number): void => {
    let last = 0
    const made: Counter = new Counter({
      name,
      help,
      registers: [registry],
      collect() {
        const now = value()
        made.inc(now - last)
        last = now
      },
    })
  }
  gauge('hearsay_listeners', 'Open streams.', () => hub.stats.listeners)
  gauge('hearsay_listeners_blocked', 'Open streams whose reader is slow.', () => hub.stats.blocked)
  gauge('hearsay_rooms_open', 'Rooms that have a window in memory.', () => hub.stats.topics)
  gauge('hearsay_window_bytes', 'Bytes in the windows of all rooms.', () => hub.stats.windowBytes)
  gauge('hearsay_file_bytes', 'Bytes that files take, of --files.', () => files.used)
  gauge('hearsay_log_head', 'The newest seq.', () => log.head)
  counter('hearsay_said_total', 'Messages taken.', () => counts.said)
  counter('hearsay_deliveries_total', 'Events handed to sockets.', () => hub.stats.deliveries)
  counter('hearsay_writes_total', 'Writes those took.', () => hub.stats.writes)
  counter('hearsay_sent_bytes_total', 'Bytes handed to sockets.', () => hub.stats.bytes)
  counter(
    'hearsay_past_reads_total',
    'Pages read from the log for listeners.',
    () => hub.stats.pastReads,
  )
  gauge('process_resident_memory_bytes', 'Memory of the process.', () => process.memoryUsage.rss())
  counter('process_cpu_seconds_total', 'CPU time of the process.', () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1e6
  })
  return registry
}
