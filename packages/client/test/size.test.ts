import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { bundle } from './browser/bundle.ts'

/** Bytes, minified and compressed as a server sends them. */
async function size(entry: string): Promise<number> {
  return gzipSync(await bundle(entry, true), { level: 9 }).length
}

test('a page pays less than 14.8 KB for a room, and the wire format brings no schemas along', async () => {
  const code = await bundle(`export { joinRoom, identity } from '@hearsay/client'`, true)
  expect(code).not.toContain('additionalProperties')
  const bytes = await size(`export { joinRoom, identity } from '@hearsay/client'`)
  console.info(`joinRoom: ${bytes} bytes gzip`)
  expect(bytes).toBeLessThan(14.8 * 1024)
})

test('the EventSource class alone is small', async () => {
  const bytes = await size(`export { EventSource } from '@hearsay/client/eventsource'`)
  console.info(`EventSource: ${bytes} bytes gzip`)
  expect(bytes).toBeLessThan(3 * 1024)
})
