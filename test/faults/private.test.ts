/** anonymity and clock jumps: what is never kept, and what is never looked at. */
import { readdir, readFile } from 'node:fs/promises'
import { hash } from 'node:crypto'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ask, bearer, exchange, say } from '../harness/ask.ts'
import { hear } from '../harness/hear.ts'
import { folder, open, started } from '../harness/server.ts'

afterEach(() => void vi.useRealTimers())

describe('anonymity', () => {
  it('no address, user agent, secret or password is on the disk, in what it wrote, or in any answer', async () => {
    const dir = folder()
    const data = join(dir.path, 'data')
    const server = await started([
      '--port',
      '0',
      '--data',
      data,
      '--limits',
      'off',
      '--trust-proxy',
      '127.0.0.1',
    ])
    const address = '198.51.100.77'
    const sixth = '2001:db8:5e47:1e1::77'
    const agent = 'SentinelAgent/7.7'
    const secret = 'sentinelsecret-0123456789abcdefghij'
    const password = 'sentinel password'
    const basic = btoa(`otter:${password}`)
    const sentinels = [
      address,
      sixth,
      '2001:db8:5e47:1e1',
      agent,
      secret,
      password,
      basic,
      'sentinel-referer',
      'sentinel-cookie',
      '127.0.0.1',
    ]
    // Nor in a form that anybody could try out all addresses, or this password, against.
    for (const each of [address, sixth, secret, password, '127.0.0.1'])
      for (const algorithm of ['md5', 'sha1', 'sha256'])
        for (const form of ['hex', 'base64', 'base64url'] as const)
          sentinels.push(hash(algorithm, each, form))
    const headers = (from: string): Record<string, string> => ({
      'x-forwarded-for': from,
      forwarded: `for="${from}"`,
      'x-real-ip': from,
      'user-agent': agent,
      referer: 'https://a.b/sentinel-referer',
      cookie: 'a=sentinel-cookie',
    })
    const answers: string[] = []
    const people: Record<string, string>[] = [
      {},
      { authorization: `Bearer ${secret}` },
      { authorization: `Basic ${basic}` },
    ]
    for (const from of [address, sixth])
      for (const who of people) {
        const all = { ...headers(from), ...who }
        const stream = await hear(server.url, '/r/quiet?last=5', all)
        const said = await say(server.url, 'quiet', 'hello', all)
        expect(said.status).toBe(201)
        await stream.until(() => stream.text.includes(String(said.json()['id'])))
        const id = String(said.json()['id'])
        answers.push(said.text, stream.text)
        for (const [method, path] of [
          ['PATCH', `/r/quiet/messages/${id}`],
          ['PUT', `/r/quiet/messages/${id}/reactions/%F0%9F%91%8D`],
          ['POST', '/r/quiet/typing'],
          ['GET', '/r/quiet/people'],
          ['GET', '/r/quiet/messages'],
          ['GET', '/r/quiet?follow=0'],
          ['GET', '/metrics'],
          ['GET', '/r/a_b'],
          ['POST', '/nothing'],
          ['POST', '/rooms'],
        ] as const)
          answers.push(
            (
              await ask(server.url, path, {
                method,
                headers: all,
                ...(method === 'PATCH' ? { body: 'hello!' } : {}),
              })
            ).text,
          )
        stream.leave()
      }
    // What goes wrong is written down too, but not whose it was.
    await say(server.url, 'quiet', 'x', {
      ...headers(address),
      authorization: `Bearer ${secret} ${secret}`,
    })
    await exchange(
      server.url,
      `GET /r/quiet HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: ${address}\r\nbroken ${secret}\r\n\r\n`,
    )
    const disk = async (): Promise<string> => {
      const files = await readdir(data, { recursive: true })
      return (await Promise.all(files.map((file) => readFile(join(data, file), 'latin1')))).join(
        '\n',
      )
    }
    const running = await disk()
    expect(await server.stop()).toBe(0)
    const places = {
      running,
      stopped: await disk(),
      out: server.out(),
      err: server.err(),
      answers: answers.join('\n'),
    }
    expect(running).toContain('SQLite format 3')
    for (const [place, text] of Object.entries(places))
      for (const sentinel of sentinels)
        expect(text.includes(sentinel) ? `${sentinel} is in ${place}` : '').toBe('')
    dir.remove()
  })

  it('behind a proxy that is trusted, everyone is his own network; without, all are one', async () => {
    const guest = async (url: string, from: string): Promise<unknown> =>
      (
        (await say(url, 'net', 'x', { 'x-forwarded-for': from })).json()['from'] as {
          person: string
        }
      ).person
    for (const flags of [['--trust-proxy', '127.0.0.1'], []]) {
      const server = await open(...flags)
      const [one, two, same] = [
        await guest(server.url, '198.51.100.1'),
        await guest(server.url, '198.51.100.2'),
        await guest(server.url, '6.6.6.6, 198.51.100.1'),
      ]
      expect(one === two).toBe(flags.length === 0)
      expect(same).toBe(one)
      await server.close()
    }
  })
})

describe('clock jumps', () => {
  it('an hour back and a day ahead: the order stays, nobody’s place is lost, nothing expires', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2030, 0, 1, 12) })
    const server = await open()
    const stream = await hear(server.url, '/r/clock')
    const cursor = String((await stream.first('hello'))['cursor'])
    const jumps = [0, -3_600_000, 86_400_000, -86_400_000 * 400, 86_400_000 * 500]
    for (const [i, jump] of jumps.entries()) {
      vi.setSystemTime(Date.now() + jump)
      const answer = await say(server.url, 'clock', String(i), {
        'idempotency-key': `k${i}`,
        ...bearer('ann'),
      })
      expect(answer.status).toBe(201)
      expect(answer.json()['at']).toBe(new Date().toISOString())
      // A key is known for as long as its message, whatever the clock says.
      const again = await say(server.url, 'clock', 'again', {
        'idempotency-key': 'k0',
        ...bearer('ann'),
      })
      expect(again.status).toBe(200)
    }
    expect(await stream.texts(5)).toEqual(['0', '1', '2', '3', '4'])
    const seqs = stream.told().map(({ id }) => Number(String(id).split('-')[1]))
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b))
    expect(new Set(seqs).size).toBe(5)
    const back = await hear(server.url, '/r/clock', { 'last-event-id': cursor })
    expect(await back.texts(5)).toEqual(['0', '1', '2', '3', '4'])
    expect(back.told('gap')).toEqual([])
    stream.leave()
    back.leave()
    await server.close()
  })
})
