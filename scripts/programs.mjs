// The programs that tests drive. Debian's are taken: nothing is downloaded past the package manager.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const places = [
  process.env.HEARSAY_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

const starts = (program, flag) => spawnSync(program, [flag]).status === 0

/** A Chromium that starts: Ubuntu's package of that name is a hint at a snap, and does not without snapd. */
const chromium = () => places.find((file) => file && existsSync(file) && starts(file, '--version'))

function apt(...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return spawnSync('apt-get', args, { env, stdio: ['ignore', 'ignore', 'inherit'] }).status === 0
}

/**
 * Makes sure of Chromium, and of strace, by which tests see that what is acknowledged has been fsynced. As root on Debian or
 * Ubuntu both are installed. Answers the path of Chromium; throws with the command to run where there is none. Without strace
 * its tests are skipped, and counted as skipped.
 */
export function programs() {
  const missing = [
    ...(chromium() ? [] : ['chromium']),
    ...(process.platform !== 'linux' || starts('strace', '-V') ? [] : ['strace']),
  ]
  const byApt = existsSync('/usr/bin/apt-get')
  const install = ['install', '--yes', '--no-install-recommends', ...missing]
  const root = process.getuid?.() === 0
  if (missing.length && byApt && root) {
    console.log(`Installing ${missing.join(' and ')}, for the tests ...`)
    // The lists may be missing, or so old that they name files which are gone: then they are fetched, and it is tried again.
    if (!apt('-qq', ...install) && apt('-qq', 'update')) apt('-qq', ...install)
  }
  const found = chromium()
  if (found) return found
  const sudo = root ? '' : 'sudo '
  const how = byApt
    ? `${sudo}apt-get update && ${sudo}apt-get ${install.join(' ')} (on Ubuntu: ${sudo}snap install chromium)`
    : process.platform === 'darwin'
      ? 'brew install --cask chromium'
      : 'install it, and set HEARSAY_CHROMIUM to the path of its binary'
  throw new Error(`The tests drive Chromium, and there is none that starts. To install it: ${how}`)
}
