// Brings node_modules to what package-lock.json says, and only when it is not there already.
import { existsSync, readFileSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { runHere } from '../apps/server/bin/right-node.mjs'

const read = (file) => JSON.parse(readFileSync(file, 'utf8')).packages

/** The C library, as npm's lock names it. Asked for once: the report takes a while, and with the network's names seconds. */
const libcHere = (() => {
  if (process.platform !== 'linux') return undefined
  process.report.excludeNetwork = true
  return process.report.getReport().header.glibcVersionRuntime ? 'glibc' : 'musl'
})()

const allows = (list, mine) => !list || [list].flat().includes(mine)

/** Is this package of the lock meant for a machine like this one? Those for others are rightly not installed. */
function fits({ os, cpu, libc }) {
  return allows(os, process.platform) && allows(cpu, process.arch) && allows(libc, libcHere)
}

/** What npm did not install because it is optional, and either for another machine or a part of something that is. */
const passedOver = (entry) => entry.optional && (!(entry.os || entry.cpu) || !fits(entry))

/**
 * What is not installed as the lock has it, or null. npm writes down what it installed in node_modules/.package-lock.json,
 * when it is done: so a broken-off install is found, and so are another version, another machine's node_modules (a folder
 * shared with a container, say), a package that was deleted by hand, and a command of ours that has no link yet.
 */
function missing(folder) {
  const record = join(folder, 'node_modules/.package-lock.json')
  if (!existsSync(record)) return 'node_modules'
  const locked = read(join(folder, 'package-lock.json'))
  const installed = read(record)
  for (const [path, entry] of Object.entries(locked)) {
    if (path === '') continue
    const found = installed[path]
    if (!found) {
      if (passedOver(entry)) continue
      return path
    }
    const same = found.version === entry.version && found.integrity === entry.integrity
    if (!same || !fits(found) || !existsSync(join(folder, path))) return path
    for (const command of entry.link ? Object.keys(locked[entry.resolved].bin ?? {}) : []) {
      const link = join(folder, 'node_modules/.bin', command)
      if (!existsSync(link) && !existsSync(`${link}.cmd`)) return command
    }
  }
  return null
}

/**
 * The npm that started us, by the Node that runs it: an install may take the Node that runs us away. A program, its arguments,
 * and options for starting it.
 */
export function npm(args) {
  const { npm_execpath: cli, npm_node_execpath: node } = process.env
  return cli && node && basename(cli) === 'npm-cli.js'
    ? [node, [cli, ...args]]
    : ['npm', args, { shell: process.platform === 'win32' }]
}

/** Makes sure that `folder` has what its package-lock.json says. Throws with the command to try, when npm can't. */
export async function install(folder) {
  if (!missing(folder)) return
  const where = relative(process.cwd(), folder)
  const command = where ? `npm ci --prefix ${where}` : 'npm ci'
  console.log(`Installing what ${join(where, 'package-lock.json')} says ...`)
  // Warnings are left out: on an older Node they are a screen full of engines that the Node being installed will meet.
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error']
  const [program, all, options] = npm(args)
  const code = await runHere(program, all, { cwd: folder, ...options })
  if (code !== 0) throw new Error(`npm could not install it; once that is mended, run: ${command}`)
  const still = missing(folder)
  if (still) {
    throw new Error(
      `npm left out ${still}, which the lock asks for. If no package.json does any more, run: npm install`,
    )
  }
}
