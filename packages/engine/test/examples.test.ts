import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { close, follow, listen, type Stream } from './serving.ts'

const folder = join(import.meta.dirname, '../examples')
const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')

let child: ChildProcess | undefined
/** What the example said on stderr. */
let complaints = ''
afterEach(() => {
  child?.kill('SIGKILL')
  child = undefined
})

async function freePort(): Promise<number> {
  const server = createServer()
  const port = await listen(server)
  await close(server)
  return port
}

/** Starts an example as its reader does, and opens a stream as soon as it listens. */
async function start(name: string, path: string): Promise<{ port: number; stream: Stream }> {
  const port = await freePort()
  const args = ['--conditions=@hearsay/source', '--no-warnings', join(folder, name)]
  const started = spawn(process.execPath, args, {
    env: { ...process.env, PORT: String(port) },
    stdio: ['ignore', 'inherit', 'pipe'],
  })
  complaints = ''
  started.stderr.on('data', (bytes: Buffer) => (complaints += bytes.toString()))
  child = started
  for (;;) {
    if (started.exitCode !== null) throw new Error(`${name} ended with ${started.exitCode}`)
    try {
      const headers = { 'Accept-Encoding': 'gzip, br' }
      return { port, stream: await follow(port, path, { headers }) }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ECONNREFUSED') throw error
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
}

async function say(port: number, data: unknown): Promise<{ id: string }> {
  const answer = await fetch(`http://127.0.0.1:${port}/chat`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(data),
  })
  expect(answer.status).toBe(201)
  return (await answer.json()) as { id: string }
}

describe.each(['express.ts', 'fastify.ts', 'koa.ts', 'hono.ts'])('the example %s', (name) => {
  it('streams what is posted, unbuffered, resumes, and ends in order', async () => {
    const { port, stream } = await start(name, '/chat')
    expect(stream.headers['content-encoding']).toBeUndefined()
    expect(stream.headers['content-type']).toBe('text/event-stream')
    await stream.event('hello')
    const first = await say(port, { text: 'one\ntwo' })
    expect((await stream.count(1)).map((data) => JSON.parse(data) as unknown)).toEqual([
      { text: 'one\ntwo' },
    ])
    // A beat may have come since, which has none.
    expect(stream.events.findLast(({ id }) => id !== undefined)!.id).toBe(first.id)
    await say(port, { text: 'three' })
    await stream.count(2)
    const back = await follow(port, '/chat', { headers: { 'Last-Event-ID': first.id } })
    expect(await back.count(1)).toEqual(['{"text":"three"}'])
    back.leave()
    child!.kill('SIGTERM')
    await stream.end()
    expect([stream.res.complete, stream.retries.length]).toEqual([true, 2])
    if (child!.exitCode === null) await once(child!, 'exit')
    expect([child!.exitCode, complaints]).toEqual([0, ''])
  })
})

describe('the example node-http.ts', () => {
  it('streams', async () => {
    const { stream } = await start('node-http.ts', '/news')
    const { at } = JSON.parse((await stream.count(1))[0]!) as { at: string }
    expect(new Date(at).toISOString()).toBe(at)
    stream.leave()
  })
})

describe('the example typed.ts', () => {
  it('streams the topics that are asked for', async () => {
    const { stream } = await start('typed.ts', '/?symbol=ACME&symbol=INIT')
    const hello = JSON.parse((await stream.event('hello')).data) as { topics: object }
    expect(Object.keys(hello.topics)).toEqual(['ACME', 'INIT'])
    expect(JSON.parse((await stream.event('price')).data)).toMatchObject({ symbol: 'ACME' })
    stream.leave()
  })
})

describe('README', () => {
  it('quotes the examples, and no other program', () => {
    const quoted = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code)
    const files = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))
    expect(new Set(quoted)).toEqual(new Set(files))
    expect(quoted.length).toBe(files.length)
  })
})
