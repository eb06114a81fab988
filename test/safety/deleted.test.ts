/** Deleted text: once a delete or an edit was answered, what was there is nowhere in the data folder. */
import { expect, it } from 'vitest'
import { ask, bearer, say } from '../harness/ask.ts'
import { bytesUnder } from '../harness/disk.ts'
import { folder, started } from '../harness/server.ts'

const WRITERS = 8
const EACH = 30

/** Words of its own for each text, so that what is found says whose it is. */
const secretOf = (kind: string, writer: number, n: number): string =>
  `${kind}x${writer}x${n}x `.padEnd(40 + ((n * 7919) % 900), `${kind}filler `)

it.each(['SIGKILL', 'SIGTERM'] as const)(
  'grep over the data folder finds nothing right after the 200, with writers at work, nor after %s',
  async (signal) => {
    const dir = folder()
    const flags = ['--port', '0', '--data', dir.path, '--limits', 'off']
    const server = await started(flags)
    const { url } = server
    const found: string[] = []
    const look = (text: string, when: string): void => {
      if (bytesUnder(dir.path).includes(text.slice(0, 12))) found.push(`${text} ${when}`)
    }
    let busy = true
    const others = Array.from({ length: 4 }, async (_, other) => {
      for (let i = 0; busy; i++) await say(url, `room-${i % 3}`, `noise ${other} ${i}`.repeat(20))
    })
    const gone: string[] = []
    let looked = 0
    const writer = async (w: number): Promise<void> => {
      const room = `room-${w % 3}`
      const who = bearer(`writer${w}`)
      for (let n = 0; n < EACH; n++) {
        const [first, second] = [secretOf('aaaa', w, n), secretOf('bbbb', w, n)]
        const said = await say(url, room, first, who)
        const path = `/r/${room}/messages/${String(said.json()['id'])}`
        if (n % 3 > 0) {
          const edited = await ask(url, path, { method: 'PATCH', headers: who, body: second })
          expect(edited.status).toBe(200)
          gone.push(first)
          look(first, 'was edited away')
          looked++
        }
        if (n % 3 === 1) continue
        const removed = await ask(url, path, { method: 'DELETE', headers: who })
        expect(removed.status).toBeLessThan(300)
        gone.push(n % 3 === 0 ? first : second)
        look(gone.at(-1)!, 'was deleted')
        looked++
      }
    }
    // A text that stays is kept in a form that grep does not find either: so keys are what to erase. See log-erase.test.ts.
    const stays = await say(url, 'room-0', 'this one stays', bearer('stays'))
    await Promise.all(Array.from({ length: WRITERS }, (_, w) => writer(w)))
    busy = false
    await Promise.all(others)
    const last = secretOf('cccc', 0, 0)
    const said = await say(url, 'room-0', last, bearer('last'))
    const id = String(said.json()['id'])
    const removed = await ask(url, `/r/room-0/messages/${id}`, {
      method: 'DELETE',
      headers: bearer('last'),
    })
    expect(removed.status).toBeLessThan(300)
    await server.stop(signal)
    gone.push(last)
    const left = bytesUnder(dir.path)
    for (const text of gone)
      if (left.includes(text.slice(0, 12))) found.push(`${text} after ${signal}`)
    expect(looked).toBe(WRITERS * EACH * (4 / 3))

    // Nor does a server that is started on what is left know them; the others' texts are all there.
    const again = await started(flags)
    const all: string[] = []
    for (const room of ['room-0', 'room-1', 'room-2'])
      all.push((await ask(again.url, `/r/${room}/transcript?format=ndjson`)).text)
    const known = all.join('\n')
    for (const text of gone)
      if (known.includes(`"${text.slice(0, 12)}`)) found.push(`${text} after a restart`)
    expect(found).toEqual([])
    expect(known).toContain(String(stays.json()['id']))
    // Of each writer those that were edited and not deleted.
    expect(known.match(/"bbbbx\d+x\d+x /g)).toHaveLength((WRITERS * EACH) / 3)
    await again.stop()
    dir.remove()
  },
  180_000,
)
