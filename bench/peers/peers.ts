import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Call } from '../load/poster.ts'
import { socketIo, sse, websocket, type Wire } from '../load/wire.ts'
import { Minutes } from './message.ts'
import { nchanCommand, nchanMissing } from './nchan.ts'

const root = join(import.meta.dirname, '../..')

/** One server that is measured. */
export interface Peer {
  readonly name: string
  /** What is run, for the report. */
  readonly about: string
  readonly ours?: true
  /** Nobody's server: it is there to measure the load generator with. */
  readonly reference?: true
  readonly wire: Wire
  /** The command that starts it on a port of 127.0.0.1, with a folder of its own. */
  command(port: number, dir: string): string[]
  /** The same with its limits on, and behind a proxy on this machine that says who calls. */
  guarded?(port: number, dir: string): string[]
  /** Why it can't run here; null where it can. */
  missing(): string | null
  listen(room: string): { readonly path: string; readonly headers?: readonly string[] }
  say(room: string, text: string, speaker: number): Call
  /** It sends no head before the first message. */
  readonly silent?: true
  /** It knows rooms. */
  readonly rooms?: true
  /** It gives what was missed to a listener that comes back: while it runs, or after a restart too. */
  readonly resumes?: 'running' | 'restarted'
}

const node = (file: string): string[] => [
  process.execPath,
  '--disable-warning=ExperimentalWarning',
  join(import.meta.dirname, file),
]

/** The version of a package as it is installed. */
function version(name: string): string {
  for (const folder of [join(root, 'bench/node_modules'), join(root, 'node_modules')]) {
    const file = join(folder, name, 'package.json')
    if (existsSync(file))
      return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
  }
  return '(not installed)'
}

const text = ['Content-Type: text/plain']

/** A server on Express with `/sse` and `/say`. */
function onExpress(name: string, file: string, about: string, more: Partial<Peer> = {}): Peer {
  return {
    name,
    about: `${about}, Express ${version('express')}`,
    wire: sse,
    command: () => node(file),
    missing: () => null,
    listen: () => ({ path: '/sse' }),
    say: (_room, body) => ({ path: '/say', headers: text, body }),
    ...more,
  }
}

// Twenty people talk: a secret each, as the page has.
const secrets = Array.from(
  { length: 20 },
  (_, i) => `Authorization: Bearer bench${String(i).padStart(2, '0')}${'x'.repeat(20)}`,
)

const serve = (port: number, dir: string, ...flags: string[]): string[] => [
  process.execPath,
  join(root, 'apps/server/bin/hearsay.mjs'),
  'serve',
  ...flags,
  '--host',
  '127.0.0.1',
  '--port',
  String(port),
  '--data',
  join(dir, 'data'),
]

const hearsay: Peer = {
  name: 'hearsay',
  about:
    'the whole server: `hearsay serve --limits off`, every message durable in SQLite before it is announced',
  ours: true,
  wire: sse,
  command: (port, dir) => serve(port, dir, '--limits', 'off'),
  guarded: (port, dir) => serve(port, dir, '--trust-proxy', '127.0.0.1'),
  missing: () =>
    existsSync(join(root, 'apps/server/dist/cli.js'))
      ? null
      : 'apps/server is not built (npm run build)',
  listen: (room) => ({ path: `/r/${room}` }),
  say: (room, body, speaker) => ({
    path: `/r/${room}`,
    headers: ['Accept: application/json', ...text, secrets[speaker % secrets.length]!],
    body,
  }),
  rooms: true,
  resumes: 'restarted',
}

const engine = onExpress('engine', 'engine.ts', '`@hearsay/engine`: messages in memory', {
  ours: true,
  missing: () =>
    existsSync(join(root, 'packages/engine/dist/node.js'))
      ? null
      : 'packages/engine is not built (npm run build)',
  listen: (room) => ({ path: `/sse/${room}` }),
  say: (room, body) => ({ path: `/say/${room}`, headers: text, body }),
  rooms: true,
  resumes: 'running',
})

const blast: Peer = {
  name: 'blast',
  about:
    'nobody: a bare socket server that frames a message once, to measure the load generator with',
  reference: true,
  wire: sse,
  command: () => node('blast.ts'),
  missing: () => null,
  listen: () => ({ path: '/' }),
  say: (_room, body) => ({ path: '/', body }),
}

const minutes = new Minutes()

const nchan: Peer = {
  name: 'nchan',
  about: nchanAbout(),
  wire: sse,
  command: nchanCommand,
  missing: nchanMissing,
  listen: (room) => ({ path: `/sse/${room}` }),
  // It can't make a message of a text, so it gets the whole one.
  say: (room, said) => ({
    path: `/say/${room}`,
    headers: ['Content-Type: application/json', 'Accept: text/plain'],
    body: JSON.stringify(minutes.message(said, room)),
  }),
  rooms: true,
  resumes: 'running',
}

function nchanAbout(): string {
  if (nchanMissing() !== null) return 'nginx with nchan'
  const nginx = spawnSync('/usr/sbin/nginx', ['-v'], { encoding: 'utf8' })
    .stderr.split('/')[1]
    ?.trim()
  const query = ['-W', '-f', '${Version}', 'libnginx-mod-nchan']
  const nchan = spawnSync('dpkg-query', query, { encoding: 'utf8' }).stdout
  return `nginx ${nginx} with nchan ${nchan}, one worker, messages in its memory store`
}

/** All that are run, ours first. */
export const peers: readonly Peer[] = [
  hearsay,
  engine,
  nchan,
  onExpress('better-sse', 'better-sse.ts', `better-sse ${version('better-sse')}, a channel`),
  onExpress('express-sse', 'express-sse.ts', `express-sse ${version('express-sse')}`, {
    silent: true,
  }),
  onExpress('tutorial', 'tutorial.ts', "the tutorial's server: an EventEmitter", { silent: true }),
  onExpress('ws', 'ws.ts', `ws ${version('ws')}: WebSocket, broadcast as its README does`, {
    wire: websocket,
    listen: () => ({ path: '/' }),
  }),
  onExpress(
    'socket.io',
    'socket.io.ts',
    `Socket.IO ${version('socket.io')} over WebSocket, \`io.emit\``,
    {
      wire: socketIo,
      listen: () => ({ path: '/socket.io/' }),
    },
  ),
  blast,
]
