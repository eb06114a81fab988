// What every command of the house begins with: the packages are there, and so is the Node that runs the rest.
// Plain JavaScript, for any Node from 20 on.
import { realpathSync, rmSync } from 'node:fs'
import { delimiter, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  enough,
  howToInstall,
  installedNode,
  runHere,
  wanted,
} from '../apps/server/bin/right-node.mjs'
import { install } from './install.mjs'

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')

/** Installs what is not there, and answers the path of the Node to run things with. */
export async function ready() {
  process.chdir(root)
  await install(root)
  const installed = installedNode(root)
  if (installed) return installed
  // One that does not start (a C library it was not built for) would stand before the machine's in every npm script.
  rmSync(join(root, 'node_modules/.bin/node'), { force: true })
  if (enough(process.versions.node)) return process.execPath
  throw new Error(
    `This needs Node ${wanted} or newer, this is ${process.version}, and npm has none for this machine ` +
      `(${process.platform} ${process.arch}). To install it: ${howToInstall()}`,
  )
}

/** An environment in which `node` and the project's tools are found first. */
export function environment(node) {
  const path = [dirname(node), join(root, 'node_modules/.bin'), process.env.PATH]
  return { ...process.env, PATH: path.join(delimiter) }
}

/** Runs a program of Node's here. Answers its exit code. */
export function run(node, args, { env = {}, ...options } = {}) {
  return runHere(node, args, { env: { ...environment(node), ...env }, ...options })
}

/**
 * Runs `main` when Node was started with the file of this URL, and not when another imports it. What goes wrong is said in
 * one line, and the exit code is 1.
 */
export async function command(url, main) {
  if (realpathSync(process.argv[1]) !== fileURLToPath(url)) return
  try {
    process.exitCode = (await main(process.argv.slice(2))) ?? 0
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}
