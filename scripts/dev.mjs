// npm run dev [-- --port 8080 ...]: the server from its sources, started anew at each change, and the page built anew at each.
import { spawn } from 'node:child_process'
import { watch } from 'node:fs'
import { build } from './build.mjs'
import { command, environment, ready } from './ready.mjs'

const sources = ['apps/server/src', 'packages/engine/src', 'packages/protocol/src']
/** An editor that saves several files is one change: milliseconds of quiet that end it. */
const settled = 100

await command(import.meta.url, async (args) => {
  const node = await ready()
  await build(node)
  const start = (...all) => spawn(node, all, { env: environment(node), stdio: 'inherit' })
  const page = start('node_modules/vite/bin/vite.js', 'build', '--watch', 'apps/web')

  // Not `node --watch`: under it the log's worker thread never answers (seen with 24.21).
  const serve = () =>
    start('--conditions=@hearsay/source', 'apps/server/src/cli.ts', 'serve', ...args)
  let server = serve()
  let restart
  const ended = () => server.exitCode !== null || server.signalCode !== null
  const anew = () => {
    if (ended()) server = serve()
    // One that was told already starts anew when it is done, with the newest sources.
    else if (!server.killed) {
      server.once('exit', () => (server = serve()))
      server.kill()
    }
  }
  for (const folder of sources) {
    watch(folder, { recursive: true }, () => {
      clearTimeout(restart)
      restart = setTimeout(anew, settled)
    })
  }
  const end = (signal) => {
    page.kill(signal)
    if (ended()) process.exit()
    server.removeAllListeners('exit')
    server.once('exit', (code) => process.exit(code ?? 1))
    if (!server.killed) server.kill(signal)
  }
  process.once('SIGINT', () => end('SIGINT'))
  process.once('SIGTERM', () => end('SIGTERM'))
})
