import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ask, bearer } from '../../../../test/harness/ask.ts'
import { hear } from '../../../../test/harness/hear.ts'
import { open } from '../../../../test/harness/server.ts'
import type { Running } from '../../src/index.ts'

let server: Running
/** The rules' clock and the timer that tells rooms are the test's; sockets and all else are the machine's. */
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['performance', 'setInterval', 'clearInterval'] })
  server = await open()
})
afterEach(async () => {
  const closed = server.close()
  vi.useRealTimers()
  await closed
})

const people = async (): Promise<Record<string, unknown>> =>
  (await ask(server.url, '/r/tunnel/people')).json()

it('somebody has left after 12 s of absence; who comes back before was never gone', async () => {
  const watcher = await hear(server.url, '/r/tunnel', bearer('watcher'))
  await watcher.first('hello')
  vi.advanceTimersByTime(1000)
  await watcher.first('presence')
  const ann = async () => {
    const stream = await hear(server.url, '/r/tunnel?name=Ann', bearer('ann'))
    await stream.first('hello')
    return stream
  }
  const first = await ann()
  vi.advanceTimersByTime(1000)
  await watcher.until(() => watcher.told('presence').length === 2)
  expect(watcher.told('presence')[1]).toMatchObject({
    count: 2,
    joined: [{ name: 'Ann' }],
    left: [],
  })

  const listeners = async (): Promise<number> => {
    const headers = { accept: 'application/json' }
    return (await ask(server.url, '/r/tunnel', { headers })).json()['listeners'] as number
  }
  first.leave()
  while ((await listeners()) > 1);
  vi.advanceTimersByTime(11_000)
  expect(await people()).toMatchObject({ count: 2 })
  const second = await ann()
  vi.advanceTimersByTime(30_000)
  expect(await people()).toMatchObject({ count: 2 })

  second.leave()
  while ((await listeners()) > 1);
  vi.advanceTimersByTime(13_000)
  await watcher.until(() => watcher.told('presence').length === 3)
  expect(watcher.told('presence')[2]).toMatchObject({
    count: 1,
    joined: [],
    left: [{ name: 'Ann' }],
  })
  expect(await people()).toMatchObject({ count: 1 })
  watcher.leave()
})

it('a crowd is told as its number', async () => {
  const watcher = await hear(server.url, '/r/crowd', bearer('watcher'))
  await watcher.first('hello')
  const crowd = await Promise.all(
    Array.from({ length: 101 }, (_, i) => hear(server.url, '/r/crowd', bearer(`person-${i}`))),
  )
  vi.advanceTimersByTime(1000)
  await watcher.first('presence')
  expect(watcher.told('presence')).toEqual([{ room: 'crowd', count: 102 }])
  const answer = await ask(server.url, '/r/crowd/people')
  expect(answer.json()).toEqual({ room: 'crowd', count: 102 })
  for (const stream of crowd) stream.leave()
  watcher.leave()
})
