import type { Browser } from 'playwright-core'
import { afterAll, afterEach, expect } from 'vitest'
import type { Running } from '../../apps/server/src/index.ts'
import { open } from '../harness/server.ts'
import { faults, launch } from './browser.ts'

/** Where the tests of one file play. */
export interface Setting {
  readonly browser: Browser
  readonly server: Running
  /** The name of a room in which nobody was. */
  readonly newRoom: () => string
  /** The address of a room; of a new one where none is named. */
  readonly address: (room?: string) => string
}

/**
 * A browser, and a server without limits, until the tests of this file are over. After each test its windows are closed, and an
 * error in any of their pages fails it.
 */
export async function setting(
  name: string,
  flags: readonly string[] = [],
  start: () => Promise<Browser> = launch,
): Promise<Setting> {
  const browser = await start()
  const server = await open('--limits', 'off', ...flags)
  let rooms = 0
  const newRoom = (): string => `${name}-${++rooms}`
  afterEach(async () => {
    const contexts = browser.contexts()
    const wrong = contexts.flatMap((context) => faults.get(context) ?? [])
    for (const context of contexts) await context.close()
    expect(wrong, 'errors in the pages').toEqual([])
  })
  afterAll(async () => {
    await browser.close()
    await server.close()
  })
  return { browser, server, newRoom, address: (room = newRoom()) => `${server.url}/r/${room}` }
}
