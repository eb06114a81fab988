#!/usr/bin/env node
import { enough, howToInstall, installedNode, runHere, wanted } from './right-node.mjs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'

const args = process.argv.slice(2)
const file = fileURLToPath(import.meta.url)

/**
 * Node gives its garbage collector four threads on any machine. Where there is one processor they take it from the one that
 * serves, four to one: one thread is enough there. It can be said at the start alone, so the process begins once more,
 * with the same number and the same files.
 */
function yieldToServing() {
  const size = '--v8-pool-size'
  const { execArgv, execPath, env } = process
  const isSaid = [...execArgv, env['NODE_OPTIONS'] ?? ''].some((it) => it.includes(size))
  if (availableParallelism() > 1 || isSaid || process.channel || process.platform === 'win32')
    return
  process.execve(execPath, [execPath, ...execArgv, `${size}=1`, file, ...args], env)
}

if (enough(process.versions.node)) {
  yieldToServing()
  process.setSourceMapsEnabled(true)
  const { main } = await import('../dist/cli.js')
  await main(args)
} else {
  const node = installedNode()
  if (node) {
    process.exitCode = await runHere(node, [file, ...args])
  } else {
    console.error(
      `hearsay needs Node ${wanted} or newer and this is ${process.version}; to install it: ${howToInstall()}`,
    )
    process.exitCode = 1
  }
}
