import { describe, expect, it } from 'vitest'
import { Hub, type EndReason } from '../src/index.ts'
import { hear, hearLater } from '../src/fetch.ts'
import { settled } from './heard.ts'
import { MemoryLog } from './memory-log.ts'
import { Incoming } from './serving.ts'

const URL_ = 'http://localhost/stream'

/** Reads a body as a platform does: as long as it wants to. */
function read(response: Response): Incoming & { reader: ReadableStreamDefaultReader<Uint8Array> } {
  const reader = response.body!.getReader() as ReadableStreamDefaultReader<Uint8Array>
  const incoming = new Incoming()
  const pump = async (): Promise<void> => {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      incoming.take(value)
    }
  }
  pump()
    .catch(() => {})
    .finally(() => incoming.over())
  return Object.assign(incoming, { reader })
}

describe('on fetch', () => {
  it('answers a request with a stream', async () => {
    const hub = new Hub()
    const topic = hub.topic('a')
    for (let i = 1; i <= 3; i++) topic.publish('message', String(i))
    const epoch = hub.cursor.split('-')[0]!
    const response = hear(
      topic,
      new Request(URL_, { headers: { 'Last-Event-ID': `${epoch}-2` } }),
      { headers: { 'Access-Control-Allow-Origin': '*' } },
    )
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      'access-control-allow-origin': '*',
    })
    const stream = read(response)
    topic.publish('message', '4')
    expect(await stream.count(2)).toEqual(['3', '4'])
    const other = read(hear([topic, hub.topic('b')], new Request(`${URL_}?last=1`)))
    expect(await other.count(1)).toEqual(['4'])
    await stream.reader.cancel()
    await other.reader.cancel()
    expect(hub.stats.listeners).toBe(0)
  })

  it('answers HEAD without a body, and newcomers with busy where there is no place', async () => {
    const hub = new Hub({ listeners: 0 })
    const topic = hub.topic('a')
    const head = hear(topic, new Request(URL_, { method: 'HEAD' }))
    expect([head.status, head.body]).toEqual([200, null])
    for (const response of [
      hear(topic, new Request(URL_)),
      hearLater(topic, 'too-many-streams', { headers: { Vary: 'Accept' } }),
    ]) {
      const stream = read(response)
      await stream.end()
      expect([response.status, response.headers.get('content-type')]).toEqual([
        200,
        'text/event-stream',
      ])
      expect(JSON.parse(stream.said('busy')[0]!)).toMatchObject({ reason: 'too-many-streams' })
    }
  })

  it('lets go of a listener whose reader cancels or whose request is aborted', async () => {
    const hub = new Hub()
    const ends: EndReason[] = []
    const onEnd = (reason: EndReason): void => void ends.push(reason)
    const cancelled = read(hear(hub.topic('a'), new Request(URL_), { onEnd }))
    await cancelled.event('hello')
    await cancelled.reader.cancel()
    const abort = new AbortController()
    const aborted = read(
      hear(hub.topic('a'), new Request(URL_, { signal: abort.signal }), { onEnd }),
    )
    await aborted.event('hello')
    abort.abort()
    await aborted.end()
    const late = read(hear(hub.topic('a'), new Request(URL_, { signal: abort.signal }), { onEnd }))
    await late.end()
    expect([ends, hub.stats.listeners]).toEqual([['left', 'left', 'left'], 0])
  })

  it('ends streams with the hub, and one that does not follow', async () => {
    const hub = new Hub()
    hub.topic('a').publish('message', 'x')
    const once = read(hear(hub.topic('a'), new Request(URL_), { last: 5, follow: false }))
    await once.end()
    expect(once.said()).toEqual(['x'])
    const stream = read(hear(hub.topic('a'), new Request(URL_)))
    await stream.event('hello')
    await hub.drain(0)
    await stream.end()
    expect(stream.retries).toHaveLength(2)
  })

  it('holds little for a reader that stops, and reads on from the past when it goes on', async () => {
    const log = new MemoryLog()
    const hub = new Hub({ past: log, window: { count: 10 } })
    const response = hear(hub.topic('a'), new Request(URL_))
    for (let i = 0; i < 300; i++) hub.announce('a', log.append('a', `${i} ${'x'.repeat(10_000)}`))
    await settled(10)
    expect(hub.stats.blocked).toBe(1)
    expect(hub.stats.bytes).toBeLessThan(250_000)
    const stream = read(response)
    const data = await stream.count(300)
    expect(data.map((each) => Number(each.split(' ')[0]))).toEqual([...Array(300).keys()])
    await stream.reader.cancel()
  })

  it('cuts off a reader that takes nothing', async () => {
    const hub = new Hub({ beat: 0.05, stall: 0.1 })
    const ended = new Promise<EndReason>((resolve) => {
      const response = hear(hub.topic('a'), new Request(URL_), { onEnd: resolve })
      for (let i = 0; i < 10; i++) hub.topic('a').publish('message', 'x'.repeat(100_000))
      expect(response.status).toBe(200)
    })
    expect(await ended).toBe('stalled')
    expect(hub.stats.listeners).toBe(0)
  })
})
