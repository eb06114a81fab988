// npm run bench [-- scenario ...]: measures, on the built server and the right Node. bench/run.ts says what it takes.
import { build } from './build.mjs'
import { command, ready, run } from './ready.mjs'

await command(import.meta.url, async (args) => {
  const node = await ready()
  await build(node)
  return run(node, ['--conditions=@hearsay/source', 'bench/run.ts', ...args])
})
