// npm run dev [-- --port 8080 ...]: the server from its sources, started anew at each change, and the page built anew at each.
import { spawn } from 'node:child_process'
import { build } from './build.mjs'
import { command, environment, ready, run } from './ready.mjs'

const sources = ['apps/server/src', 'packages/engine/src', 'packages/protocol/src']

await command(import.meta.url, async (args) => {
  const node = await ready()
  await build(node)
  const page = spawn(node, ['node_modules/vite/bin/vite.js', 'build', '--watch', 'apps/web'], {
    env: environment(node),
    stdio: 'inherit',
  })
  const watch = [
    '--watch',
    '--watch-preserve-output',
    ...sources.map((path) => `--watch-path=${path}`),
  ]
  const types = ['--conditions=@hearsay/source', '--enable-source-maps']
  try {
    return await run(node, [...watch, ...types, 'apps/server/src/cli.ts', 'serve', ...args])
  } finally {
    page.kill()
  }
})
