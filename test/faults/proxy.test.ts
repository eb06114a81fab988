/** proxy buffering, proxy time-outs: through real proxies in their default configuration, where they are installed. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { ask, say } from '../harness/ask.ts'
import { hear } from '../harness/hear.ts'
import { folder, freePort, open } from '../harness/server.ts'
import type { Running } from '../../apps/server/src/index.ts'

interface Proxy {
  readonly version: readonly [string, string]
  /** Writes its configuration into a folder, with nothing in it but where it listens and whom it asks; and says how it starts. */
  start(dir: string, port: number, upstream: number): readonly [string, ...string[]]
}

const proxies: Readonly<Record<string, Proxy>> = {
  nginx: {
    version: ['nginx', '-v'],
    start(dir, port, upstream) {
      const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
        .map((kind) => `${kind}_temp_path ${dir}/${kind};`)
        .join(' ')
      writeFileSync(
        join(dir, 'nginx.conf'),
        `daemon off; pid ${dir}/pid; error_log stderr; events {}
         http { access_log off; ${temporary}
           server { listen 127.0.0.1:${port}; location / { proxy_pass http://127.0.0.1:${upstream}; } } }`,
      )
      return ['nginx', '-p', dir, '-c', join(dir, 'nginx.conf')]
    },
  },
  haproxy: {
    version: ['haproxy', '-v'],
    start(dir, port, upstream) {
      // The times of the configuration that Debian ships.
      writeFileSync(
        join(dir, 'haproxy.cfg'),
        `defaults
  mode http
  timeout connect 5000
  timeout client 50000
  timeout server 50000
frontend door
  bind 127.0.0.1:${port}
  default_backend hearsay
backend hearsay
  server one 127.0.0.1:${upstream}
`,
      )
      return ['haproxy', '-db', '-f', join(dir, 'haproxy.cfg')]
    },
  },
  caddy: {
    version: ['caddy', 'version'],
    start(dir, port, upstream) {
      writeFileSync(
        join(dir, 'Caddyfile'),
        `{\n admin off\n}\nhttp://:${port} {\n bind 127.0.0.1\n reverse_proxy 127.0.0.1:${upstream}\n}\n`,
      )
      return ['caddy', 'run', '--adapter', 'caddyfile', '--config', join(dir, 'Caddyfile')]
    },
  },
}

const dir = folder()
let server: Running
const children: ChildProcess[] = []
beforeAll(async () => void (server = await open()))
afterAll(async () => {
  for (const child of children) {
    child.kill('SIGTERM')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
  await server.close()
  dir.remove()
})

async function listening(port: number, child: ChildProcess, told: () => string): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`it ended: ${told()}`)
    const socket = connect(port, '127.0.0.1')
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.on('connect', () => resolve(true))
      socket.on('error', () => resolve(false))
    })
    socket.destroy()
    if (isOpen) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

describe.concurrent.each(Object.entries(proxies))('proxy buffering, behind %s', (name, proxy) => {
  const isInstalled = spawnSync(...([proxy.version[0], [proxy.version[1]]] as const)).status === 0
  it('the first bytes come at once, events as they are said, and the heartbeat', async ({
    expect,
    skip,
  }) => {
    if (!isInstalled) return skip(`${name} is not installed`)
    const home = join(dir.path, name)
    mkdirSync(home)
    const port = await freePort()
    const [program, ...args] = proxy.start(home, port, Number(new URL(server.url).port))
    // Its state goes into the folder too.
    const env = { ...process.env, HOME: home, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home }
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], env })
    let told = ''
    child.stderr.on('data', (text) => (told += String(text)))
    children.push(child)
    await listening(port, child, () => told)

    const url = `http://127.0.0.1:${port}`
    const room = `behind-${name}`
    const stream = await hear(url, `/r/${room}`)
    expect(stream.headers['content-type']).toBe('text/event-stream')
    // Nothing was said yet: these are the first bytes.
    await stream.first('hello')
    const text = await hear(url, `/r/${room}`, { accept: '*/*' })
    await text.until(() => text.text.startsWith(`-- ${room} --\n`))
    for (const each of ['one', 'two', 'three']) {
      expect((await say(url, room, each)).status).toBe(201)
      await stream.until(() => stream.told().at(-1)?.['text'] === each)
      await text.until(() => text.text.endsWith(`: ${each}\n`))
    }
    const last = String(stream.told()[1]!['id'])
    const back = await hear(url, `/r/${room}`, { 'last-event-id': last })
    expect(await back.texts(1)).toEqual(['three'])
    const chat = await ask(url, '/chat?message=a%20+%20b%20&%20100%', {
      headers: { origin: 'null' },
    })
    expect([chat.status, chat.json()['text']]).toEqual([201, 'a + b & 100%'])
    expect((await ask(url, '/r/UPPER?follow=0')).headers['location']).toBe('/r/upper?follow=0')
    await stream.first('beat')
    expect(stream.isOver).toBe(false)
    const listeners = async (): Promise<unknown> =>
      (await ask(server.url, `/r/${room}`, { headers: { accept: 'application/json' } })).json()[
        'listeners'
      ]
    expect(await listeners()).toBe(3)
    // Who leaves the proxy leaves us: haproxy finds out when the next bytes go to nobody.
    for (const each of [stream, text, back]) each.leave()
    while ((await listeners()) !== 0) {
      await say(server.url, room, 'is anybody there?')
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  })
})
