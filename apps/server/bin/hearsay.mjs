#!/usr/bin/env node
import { enough, howToInstall, installedNode, runHere, wanted } from './right-node.mjs'
import { fileURLToPath } from 'node:url'

const args = process.argv.slice(2)
if (enough(process.versions.node)) {
  process.setSourceMapsEnabled(true)
  const { main } = await import('../dist/cli.js')
  await main(args)
} else {
  const node = installedNode()
  if (node) {
    process.exitCode = await runHere(node, [fileURLToPath(import.meta.url), ...args])
  } else {
    console.error(
      `hearsay needs Node ${wanted} or newer and this is ${process.version}; to install it: ${howToInstall()}`,
    )
    process.exitCode = 1
  }
}
