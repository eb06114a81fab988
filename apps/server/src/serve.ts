import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { hubOver, raidTeller } from './announce.ts'
import { ConfigError, type Config } from './config.ts'
import { Files } from './files/files.ts'
import { Limits } from './limits.ts'
import { openLog } from './log/local.ts'
import { LogError } from './log/log.ts'
import { Networks } from './network.ts'
import type { Parts } from './parts.ts'
import { People } from './people/people.ts'
import { Presence } from './presence.ts'
import { Proofs } from './rooms/proofs.ts'
import { Raids } from './rooms/raids.ts'
import { Rooms } from './rooms/rooms.ts'
import { Recent } from './recent.ts'
import { Retention } from './retention.ts'
import { httpServer } from './server.ts'
import { Shredding } from './shredding.ts'
import { Streams } from './streams.ts'
import { Waiting } from './waiting.ts'

/** A server that runs. */
export interface Running {
  /** Where it can be reached from this machine. */
  readonly url: string
  /**
   * Ends it: streams are ended, spread over some seconds, what was taken is made durable, the log is closed. Calling it again
   * changes nothing.
   */
  close(): Promise<void>
}

/** Milliseconds over which streams are ended; a server with few of them takes less. */
const DRAIN = 5000

/**
 * Starts a server.
 *
 * @param clock milliseconds since 1970
 * @throws ConfigError, LogError: with a sentence for whoever started it
 */
export async function serve(config: Config, clock: () => number = Date.now): Promise<Running> {
  const log = await openLog({ dir: config.data })
  let shredding: Shredding | undefined
  const files = new Files({ dir: config.data, most: config.files, log, clock })
  try {
    const monotonic = (): number => performance.now()
    const rooms = new Rooms(log)
    const hub = hubOver(log, rooms, (room) => waiting.changed(room))
    const presence = new Presence(hub, monotonic)
    const waiting = new Waiting(log, rooms, presence)
    const raids = new Raids({
      clock,
      monotonic,
      isAutomatic: config.limits,
      hereSince: (room, person) => presence.since(room, person),
      tell: raidTeller(log, hub, rooms, clock),
    })
    const parts: Parts = {
      config,
      log,
      hub,
      files,
      rooms,
      presence,
      waiting,
      raids,
      proofs: new Proofs(clock),
      people: new People({ key: personKey(config.data), clock: monotonic }),
      networks: networks(config, monotonic),
      limits: new Limits(config.limits ? {} : null),
      said: new Recent(50_000),
      spokeFrom: new Recent(50_000),
      streams: config.limits ? new Streams() : new Streams(Infinity, Infinity),
      counts: { said: 0 },
      clock,
      monotonic,
    }
    const shreds = (shredding = new Shredding(log, clock, (room) => waiting.changed(room)))
    // What became due while nobody served is gone before anybody asks.
    await shreds.start()
    await files.start()
    const app = httpServer(parts)
    await listen(app, config)
    const retention = new Retention(log, parts.clock)
    retention.start()
    const { port } = app.server.address() as AddressInfo
    let closing: Promise<void> | undefined
    return {
      url: `${config.tls ? 'https' : 'http'}://${shown(config.host)}:${port}`,
      close: () =>
        (closing ??= (async () => {
          const closed = new Promise((resolve) => app.server.close(resolve))
          await hub.drain(DRAIN)
          retention.close()
          shreds.close()
          await files.close()
          presence.close()
          waiting.close()
          raids.close()
          app.server.closeIdleConnections?.()
          await Promise.race([closed, patience()])
          app.server.closeAllConnections?.()
          await app.close()
          await log.close()
        })()),
    }
  } catch (error) {
    shredding?.close()
    await files.close()
    await log.close()
    throw error
  }
}

/** Requests under way get this long to end. */
const patience = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2000).unref())

async function listen(app: ReturnType<typeof httpServer>, { port, host }: Config): Promise<void> {
  try {
    await app.listen({ port, host })
  } catch (error) {
    await app.close()
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE')
      throw new ConfigError(`Port ${port} of ${host} is taken. Choose another one with --port.`)
    if (code === 'EACCES')
      throw new ConfigError(`Port ${port} may not be opened by this user. Choose one from 1024 on.`)
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      throw new ConfigError(
        `${host} is no address of this machine. Choose another one with --host.`,
      )
    if (code === undefined) throw error
    throw new ConfigError(`The server can not listen on port ${port} of ${host}: ${code}.`)
  }
}

function networks({ trustProxy }: Config, clock: () => number): Networks {
  try {
    return new Networks(trustProxy, clock)
  } catch (error) {
    throw new ConfigError(`--trust-proxy: ${(error as Error).message}`)
  }
}

/**
 * The key that makes persons of secrets: kept beside the log, so that people are the same after a restart. Without it nobody
 * can find out whose secret a person came from, with it only who has the secret too.
 */
function personKey(dir: string | null): Uint8Array {
  if (dir === null) return randomBytes(32)
  const file = join(dir, 'person.key')
  try {
    if (!existsSync(file)) {
      // Whole or not at all: a start that was cut short must not leave half a key.
      writeFileSync(`${file}.new`, randomBytes(32), { mode: 0o600, flush: true })
      renameSync(`${file}.new`, file)
    }
    const key = readFileSync(file)
    if (key.length === 32) return key
    throw new LogError('unusable', `${file} is damaged: it has ${key.length} bytes instead of 32.`)
  } catch (error) {
    if (error instanceof LogError) throw error
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOSPC') throw new LogError('disk-full', `The disk of ${file} is full.`, error)
    throw new LogError('unusable', `${file} can't be used: ${code ?? message}.`, error)
  }
}

/** An address as a URL writes it. */
function shown(host: string): string {
  if (host === '0.0.0.0' || host === '::' || host === '127.0.0.1') return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}
