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
 * Each with the name of its Debian package: Chromium; openssl, which makes the certificates of tests that speak TLS; strace, by
 * which tests see that what is acknowledged has been fsynced. Without strace those are skipped, and counted as skipped.
 */
const wanted = [
  { name: 'chromium', needed: true, there: () => chromium() !== undefined },
  { name: 'openssl', needed: true, there: () => starts('openssl', 'version') },
  {
    name: 'strace',
    needed: false,
    there: () => process.platform !== 'linux' || starts('strace', '-V'),
  },
]

/**
 * Makes sure of the programs that tests drive, installing them where this is root on Debian or Ubuntu.
 * Answers the path of Chromium; throws with the command to run where one is missing.
 */
export function programs() {
  const missing = wanted.filter(({ there }) => !there()).map(({ name }) => name)
  const byApt = existsSync('/usr/bin/apt-get')
  const install = ['install', '--yes', '--no-install-recommends', ...missing]
  const root = process.getuid?.() === 0
  if (missing.length && byApt && root) {
    console.log(`Installing ${missing.join(', ')}, for the tests ...`)
    // The lists may be missing, or so old that they name files which are gone: then they are fetched, and it is tried again.
    if (!apt('-qq', ...install) && apt('-qq', 'update')) apt('-qq', ...install)
  }
  const still = wanted.filter(({ needed, there }) => needed && !there()).map(({ name }) => name)
  if (!still.length) return chromium()
  const sudo = root ? '' : 'sudo '
  const how = byApt
    ? `${sudo}apt-get update && ${sudo}apt-get ${install.join(' ')} (Chromium on Ubuntu: ${sudo}snap install chromium)`
    : process.platform === 'darwin'
      ? `brew install ${still.join(' ')}`
      : 'install it, and set HEARSAY_CHROMIUM to the path of a Chromium elsewhere'
  throw new Error(
    `The tests drive ${still.join(' and ')}, which can't be started here. To install: ${how}`,
  )
}
