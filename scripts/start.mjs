// npm start [-- --port 8080 --data DIR ...]: all that is missing is brought and built, then it is `hearsay serve`.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { enough } from '../apps/server/bin/right-node.mjs'
import { build } from './build.mjs'
import { command, ready, root, run } from './ready.mjs'

const hearsay = join(root, 'apps/server/bin/hearsay.mjs')

await command(import.meta.url, async (args) => {
  const node = await ready()
  await build(node)
  // Where this is the right Node (from the second start on, npm puts the installed one first) it becomes the server: no
  // process stands between the server and whoever sends it signals.
  if (!enough(process.versions.node)) return run(node, [hearsay, 'serve', ...args])
  process.argv = [process.execPath, hearsay, 'serve', ...args]
  await import(pathToFileURL(hearsay).href)
  return process.exitCode
})
