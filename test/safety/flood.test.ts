/** Message flood: a crowd that shouts, each from a network of his own, and the people who were there before. */
import { afterEach, expect, it, vi } from 'vitest'
import { bearer, say, type Answer } from '../harness/ask.ts'
import { hear } from '../harness/hear.ts'
import { open } from '../harness/server.ts'

const PRESENT = 8
const FLOODERS = 60
const EACH = 40

afterEach(() => void vi.useRealTimers())

it('who was there says and hears on without an error; who floods is told to wait, and how long', async () => {
  // The rules' clock is the test's: nobody's limit is refilled meanwhile.
  vi.useFakeTimers({ toFake: ['performance', 'setInterval', 'clearInterval'] })
  const server = await open('--trust-proxy', '127.0.0.1')
  const { url } = server
  const room = 'flooded'
  const from = (who: string, network: string): Record<string, string> => ({
    ...bearer(who),
    'x-forwarded-for': network,
  })
  const people = Array.from({ length: PRESENT }, (_, i) => from(`present${i}`, `192.0.2.${i + 1}`))
  const streams = await Promise.all(people.map((who) => hear(url, `/r/${room}`, who)))
  for (const stream of streams) await stream.first('hello')
  for (const [i, who] of people.entries())
    expect((await say(url, room, `here ${i}`, who)).status).toBe(201)

  // For long enough to be no newcomers.
  vi.advanceTimersByTime(3 * 60_000)

  const answers: Answer[] = []
  const flood = Array.from({ length: FLOODERS }, async (_, i) => {
    const who = from(`flooder${i}`, `198.51.100.${i + 1}`)
    for (let n = 0; n < EACH; n++) answers.push(await say(url, room, `flood ${i} ${n}`, who))
  })
  // Each of those who were there says ten things while that goes on.
  const talk = people.map(async (who, i) => {
    const own: string[] = []
    for (let n = 0; n < 10; n++) {
      const before = answers.length
      const answer = await say(url, room, `talk ${i} ${n}`, who)
      expect([answer.status, answer.status === 201 ? '' : answer.text]).toEqual([201, ''])
      own.push(String(answer.json()['id']))
      // The flood goes on between two of them.
      while (answers.length < Math.min(before + 100, FLOODERS * EACH))
        await new Promise((resolve) => setImmediate(resolve))
    }
    return own
  })
  const said = (await Promise.all(talk)).flat()
  await Promise.all(flood)

  const taken = answers.filter(({ status }) => status === 201)
  const refused = answers.filter(({ status }) => status !== 201)
  expect(answers).toHaveLength(FLOODERS * EACH)
  // What of it comes through is bounded, whoever the flooders are: each may say 20 at once.
  expect(taken.length).toBeLessThanOrEqual(FLOODERS * 20)
  expect(refused.length).toBeGreaterThan(answers.length / 4)
  for (const { status, headers, json } of refused) {
    expect(status).toBe(429)
    expect(Number(headers['retry-after'])).toBeGreaterThan(0)
    const { title, detail } = json() as { title: string; detail?: string }
    expect(`${title} ${detail}`).toMatch(/\d+ s|second/)
  }
  // Everyone who was there has heard all that was taken, once and in order, and lost no connection.
  const all = new Set([...said, ...taken.map(({ json }) => String(json()['id']))])
  for (const stream of streams) {
    await stream.until(
      () => stream.told().filter(({ id }) => all.has(String(id))).length >= all.size,
    )
    const heard = stream.told()
    const { prev } = heard[0]!
    const chain = heard.map((message) => message['prev'])
    expect(chain).toEqual([prev, ...heard.slice(0, -1).map(({ id }) => id)])
    expect(stream.told('gap')).toEqual([])
    stream.leave()
  }
  const closed = server.close()
  vi.useRealTimers()
  await closed
})
