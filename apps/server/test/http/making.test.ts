import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, bearer, type Answer } from '../../../../test/harness/ask.ts'
import { open } from '../../../../test/harness/server.ts'
import type { Running } from '../../src/index.ts'

let server: Running
beforeAll(async () => void (server = await open('--host', '0.0.0.0', '--limits', 'off')))
afterAll(() => server.close())

const make = (who: string, room: string, headers: Record<string, string> = {}): Promise<Answer> =>
  ask(server.url, '/rooms', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...bearer(who), ...headers },
    body: JSON.stringify({ room }),
  })

describe('a room that is made', () => {
  it('has one owner, however many ask for its name at once', async () => {
    const people = Array.from({ length: 12 }, (_, i) => `person-${i}`)
    const answers = await Promise.all(people.map((who) => make(who, 'contested')))
    const statuses = answers.map(({ status }) => status).sort((a, b) => a - b)
    expect(statuses).toEqual([201, ...Array.from({ length: 11 }, () => 409)])
    const owners = await Promise.all(
      people.map(async (who) => {
        const settings = await ask(server.url, '/r/contested/settings', { headers: bearer(who) })
        return (settings.json()['you'] as { role: string }).role === 'own'
      }),
    )
    expect(owners.filter(Boolean)).toHaveLength(1)
  })

  it.each(['a b', '"<x>"', 'http://evil', '%', ':', '[::1'])(
    'has a link that leads here, also where the request came for the host %s',
    async (host) => {
      const name = `named-${Buffer.from(host).toString('hex')}`
      const answer = await make('ann', name, { host })
      expect(answer.status).toBe(201)
      expect(answer.json()['url']).toMatch(new RegExp(`^http://[a-z]+/r/${name}$`))
    },
  )
})
